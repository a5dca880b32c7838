//! Archives of file trees: a container's changes as a layer, or a whole root file system. The tree is a container's, so
//! it is read by descriptor and never through its own symbolic links.

use super::names::shown;
use super::xattrs;
use crate::error::IoContext as _;
use crate::tar::{Builder, Entry, Kind, Time};
use crate::{Result, StoreError, files};
use rustix::fs::{
    AtFlags, FileType, Mode, OFlags, ResolveFlags, Stat, major, minor, openat, openat2, readlinkat, statat,
};
use rustix::io::Errno;
use std::collections::HashMap;
use std::ffi::CString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

const BENEATH: ResolveFlags =
    ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS).union(ResolveFlags::NO_MAGICLINKS);

/// What an archive is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// A layer: overlayfs' marks of removed files become whiteouts.
    Layer,
    /// A root file system as it is.
    Whole,
}

/// Writes the archive of the tree below a folder: in order of names, so that the same tree gives the same bytes.
pub fn pack(root: BorrowedFd<'_>, form: Form, writer: impl Write) -> Result<()> {
    let mut packer = Packer { root, form, builder: Builder::new(writer), linked: HashMap::new() };
    let mut waiting = vec![Vec::new()];
    while let Some(name) = waiting.pop() {
        let children = packer.add(&name)?;
        for child in children.into_iter().rev() {
            let mut path = name.clone();
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(child.to_bytes());
            waiting.push(path);
        }
    }
    packer.builder.finish().context(|| "cannot write the archive".to_owned())?;
    Ok(())
}

struct Packer<'a, W> {
    root: BorrowedFd<'a>,
    form: Form,
    builder: Builder<W>,
    linked: HashMap<(u64, u64), Vec<u8>>,
}

impl<W: Write> Packer<'_, W> {
    /// Adds one file and returns what is in it, in order, when it is a folder.
    fn add(&mut self, path: &[u8]) -> Result<Vec<CString>> {
        let failed = || format!("cannot archive {}", shown(path));
        if path.is_empty() {
            // The root itself, whose description matters too.
            let root = self.open(b".", OFlags::RDONLY | OFlags::DIRECTORY).context(failed)?;
            let stat = rustix::fs::fstat(&root).context(failed)?;
            return self.add_folder(b"./", &root, &stat);
        }
        let (folder, last) = match path.iter().rposition(|b| *b == b'/') {
            Some(at) => (&path[..at], &path[at + 1..]),
            None => (&b"."[..], path),
        };
        let parent = self.open(folder, OFlags::PATH | OFlags::DIRECTORY).context(failed)?;
        let stat = statat(&parent, last, AtFlags::SYMLINK_NOFOLLOW).context(failed)?;
        let kind = FileType::from_raw_mode(stat.st_mode);
        if self.form == Form::Layer {
            if last.starts_with(b".wh.") {
                return Err(StoreError::Unsupported(format!(
                    "cannot put {} into a layer: its name would be read as a whiteout",
                    shown(path)
                )));
            }
            if kind == FileType::CharacterDevice && stat.st_rdev == 0 {
                return self.marker([&path[..path.len() - last.len()], b".wh.", last].concat());
            }
        }
        let identity = (stat.st_dev, stat.st_ino);
        if kind != FileType::Directory && stat.st_nlink > 1 {
            if let Some(first) = self.linked.get(&identity) {
                let entry = entry(path, Kind::HardLink(first.clone()), &stat);
                self.write(&entry, &mut io::empty())?;
                return Ok(Vec::new());
            }
            self.linked.insert(identity, path.to_vec());
        }
        let kind = match kind {
            FileType::Directory => {
                let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                let open = openat(&parent, last, flags, Mode::empty()).context(failed)?;
                return self.add_folder(path, &open, &stat);
            }
            FileType::RegularFile => {
                let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
                let mut file = File::from(openat(&parent, last, flags, Mode::empty()).context(failed)?);
                // What was opened is what is described, even if the name means something else by now.
                let stat = rustix::fs::fstat(&file).context(failed)?;
                let mut entry = entry(path, Kind::File, &stat);
                entry.size = stat.st_size as u64;
                entry.xattrs = xattrs::get(file.as_fd()).context(failed)?;
                self.refuse_references(&entry)?;
                self.write(&entry, &mut file)?;
                return Ok(Vec::new());
            }
            FileType::Symlink => {
                Kind::Symlink(readlinkat(&parent, last, Vec::new()).context(failed)?.into_bytes())
            }
            FileType::CharacterDevice => Kind::CharacterDevice(major(stat.st_rdev), minor(stat.st_rdev)),
            FileType::BlockDevice => Kind::BlockDevice(major(stat.st_rdev), minor(stat.st_rdev)),
            FileType::Fifo => Kind::Fifo,
            // Sockets mean nothing without the process that made them.
            _ => return Ok(Vec::new()),
        };
        let mut entry = entry(path, kind, &stat);
        entry.xattrs = xattrs::get_at(parent.as_fd(), last).context(failed)?;
        self.refuse_references(&entry)?;
        self.write(&entry, &mut io::empty())?;
        Ok(Vec::new())
    }

    fn add_folder(&mut self, path: &[u8], folder: &OwnedFd, stat: &Stat) -> Result<Vec<CString>> {
        let failed = || format!("cannot archive {}", shown(path));
        let mut entry = entry(path, Kind::Directory, stat);
        entry.xattrs = xattrs::get(folder.as_fd()).context(failed)?;
        self.refuse_references(&entry)?;
        let opaque = self.form == Form::Layer
            && entry.xattrs.get(xattrs::OPAQUE.as_bytes()).is_some_and(|value| value == b"y");
        self.write(&entry, &mut io::empty())?;
        if opaque {
            let separator: &[u8] = if path.ends_with(b"/") { b"" } else { b"/" };
            self.marker([path, separator, b".wh..wh..opq"].concat())?;
        }
        let mut names = files::list(folder.as_fd()).context(failed)?;
        names.sort_unstable();
        Ok(names)
    }

    /// A folder that was moved keeps a reference to where it was below, which no other tool understands.
    fn refuse_references(&self, entry: &Entry) -> Result<()> {
        let refers = |key: &&[u8]| matches!(*key, b"trusted.overlay.redirect" | b"trusted.overlay.metacopy");
        if self.form == Form::Layer && entry.xattrs.keys().any(|key| refers(&key.as_slice())) {
            return Err(StoreError::Unsupported(format!(
                "cannot make a layer: {} refers to a lower layer; the container was mounted with redirect_dir or metacopy",
                shown(&entry.name)
            )));
        }
        Ok(())
    }

    fn marker(&mut self, name: Vec<u8>) -> Result<Vec<CString>> {
        self.write(&Entry::new(name, Kind::File, 0), &mut io::empty())?;
        Ok(Vec::new())
    }

    fn write(&mut self, entry: &Entry, content: &mut dyn Read) -> Result<()> {
        let mut entry = entry.clone();
        entry.xattrs.retain(|key, _| !xattrs::is_forbidden(key));
        self.builder.append(&entry, content).context(|| format!("cannot archive {}", shown(&entry.name)))
    }

    fn open(&self, path: &[u8], flags: OFlags) -> rustix::io::Result<OwnedFd> {
        loop {
            // The kernel asks to try again where a rename in the tree made its answer uncertain.
            match openat2(self.root, path, flags | OFlags::CLOEXEC, Mode::empty(), BENEATH) {
                Err(Errno::AGAIN | Errno::INTR) => {}
                opened => return opened,
            }
        }
    }
}

fn entry(path: &[u8], kind: Kind, stat: &Stat) -> Entry {
    let mut entry = Entry::new(path, kind, stat.st_mode & 0o7777);
    (entry.uid, entry.gid) = (stat.st_uid, stat.st_gid);
    entry.modified = Time { seconds: stat.st_mtime, nanoseconds: stat.st_mtime_nsec as u32 };
    entry
}
