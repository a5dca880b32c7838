//! Unpacking: one thread reads and decompresses, the other hashes and makes files.

use super::decompress::decompress;
use super::extract::{Extractor, Fault, Made};
use super::names::shown;
use super::{DESCRIPTION, Layers, UnpackedLayer, chain_id};
use crate::error::IoContext as _;
use crate::tar::Archive;
use crate::{Digest, Hasher, Lock, Result, Staging, StoreError};
use rustix::fs::{Mode, OFlags, mkdirat, openat};
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// Bytes that go from one thread to the other at a time, and how many such pieces may wait.
const PIECE: usize = 256 << 10;
const WAITING: usize = 4;

/// Bounds on what an archive may become, against archives that are made to fill the disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Bytes of the uncompressed archive, and of its files with their holes.
    pub bytes: u64,
    /// Entries.
    pub entries: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 64 << 30, entries: 4_000_000 }
    }
}

impl Layers {
    /// Unpacks a layer from its archive, compressed or not, on top of `parent`. Where `diff_id` is known, a layer that
    /// is there already, or that another process unpacks at the moment, is not unpacked again, and an archive of
    /// another digest is refused. Nothing is left of a layer that fails.
    pub fn unpack(
        &self,
        archive: impl Read + Send,
        parent: Option<&Digest>,
        diff_id: Option<&Digest>,
        limits: &Limits,
    ) -> Result<UnpackedLayer> {
        let _lock = match diff_id {
            Some(diff_id) => {
                let chain = chain_id(parent, diff_id);
                let lock = Lock::wait(&self.paths, &format!("layer-{}", chain.hex()))?;
                if let Some(layer) = self.get(&chain)? {
                    return Ok(layer);
                }
                Some(lock)
            }
            None => None,
        };
        let what =
            || diff_id.map_or_else(|| "layer".to_owned(), |diff_id| format!("layer {}", diff_id.short()));
        let staging = Staging::new(&self.paths, "layer")?;
        let root = new_tree(&staging)?;
        let (found, made) = thread::scope(|scope| {
            let (sender, receiver) = sync_channel(WAITING);
            let limit = limits.bytes;
            scope.spawn(move || feed(archive, limit, &sender));
            extract(root, Stream::new(receiver), limits, &what())
        })?;
        if let Some(diff_id) = diff_id
            && *diff_id != found
        {
            return Err(StoreError::hostile(
                what(),
                format!("the unpacked content has another digest, {found}"),
            ));
        }
        let layer = UnpackedLayer {
            chain_id: chain_id(parent, &found),
            diff_id: found,
            size: made.size,
            entries: made.entries,
            files: made.files,
        };
        self.publish(&staging, &layer)?;
        Ok(layer)
    }

    fn publish(&self, staging: &Staging, layer: &UnpackedLayer) -> Result<()> {
        let description = staging.path().join("layer").join(DESCRIPTION);
        let text =
            serde_json::to_vec(layer).map_err(|error| StoreError::hostile("layer", error.to_string()))?;
        std::fs::write(&description, &text).on("write", &description)?;
        // Another process may have put the same layer there: then this one is not needed.
        staging.publish("layer", &self.paths.layers().join(layer.chain_id.hex()))?;
        Ok(())
    }
}

/// The folders of a layer that is being made; returns its tree.
pub(super) fn new_tree(staging: &Staging) -> Result<OwnedFd> {
    let make = || {
        mkdirat(staging.as_fd(), "layer", Mode::RWXU)?;
        mkdirat(staging.as_fd(), "layer/diff", Mode::RWXU)?;
        // Users of a container's user namespace pass through both; the archive may say otherwise of its root.
        let pass = Mode::from_raw_mode(0o755);
        rustix::fs::chmodat(staging.as_fd(), "layer", pass, rustix::fs::AtFlags::empty())?;
        rustix::fs::chmodat(staging.as_fd(), "layer/diff", pass, rustix::fs::AtFlags::empty())?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        openat(staging.as_fd(), "layer/diff", flags, Mode::empty())
    };
    make().on("create", staging.path())
}

fn extract(root: OwnedFd, stream: Stream, limits: &Limits, what: &str) -> Result<(Digest, Made)> {
    let fault = |fault: Fault, name: &[u8]| match fault {
        Fault::Hostile(why) => StoreError::hostile(what, format!("entry {:?}: {why}", shown(name))),
        Fault::Io(source) => StoreError::Io { what: format!("{what}: entry {:?}", shown(name)), source },
    };
    let broken = |error: io::Error| match error.kind() {
        io::ErrorKind::InvalidData
        | io::ErrorKind::InvalidInput
        | io::ErrorKind::UnexpectedEof
        | io::ErrorKind::Unsupported => StoreError::hostile(what, error.to_string()),
        _ => StoreError::Io { what: what.to_owned(), source: error },
    };
    let mut extractor = Extractor::new(root);
    let mut archive = Archive::new(stream);
    while let Some((entry, content)) = archive.next_entry().map_err(broken)? {
        if extractor.made.entries >= limits.entries {
            return Err(StoreError::hostile(what, format!("has more than {} entries", limits.entries)));
        }
        if extractor.made.size.saturating_add(entry.size) > limits.bytes {
            return Err(StoreError::hostile(what, format!("unpacks to more than {} bytes", limits.bytes)));
        }
        extractor.make(&entry, content).map_err(|error| match error {
            Fault::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => broken(error),
            error => fault(error, &entry.name),
        })?;
    }
    let stream = archive.finish().map_err(broken)?;
    let made = extractor.finish().map_err(|error| fault(error, b""))?;
    Ok((stream.hasher.finish(), made))
}

/// The first thread: reads, decompresses, and stops when nobody takes the bytes any more.
fn feed(archive: impl Read + Send, limit: u64, sender: &SyncSender<io::Result<Vec<u8>>>) {
    let read = || -> io::Result<()> {
        let (_, mut stream) = decompress(archive)?;
        let mut total = 0_u64;
        loop {
            let mut piece = Vec::with_capacity(PIECE);
            (&mut stream).take(PIECE as u64).read_to_end(&mut piece)?;
            if piece.is_empty() {
                return Ok(());
            }
            total += piece.len() as u64;
            if total > limit {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("unpacks to more than {limit} bytes"),
                ));
            }
            if sender.send(Ok(piece)).is_err() {
                return Ok(());
            }
        }
    };
    if let Err(error) = read() {
        sender.send(Err(error)).ok();
    }
}

/// The second thread's end: the uncompressed archive, hashed as it is read.
struct Stream {
    receiver: Receiver<io::Result<Vec<u8>>>,
    piece: Vec<u8>,
    at: usize,
    hasher: Hasher,
}

impl Stream {
    fn new(receiver: Receiver<io::Result<Vec<u8>>>) -> Self {
        Self { receiver, piece: Vec::new(), at: 0, hasher: Hasher::new() }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.piece.len() {
            let Ok(piece) = self.receiver.recv() else { return Ok(0) };
            self.piece = piece?;
            self.at = 0;
            self.hasher.update(&self.piece);
        }
        let count = buffer.len().min(self.piece.len() - self.at);
        buffer[..count].copy_from_slice(&self.piece[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}
