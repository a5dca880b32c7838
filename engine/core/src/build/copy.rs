//! `COPY` and `ADD`: files come into a layer.

use super::add;
use super::inside::{inside, real};
use super::state::State;
use super::tree::{Item, Tree};
use crate::containers::copy::{Copier, read_archive};
use crate::engine::Engine;
use rustix::fs::{FileType, Mode, OFlags};
use std::collections::HashMap;
use std::collections::hash_map::Entry as Known;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::path::Path;
use teu_api::Failure;
use teu_build::{Copy, Heredoc};
use teu_compose::Patterns;
use teu_store::tar::{Builder, Entry, Kind, Time};
use teu_store::{Hasher, Staging};

/// The files of one instruction, with where they go.
pub(super) struct Files<'a> {
    tree: &'a Tree,
    copy: &'a Copy,
    /// The destination, absolute.
    destination: String,
    /// Whether the destination is a folder by the way it is written.
    is_folder: bool,
    sources: Vec<Source>,
}

struct Source {
    /// Folders above it that are kept, with a slash at the end.
    above: String,
    items: Vec<Item>,
    is_folder: bool,
    /// Whether it is unpacked.
    is_archive: bool,
}

/// Where files go: links in it are followed already.
struct Target<'a> {
    path: &'a str,
    is_folder: bool,
}

/// Writes files into layers.
fn copier() -> Copier {
    let mut copier = Copier::new(true, false);
    copier.keep_capabilities = true;
    copier
}

/// Who owns what is copied, and with which permissions.
struct Owner {
    ids: Option<(u32, u32)>,
    mode: Option<u32>,
}

impl<'a> Files<'a> {
    /// Finds the files.
    pub fn find(tree: &'a Tree, copy: &'a Copy, state: &State) -> Result<Self, Failure> {
        let text = copy.destination.as_str();
        let is_folder = text.ends_with('/') || text == "." || text.ends_with("/.") || copy.parents;
        let one = |count: usize| {
            if count <= 1 || is_folder {
                return Ok(());
            }
            let keyword = if copy.is_add { "ADD" } else { "COPY" };
            Err(Failure::usage(format!(
                "When using {keyword} with more than one source file, the destination must be a directory and end with a /"
            )))
        };
        one(copy.sources.len() + copy.documents.len())?;
        let exclude = Patterns::new(&copy.exclude);
        let mut sources = Vec::new();
        for word in &copy.sources {
            if copy.is_add {
                add::refuse_address(word)?;
            }
            // What stands before `/./` is not kept.
            let above = |path: &str| match (copy.parents, word.split_once("/./")) {
                (false, _) => String::new(),
                (true, Some((base, _))) => {
                    let base = teu_build::clean(base);
                    folder_of(path.strip_prefix(base.trim_start_matches('/')).unwrap_or(path))
                }
                (true, None) => folder_of(path),
            };
            for (path, found) in tree.find(word, &exclude)? {
                let is_archive = copy.is_add && !found.is_folder && add::is_archive(tree, &found.items)?;
                let above = if copy.parents && found.is_folder {
                    format!("{}{}/", above(&path), path.rsplit('/').next().unwrap_or_default())
                } else {
                    above(&path)
                };
                sources.push(Source { above, items: found.items, is_folder: found.is_folder, is_archive });
            }
        }
        Ok(Self { tree, copy, destination: state.config.absolute(text), is_folder, sources })
    }

    /// What names the step.
    pub fn key(&self, state: &State) -> Result<String, Failure> {
        let mut hasher = Hasher::default();
        for source in &self.sources {
            hasher
                .update(format!("{}\0{}{}\0", source.above, source.is_folder, source.is_archive).as_bytes());
            self.tree.digest(&source.items, &mut hasher)?;
        }
        for document in &self.copy.documents {
            hasher.update(format!("{}\0{}\0", document.name, document.content.len()).as_bytes());
            hasher.update(document.content.as_bytes());
        }
        let digest = hasher.finish();
        let shape = format!("{}{}{}", self.is_folder, self.tree.keeps_owners, self.copy.is_add);
        let parts = [digest.as_str(), &self.destination, &self.copy.chown, &self.copy.chmod, &shape];
        Ok(state.key("copy", parts.map(str::as_bytes)))
    }

    /// Puts the files on top of a state's layers; gives the folder of changes, which lasts as long as what it is in.
    pub fn write(&self, engine: &Engine, state: &State) -> Result<Staging, Failure> {
        let (staging, root) = changes(engine, state)?;
        let owner = self.owner(root.as_fd())?;
        let plain: Vec<&Source> = self.sources.iter().filter(|source| !source.is_archive).collect();
        let folder = OFlags::RDONLY | OFlags::DIRECTORY;
        // A link at the destination leads to what is written.
        let destination = real(Some(root.as_fd()), &self.destination);
        let is_folder = self.is_folder || inside(root.as_fd(), &destination, folder).is_ok();
        let (reader, writer) = io::pipe().map_err(|error| broken(&error))?;
        let open = inside(root.as_fd(), "/", folder).map_err(|error| broken(&error.into()))?;
        std::thread::scope(|scope| {
            let unpacker = scope.spawn(move || read_archive(reader, open, copier()));
            let packed =
                self.pack(root.as_fd(), &plain, &Target { path: &destination, is_folder }, &owner, writer);
            let unpacked =
                unpacker.join().unwrap_or_else(|_| Err(Failure::internal("cannot write the layer")));
            one_of(packed, unpacked)
        })?;
        for source in self.sources.iter().filter(|source| source.is_archive) {
            let target = inside(root.as_fd(), &destination, folder).map_err(|errno| {
                Failure::usage(format!("cannot unpack into {}: {}", destination, io::Error::from(errno)))
            })?;
            for item in &source.items {
                let mut forced = copier();
                forced.owner = if self.copy.chown.is_empty() { None } else { owner.ids };
                read_archive(
                    self.tree.read(item)?,
                    target.try_clone().map_err(|error| broken(&error))?,
                    forced,
                )?;
            }
        }
        Ok(staging)
    }

    fn owner(&self, root: BorrowedFd<'_>) -> Result<Owner, Failure> {
        let ids = if self.copy.chown.is_empty() {
            (!self.tree.keeps_owners).then_some((0, 0))
        } else {
            let user = teu_runtime::user::resolve(root, &self.copy.chown, &[])?;
            // A number alone is the group's, too.
            let alone = self.copy.chown.parse::<u32>().ok();
            Some((user.uid, alone.unwrap_or(user.gid)))
        };
        let mode = match self.copy.chmod.as_str() {
            "" => None,
            text => {
                Some(u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o7777).ok_or_else(|| {
                    Failure::usage(format!("invalid chmod parameter: '{text}'"))
                        .hint("it should be octal string and between 0 and 07777")
                })?)
            }
        };
        Ok(Owner { ids, mode })
    }

    fn pack(
        &self,
        root: BorrowedFd<'_>,
        sources: &[&Source],
        target: &Target<'_>,
        owner: &Owner,
        writer: impl Write,
    ) -> Result<(), Failure> {
        let Target { path: destination, is_folder } = *target;
        let mut builder = Builder::new(io::BufWriter::with_capacity(256 << 10, writer));
        let archives = sources.len() < self.sources.len();
        // The folders on the way that are not there yet belong to whoever owns the files.
        let whole = is_folder || archives || !self.copy.documents.is_empty() && self.is_folder;
        let way = if whole { destination.to_owned() } else { folder_of(destination) };
        let (uid, gid) = owner.ids.unwrap_or((0, 0));
        let mut path = String::new();
        for part in way.split('/').filter(|part| !part.is_empty()) {
            path = format!("{path}{}{part}", if path.is_empty() { "" } else { "/" });
            if inside(root, &path, OFlags::PATH).is_err() {
                let mut entry = Entry::new(path.as_bytes(), Kind::Directory, 0o755);
                (entry.uid, entry.gid, entry.modified) = (uid, gid, now());
                append(&mut builder, &entry, &mut io::empty())?;
            }
        }
        let base = destination.trim_start_matches('/');
        let join = |name: &str| match (base.is_empty(), name.is_empty()) {
            (true, _) => name.to_owned(),
            (false, true) => base.to_owned(),
            (false, false) => format!("{base}/{name}"),
        };
        let mut linked = HashMap::new();
        for source in sources {
            for item in &source.items {
                let name = if source.is_folder || is_folder {
                    join(format!("{}{}", source.above, item.to).trim_end_matches('/'))
                } else {
                    base.to_owned()
                };
                if !name.is_empty() {
                    self.pack_one(&mut builder, item, &name, owner, &mut linked)?;
                }
            }
        }
        for document in &self.copy.documents {
            let name = if is_folder { join(&document.name) } else { base.to_owned() };
            pack_document(&mut builder, document, &name, owner)?;
        }
        builder.finish().map_err(|error| broken(&error))?.flush().map_err(|error| broken(&error))
    }

    fn pack_one(
        &self,
        builder: &mut Builder<impl Write>,
        item: &Item,
        name: &str,
        owner: &Owner,
        linked: &mut HashMap<(u64, u64), Vec<u8>>,
    ) -> Result<(), Failure> {
        if item.kind() == FileType::RegularFile && item.stat.st_nlink > 1 {
            match linked.entry((item.stat.st_dev, item.stat.st_ino)) {
                Known::Occupied(first) => {
                    let entry = Entry::new(name.as_bytes(), Kind::HardLink(first.get().clone()), 0o644);
                    return append(builder, &entry, &mut io::empty());
                }
                Known::Vacant(place) => _ = place.insert(name.as_bytes().to_vec()),
            }
        }
        let mut file = None;
        let kind = match item.kind() {
            FileType::Directory => Kind::Directory,
            FileType::RegularFile => {
                file = Some(self.tree.read(item)?);
                Kind::File
            }
            FileType::Symlink => Kind::Symlink(self.tree.link(item)?),
            FileType::Fifo => Kind::Fifo,
            // Sockets and devices mean nothing in a layer.
            _ => return Ok(()),
        };
        let mode = match item.kind() {
            FileType::Symlink => 0o777,
            _ => owner.mode.unwrap_or(item.stat.st_mode & 0o7777),
        };
        let mut entry = Entry::new(name.as_bytes(), kind, mode);
        (entry.uid, entry.gid) = owner.ids.unwrap_or((item.stat.st_uid, item.stat.st_gid));
        entry.modified = Time { seconds: item.stat.st_mtime, nanoseconds: item.stat.st_mtime_nsec as u32 };
        match &mut file {
            Some(file) => {
                entry.size = file.metadata().map_err(|error| broken(&error))?.len();
                entry.xattrs.extend(self.tree.capabilities(file));
                append(builder, &entry, file)
            }
            None => append(builder, &entry, &mut io::empty()),
        }
    }
}

fn pack_document(
    builder: &mut Builder<impl Write>,
    document: &Heredoc,
    name: &str,
    owner: &Owner,
) -> Result<(), Failure> {
    let mut entry = Entry::new(name.as_bytes(), Kind::File, owner.mode.unwrap_or(0o644));
    (entry.uid, entry.gid) = owner.ids.unwrap_or((0, 0));
    entry.modified = now();
    entry.size = document.content.len() as u64;
    append(builder, &entry, &mut document.content.as_bytes())
}

fn append(builder: &mut Builder<impl Write>, entry: &Entry, content: &mut dyn Read) -> Result<(), Failure> {
    builder.append(entry, content).map_err(|error| broken(&error))
}

fn now() -> Time {
    let now = jiff::Timestamp::now();
    Time { seconds: now.as_second(), nanoseconds: now.subsec_nanosecond().unsigned_abs() }
}

fn broken(error: &io::Error) -> Failure {
    Failure::internal(format!("cannot write the layer: {error}"))
}

/// The folders of a path, with a slash at the end; empty for none.
fn folder_of(path: &str) -> String {
    path.rfind('/').map_or_else(String::new, |at| path[..=at].trim_start_matches('/').to_owned())
}

/// A place for a layer's changes, and the tree that they are made in.
pub(super) fn changes(engine: &Engine, state: &State) -> Result<(Staging, OwnedFd), Failure> {
    let paths = engine.store().paths();
    let staging = Staging::new(paths, "build")?;
    let (upper, work) = (upper(&staging), staging.path().join("work"));
    for folder in [&upper, &work] {
        std::fs::create_dir(folder).map_err(|error| broken(&error))?;
    }
    // What is new in it is described by the layer; the folder itself is the image's root.
    std::os::unix::fs::chown(&upper, Some(0), Some(0)).map_err(|error| broken(&error))?;
    std::fs::set_permissions(&upper, std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .map_err(|error| broken(&error))?;
    let layers: Vec<_> = state.layers.iter().rev().map(|chain| paths.layer(chain)).collect();
    let root = if layers.is_empty() {
        crate::images::stack::open_folder(&upper)?
    } else {
        teu_runtime::overlay::mount(&layers, &upper, &work)?
    };
    Ok((staging, root))
}

/// The folder of changes.
pub(super) fn upper(staging: &Staging) -> std::path::PathBuf {
    Path::new(staging.path()).join("upper")
}

/// Of a pipe's two ends the failure that is the cause: one that could not write failed because the other ended, and one
/// that found the archive cut failed because the first did.
fn one_of(packed: Result<(), Failure>, unpacked: Result<u64, Failure>) -> Result<(), Failure> {
    match (packed, unpacked) {
        (Err(packed), Err(unpacked)) => {
            Err(if packed.message.contains("Broken pipe") { unpacked } else { packed })
        }
        (packed, unpacked) => packed.and(unpacked.map(drop)),
    }
}

/// Copies files of a tree to a new folder of the host.
pub(super) fn unpack_to(tree: &Tree, items: &[Item], target: &Path) -> Result<(), Failure> {
    std::fs::create_dir(target).map_err(|error| broken(&error))?;
    let open = crate::images::stack::open_folder(target)?;
    let (reader, writer) = io::pipe().map_err(|error| broken(&error))?;
    let copy = Copy::default();
    let files =
        Files { tree, copy: &copy, destination: "/".to_owned(), is_folder: true, sources: Vec::new() };
    // Files of the context are root's, as where they are copied.
    let owner = Owner { ids: (!tree.keeps_owners).then_some((0, 0)), mode: None };
    if let Some(top) = items.iter().find(|item| item.to.is_empty()) {
        let (uid, gid) = owner.ids.unwrap_or((top.stat.st_uid, top.stat.st_gid));
        std::os::unix::fs::fchown(&open, Some(uid), Some(gid)).map_err(|error| broken(&error))?;
        rustix::fs::fchmod(&open, Mode::from_raw_mode(top.stat.st_mode & 0o7777))
            .map_err(|errno| broken(&errno.into()))?;
    }
    std::thread::scope(|scope| {
        let unpacker = scope.spawn(move || read_archive(reader, open, copier()));
        let packed = (|| {
            let mut builder = Builder::new(io::BufWriter::with_capacity(256 << 10, writer));
            let mut linked = HashMap::new();
            for item in items.iter().filter(|item| !item.to.is_empty()) {
                files.pack_one(&mut builder, item, &item.to, &owner, &mut linked)?;
            }
            builder.finish().map(drop).map_err(|error| broken(&error))
        })();
        let unpacked = unpacker.join().unwrap_or_else(|_| Err(Failure::internal("cannot copy the files")));
        one_of(packed, unpacked)
    })
}

/// Makes a folder on top of a state's layers, owned by a user of the image.
pub(super) fn make_folder(
    engine: &Engine,
    state: &State,
    path: &str,
    user: &str,
) -> Result<Staging, Failure> {
    let (staging, root) = changes(engine, state)?;
    let owner = teu_runtime::user::resolve(root.as_fd(), user, &[])?;
    let failed = |errno: rustix::io::Errno| {
        Failure::usage(format!("cannot make the folder {path}: {}", io::Error::from(errno)))
    };
    let flags = OFlags::RDONLY | OFlags::DIRECTORY;
    let mut parent = inside(root.as_fd(), "/", flags).map_err(failed)?;
    let mut way = String::new();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        way = format!("{way}/{part}");
        parent = match inside(root.as_fd(), &way, flags) {
            Err(rustix::io::Errno::NOENT) => {
                rustix::fs::mkdirat(&parent, part, Mode::from_raw_mode(0o755)).map_err(failed)?;
                let made = inside(root.as_fd(), &way, flags).map_err(failed)?;
                let (uid, gid) = (rustix::fs::Uid::from_raw(owner.uid), rustix::fs::Gid::from_raw(owner.gid));
                rustix::fs::fchown(&made, Some(uid), Some(gid)).map_err(failed)?;
                made
            }
            opened => opened.map_err(failed)?,
        };
    }
    Ok(staging)
}
