//! `compose watch`: what changes on this machine is brought into the containers of services that ask for it with
//! `develop.watch`.

mod apply;
mod rebuild;
mod tree;

use crate::engine::Engine;
pub use apply::{Brought, Turn};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::collections::BTreeSet;
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};
use teu_api::Failure;
use teu_compose::model::{Hook, Trigger};
use teu_compose::{Patterns, Project};
use tree::Tree;

/// How long nothing must change until changes are carried out, in milliseconds: editors and version control change
/// many files in a burst.
const QUIET: u16 = 100;

/// What editors write beside the files that they edit.
const EDITORS: [&str; 9] = [
    "**/.git",
    "**/*.swp",
    "**/*.swx",
    "**/*~",
    "**/.#*",
    "**/#*#",
    "**/4913",
    "**/*___jb_tmp___",
    "**/.idea",
];

/// What happens after a change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Action {
    Sync,
    Restart,
    SyncAndRestart,
    SyncAndExec,
    Rebuild,
}

/// One path that is watched for a service.
#[derive(Clone, Debug)]
pub(crate) struct Watched {
    pub service: String,
    pub path: PathBuf,
    pub target: String,
    pub action: Action,
    pub ignore: Patterns,
    pub include: Patterns,
    /// What the build's own context leaves out, and where that context is.
    pub context: Option<(PathBuf, Patterns)>,
    pub initial: bool,
    pub exec: Hook,
}

impl Watched {
    fn new(service: &str, trigger: &Trigger, path: PathBuf, context: Option<(PathBuf, Patterns)>) -> Self {
        let action = match trigger.action.as_str() {
            "restart" => Action::Restart,
            "sync+restart" => Action::SyncAndRestart,
            "sync+exec" => Action::SyncAndExec,
            "rebuild" => Action::Rebuild,
            _ => Action::Sync,
        };
        Self {
            service: service.to_owned(),
            path,
            target: trigger.target.clone(),
            action,
            ignore: Patterns::new(&trigger.ignore),
            include: Patterns::new(&trigger.include),
            context,
            initial: trigger.initial_sync,
            exec: trigger.exec.clone(),
        }
    }

    /// Whether a path that is no file of the author's may be left out; for folders it means all in them.
    fn skips(&self, path: &Path) -> bool {
        let ignored = |base: &Path, patterns: &Patterns| {
            path.strip_prefix(base).is_ok_and(|rest| patterns.matches(&rest.to_string_lossy()))
        };
        ignored(&self.path, &self.ignore)
            || self.context.as_ref().is_some_and(|(base, patterns)| ignored(base, patterns))
    }

    /// Whether a change of this path is one of its own.
    pub fn concerns(&self, path: &Path) -> bool {
        let Ok(rest) = path.strip_prefix(&self.path) else { return false };
        !self.skips(path) && (self.include.is_empty() || self.include.matches(&rest.to_string_lossy()))
    }

    /// Where a path of this machine is in the container.
    pub fn inside(&self, path: &Path) -> String {
        let target = self.target.trim_end_matches('/');
        match path.strip_prefix(&self.path) {
            Ok(rest) if !rest.as_os_str().is_empty() => format!("{target}/{}", rest.to_string_lossy()),
            _ => target.to_owned(),
        }
    }
}

/// Watches the files of a stack's services.
pub struct StackWatch {
    tree: Tree,
    /// What services are built from.
    project: Project,
    watched: Vec<Watched>,
    /// What the user should know: paths that a bind mount brings in anyway.
    pub warnings: Vec<String>,
}

impl Engine {
    /// Watches what services want watched; of those named, or of all for none named.
    pub fn watch_stack(&self, project: &Project, services: &[String]) -> Result<StackWatch, Failure> {
        let mut watch = StackWatch {
            tree: Tree::new()?,
            project: project.clone(),
            watched: Vec::new(),
            warnings: Vec::new(),
        };
        for (name, service) in &project.services {
            if !services.is_empty() && !services.contains(name) {
                continue;
            }
            let context = service.build.as_ref().map(|build| project.directory.join(&build.context));
            let context = context.filter(|path| path.is_dir()).map(|path| {
                let text = std::fs::read_to_string(path.join(".dockerignore")).unwrap_or_default();
                (path, Patterns::new(text.lines()))
            });
            for trigger in service.develop.iter().flat_map(|develop| &develop.watch) {
                let path = project.directory.join(&trigger.path);
                if trigger.action == "rebuild" && service.build.is_none() {
                    return Err(Failure::usage(format!(
                        "service {name}: a change of {} asks for a new image, and no build section says how",
                        path.display()
                    ))
                    .hint(
                        "add a build section, or use the actions sync, restart, sync+restart or sync+exec",
                    ));
                }
                if !path.exists() {
                    return Err(Failure::not_found(format!(
                        "service {name}: {} is to be watched, and is not there",
                        path.display()
                    )));
                }
                let bound = |mount: &&teu_compose::model::VolumeMount| {
                    mount.kind == "bind" && path.starts_with(project.directory.join(&mount.source))
                };
                if trigger.action.starts_with("sync")
                    && let Some(mount) = service.volumes.iter().find(bound)
                {
                    watch.warnings.push(format!(
                        "service {name}: {} is mounted at {} already, and is not watched",
                        path.display(),
                        mount.target
                    ));
                    continue;
                }
                watch.watched.push(Watched::new(name, trigger, path, context.clone()));
            }
        }
        if watch.watched.is_empty() {
            return Err(Failure::usage("none of the services wants anything watched")
                .hint("add `develop: {watch: [{path: ./src, action: sync, target: /src}]}` to a service"));
        }
        let editors = Patterns::new(EDITORS);
        for watched in &watch.watched {
            watch.tree.add_root(&watched.path, &|path| {
                watched.skips(path) || is_editors(&editors, &watched.path, path)
            })?;
        }
        Ok(watch)
    }
}

fn is_editors(editors: &Patterns, base: &Path, path: &Path) -> bool {
    path.strip_prefix(base).is_ok_and(|rest| editors.matches(&rest.to_string_lossy()))
}

impl StackWatch {
    /// Becomes readable when something changed: then [`StackWatch::turn`] carries it out.
    pub fn as_fd(&self) -> BorrowedFd<'_> {
        self.tree.as_fd()
    }

    /// The services that are watched for.
    pub fn services(&self) -> BTreeSet<&str> {
        self.watched.iter().map(|watched| watched.service.as_str()).collect()
    }

    /// What changed, once nothing has changed for a moment.
    fn changes(&mut self) -> Result<BTreeSet<PathBuf>, Failure> {
        let editors = Patterns::new(EDITORS);
        let Self { tree, watched, .. } = self;
        // A folder is left out only where no one wants it.
        let skip = |path: &Path| {
            watched
                .iter()
                .filter(|one| path.starts_with(&one.path))
                .all(|one| one.skips(path) || is_editors(&editors, &one.path, path))
        };
        let mut changed = BTreeSet::new();
        loop {
            tree.take(&skip, &mut changed)?;
            let mut descriptors = [PollFd::new(tree.as_fd(), PollFlags::POLLIN)];
            match poll(&mut descriptors, PollTimeout::from(QUIET)) {
                Ok(0) => return Ok(changed),
                Ok(_) | Err(nix::errno::Errno::EINTR) => {}
                Err(errno) => return Err(Failure::internal(format!("cannot watch files: {errno}"))),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watched(trigger: Trigger) -> Watched {
        Watched::new("a", &trigger, PathBuf::from("/src"), Some(("/".into(), Patterns::new(["src/gen"]))))
    }

    #[test]
    fn paths_are_told_apart_and_mapped() {
        let one = watched(Trigger {
            target: "/app/".into(),
            ignore: vec!["node_modules/".into()],
            action: "sync".into(),
            ..Trigger::default()
        });
        for (path, expected) in [
            ("/src/a.js", true),
            ("/src/node_modules/x/y.js", false),
            ("/src/gen/z", false),
            ("/other/a.js", false),
        ] {
            assert_eq!(one.concerns(Path::new(path)), expected, "{path}");
        }
        assert_eq!(one.inside(Path::new("/src/b/c")), "/app/b/c");
        assert_eq!(one.inside(Path::new("/src")), "/app");
        let only = watched(Trigger { include: vec!["*.py".into()], ..Trigger::default() });
        assert!(only.concerns(Path::new("/src/a.py")) && !only.concerns(Path::new("/src/a.js")));
    }
}
