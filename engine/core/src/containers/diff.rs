//! `diff`: what a container has changed in its file system. The tree that it wrote is read by descriptor, through no
//! link of its making, and compared with the image's layers below.

use crate::engine::Engine;
use rustix::fs::{AtFlags, FileType, Mode, OFlags, ResolveFlags, Stat, openat2, statat};
use rustix::io::Errno;
use std::collections::BTreeSet;
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::path::Path;
use teu_api::Failure;
use teu_store::{Change, ChangeKind, ContainerRecord, files};

const BENEATH: ResolveFlags =
    ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS).union(ResolveFlags::NO_MAGICLINKS);
const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// What the runtime makes to mount on: not the container's doing, as long as it is empty.
const MOUNT_POINTS: [&str; 12] = [
    "dev",
    "dev/console",
    "dev/mqueue",
    "dev/pts",
    "dev/shm",
    "etc/hostname",
    "etc/hosts",
    "etc/resolv.conf",
    "proc",
    "run",
    "sys",
    "sys/fs/cgroup",
];

impl Engine {
    /// What a container has added, modified and removed, in order of paths.
    pub fn diff(&self, record: &ContainerRecord) -> Result<Vec<Change>, Failure> {
        let paths = self.store().paths();
        let failed = |error: io::Error| {
            Failure::internal(format!("cannot compare container {} with its image: {error}", record.name))
        };
        let upper = match open_folder(&paths.container(&record.id).join("upper")) {
            // A container that never ran has changed nothing.
            Err(Errno::NOENT) => return Ok(Vec::new()),
            opened => opened.map_err(|errno| failed(errno.into()))?,
        };
        let lower = self.stack(&record.spec.layers)?;
        let mut comparison = Comparison { upper, lower, changes: Vec::new() };
        comparison.walk().map_err(|errno| failed(errno.into()))?;
        comparison.changes.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(comparison.changes)
    }
}

fn open_folder(path: &Path) -> rustix::io::Result<OwnedFd> {
    rustix::fs::open(path, FOLDER, Mode::empty())
}

struct Comparison {
    upper: OwnedFd,
    lower: Option<OwnedFd>,
    changes: Vec<Change>,
}

impl Comparison {
    fn walk(&mut self) -> rustix::io::Result<()> {
        let mut waiting = vec![Vec::new()];
        let mut folders = Vec::new();
        while let Some(path) = waiting.pop() {
            let Some(folder) = open(self.upper.as_fd(), &path, FOLDER)? else { continue };
            let mut names = files::list(folder.as_fd())?;
            names.sort_unstable();
            if !path.is_empty() && teu_store::layers::is_opaque(folder.as_fd())? {
                let seen: BTreeSet<&[u8]> = names.iter().map(|name| name.to_bytes()).collect();
                self.hidden(&path, &seen)?;
            }
            for name in names {
                let child = join(&path, name.to_bytes());
                // Gone since it was listed: a running container goes on.
                let Some(stat) = optional(statat(&folder, &name, AtFlags::SYMLINK_NOFOLLOW))? else {
                    continue;
                };
                let below = self.below(&child)?;
                let is_folder = FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
                if is_removed(&stat) {
                    if below.is_some() {
                        self.add(child, ChangeKind::Removed, &stat);
                    }
                    continue;
                }
                if is_folder {
                    waiting.push(child.clone());
                    folders.push((child, stat, below));
                } else if !is_mount_point(&child, &stat) {
                    let kind = if below.is_some() { ChangeKind::Modified } else { ChangeKind::Added };
                    self.add(child, kind, &stat);
                }
            }
        }
        self.settle(folders);
        Ok(())
    }

    /// A folder is in the upper tree because it changed, because something in it did, or because something is mounted
    /// in it: the last is no change. The deepest come first, since each counts for those around it.
    fn settle(&mut self, mut folders: Vec<(Vec<u8>, Stat, Option<Stat>)>) {
        folders.sort_by(|a, b| b.0.cmp(&a.0));
        let mut around: BTreeSet<Vec<u8>> = BTreeSet::new();
        for change in &self.changes {
            note_parents(&change.path, &mut around);
        }
        for (path, stat, below) in folders {
            let kind = match &below {
                None if is_mount_point(&path, &stat) && !around.contains(&path) => continue,
                None => ChangeKind::Added,
                Some(below) if !around.contains(&path) && same(&stat, below) && holds_mount_point(&path) => {
                    continue;
                }
                Some(_) => ChangeKind::Modified,
            };
            note_parents(&path, &mut around);
            self.add(path, kind, &stat);
        }
    }

    /// What an opaque folder hides of the image.
    fn hidden(&mut self, path: &[u8], seen: &BTreeSet<&[u8]>) -> rustix::io::Result<()> {
        let Some(lower) = &self.lower else { return Ok(()) };
        let Some(folder) = open(lower.as_fd(), path, FOLDER)? else { return Ok(()) };
        for name in files::list(folder.as_fd())? {
            if seen.contains(name.to_bytes()) {
                continue;
            }
            if let Some(stat) = optional(statat(&folder, &name, AtFlags::SYMLINK_NOFOLLOW))?
                && !is_removed(&stat)
            {
                self.add(join(path, name.to_bytes()), ChangeKind::Removed, &stat);
            }
        }
        Ok(())
    }

    /// What the image has at a path.
    fn below(&self, path: &[u8]) -> rustix::io::Result<Option<Stat>> {
        let Some(lower) = &self.lower else { return Ok(None) };
        let Some(found) = open(lower.as_fd(), path, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC)?
        else {
            return Ok(None);
        };
        Ok(Some(rustix::fs::fstat(&found)?).filter(|stat| !is_removed(stat)))
    }

    fn add(&mut self, path: Vec<u8>, kind: ChangeKind, stat: &Stat) {
        let folder = FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
        let (size, mode, uid, gid) = (stat.st_size as u64, stat.st_mode, stat.st_uid, stat.st_gid);
        self.changes.push(Change { path, kind, folder, size, mode, uid, gid });
    }
}

/// overlayfs' mark of what was removed.
fn is_removed(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::CharacterDevice && stat.st_rdev == 0
}

fn is_mount_point(path: &[u8], stat: &Stat) -> bool {
    let untouched = match FileType::from_raw_mode(stat.st_mode) {
        FileType::Directory => true,
        FileType::RegularFile => stat.st_size == 0,
        _ => false,
    };
    untouched && MOUNT_POINTS.iter().any(|point| point.as_bytes() == path)
}

fn holds_mount_point(path: &[u8]) -> bool {
    MOUNT_POINTS.iter().any(|point| {
        point.as_bytes().strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
    })
}

fn same(a: &Stat, b: &Stat) -> bool {
    (a.st_mode, a.st_uid, a.st_gid) == (b.st_mode, b.st_uid, b.st_gid)
}

fn note_parents(path: &[u8], around: &mut BTreeSet<Vec<u8>>) {
    for (at, _) in path.iter().enumerate().filter(|(_, byte)| **byte == b'/') {
        around.insert(path[..at].to_vec());
    }
}

fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() { name.to_vec() } else { [folder, b"/", name].concat() }
}

/// Opens a path below a folder, through no link; `None` where there is none.
fn open(root: BorrowedFd<'_>, path: &[u8], flags: OFlags) -> rustix::io::Result<Option<OwnedFd>> {
    let path = if path.is_empty() { &b"."[..] } else { path };
    loop {
        match openat2(root, path, flags, Mode::empty(), BENEATH) {
            // The kernel asks to try again where a rename made its answer uncertain.
            Err(Errno::AGAIN | Errno::INTR) => {}
            Err(Errno::LOOP) => return Ok(None),
            opened => return optional(opened),
        }
    }
}

fn optional<T>(result: rustix::io::Result<T>) -> rustix::io::Result<Option<T>> {
    match result {
        Err(Errno::NOENT | Errno::NOTDIR) => Ok(None),
        result => result.map(Some),
    }
}
