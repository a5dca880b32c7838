//! Copying files and folders from descriptor to descriptor.

use super::failed;
use super::place::{FOLDER, HANDLE, Kernels, Source, Target, reopen};
use rustix::fs::{
    AtFlags, FileType, Gid, Mode, OFlags, SeekFrom, Stat, Timespec, Timestamps, Uid, chownat, fchmod, fchown,
    fstat, ftruncate, futimens, mkdirat, mknodat, openat, readlinkat, renameat, seek, statat, symlinkat,
    unlinkat, utimensat,
};
use rustix::io::Errno;
use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use teu_api::Failure;
use teu_store::files;

/// How deep folders may lie: each level holds descriptors.
const DEEPEST: u32 = 400;

/// What is to be said of a new file.
#[derive(Clone, Copy)]
pub(crate) struct Description {
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
    pub modified: Timespec,
}

impl From<&Stat> for Description {
    fn from(stat: &Stat) -> Self {
        let modified = Timespec { tv_sec: stat.st_mtime, tv_nsec: stat.st_mtime_nsec as _ };
        Self { mode: stat.st_mode & 0o7777, uid: stat.st_uid, gid: stat.st_gid, modified }
    }
}

/// Something to copy.
#[derive(Clone, Copy)]
struct Found<'a> {
    handle: &'a OwnedFd,
    stat: &'a Stat,
    shown: &'a [u8],
    kernels: &'a Kernels,
}

/// Copies trees, and counts.
pub(crate) struct Copier {
    keep_owner: bool,
    /// Whether an archive's files keep their capabilities.
    pub keep_capabilities: bool,
    /// Who owns what an archive holds, whatever it says.
    pub owner: Option<(u32, u32)>,
    strip_set_id: bool,
    /// Bytes of files copied so far.
    pub bytes: u64,
}

impl Copier {
    pub fn new(keep_owner: bool, strip_set_id: bool) -> Self {
        Self { keep_owner, keep_capabilities: false, owner: None, strip_set_id, bytes: 0 }
    }

    pub fn copy(&mut self, source: &Source, target: &Target) -> Result<(), Failure> {
        let shown = source.name.as_deref().unwrap_or(b".");
        match target {
            Target::Named(folder, name) => {
                let entry =
                    Found { handle: &source.handle, stat: &source.stat, shown, kernels: &source.kernels };
                self.entry(&entry, folder.as_fd(), name, 0)
            }
            Target::Into(folder) if source.is_folder() => {
                let from = openat(&source.handle, ".", FOLDER, Mode::empty())
                    .map_err(|errno| failed("open", shown, errno))?;
                self.contents(&from, &source.kernels, folder.as_fd(), 0)
            }
            Target::Into(_) => Err(Failure::usage("only a folder has contents to copy")),
            Target::Over(existing) => {
                let mut from = regular(&source.handle, shown)?;
                let count = overwrite(&mut from, existing).map_err(|error| failed("write", shown, error))?;
                self.bytes += count;
                let to = reopen(existing, OFlags::RDONLY).map_err(|errno| failed("open", shown, errno))?;
                self.describe(&to, Description::from(&source.stat))
                    .map_err(|errno| failed("describe", shown, errno))
            }
        }
    }

    fn contents(
        &mut self,
        from: &OwnedFd,
        kernels: &Kernels,
        to: BorrowedFd<'_>,
        depth: u32,
    ) -> Result<(), Failure> {
        if depth > DEEPEST {
            return Err(Failure::unsupported(format!("folders lie deeper than {DEEPEST} levels"))
                .hint("copy a tar archive of them instead: use - as the target"));
        }
        for name in files::list(from.as_fd()).map_err(|errno| failed("list", b"a folder", errno))? {
            let name = name.to_bytes();
            let handle = match openat(from, name, HANDLE | OFlags::NOFOLLOW, Mode::empty()) {
                // Gone since it was listed.
                Err(Errno::NOENT) => continue,
                opened => opened.map_err(|errno| failed("open", name, errno))?,
            };
            let stat = fstat(&handle).map_err(|errno| failed("open", name, errno))?;
            if kernels.hold(&stat) {
                let (made, is_new) = Self::folder(to, name)?;
                if is_new {
                    self.describe_folder(&made, name, Description::from(&stat))?;
                }
                continue;
            }
            self.entry(&Found { handle: &handle, stat: &stat, shown: name, kernels }, to, name, depth + 1)?;
        }
        Ok(())
    }

    fn entry(
        &mut self,
        found: &Found<'_>,
        folder: BorrowedFd<'_>,
        name: &[u8],
        depth: u32,
    ) -> Result<(), Failure> {
        let Found { handle, stat, shown, kernels } = *found;
        let description = Description::from(stat);
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => {
                let from = openat(handle, ".", FOLDER, Mode::empty())
                    .map_err(|errno| failed("open", shown, errno))?;
                let (made, is_new) = Self::folder(folder, name)?;
                self.contents(&from, kernels, made.as_fd(), depth)?;
                if is_new { self.describe_folder(&made, name, description) } else { Ok(()) }
            }
            FileType::RegularFile => {
                let mut from = regular(handle, shown)?;
                self.file(folder, name, description, &mut |to| copy_content(&mut from, to))
            }
            FileType::Symlink => {
                let to = readlinkat(handle, "", Vec::new()).map_err(|errno| failed("read", shown, errno))?;
                self.link(folder, name, to.to_bytes(), description)
            }
            FileType::Fifo => self.pipe(folder, name, description),
            // Sockets mean nothing without the process that made them.
            FileType::Socket => Ok(()),
            // A layer's mark that a file of the layers below is gone.
            FileType::CharacterDevice if stat.st_rdev == 0 => Ok(()),
            _ => Err(Failure::unsupported(format!(
                "cannot copy {}: it is a device",
                String::from_utf8_lossy(shown).escape_debug()
            ))
            .hint("copy the files around it")),
        }
    }

    /// Makes a folder, or opens one that is there; whether it is new. A link in its place is not followed.
    pub fn folder(parent: BorrowedFd<'_>, name: &[u8]) -> Result<(OwnedFd, bool), Failure> {
        let is_new = match mkdirat(parent, name, Mode::RWXU) {
            Ok(()) => true,
            Err(Errno::EXIST) => false,
            Err(errno) => return Err(failed("make folder", name, errno)),
        };
        match openat(parent, name, FOLDER, Mode::empty()) {
            Ok(folder) => Ok((folder, is_new)),
            Err(Errno::NOTDIR | Errno::LOOP) => Err(Failure::conflict(format!(
                "cannot overwrite non-directory \"{}\" with a directory",
                String::from_utf8_lossy(name).escape_debug()
            ))
            .hint("remove it first, or copy to another place")),
            Err(errno) => Err(failed("open folder", name, errno)),
        }
    }

    pub fn describe_folder(
        &self,
        folder: &OwnedFd,
        name: &[u8],
        description: Description,
    ) -> Result<(), Failure> {
        self.describe(folder, description).map_err(|errno| failed("describe", name, errno))
    }

    /// Makes a file aside, fills it and puts it in its place whole.
    pub fn file(
        &mut self,
        folder: BorrowedFd<'_>,
        name: &[u8],
        description: Description,
        fill: &mut dyn FnMut(&mut File) -> io::Result<u64>,
    ) -> Result<(), Failure> {
        let write = |error: io::Error| failed("write", name, error);
        refuse_folder(folder, name)?;
        let aside = aside()?;
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR;
        let made = openat(folder, aside.as_str(), flags, mode).map_err(|errno| write(errno.into()))?;
        let mut made = File::from(made);
        let mut put = || -> io::Result<u64> {
            let count = fill(&mut made)?;
            self.describe(&made, description)?;
            match renameat(folder, aside.as_str(), folder, name) {
                // Something is mounted on it, as on /etc/hosts: it gets the content.
                Err(Errno::BUSY) => {
                    let existing = openat(folder, name, HANDLE | OFlags::NOFOLLOW, Mode::empty())?;
                    made.rewind()?;
                    overwrite(&mut made, &existing)?;
                    unlinkat(folder, aside.as_str(), AtFlags::empty())?;
                }
                result => result?,
            }
            Ok(count)
        };
        match put() {
            Ok(count) => {
                self.bytes += count;
                Ok(())
            }
            Err(error) => {
                // Nothing half-made stays; that the copy failed is told.
                let _ = unlinkat(folder, aside.as_str(), AtFlags::empty());
                Err(write(error))
            }
        }
    }

    pub fn link(
        &self,
        folder: BorrowedFd<'_>,
        name: &[u8],
        to: &[u8],
        description: Description,
    ) -> Result<(), Failure> {
        self.node(folder, name, description, |aside| symlinkat(to, folder, aside))
    }

    pub fn pipe(&self, folder: BorrowedFd<'_>, name: &[u8], description: Description) -> Result<(), Failure> {
        let mode = Mode::from_raw_mode(description.mode & 0o777);
        self.node(folder, name, description, |aside| mknodat(folder, aside, FileType::Fifo, mode, 0))
    }

    fn node(
        &self,
        folder: BorrowedFd<'_>,
        name: &[u8],
        description: Description,
        make: impl FnOnce(&str) -> rustix::io::Result<()>,
    ) -> Result<(), Failure> {
        refuse_folder(folder, name)?;
        let aside = aside()?;
        let put = || {
            make(&aside)?;
            if self.keep_owner {
                let (uid, gid) = owner(description);
                chownat(folder, aside.as_str(), uid, gid, AtFlags::SYMLINK_NOFOLLOW)?;
            }
            utimensat(folder, aside.as_str(), &times(description), AtFlags::SYMLINK_NOFOLLOW)?;
            renameat(folder, aside.as_str(), folder, name)
        };
        put().map_err(|errno| {
            let _ = unlinkat(folder, aside.as_str(), AtFlags::empty());
            failed("make", name, errno)
        })
    }

    /// The owner first: a change of owner takes the set-id bits away.
    fn describe(&self, file: impl AsFd, description: Description) -> rustix::io::Result<()> {
        if self.keep_owner {
            let (uid, gid) = owner(description);
            fchown(&file, uid, gid)?;
        }
        let mode = if self.strip_set_id { description.mode & 0o1777 } else { description.mode };
        fchmod(&file, Mode::from_raw_mode(mode))?;
        futimens(&file, &times(description))
    }
}

fn owner(description: Description) -> (Option<Uid>, Option<Gid>) {
    (Some(Uid::from_raw(description.uid)), Some(Gid::from_raw(description.gid)))
}

fn times(description: Description) -> Timestamps {
    Timestamps { last_access: description.modified, last_modification: description.modified }
}

fn aside() -> Result<String, Failure> {
    Ok(format!(".teu-copy-{}", files::random_hex::<8>()?))
}

fn refuse_folder(folder: BorrowedFd<'_>, name: &[u8]) -> Result<(), Failure> {
    match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Directory => {
            Err(Failure::conflict(format!(
                "cannot overwrite directory \"{}\" with non-directory",
                String::from_utf8_lossy(name).escape_debug()
            ))
            .hint("remove it first, or copy to another place"))
        }
        _ => Ok(()),
    }
}

/// Opens a handle's file for reading, when it is a plain one.
pub(crate) fn regular(handle: &OwnedFd, shown: &[u8]) -> Result<File, Failure> {
    let stat = fstat(handle).map_err(|errno| failed("read", shown, errno))?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(Failure::unsupported(format!(
            "cannot copy {}: it is not a plain file",
            String::from_utf8_lossy(shown).escape_debug()
        ))
        .hint("name a file"));
    }
    reopen(handle, OFlags::RDONLY).map(File::from).map_err(|errno| failed("read", shown, errno))
}

/// Puts content into a file that exists and stays the same file.
fn overwrite(from: &mut File, existing: &OwnedFd) -> io::Result<u64> {
    if FileType::from_raw_mode(fstat(existing)?.st_mode) != FileType::RegularFile {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a plain file"));
    }
    let mut to = File::from(reopen(existing, OFlags::WRONLY | OFlags::TRUNC)?);
    copy_content(from, &mut to)
}

/// Copies what a file holds and leaves its holes out: a container may claim a file of any size for nothing.
fn copy_content(from: &mut File, to: &mut File) -> io::Result<u64> {
    let size = from.metadata()?.len();
    let mut at = 0;
    while at < size {
        let start = match seek(&*from, SeekFrom::Data(at)) {
            Ok(start) => start,
            // Nothing but a hole is left.
            Err(Errno::NXIO) => break,
            Err(_) => at,
        };
        let end = seek(&*from, SeekFrom::Hole(start)).unwrap_or(size).min(size).max(start);
        if end == start {
            break;
        }
        from.seek(io::SeekFrom::Start(start))?;
        to.seek(io::SeekFrom::Start(start))?;
        let copied = io::copy(&mut (&mut *from).take(end - start), to)?;
        at = start + copied;
        if copied < end - start {
            // It became shorter meanwhile.
            ftruncate(&*to, at)?;
            return Ok(at);
        }
    }
    ftruncate(&*to, size)?;
    Ok(size)
}
