//! Folders and all that is in them, watched by inotify(7): each folder has a watch of its own, and those that appear
//! get one.

use nix::errno::Errno;
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, WatchDescriptor};
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::path::{Path, PathBuf};
use teu_api::Failure;

/// What can be left out of the watch with all that is in it.
pub type Skip<'a> = &'a dyn Fn(&Path) -> bool;

/// A set of watched folders.
pub struct Tree {
    inotify: Inotify,
    folders: HashMap<WatchDescriptor, PathBuf>,
    roots: Vec<PathBuf>,
}

impl Tree {
    /// Watches nothing yet.
    pub fn new() -> Result<Self, Failure> {
        let inotify = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC)
            .map_err(|errno| Failure::internal(format!("cannot watch files: {errno}")))?;
        Ok(Self { inotify, folders: HashMap::new(), roots: Vec::new() })
    }

    /// Becomes readable when something changed.
    pub fn as_fd(&self) -> BorrowedFd<'_> {
        self.inotify.as_fd()
    }

    /// Watches a folder with all in it, or a file. A file is watched by way of its folder, for editors replace files.
    pub fn add_root(&mut self, path: &Path, skip: Skip<'_>) -> Result<(), Failure> {
        if path.is_dir() {
            self.add(path, skip, &mut BTreeSet::new())?;
        } else if let Some(folder) = path.parent() {
            self.watch(folder)?;
        }
        self.roots.push(path.to_owned());
        Ok(())
    }

    fn watch(&mut self, folder: &Path) -> Result<bool, Failure> {
        let flags = AddWatchFlags::IN_CLOSE_WRITE
            | AddWatchFlags::IN_CREATE
            | AddWatchFlags::IN_DELETE
            | AddWatchFlags::IN_MOVED_FROM
            | AddWatchFlags::IN_MOVED_TO
            | AddWatchFlags::IN_ONLYDIR
            | AddWatchFlags::IN_DONT_FOLLOW;
        match self.inotify.add_watch(folder, flags) {
            Ok(descriptor) => {
                self.folders.insert(descriptor, folder.to_owned());
                Ok(true)
            }
            // It went away, or is a link: there is nothing in it to watch.
            Err(Errno::ENOENT | Errno::ENOTDIR) => Ok(false),
            Err(Errno::ENOSPC) => {
                Err(Failure::internal(format!("cannot watch {}: too many watches", folder.display()))
                    .hint("raise fs.inotify.max_user_watches with sysctl, or ignore large folders"))
            }
            Err(errno) => Err(Failure::internal(format!("cannot watch {}: {errno}", folder.display()))),
        }
    }

    /// Watches a folder and those in it; everything that is in them is noted in `found`.
    fn add(&mut self, folder: &Path, skip: Skip<'_>, found: &mut BTreeSet<PathBuf>) -> Result<(), Failure> {
        if !self.watch(folder)? {
            return Ok(());
        }
        for path in entries(folder) {
            if skip(&path) {
                continue;
            }
            found.insert(path.clone());
            if path.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
                self.add(&path, skip, found)?;
            }
        }
        Ok(())
    }

    /// Takes in what changed: paths that are there anew, that are different, or that are gone.
    pub fn take(&mut self, skip: Skip<'_>, changed: &mut BTreeSet<PathBuf>) -> Result<(), Failure> {
        loop {
            let events = match self.inotify.read_events() {
                Ok(events) if events.is_empty() => return Ok(()),
                Ok(events) => events,
                Err(Errno::EAGAIN) => return Ok(()),
                Err(Errno::EINTR) => continue,
                Err(errno) => return Err(Failure::internal(format!("cannot watch files: {errno}"))),
            };
            for event in events {
                if event.mask.contains(AddWatchFlags::IN_Q_OVERFLOW) {
                    // Some were lost: everything may have changed.
                    for root in self.roots.clone() {
                        if root.is_dir() {
                            self.add(&root, skip, changed)?;
                        } else {
                            changed.insert(root);
                        }
                    }
                    continue;
                }
                if event.mask.contains(AddWatchFlags::IN_IGNORED) {
                    self.folders.remove(&event.wd);
                    continue;
                }
                let (Some(folder), Some(name)) = (self.folders.get(&event.wd), event.name) else { continue };
                let path = folder.join(name);
                if skip(&path) {
                    continue;
                }
                let is_folder = event.mask.contains(AddWatchFlags::IN_ISDIR);
                if is_folder && event.mask.contains(AddWatchFlags::IN_MOVED_FROM) {
                    self.forget(&path);
                }
                if is_folder && event.mask.intersects(AddWatchFlags::IN_CREATE | AddWatchFlags::IN_MOVED_TO) {
                    self.add(&path, skip, changed)?;
                }
                // What is being written is taken when it is whole.
                let half = event.mask.contains(AddWatchFlags::IN_CREATE)
                    && path.symlink_metadata().is_ok_and(|meta| meta.is_file() && meta.len() == 0);
                if !half || is_folder {
                    changed.insert(path);
                }
            }
        }
    }

    /// Watches a folder no more that has another name now.
    fn forget(&mut self, folder: &Path) {
        let gone: Vec<WatchDescriptor> = self
            .folders
            .iter()
            .filter(|(_, path)| path.starts_with(folder))
            .map(|(descriptor, _)| *descriptor)
            .collect();
        for descriptor in gone {
            self.folders.remove(&descriptor);
            // One that is gone already is what is wanted.
            let _ = self.inotify.rm_watch(descriptor);
        }
    }
}

/// What is in a folder; nothing where it cannot be read.
pub fn entries(folder: &Path) -> Vec<PathBuf> {
    let read =
        || -> io::Result<Vec<PathBuf>> { fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect() };
    read().unwrap_or_default()
}
