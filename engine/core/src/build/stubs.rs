//! What a step's mounts need as mount points, and would leave behind in its layer.

use super::inside::{inside, real};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, ResolveFlags, openat2, statat, unlinkat};
use std::os::fd::BorrowedFd;
use std::path::Path;
use teu_api::Failure;

/// Where every container has something mounted.
const ALWAYS: [&str; 6] = ["/dev", "/proc", "/sys", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf"];

/// Paths that are not there before a step, deepest first.
pub(super) struct Stubs(Vec<String>);

impl Stubs {
    /// Looks which mount points, and folders on the way to them, a tree lacks. Without a tree it lacks all.
    pub fn look(root: Option<BorrowedFd<'_>>, targets: &[String]) -> Self {
        let mut missing = Vec::new();
        for target in targets.iter().map(String::as_str).chain(ALWAYS) {
            let mut path = String::new();
            for part in real(root, target).split('/').filter(|part| !part.is_empty()) {
                path = format!("{path}/{part}");
                if !missing.contains(&path)
                    && root.is_none_or(|root| inside(root, &path, OFlags::PATH).is_err())
                {
                    missing.push(path.clone());
                }
            }
        }
        missing.sort_by_key(|path| std::cmp::Reverse(path.matches('/').count()));
        Self(missing)
    }

    /// Takes them out of a folder of changes, as far as nothing was put into them.
    pub fn remove(&self, upper: &Path) -> Result<(), Failure> {
        let root = crate::images::stack::open_folder(upper)?;
        for path in &self.0 {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            let folder = folder.trim_start_matches('/');
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
            // A link that the step made leads anywhere: what is behind it is no mount point.
            let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
            let folder = if folder.is_empty() { "." } else { folder };
            let Ok(parent) = openat2(&root, folder, flags, Mode::empty(), resolve) else { continue };
            let Ok(stat) = statat(&parent, name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
            match FileType::from_raw_mode(stat.st_mode) {
                // One that holds something stays.
                FileType::Directory => _ = unlinkat(&parent, name, AtFlags::REMOVEDIR),
                FileType::RegularFile if stat.st_size == 0 => _ = unlinkat(&parent, name, AtFlags::empty()),
                _ => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsFd as _;

    #[test]
    fn only_empty_mount_points_that_were_not_there_go() {
        let dir = tempfile::tempdir().unwrap();
        let (lower, upper) = (dir.path().join("lower"), dir.path().join("upper"));
        std::fs::create_dir_all(lower.join("etc")).unwrap();
        std::fs::create_dir_all(lower.join("cache")).unwrap();
        std::os::unix::fs::symlink("/cache/../etc", lower.join("way")).unwrap();
        let root = crate::images::stack::open_folder(&lower).unwrap();
        let targets = ["/run/secrets/key", "/cache", "/made", "/way/below"].map(str::to_owned);
        let stubs = Stubs::look(Some(root.as_fd()), &targets);
        for folder in ["etc/below", "run/secrets", "cache", "dev", "proc", "made"] {
            std::fs::create_dir_all(upper.join(folder)).unwrap();
        }
        for file in ["etc/hosts", "run/secrets/key", "made/kept"] {
            std::fs::write(upper.join(file), "").unwrap();
        }
        std::fs::write(upper.join("etc/hostname"), "written").unwrap();
        stubs.remove(&upper).unwrap();
        let there = |path: &str| upper.join(path).exists();
        assert!(!there("run") && !there("dev") && !there("etc/hosts"));
        assert!(!there("etc/below"));
        assert!(there("cache") && there("etc/hostname") && there("made/kept"));
    }
}
