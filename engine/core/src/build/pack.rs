//! Files of a tree as an archive, on their way into a layer or a folder of the host.

use super::layer::broken;
use super::tree::{Item, Tree};
use crate::containers::copy::{Copier, read_archive};
use rustix::fs::{FileType, Mode};
use std::collections::HashMap;
use std::collections::hash_map::Entry as Known;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::path::Path;
use teu_api::{Failure, FailureKind};
use teu_build::Heredoc;
use teu_store::tar::{Builder, Entry, Kind, Time};

/// Who owns what is copied, and with which permissions; `None` for its own.
#[derive(Clone, Copy)]
pub(super) struct Owner {
    pub ids: Option<(u32, u32)>,
    pub mode: Option<u32>,
}

/// Writes an archive. A file that has several names is in it once.
pub(super) struct Packer<W: Write> {
    owner: Owner,
    builder: Builder<io::BufWriter<W>>,
    linked: HashMap<(u64, u64), Vec<u8>>,
}

impl<W: Write> Packer<W> {
    /// An empty archive.
    pub fn new(owner: Owner, writer: W) -> Self {
        let builder = Builder::new(io::BufWriter::with_capacity(256 << 10, writer));
        Self { owner, builder, linked: HashMap::new() }
    }

    /// A folder that no file of the tree describes.
    pub fn folder(&mut self, name: &str) -> Result<(), Failure> {
        let mut entry = Entry::new(name.as_bytes(), Kind::Directory, 0o755);
        (entry.uid, entry.gid) = self.owner.ids.unwrap_or((0, 0));
        entry.modified = now();
        self.append(&entry, &mut io::empty())
    }

    /// A file of a tree.
    pub fn item(&mut self, tree: &Tree, item: &Item, name: &str) -> Result<(), Failure> {
        if item.kind() == FileType::RegularFile && item.stat.st_nlink > 1 {
            match self.linked.entry((item.stat.st_dev, item.stat.st_ino)) {
                Known::Occupied(first) => {
                    let entry = Entry::new(name.as_bytes(), Kind::HardLink(first.get().clone()), 0o644);
                    return self.append(&entry, &mut io::empty());
                }
                Known::Vacant(place) => _ = place.insert(name.as_bytes().to_vec()),
            }
        }
        let mut file = None;
        let kind = match item.kind() {
            FileType::Directory => Kind::Directory,
            FileType::RegularFile => {
                file = Some(tree.read(item)?);
                Kind::File
            }
            FileType::Symlink => Kind::Symlink(tree.link(item)?),
            FileType::Fifo => Kind::Fifo,
            // Sockets and devices mean nothing in a layer.
            _ => return Ok(()),
        };
        let mode = match item.kind() {
            FileType::Symlink => 0o777,
            _ => self.owner.mode.unwrap_or(item.stat.st_mode & 0o7777),
        };
        let mut entry = Entry::new(name.as_bytes(), kind, mode);
        (entry.uid, entry.gid) = self.owner.ids.unwrap_or((item.stat.st_uid, item.stat.st_gid));
        entry.modified = Time { seconds: item.stat.st_mtime, nanoseconds: item.stat.st_mtime_nsec as u32 };
        let Some(mut file) = file else { return self.append(&entry, &mut io::empty()) };
        entry.size = file.metadata().map_err(|error| broken(&error))?.len();
        entry.xattrs.extend(tree.capabilities(&file));
        self.append(&entry, &mut file)
    }

    /// A file of the Dockerfile.
    pub fn document(&mut self, document: &Heredoc, name: &str) -> Result<(), Failure> {
        let mut entry = Entry::new(name.as_bytes(), Kind::File, self.owner.mode.unwrap_or(0o644));
        (entry.uid, entry.gid) = self.owner.ids.unwrap_or((0, 0));
        entry.modified = now();
        entry.size = document.content.len() as u64;
        self.append(&entry, &mut document.content.as_bytes())
    }

    /// Ends the archive.
    pub fn finish(self) -> Result<(), Failure> {
        self.builder.finish().map(drop).map_err(|error| write_failed(&error))
    }

    fn append(&mut self, entry: &Entry, content: &mut dyn Read) -> Result<(), Failure> {
        self.builder.append(entry, content).map_err(|error| write_failed(&error))
    }
}

fn now() -> Time {
    let now = jiff::Timestamp::now();
    Time { seconds: now.as_second(), nanoseconds: now.subsec_nanosecond().unsigned_abs() }
}

/// Where nobody reads any more, whoever read has the reason.
fn write_failed(error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Failure::cancelled("nobody reads the archive any more");
    }
    broken(error)
}

/// What unpacks an archive as layers have it.
pub(super) fn copier() -> Copier {
    let mut copier = Copier::new(true, false);
    copier.keep_capabilities = true;
    copier
}

/// Unpacks what is packed into a folder, both at once.
pub(super) fn through_pipe(
    folder: OwnedFd,
    pack: impl FnOnce(io::PipeWriter) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let (reader, writer) = io::pipe().map_err(|error| broken(&error))?;
    std::thread::scope(|scope| {
        let unpacker = scope.spawn(move || read_archive(reader, folder, copier()));
        let packed = pack(writer);
        let unpacked = unpacker.join().unwrap_or_else(|_| Err(Failure::internal("cannot write the layer")));
        match packed {
            // An archive that ends early is no news to whoever unpacks it.
            Err(failure) if failure.kind != FailureKind::Cancelled => Err(failure),
            packed => unpacked.map(drop).and(packed),
        }
    })
}

/// Copies files of a tree to a new folder of the host.
pub(super) fn unpack_to(tree: &Tree, items: &[Item], target: &Path) -> Result<(), Failure> {
    std::fs::create_dir(target).map_err(|error| broken(&error))?;
    let open = crate::images::stack::open_folder(target)?;
    // Files of the context are root's, as where they are copied.
    let owner = Owner { ids: (!tree.keeps_owners).then_some((0, 0)), mode: None };
    if let Some(top) = items.iter().find(|item| item.to.is_empty()) {
        let (uid, gid) = owner.ids.unwrap_or((top.stat.st_uid, top.stat.st_gid));
        std::os::unix::fs::fchown(&open, Some(uid), Some(gid)).map_err(|error| broken(&error))?;
        rustix::fs::fchmod(&open, Mode::from_raw_mode(top.stat.st_mode & 0o7777))
            .map_err(|errno| broken(&errno.into()))?;
    }
    through_pipe(open, |writer| {
        let mut packer = Packer::new(owner, writer);
        for item in items.iter().filter(|item| !item.to.is_empty()) {
            packer.item(tree, item, &item.to)?;
        }
        packer.finish()
    })
}
