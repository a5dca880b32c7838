//! Making a layer's files. Every name is resolved by the kernel beneath the layer's folder and through no symbolic
//! link, and nothing that exists is ever opened or replaced, so that no archive can reach anything else.

use super::names::{Marker, Name, shown};
use super::xattrs;
use crate::tar::{Content, Entry, Kind, Time};
use rustix::fs::{
    AtFlags, FileType, Gid, Mode, OFlags, ResolveFlags, Timespec, Timestamps, Uid, XattrFlags, chownat,
    fchmod, fchown, fsetxattr, ftruncate, futimens, linkat, makedev, mkdirat, mknodat, openat, openat2,
    statat, symlinkat, unlinkat, utimensat,
};
use rustix::io::{Errno, pwrite};
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

const BENEATH: ResolveFlags =
    ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS).union(ResolveFlags::NO_MAGICLINKS);
const FOLDER: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
/// What file systems store in; runs of zeros of this length become holes.
const PAGE: usize = 4096;
const BUFFER: usize = 256 << 10;

/// Makes one layer's tree.
pub struct Extractor {
    root: OwnedFd,
    /// The folder of the entry before: archives list a folder's files one after the other.
    last: Option<(Vec<u8>, OwnedFd)>,
    /// Folders' permissions and times, set last: making files changes the one and may need the other.
    folders: Vec<(Name, u32, Time)>,
    buffer: Vec<u8>,
    uid: u32,
    gid: u32,
    /// What was made so far.
    pub made: Made,
}

/// How much was made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Made {
    /// Bytes of files.
    pub size: u64,
    /// Entries of the archive.
    pub entries: u64,
    /// Names in the tree.
    pub files: u64,
}

/// What is wrong with an entry: its content's fault, or the kernel's word.
pub enum Fault {
    /// The archive is made wrongly or to harm.
    Hostile(String),
    /// The kernel or the disk.
    Io(io::Error),
}

impl From<Errno> for Fault {
    fn from(error: Errno) -> Self {
        Self::Io(error.into())
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::InvalidData {
            Self::Hostile(error.to_string())
        } else {
            Self::Io(error)
        }
    }
}

impl From<&str> for Fault {
    fn from(why: &str) -> Self {
        Self::Hostile(why.to_owned())
    }
}

impl Extractor {
    /// Makes files in this folder, which is empty.
    pub fn new(root: OwnedFd) -> Self {
        Self {
            root,
            last: None,
            folders: Vec::new(),
            buffer: vec![0; BUFFER],
            uid: rustix::process::geteuid().as_raw(),
            gid: rustix::process::getegid().as_raw(),
            made: Made::default(),
        }
    }

    /// Makes what an entry says.
    pub fn make<R: Read>(&mut self, entry: &Entry, content: Content<'_, R>) -> Result<(), Fault> {
        let name = Name::parse(&entry.name)?;
        if let Some(key) = entry.xattrs.keys().find(|key| xattrs::is_forbidden(key)) {
            return Err(Fault::Hostile(format!(
                "the extended attribute {} belongs to the host's overlay",
                shown(key)
            )));
        }
        self.made.entries += 1;
        if name.is_root() {
            if entry.kind != Kind::Directory {
                return Err("the image's root is not a folder".into());
            }
            return self.describe_root(entry, name);
        }
        let (folder, last) = name.split();
        match Marker::parse(last)? {
            Marker::Ignored => Ok(()),
            Marker::Opaque => {
                let parent = self.parent(folder)?;
                mark_opaque(&parent)?;
                self.keep(folder, parent);
                Ok(())
            }
            Marker::Whiteout(hidden) => {
                let parent = self.parent(folder)?;
                white_out(parent.as_fd(), hidden, &mut self.made)?;
                self.keep(folder, parent);
                Ok(())
            }
            Marker::None => {
                let parent = self.parent(folder)?;
                self.make_in(parent.as_fd(), &name, last, entry, content)?;
                self.keep(folder, parent);
                Ok(())
            }
        }
    }

    /// Gives folders their permissions and times.
    pub fn finish(mut self) -> Result<Made, Fault> {
        self.last = None;
        for (name, mode, time) in std::mem::take(&mut self.folders) {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let path = if name.is_root() { &b"."[..] } else { name.as_bytes() };
            let folder = openat2(&self.root, path, flags, Mode::empty(), BENEATH)?;
            fchmod(&folder, Mode::from_raw_mode(mode))?;
            futimens(&folder, &times(time))?;
        }
        Ok(self.made)
    }

    fn make_in<R: Read>(
        &mut self,
        parent: BorrowedFd<'_>,
        name: &Name,
        last: &[u8],
        entry: &Entry,
        content: Content<'_, R>,
    ) -> Result<(), Fault> {
        match &entry.kind {
            Kind::Directory => self.folder(parent, name, last, entry),
            Kind::File => self.file(parent, last, entry, content),
            Kind::Symlink(target) => {
                if target.is_empty() || target.contains(&0) {
                    return Err("the symbolic link's target is empty or contains a zero byte".into());
                }
                create(parent, last, &mut self.made, || symlinkat(target.as_slice(), parent, last))?;
                self.describe(parent, last, entry)
            }
            Kind::HardLink(target) => self.hard_link(parent, last, target),
            Kind::CharacterDevice(0, 0) => {
                Err("the device 0:0 would be a whiteout of the host's overlay".into())
            }
            Kind::CharacterDevice(major, minor) => {
                self.node(parent, last, entry, FileType::CharacterDevice, makedev(*major, *minor))
            }
            Kind::BlockDevice(major, minor) => {
                self.node(parent, last, entry, FileType::BlockDevice, makedev(*major, *minor))
            }
            Kind::Fifo => self.node(parent, last, entry, FileType::Fifo, 0),
        }
    }

    fn folder(
        &mut self,
        parent: BorrowedFd<'_>,
        name: &Name,
        last: &[u8],
        entry: &Entry,
    ) -> Result<(), Fault> {
        let replaced = match mkdirat(parent, last, Mode::RWXU) {
            Ok(()) => {
                self.made.files += 1;
                false
            }
            Err(Errno::EXIST) => match existing(parent, last)? {
                Existing::Folder => false,
                Existing::Whiteout => {
                    unlinkat(parent, last, AtFlags::empty())?;
                    mkdirat(parent, last, Mode::RWXU)?;
                    true
                }
                Existing::Other => {
                    return Err(
                        "the entry contradicts an earlier one of the same name that is no folder".into()
                    );
                }
            },
            Err(error) => return Err(error.into()),
        };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let folder = openat(parent, last, flags, Mode::empty())?;
        if replaced {
            // The folder of the lower layers is gone, and this is a new one.
            mark_opaque(&folder)?;
        }
        self.describe_open(folder.as_fd(), entry)?;
        self.folders.push((name.clone(), entry.mode, entry.modified));
        Ok(())
    }

    fn file<R: Read>(
        &mut self,
        parent: BorrowedFd<'_>,
        last: &[u8],
        entry: &Entry,
        mut content: Content<'_, R>,
    ) -> Result<(), Fault> {
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file =
            create(parent, last, &mut self.made, || openat(parent, last, flags, Mode::RUSR | Mode::WUSR))?;
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut written_to = 0;
        while let Some((offset, count)) = content.read_at(&mut buffer)? {
            written_to = write_with_holes(file.as_fd(), offset, &buffer[..count])?.unwrap_or(written_to);
        }
        self.buffer = buffer;
        if written_to < entry.size {
            ftruncate(&file, entry.size)?;
        }
        self.made.size += entry.size;
        self.describe_open(file.as_fd(), entry)?;
        fchmod(&file, Mode::from_raw_mode(entry.mode))?;
        futimens(&file, &times(entry.modified))?;
        Ok(())
    }

    fn hard_link(&mut self, parent: BorrowedFd<'_>, last: &[u8], target: &[u8]) -> Result<(), Fault> {
        let wrong = |why: &str| Fault::Hostile(format!("hard link to {}: {why}", shown(target)));
        // Docker's own archives name targets with and without a leading slash, always from the image's root.
        let target = Name::parse(target.strip_prefix(b"/").unwrap_or(target)).map_err(wrong)?;
        if target.is_root() {
            return Err(wrong("folders cannot be linked to"));
        }
        let (folder, file) = target.split();
        if Marker::parse(file).map_err(wrong)? != Marker::None {
            return Err(wrong("whiteouts cannot be linked to"));
        }
        let source = match openat2(&self.root, dot(folder), FOLDER, Mode::empty(), BENEATH) {
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::XDEV) => {
                return Err(wrong("there is no such file earlier in this layer"));
            }
            source => source?,
        };
        match statat(&source, file, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => return Err(wrong("there is no such file earlier in this layer")),
            stat => {
                let stat = stat?;
                match FileType::from_raw_mode(stat.st_mode) {
                    FileType::Directory => return Err(wrong("folders cannot be linked to")),
                    FileType::CharacterDevice if stat.st_rdev == 0 => {
                        return Err(wrong("whiteouts cannot be linked to"));
                    }
                    _ => {}
                }
            }
        }
        create(parent, last, &mut self.made, || linkat(&source, file, parent, last, AtFlags::empty()))
    }

    fn node(
        &mut self,
        parent: BorrowedFd<'_>,
        last: &[u8],
        entry: &Entry,
        kind: FileType,
        device: u64,
    ) -> Result<(), Fault> {
        create(parent, last, &mut self.made, || {
            mknodat(parent, last, kind, Mode::RUSR | Mode::WUSR, device)
        })?;
        self.describe(parent, last, entry)
    }

    fn describe_root(&mut self, entry: &Entry, name: Name) -> Result<(), Fault> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = openat(&self.root, ".", flags, Mode::empty())?;
        self.describe_open(root.as_fd(), entry)?;
        self.folders.push((name, entry.mode, entry.modified));
        Ok(())
    }

    /// Owner and attributes of an open file. The owner comes first: changing it takes setuid bits and capabilities away.
    fn describe_open(&self, file: BorrowedFd<'_>, entry: &Entry) -> Result<(), Fault> {
        if (entry.uid, entry.gid) != (self.uid, self.gid) {
            fchown(file, Some(Uid::from_raw(entry.uid)), Some(Gid::from_raw(entry.gid)))?;
        }
        Ok(xattrs::set(file, &entry.xattrs)?)
    }

    /// Owner, attributes, permissions and time of what must not be opened.
    fn describe(&self, parent: BorrowedFd<'_>, last: &[u8], entry: &Entry) -> Result<(), Fault> {
        if (entry.uid, entry.gid) != (self.uid, self.gid) {
            let (uid, gid) = (Uid::from_raw(entry.uid), Gid::from_raw(entry.gid));
            chownat(parent, last, Some(uid), Some(gid), AtFlags::SYMLINK_NOFOLLOW)?;
        }
        xattrs::set_at(parent, last, &entry.xattrs)?;
        if !matches!(entry.kind, Kind::Symlink(_)) {
            // Made by us a moment ago and no symbolic link, in a folder that only this process writes to.
            rustix::fs::chmodat(parent, last, Mode::from_raw_mode(entry.mode), AtFlags::empty())?;
        }
        Ok(utimensat(parent, last, &times(entry.modified), AtFlags::SYMLINK_NOFOLLOW)?)
    }

    /// The folder of an entry, made where the archive does not list it.
    fn parent(&mut self, folder: &[u8]) -> Result<OwnedFd, Fault> {
        if let Some((name, open)) = self.last.take()
            && name == folder
        {
            return Ok(open);
        }
        match openat2(&self.root, dot(folder), FOLDER, Mode::empty(), BENEATH) {
            Err(Errno::NOENT) => {}
            open => return open.map_err(|error| passing_through(folder, error)),
        }
        let mut parent = openat2(&self.root, ".", FOLDER, Mode::empty(), BENEATH)?;
        for component in folder.split(|b| *b == b'/') {
            if Marker::parse(component)? != Marker::None {
                return Err("the name passes through a whiteout".into());
            }
            match mkdirat(&parent, component, Mode::from_raw_mode(0o755)) {
                Ok(()) => {
                    self.made.files += 1;
                    let opened = openat2(&parent, component, FOLDER, Mode::empty(), BENEATH)?;
                    // Whatever this process's umask is, the tree is the same.
                    rustix::fs::chmodat(&parent, component, Mode::from_raw_mode(0o755), AtFlags::empty())?;
                    parent = opened;
                }
                Err(Errno::EXIST) => {
                    parent = openat2(&parent, component, FOLDER, Mode::empty(), BENEATH)
                        .map_err(|error| passing_through(folder, error))?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(parent)
    }

    fn keep(&mut self, folder: &[u8], open: OwnedFd) {
        self.last = Some((folder.to_vec(), open));
    }
}

/// Makes something that must not exist yet; a whiteout of the same name gives way, since what is made hides the
/// lower layers' just as well.
fn create<T>(
    parent: BorrowedFd<'_>,
    last: &[u8],
    made: &mut Made,
    make: impl Fn() -> rustix::io::Result<T>,
) -> Result<T, Fault> {
    match make() {
        Err(Errno::EXIST) => match existing(parent, last)? {
            Existing::Whiteout => {
                unlinkat(parent, last, AtFlags::empty())?;
                Ok(make()?)
            }
            Existing::Folder => Err("the entry contradicts an earlier folder of the same name".into()),
            Existing::Other => Err("the name stands in the layer twice".into()),
        },
        result => {
            let result = result?;
            made.files += 1;
            Ok(result)
        }
    }
}

fn existing(parent: BorrowedFd<'_>, last: &[u8]) -> Result<Existing, Fault> {
    let stat = statat(parent, last, AtFlags::SYMLINK_NOFOLLOW)?;
    Ok(match FileType::from_raw_mode(stat.st_mode) {
        FileType::Directory => Existing::Folder,
        FileType::CharacterDevice if stat.st_rdev == 0 => Existing::Whiteout,
        _ => Existing::Other,
    })
}

fn white_out(parent: BorrowedFd<'_>, hidden: &[u8], made: &mut Made) -> Result<(), Fault> {
    match mknodat(parent, hidden, FileType::CharacterDevice, Mode::empty(), 0) {
        Err(Errno::EXIST) => match existing(parent, hidden)? {
            Existing::Folder => {
                let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                let folder = openat(parent, hidden, flags, Mode::empty())?;
                mark_opaque(&folder)
            }
            Existing::Whiteout | Existing::Other => Ok(()),
        },
        result => {
            result?;
            made.files += 1;
            Ok(())
        }
    }
}

fn mark_opaque(folder: &OwnedFd) -> Result<(), Fault> {
    let result = fsetxattr(folder, xattrs::OPAQUE, b"y", XattrFlags::empty());
    match result {
        // The descriptor of an implicit parent is for paths only.
        Err(Errno::BADF) => {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
            let folder = openat(folder, ".", flags, Mode::empty())?;
            Ok(fsetxattr(&folder, xattrs::OPAQUE, b"y", XattrFlags::empty())?)
        }
        result => Ok(result?),
    }
}

enum Existing {
    Folder,
    Whiteout,
    Other,
}

fn dot(folder: &[u8]) -> &[u8] {
    if folder.is_empty() { b"." } else { folder }
}

fn passing_through(folder: &[u8], error: Errno) -> Fault {
    match error {
        Errno::LOOP | Errno::XDEV => {
            Fault::Hostile(format!("the name passes through a symbolic link in {}", shown(folder)))
        }
        Errno::NOTDIR => Fault::Hostile(format!(
            "the name passes through something that is no folder in {}",
            shown(folder)
        )),
        error => error.into(),
    }
}

fn times(time: Time) -> Timestamps {
    let stamp = Timespec { tv_sec: time.seconds, tv_nsec: time.nanoseconds.into() };
    Timestamps { last_access: stamp, last_modification: stamp }
}

/// Writes what is not zeros; returns where the last byte written ends, if any was.
fn write_with_holes(file: BorrowedFd<'_>, offset: u64, bytes: &[u8]) -> io::Result<Option<u64>> {
    let mut end = None;
    let mut at = 0;
    while at < bytes.len() {
        let zeros = bytes[at..].chunks(PAGE).take_while(|page| is_zero(page)).map(<[u8]>::len).sum::<usize>();
        at += zeros;
        let data: usize = bytes[at..].chunks(PAGE).take_while(|page| !is_zero(page)).map(<[u8]>::len).sum();
        let mut rest = &bytes[at..at + data];
        while !rest.is_empty() {
            let written = pwrite(file, rest, offset + at as u64)?;
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            at += written;
            rest = &rest[written..];
            end = Some(offset + at as u64);
        }
    }
    Ok(end)
}

fn is_zero(page: &[u8]) -> bool {
    page.iter().all(|b| *b == 0)
}
