//! Where a container's files are: in the root of its first process while it runs, otherwise in an overlay that is
//! mounted nowhere.

use super::place::{Owner, Place};
use crate::engine::Engine;
use crate::volumes::{Backing, backing};
use rustix::fs::{CWD, Mode, OFlags, openat};
use std::fs::{self, File};
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use teu_api::Failure;
use teu_api::container::{MountKind, MountSpec};
use teu_store::ContainerRecord;

const ROOT: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

impl Engine {
    /// A path of a container. What is returned with it keeps a stopped container from starting meanwhile.
    pub(super) fn place(
        &self,
        record: &ContainerRecord,
        path: &str,
        write: bool,
    ) -> Result<(Place, Option<OwnedFd>), Failure> {
        if path.is_empty() {
            return Err(Failure::usage(format!("no path in container {} is named", record.name))
                .hint(format!("write {}:/ for the whole of it", record.name)));
        }
        let path = &cleaned(path);
        if record.state.pid > 0
            && record.state.status.is_live()
            && let Some(root) = root_of_process(record)
        {
            return Ok((Place::inside_running(root, owner(record), path.as_bytes()), None));
        }
        let held = self.hold_still(record)?;
        if let Some((mount, rest)) = mount_of(record, path) {
            if write && mount.read_only {
                return Err(read_only(record, &format!("the mount {}", mount.target)));
            }
            let place = self.place_in_mount(record, mount, &rest)?;
            return Ok((place, held));
        }
        if write && record.spec.host.read_only {
            return Err(read_only(record, "its root file system"));
        }
        Ok((Place::inside(self.stopped_root(record)?, owner(record), path.as_bytes()), held))
    }

    /// Takes the place of the supervisor, so that none begins.
    fn hold_still(&self, record: &ContainerRecord) -> Result<Option<OwnedFd>, Failure> {
        let run = self.store().paths().container_run(&record.id);
        match teu_supervisor::take_dead_ones_place(&run)? {
            teu_supervisor::Place::Left(lock) => Ok(Some(lock)),
            teu_supervisor::Place::Empty => Ok(None),
            teu_supervisor::Place::Held => {
                Err(Failure::conflict(format!("container {} is just starting or ending", record.name))
                    .hint("try again"))
            }
        }
    }

    fn stopped_root(&self, record: &ContainerRecord) -> Result<OwnedFd, Failure> {
        let paths = self.store().paths();
        let directory = paths.container(&record.id);
        for name in ["upper", "work"] {
            fs::create_dir_all(directory.join(name)).map_err(|error| {
                Failure::internal(format!("container {}: cannot make its folders: {error}", record.name))
            })?;
        }
        let layers: Vec<PathBuf> = record.spec.layers.iter().rev().map(|chain| paths.layer(chain)).collect();
        if layers.is_empty() {
            return open(&directory.join("upper"), record);
        }
        Ok(teu_runtime::overlay::mount(&layers, &directory.join("upper"), &directory.join("work"))?)
    }

    fn place_in_mount(
        &self,
        record: &ContainerRecord,
        mount: &MountSpec,
        rest: &str,
    ) -> Result<Place, Failure> {
        let source = match mount.kind {
            MountKind::Bind => PathBuf::from(&mount.source),
            MountKind::Volume => {
                let volume = self.store().volume(&mount.source)?;
                match backing(&volume.name, &volume.options)? {
                    Backing::Folder => volume.mountpoint,
                    Backing::Bind(path, _) => path,
                    Backing::Filesystem(..) => return Err(not_mounted(record, mount)),
                }
            }
            MountKind::Tmpfs => return Err(not_mounted(record, mount)),
        };
        let inner =
            if mount.subpath.is_empty() { rest.to_owned() } else { format!("{}/{rest}", mount.subpath) };
        if source.is_dir() {
            return Ok(Place::inside(open(&source, record)?, owner(record), inner.as_bytes()));
        }
        // A single file that is mounted: seen from its folder.
        let (Some(folder), Some(name)) = (source.parent(), source.file_name()) else {
            return Err(not_mounted(record, mount));
        };
        Ok(Place::inside(open(folder, record)?, owner(record), name.as_encoded_bytes()))
    }
}

fn owner(record: &ContainerRecord) -> Owner {
    Owner::Container(record.name.clone())
}

/// The root of a running container's first process. The process's folder in procfs stays that of this very process,
/// and its control group proves whose it is: a number may be another's by now.
fn root_of_process(record: &ContainerRecord) -> Option<OwnedFd> {
    let process = openat(CWD, format!("/proc/{}", record.state.pid), ROOT, Mode::empty()).ok()?;
    let groups = openat(&process, "cgroup", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).ok()?;
    let mut text = String::new();
    File::from(groups).take(64 << 10).read_to_string(&mut text).ok()?;
    if !text.contains(record.id.as_str()) {
        return None;
    }
    openat(&process, "root", ROOT, Mode::empty()).ok()
}

fn open(path: &Path, record: &ContainerRecord) -> Result<OwnedFd, Failure> {
    openat(CWD, path, ROOT, Mode::empty()).map_err(|errno| {
        let error = std::io::Error::from(errno);
        Failure::internal(format!("container {}: cannot open {}: {error}", record.name, path.display()))
    })
}

fn read_only(record: &ContainerRecord, what: &str) -> Failure {
    Failure::conflict(format!("cannot copy into container {}: {what} is read-only", record.name))
        .hint("copy to a place that it may write to")
}

fn not_mounted(record: &ContainerRecord, mount: &MountSpec) -> Failure {
    Failure::conflict(format!(
        "container {} is not running: what is at {} exists only while it runs",
        record.name, mount.target
    ))
    .hint(format!("teu start {}", record.name))
}

/// The mount that a path of a stopped container lies in, and the path inside of it.
fn mount_of<'a>(record: &'a ContainerRecord, path: &str) -> Option<(&'a MountSpec, String)> {
    let clean = lexical(path);
    let inside = record.spec.host.mounts.iter().filter_map(|mount| {
        let rest = clean.strip_prefix(lexical(&mount.target).as_str())?;
        (rest.is_empty() || rest.starts_with('/')).then_some((mount, rest))
    });
    let (mount, rest) = inside.max_by_key(|(mount, _)| mount.target.len())?;
    Some((mount, format!("{rest}{}", ending(path))))
}

/// How a path ends, which says what is meant by it.
fn ending(path: &str) -> &'static str {
    if path == "." || path.ends_with("/.") {
        "/."
    } else if path.ends_with('/') {
        "/"
    } else {
        ""
    }
}

/// A path from the root, with `..` taken back by its letters as Docker does: folders named on the way need not exist.
fn cleaned(path: &str) -> String {
    let clean = lexical(path);
    if clean.is_empty() { "/".to_owned() } else { clean + ending(path) }
}

/// A path without `.`, `..` and doubled slashes; empty for the root.
fn lexical(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    parts.iter().map(|part| ["/", part].concat()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_without_leaving_the_root() {
        assert_eq!(lexical("/a/./b//../c/"), "/a/c");
        assert_eq!(lexical("../../etc"), "/etc");
        assert_eq!(lexical("/.."), "");
        assert_eq!(cleaned("a/new/../b/"), "/a/b/");
        assert_eq!(cleaned("/a/./."), "/a/.");
        assert_eq!(cleaned("../.."), "/");
    }
}
