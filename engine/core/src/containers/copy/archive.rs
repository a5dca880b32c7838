//! Tar archives in place of one side.

use super::failed;
use super::place::{FOLDER, HANDLE, Kernels, Source, reopen};
use super::tree::{Copier, Description};
use rustix::fs::{
    AtFlags, FileType, Mode, OFlags, ResolveFlags, Stat, Timespec, fstat, linkat, major, minor, openat,
    openat2, readlinkat, renameat,
};
use rustix::io::Errno;
use std::collections::HashMap;
use std::collections::hash_map::Entry::{Occupied, Vacant};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileExt as _;
use teu_api::Failure;
use teu_store::files;
use teu_store::layers::decompress;
use teu_store::tar::{Archive, Builder, Content, Entry, Kind, Time};

/// How deep folders may lie: each level holds descriptors.
const DEEPEST: u32 = 400;

/// Writes a source as an archive; its entries begin with its own name.
pub(crate) fn write(source: &Source, writer: impl Write) -> Result<u64, Failure> {
    let mut packer =
        Packer { builder: Builder::new(writer), bytes: 0, kernels: &source.kernels, linked: HashMap::new() };
    let name = source.name.as_deref().unwrap_or(b".");
    packer.add(&source.handle, &source.stat, name, 0)?;
    packer.builder.finish().map_err(|error| failed("write", b"the archive", error))?;
    Ok(packer.bytes)
}

struct Packer<'a, W> {
    builder: Builder<W>,
    bytes: u64,
    kernels: &'a Kernels,
    /// The first name of each file that has several, by device and inode.
    linked: HashMap<(u64, u64), Vec<u8>>,
}

impl<W: Write> Packer<'_, W> {
    fn add(&mut self, handle: &OwnedFd, stat: &Stat, path: &[u8], depth: u32) -> Result<(), Failure> {
        let read = |errno: Errno| failed("read", path, errno);
        let kind = match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => return self.add_folder(handle, stat, path, depth),
            FileType::RegularFile => {
                let mut file = File::from(reopen(handle, OFlags::RDONLY).map_err(read)?);
                let stat = fstat(&file).map_err(read)?;
                if stat.st_nlink > 1 {
                    match self.linked.entry((stat.st_dev, stat.st_ino)) {
                        Occupied(first) => {
                            let link = entry(path, Kind::HardLink(first.get().clone()), &stat);
                            return self.append(&link, &mut io::empty());
                        }
                        Vacant(place) => _ = place.insert(path.to_vec()),
                    }
                }
                let mut entry = entry(path, Kind::File, &stat);
                entry.size = stat.st_size as u64;
                self.bytes += entry.size;
                return self.append(&entry, &mut file);
            }
            FileType::Symlink => {
                Kind::Symlink(readlinkat(handle, "", Vec::new()).map_err(read)?.into_bytes())
            }
            // A layer's mark that a file of the layers below is gone.
            FileType::CharacterDevice if stat.st_rdev == 0 => return Ok(()),
            FileType::CharacterDevice => Kind::CharacterDevice(major(stat.st_rdev), minor(stat.st_rdev)),
            FileType::BlockDevice => Kind::BlockDevice(major(stat.st_rdev), minor(stat.st_rdev)),
            FileType::Fifo => Kind::Fifo,
            // Sockets mean nothing without the process that made them.
            _ => return Ok(()),
        };
        self.append(&entry(path, kind, stat), &mut io::empty())
    }

    fn add_folder(&mut self, handle: &OwnedFd, stat: &Stat, path: &[u8], depth: u32) -> Result<(), Failure> {
        let read = |errno: Errno| failed("read", path, errno);
        if depth > DEEPEST {
            return Err(Failure::unsupported(format!("folders lie deeper than {DEEPEST} levels"))
                .hint("copy a part of them"));
        }
        let folder = openat(handle, ".", FOLDER, Mode::empty()).map_err(read)?;
        self.append(&entry(path, Kind::Directory, stat), &mut io::empty())?;
        let mut names = files::list(folder.as_fd()).map_err(read)?;
        names.sort_unstable();
        for name in names {
            let inner = [path, b"/", name.to_bytes()].concat();
            let child = match openat(&folder, &*name, HANDLE | OFlags::NOFOLLOW, Mode::empty()) {
                // Gone since it was listed.
                Err(Errno::NOENT) => continue,
                opened => opened.map_err(read)?,
            };
            let stat = fstat(&child).map_err(read)?;
            if self.kernels.hold(&stat) {
                self.append(&entry(&inner, Kind::Directory, &stat), &mut io::empty())?;
                continue;
            }
            self.add(&child, &stat, &inner, depth + 1)?;
        }
        Ok(())
    }

    fn append(&mut self, entry: &Entry, content: &mut dyn Read) -> Result<(), Failure> {
        self.builder.append(entry, content).map_err(|error| failed("archive", &entry.name, error))
    }
}

fn entry(path: &[u8], kind: Kind, stat: &Stat) -> Entry {
    let mut entry = Entry::new(path, kind, stat.st_mode & 0o7777);
    (entry.uid, entry.gid) = (stat.st_uid, stat.st_gid);
    entry.modified = Time { seconds: stat.st_mtime, nanoseconds: stat.st_mtime_nsec as u32 };
    entry
}

/// Unpacks an archive into a folder, which is the root for every name and link on the way.
pub(crate) fn read(reader: impl Read + Send, folder: OwnedFd, copier: Copier) -> Result<u64, Failure> {
    let broken = |error: io::Error| {
        Failure::usage(format!("cannot read the archive: {error}"))
            .hint("give a tar archive, as it is or compressed with gzip or zstd")
    };
    let (_, reader) = decompress(reader).map_err(broken)?;
    let mut unpacker = Unpacker { folder, copier, folders: Vec::new() };
    let mut archive = Archive::new(reader);
    while let Some((entry, content)) = archive.next_entry().map_err(broken)? {
        unpacker.make(&entry, content)?;
    }
    archive.finish().map_err(broken)?;
    // Folders last: making files in them changes their times.
    for (folder, name, description) in unpacker.folders.iter().rev() {
        unpacker.copier.describe_folder(folder, name, *description)?;
    }
    Ok(unpacker.copier.bytes)
}

/// Folders that wait for their times at once: each holds a descriptor.
const WAITING: usize = 400;

struct Unpacker {
    folder: OwnedFd,
    copier: Copier,
    folders: Vec<(OwnedFd, Vec<u8>, Description)>,
}

impl Unpacker {
    fn make<R: Read>(&mut self, entry: &Entry, mut content: Content<'_, R>) -> Result<(), Failure> {
        let parts = parts(&entry.name)?;
        let Some((last, around)) = parts.split_last() else { return Ok(()) };
        let parent = self.parent(around)?;
        let description = Description {
            mode: entry.mode,
            uid: self.copier.owner.map_or(entry.uid, |(uid, _)| uid),
            gid: self.copier.owner.map_or(entry.gid, |(_, gid)| gid),
            modified: Timespec {
                tv_sec: entry.modified.seconds,
                tv_nsec: i64::from(entry.modified.nanoseconds),
            },
        };
        match &entry.kind {
            Kind::Directory => {
                let (folder, is_new) = self.folder(parent.as_fd(), &parts)?;
                if is_new && self.folders.len() < WAITING {
                    self.folders.push((folder, last.to_vec(), description));
                } else if is_new {
                    self.copier.describe_folder(&folder, last, description)?;
                }
                Ok(())
            }
            Kind::File => {
                let size = entry.size;
                self.copier
                    .file(parent.as_fd(), last, description, &mut |file| fill(file, &mut content, size))?;
                match entry.xattrs.get(CAPABILITY.as_bytes()) {
                    Some(value) if self.copier.keep_capabilities => {
                        set_capabilities(parent.as_fd(), last, value)
                            .map_err(|errno| failed("give capabilities to", last, errno))
                    }
                    _ => Ok(()),
                }
            }
            Kind::Symlink(to) => self.copier.link(parent.as_fd(), last, to, description),
            Kind::HardLink(to) => self.hard_link(parent.as_fd(), last, to),
            Kind::Fifo => self.copier.pipe(parent.as_fd(), last, description),
            Kind::CharacterDevice(..) | Kind::BlockDevice(..) => Err(Failure::unsupported(format!(
                "cannot unpack {}: it is a device",
                String::from_utf8_lossy(&entry.name).escape_debug()
            ))
            .hint("leave devices out of the archive")),
        }
    }

    /// A folder in an archive may be a link to a folder in the container, as /lib often is. Where an absolute one leads
    /// is seen from the root of all, not from the folder around it.
    fn folder(&self, parent: BorrowedFd<'_>, parts: &[&[u8]]) -> Result<(OwnedFd, bool), Failure> {
        let name = parts.last().copied().unwrap_or(b".");
        Copier::folder(parent, name).or_else(|failure| {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
            let path = parts.join(&b'/');
            inside(self.folder.as_fd(), &path, flags).map(|folder| (folder, false)).map_err(|_| failure)
        })
    }

    /// The folder around an entry; what is missing of it is made.
    fn parent(&self, around: &[&[u8]]) -> Result<OwnedFd, Failure> {
        let path = if around.is_empty() { b".".to_vec() } else { around.join(&b'/') };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        match inside(self.folder.as_fd(), &path, flags) {
            Err(Errno::NOENT) => {}
            opened => return opened.map_err(|errno| failed("open folder", &path, errno)),
        }
        let mut at =
            inside(self.folder.as_fd(), b".", flags).map_err(|errno| failed("open", &path, errno))?;
        for (index, part) in around.iter().enumerate() {
            at = match inside(self.folder.as_fd(), &around[..=index].join(&b'/'), flags) {
                Err(Errno::NOENT) => {
                    let (made, is_new) = Copier::folder(at.as_fd(), part)?;
                    if is_new {
                        rustix::fs::fchmod(&made, Mode::from_raw_mode(0o755))
                            .map_err(|errno| failed("make folder", part, errno))?;
                    }
                    made
                }
                opened => opened.map_err(|errno| failed("open folder", part, errno))?,
            };
        }
        Ok(at)
    }

    fn hard_link(&self, parent: BorrowedFd<'_>, name: &[u8], to: &[u8]) -> Result<(), Failure> {
        let parts = parts(to)?;
        let Some((last, around)) = parts.split_last() else {
            return Err(failed("link", name, io::Error::from(io::ErrorKind::InvalidInput)));
        };
        let path = if around.is_empty() { b".".to_vec() } else { around.join(&b'/') };
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let put = || -> Result<(), Failure> {
            let failed = |errno: Errno| failed("link", name, errno);
            let folder = inside(self.folder.as_fd(), &path, flags).map_err(failed)?;
            let aside = format!(".teu-copy-{}", files::random_hex::<8>()?);
            linkat(&folder, *last, parent, aside.as_str(), AtFlags::empty()).map_err(failed)?;
            renameat(parent, aside.as_str(), parent, name).map_err(|errno| {
                let _ = rustix::fs::unlinkat(parent, aside.as_str(), AtFlags::empty());
                failed(errno)
            })?;
            // A rename over another name of the same file does nothing, and leaves the first name.
            let _ = rustix::fs::unlinkat(parent, aside.as_str(), AtFlags::empty());
            Ok(())
        };
        put()
    }
}

/// A name's parts. One that leads out of the folder is refused.
fn parts(name: &[u8]) -> Result<Vec<&[u8]>, Failure> {
    let mut parts = Vec::new();
    for part in name.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => {
                return Err(Failure::usage(format!(
                    "the archive's entry {} leads out of its folder",
                    String::from_utf8_lossy(name).escape_debug()
                ))
                .hint("names in an archive must not hold \"..\""));
            }
            part if part.contains(&0) => {
                return Err(Failure::usage("the archive holds a name with a zero byte"));
            }
            part => parts.push(part),
        }
    }
    Ok(parts)
}

/// The attribute with a file's capabilities.
pub(crate) const CAPABILITY: &str = "security.capability";

/// Gives a new file its capabilities. It must not be a link by now: the magic link of a descriptor leads to the very
/// file.
fn set_capabilities(folder: BorrowedFd<'_>, name: &[u8], value: &[u8]) -> rustix::io::Result<()> {
    use std::os::fd::AsRawFd as _;
    let file = openat(folder, name, OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    rustix::fs::setxattr(path, CAPABILITY, value, rustix::fs::XattrFlags::empty())
}

/// Opens something inside a folder, which is the root for the path and every link on the way.
pub(crate) fn inside(folder: BorrowedFd<'_>, path: &[u8], flags: OFlags) -> rustix::io::Result<OwnedFd> {
    let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
    loop {
        match openat2(folder, path, flags, Mode::empty(), resolve) {
            Err(Errno::AGAIN | Errno::INTR) => {}
            opened => return opened,
        }
    }
}

fn fill<R: Read>(file: &File, content: &mut Content<'_, R>, size: u64) -> io::Result<u64> {
    let mut buffer = vec![0; 64 << 10];
    while let Some((offset, count)) = content.read_at(&mut buffer)? {
        file.write_all_at(&buffer[..count], offset)?;
    }
    file.set_len(size)?;
    Ok(size)
}
