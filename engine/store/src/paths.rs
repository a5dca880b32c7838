//! Where everything lies.

use std::path::{Path, PathBuf};
use teu_api::ContainerId;

/// The state folder, kept across restarts of the host, and the run folder, which is not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paths {
    root: PathBuf,
    run: PathBuf,
}

impl Paths {
    /// These two folders.
    pub fn new(root: impl Into<PathBuf>, run: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), run: run.into() }
    }

    /// A state folder of the user's choice, with its run folder inside.
    pub fn under(root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        let run = root.join("run");
        Self { root, run }
    }

    /// The folders that a `--root` flag and the environment ask for: the flag, then `TEU_ROOT` (and `TEU_RUN`), then
    /// the system's for root and the XDG folders for an ordinary user. `variable` reads one variable.
    pub fn choose(flag: Option<&Path>, is_root: bool, variable: impl Fn(&str) -> Option<PathBuf>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.as_os_str().is_empty());
        if let Some(root) = flag.map(Path::to_owned).or_else(|| set("TEU_ROOT")) {
            let run = set("TEU_RUN").unwrap_or_else(|| root.join("run"));
            return Self { root, run };
        }
        let (root, run) = if is_root {
            (PathBuf::from("/var/lib/teu"), PathBuf::from("/run/teu"))
        } else {
            let home = set("HOME").unwrap_or_else(|| PathBuf::from("/"));
            let root = set("XDG_DATA_HOME").unwrap_or_else(|| home.join(".local/share")).join("teu");
            let run = set("XDG_RUNTIME_DIR").map_or_else(|| root.join("run"), |folder| folder.join("teu"));
            (root, run)
        };
        Self { root, run: set("TEU_RUN").unwrap_or(run) }
    }

    /// What this process's user and environment ask for.
    pub fn from_env(flag: Option<&Path>) -> Self {
        Self::choose(flag, rustix::process::geteuid().is_root(), |name| {
            std::env::var_os(name).map(PathBuf::from)
        })
    }

    /// The state folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The run folder.
    pub fn run(&self) -> &Path {
        &self.run
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.root.join("teu.db")
    }

    /// The OCI image layout.
    pub fn layout(&self) -> PathBuf {
        self.root.join("store")
    }

    /// The blobs of the OCI image layout.
    pub fn blobs(&self) -> PathBuf {
        self.root.join("store/blobs/sha256")
    }

    /// The unpacked layers.
    pub fn layers(&self) -> PathBuf {
        self.root.join("layers")
    }

    /// The file tree of one unpacked layer, by its chain id with or without `sha256:`.
    pub fn layer(&self, chain: &str) -> PathBuf {
        self.layers().join(chain.strip_prefix("sha256:").unwrap_or(chain)).join("diff")
    }

    /// The folders that steps of builds keep from one build to the next.
    pub fn build_caches(&self) -> PathBuf {
        self.root.join("build-caches")
    }

    /// Half-made things.
    pub fn staging(&self) -> PathBuf {
        self.root.join("staging")
    }

    /// Room that is kept for removals on a full disk.
    pub fn reserve(&self) -> PathBuf {
        self.root.join("reserve")
    }

    /// Named and anonymous volumes.
    pub fn volumes(&self) -> PathBuf {
        self.root.join("volumes")
    }

    /// What a volume holds.
    pub fn volume_data(&self, name: &str) -> PathBuf {
        self.volumes().join(name).join("_data")
    }

    /// The folder that holds containers' folders.
    pub fn containers(&self) -> PathBuf {
        self.root.join("containers")
    }

    /// A container's folder.
    pub fn container(&self, id: &ContainerId) -> PathBuf {
        self.containers().join(id.as_str())
    }

    /// A container's run folder: its supervisor's socket and lock.
    pub fn container_run(&self, id: &ContainerId) -> PathBuf {
        self.run.join("containers").join(id.as_str())
    }

    /// Locks that processes hold while they make something once for all.
    pub fn locks(&self) -> PathBuf {
        self.run.join("locks")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(flag: Option<&str>, is_root: bool, variables: &[(&str, &str)]) -> (String, String) {
        let variable = |name: &str| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| PathBuf::from(value))
        };
        let paths = Paths::choose(flag.map(Path::new), is_root, variable);
        (paths.root.display().to_string(), paths.run.display().to_string())
    }

    #[test]
    fn flag_environment_and_user_decide_in_this_order() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(choose(None, true, &[]), pair("/var/lib/teu", "/run/teu"));
        assert_eq!(choose(None, true, &[("TEU_ROOT", "/r")]), pair("/r", "/r/run"));
        assert_eq!(choose(Some("/f"), true, &[("TEU_ROOT", "/r"), ("TEU_RUN", "/u")]), pair("/f", "/u"));
        assert_eq!(
            choose(None, false, &[("HOME", "/home/a")]),
            pair("/home/a/.local/share/teu", "/home/a/.local/share/teu/run")
        );
        let xdg = [("XDG_DATA_HOME", "/d"), ("XDG_RUNTIME_DIR", "/x"), ("TEU_ROOT", "")];
        assert_eq!(choose(None, false, &xdg), pair("/d/teu", "/x/teu"));
    }
}
