//! Making a layer's files. Every name is resolved by the kernel beneath the layer's folder and through no symbolic
//! link, and nothing that exists is ever opened or replaced, so that no archive can reach anything else.

mod content;
mod describe;
mod fault;
mod folders;
mod marks;

use super::names::{Marker, Name, shown};
use super::xattrs;
use crate::tar::{Content, Entry, Kind};
use rustix::fs::{
    AtFlags, FileType, Mode, OFlags, ResolveFlags, fchmod, ftruncate, futimens, linkat, makedev, mkdirat,
    mknodat, openat, openat2, statat, symlinkat, unlinkat,
};
use rustix::io::Errno;
use std::io::Read;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use content::write_with_holes;
use describe::{Describer, times};
pub use fault::Fault;
use fault::passing_through;
use folders::Folders;
use marks::{Existing, create, existing, mark_opaque, white_out};

const BENEATH: ResolveFlags =
    ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS).union(ResolveFlags::NO_MAGICLINKS);
const FOLDER: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
const BUFFER: usize = 256 << 10;

/// Makes one layer's tree.
pub struct Extractor {
    root: OwnedFd,
    /// The folder of the entry before: archives list a folder's files one after the other.
    last: Option<(Vec<u8>, OwnedFd)>,
    folders: Folders,
    buffer: Vec<u8>,
    describer: Describer,
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

impl Extractor {
    /// Makes files in this folder, which is empty.
    pub fn new(root: OwnedFd) -> Self {
        Self {
            root,
            last: None,
            folders: Folders::default(),
            buffer: vec![0; BUFFER],
            describer: Describer {
                uid: rustix::process::geteuid().as_raw(),
                gid: rustix::process::getegid().as_raw(),
            },
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
        let root = &self.root;
        self.folders.each(|name, mode, time| {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let folder = openat2(root, dot(name), flags, Mode::empty(), BENEATH)?;
            fchmod(&folder, Mode::from_raw_mode(mode))?;
            Ok(futimens(&folder, &times(time))?)
        })?;
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
                self.describer.named(parent, last, entry)
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
        self.describer.open(folder.as_fd(), entry)?;
        self.folders.push(&self.root, name, entry.mode, entry.modified)?;
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
        self.describer.open(file.as_fd(), entry)?;
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
        self.describer.named(parent, last, entry)
    }

    fn describe_root(&mut self, entry: &Entry, name: Name) -> Result<(), Fault> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = openat(&self.root, ".", flags, Mode::empty())?;
        self.describer.open(root.as_fd(), entry)?;
        self.folders.push(&self.root, &name, entry.mode, entry.modified)?;
        Ok(())
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

fn dot(folder: &[u8]) -> &[u8] {
    if folder.is_empty() { b"." } else { folder }
}
