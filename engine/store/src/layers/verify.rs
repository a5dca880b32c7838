//! Whether an unpacked layer still is what its archive says.

use super::names::{Marker, Name, shown};
use super::{decompress, xattrs};
use crate::error::IoContext as _;
use crate::tar::{Archive, Content, Entry, Kind, Time};
use crate::{Digest, Hasher, Layers, Result, StoreError, files};
use rustix::fs::{
    AtFlags, FileType, Mode, OFlags, ResolveFlags, major, minor, openat, openat2, readlinkat, statat,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::fs::FileExt as _;

const BENEATH: ResolveFlags =
    ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS).union(ResolveFlags::NO_MAGICLINKS);

impl Layers {
    /// Compares an unpacked layer with its archive, file by file: kind, content, owner, permissions, time, attributes
    /// and links, and that nothing was added. Returns the archive's uncompressed digest.
    pub fn verify(&self, chain_id: &Digest, archive: impl Read + Send) -> Result<Digest> {
        let path = self.path(chain_id);
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = rustix::fs::open(&path, flags, Mode::empty()).on("open", &path)?;
        let what = || format!("layer {}", chain_id.short());
        let wrong = |name: &[u8], why: String| StoreError::hostile(what(), format!("{}: {why}", shown(name)));
        let (_, stream) = decompress(archive).context(what)?;
        let mut archive = Archive::new(Hashing { stream, hasher: Hasher::new() });
        let mut expected = Expected::default();
        while let Some((entry, content)) = archive.next_entry().context(what)? {
            let name = Name::parse(&entry.name).map_err(|why| wrong(&entry.name, why.to_owned()))?;
            compare(&root, &name, &entry, content, &mut expected).map_err(|why| wrong(&entry.name, why))?;
        }
        let digest = archive.finish().context(what)?.hasher.finish();
        for (name, (mode, time)) in &expected.folders {
            let stat = statat(&root, dot(name), AtFlags::SYMLINK_NOFOLLOW).context(what)?;
            let found = Time { seconds: stat.st_mtime, nanoseconds: stat.st_mtime_nsec as u32 };
            if (stat.st_mode & 0o7777, found) != (*mode, *time) {
                return Err(wrong(name, "its permissions or time differ".to_owned()));
            }
        }
        let mut waiting = vec![Vec::new()];
        while let Some(folder) = waiting.pop() {
            let open = openat2(&root, dot(&folder), flags, Mode::empty(), BENEATH).context(what)?;
            for name in files::list(open.as_fd()).context(what)? {
                let mut path = folder.clone();
                if !path.is_empty() {
                    path.push(b'/');
                }
                path.extend_from_slice(name.to_bytes());
                let stat = statat(&open, &name, AtFlags::SYMLINK_NOFOLLOW).context(what)?;
                let is_folder = FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
                let is_expected = expected.names.contains(&path) || is_folder && expected.has_below(&path);
                if !is_expected {
                    return Err(wrong(&path, "it is not in the archive".to_owned()));
                }
                if is_folder {
                    waiting.push(path);
                }
            }
        }
        Ok(digest)
    }
}

#[derive(Default)]
struct Expected {
    names: BTreeSet<Vec<u8>>,
    folders: BTreeMap<Vec<u8>, (u32, Time)>,
}

impl Expected {
    /// Whether the archive has something in this folder, which it need not list itself.
    fn has_below(&self, folder: &[u8]) -> bool {
        let start = [folder, b"/"].concat();
        self.names.range(start.clone()..).next().is_some_and(|name| name.starts_with(&start))
    }
}

fn compare<R: Read>(
    root: &OwnedFd,
    name: &Name,
    entry: &Entry,
    mut content: Content<'_, R>,
    expected: &mut Expected,
) -> Result<(), String> {
    let text = |error: rustix::io::Errno| error.to_string();
    let (folder, last) = name.split();
    let parent = openat2(
        root,
        dot(folder),
        OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
        BENEATH,
    )
    .map_err(text)?;
    match Marker::parse(last)? {
        Marker::Ignored => return Ok(()),
        Marker::Opaque => {
            let value = xattrs::get_at(parent.as_fd(), b".").map_err(text)?;
            let opaque = value.get(xattrs::OPAQUE.as_bytes()).is_some_and(|value| value == b"y");
            return if opaque { Ok(()) } else { Err("the folder is not opaque".to_owned()) };
        }
        Marker::Whiteout(hidden) => {
            let stat = statat(&parent, hidden, AtFlags::SYMLINK_NOFOLLOW).map_err(text)?;
            expected.names.insert(join(folder, hidden));
            let hides = match FileType::from_raw_mode(stat.st_mode) {
                FileType::CharacterDevice => stat.st_rdev == 0,
                // Replaced in the same layer.
                _ => true,
            };
            return if hides { Ok(()) } else { Err("the whiteout is missing".to_owned()) };
        }
        Marker::None => {}
    }
    if !name.is_root() {
        expected.names.insert(name.as_bytes().to_vec());
    }
    let last = if name.is_root() { &b"."[..] } else { last };
    let stat = statat(&parent, last, AtFlags::SYMLINK_NOFOLLOW).map_err(text)?;
    let kind = FileType::from_raw_mode(stat.st_mode);
    let same_kind = match &entry.kind {
        Kind::File => kind == FileType::RegularFile && stat.st_size as u64 == entry.size,
        Kind::Directory => kind == FileType::Directory,
        Kind::Symlink(target) => {
            kind == FileType::Symlink
                && readlinkat(&parent, last, Vec::new()).map_err(text)?.as_bytes() == target
        }
        Kind::HardLink(target) => {
            let target = Name::parse(target.strip_prefix(b"/").unwrap_or(target))?;
            let first = statat(root, target.as_bytes(), AtFlags::SYMLINK_NOFOLLOW).map_err(text)?;
            let same = (first.st_dev, first.st_ino) == (stat.st_dev, stat.st_ino);
            return if same { Ok(()) } else { Err("it is no longer a link to the same file".to_owned()) };
        }
        Kind::CharacterDevice(a, b) => {
            kind == FileType::CharacterDevice && (major(stat.st_rdev), minor(stat.st_rdev)) == (*a, *b)
        }
        Kind::BlockDevice(a, b) => {
            kind == FileType::BlockDevice && (major(stat.st_rdev), minor(stat.st_rdev)) == (*a, *b)
        }
        Kind::Fifo => kind == FileType::Fifo,
    };
    if !same_kind {
        return Err("its kind, size or target differs".to_owned());
    }
    if (stat.st_uid, stat.st_gid) != (entry.uid, entry.gid) {
        return Err("its owner differs".to_owned());
    }
    let time = Time { seconds: stat.st_mtime, nanoseconds: stat.st_mtime_nsec as u32 };
    match entry.kind {
        // Of a folder listed twice the later description holds.
        Kind::Directory => {
            expected.folders.insert(name.as_bytes().to_vec(), (entry.mode, entry.modified));
        }
        Kind::Symlink(_) if time == entry.modified => {}
        _ if (stat.st_mode & 0o7777, time) == (entry.mode, entry.modified) => {}
        _ => return Err("its permissions or time differ".to_owned()),
    }
    let mut found = xattrs::get_at(parent.as_fd(), last).map_err(text)?;
    found.remove(xattrs::OPAQUE.as_bytes());
    if found.iter().ne(entry.xattrs.iter().filter(|(key, _)| *key != b"security.selinux")) {
        return Err("its extended attributes differ".to_owned());
    }
    if entry.kind == Kind::File {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = File::from(openat(&parent, last, flags, Mode::empty()).map_err(text)?);
        compare_content(&file, entry.size, &mut content).map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn compare_content<R: Read>(file: &File, size: u64, content: &mut Content<'_, R>) -> io::Result<()> {
    let differs = || io::Error::other("its content differs");
    let mut wanted = vec![0; 64 << 10];
    let mut found = vec![0; 64 << 10];
    let mut at = 0;
    loop {
        let next = content.read_at(&mut wanted)?;
        // What lies between two parts of a sparse file is zeros.
        let hole_end = next.map_or(size, |(offset, _)| offset);
        while at < hole_end {
            let count = usize::try_from(hole_end - at).unwrap_or(usize::MAX).min(found.len());
            file.read_exact_at(&mut found[..count], at)?;
            if found[..count].iter().any(|b| *b != 0) {
                return Err(differs());
            }
            at += count as u64;
        }
        let Some((offset, count)) = next else { return Ok(()) };
        file.read_exact_at(&mut found[..count], offset)?;
        if found[..count] != wanted[..count] {
            return Err(differs());
        }
        at = offset + count as u64;
    }
}

fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() { name.to_vec() } else { [folder, b"/", name].concat() }
}

fn dot(name: &[u8]) -> &[u8] {
    if name.is_empty() { b"." } else { name }
}

struct Hashing<R> {
    stream: R,
    hasher: Hasher,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(buffer)?;
        self.hasher.update(&buffer[..count]);
        Ok(count)
    }
}
