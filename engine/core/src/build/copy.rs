//! `COPY` and `ADD`: files come into a layer.

use super::add;
use super::fetch::{Fetched, FetchedTree};
use super::inside::{inside, real};
use super::layer::{broken, changes};
use super::pack::{Owner, Packer, copier, through_pipe};
use super::state::State;
use super::tree::{Found, Item, Tree};
use crate::containers::copy::read_archive;
use crate::engine::Engine;
use rustix::fs::OFlags;
use std::io::{self, Write};
use std::os::fd::{AsFd as _, BorrowedFd};
use teu_api::Failure;
use teu_build::Copy;
use teu_compose::Patterns;
use teu_store::{Hasher, Staging};

/// The files of one instruction, with where they go.
pub(super) struct Files<'a> {
    /// Whether they keep their owners.
    keeps_owners: bool,
    copy: &'a Copy,
    /// The destination, absolute.
    destination: String,
    /// Whether the destination is a folder by the way it is written.
    is_folder: bool,
    sources: Vec<Source<'a>>,
}

struct Source<'a> {
    tree: &'a Tree,
    /// Folders above it that are kept, with a slash at the end.
    above: String,
    items: Vec<Item>,
    is_folder: bool,
    /// Whether it is unpacked.
    is_archive: bool,
    /// What names all of it, where its content need not be looked at.
    commit: Option<&'a str>,
}

impl<'a> Source<'a> {
    /// A file, or the files of a repository.
    fn fetched(found: &'a FetchedTree, copy: &Copy) -> Result<Self, Failure> {
        let FetchedTree { tree, path, name, commit, .. } = found;
        let Found { mut items, is_folder } = tree.take(path, path, &Patterns::new(&copy.exclude))?;
        if let ([item], Some(name)) = (items.as_mut_slice(), name) {
            item.to.clone_from(name);
        }
        let is_archive = copy.unpack == Some(true) && add::is_archive(tree, &items)?;
        Ok(Self { tree, above: String::new(), items, is_folder, is_archive, commit: commit.as_deref() })
    }
}

/// Where files go: links in it are followed already.
struct Target<'a> {
    path: &'a str,
    is_folder: bool,
}

impl<'a> Files<'a> {
    /// Finds the files, in a tree or in what was fetched.
    pub fn find(
        tree: &'a Tree,
        fetched: &'a Fetched,
        copy: &'a Copy,
        state: &State,
    ) -> Result<Self, Failure> {
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
            if let Some(found) = fetched.get(word) {
                sources.push(Source::fetched(found, copy)?);
                continue;
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
                let is_archive = copy.is_add
                    && copy.unpack != Some(false)
                    && !found.is_folder
                    && add::is_archive(tree, &found.items)?;
                let above = if copy.parents && found.is_folder {
                    format!("{}{}/", above(&path), path.rsplit('/').next().unwrap_or_default())
                } else {
                    above(&path)
                };
                let Found { items, is_folder } = found;
                sources.push(Source { tree, above, items, is_folder, is_archive, commit: None });
            }
        }
        Ok(Self {
            keeps_owners: tree.keeps_owners,
            copy,
            destination: state.config.absolute(text),
            is_folder,
            sources,
        })
    }

    /// What names the step.
    pub fn key(&self, state: &State) -> Result<String, Failure> {
        let mut hasher = Hasher::default();
        for source in &self.sources {
            hasher
                .update(format!("{}\0{}{}\0", source.above, source.is_folder, source.is_archive).as_bytes());
            match source.commit {
                // Of its history only the commit is the same each time it is fetched.
                Some(commit) => {
                    hasher.update(format!("{commit}\0{:?}", self.copy.exclude).as_bytes());
                }
                None => source.tree.digest(&source.items, &mut hasher)?,
            }
        }
        for document in &self.copy.documents {
            hasher.update(format!("{}\0{}\0", document.name, document.content.len()).as_bytes());
            hasher.update(document.content.as_bytes());
        }
        let digest = hasher.finish();
        let shape = format!("{}{}{}", self.is_folder, self.keeps_owners, self.copy.is_add);
        let parts = [digest.as_str(), &self.destination, &self.copy.chown, &self.copy.chmod, &shape];
        Ok(state.key("copy", parts.map(str::as_bytes)))
    }

    /// Puts the files on top of a state's layers; gives the folder of changes, which lasts as long as what it is in.
    pub fn write(&self, engine: &Engine, state: &State) -> Result<Staging, Failure> {
        let (staging, root) = changes(engine, state)?;
        let owner = self.owner(root.as_fd())?;
        let plain: Vec<&Source<'_>> = self.sources.iter().filter(|source| !source.is_archive).collect();
        let folder = OFlags::RDONLY | OFlags::DIRECTORY;
        // A link at the destination leads to what is written.
        let destination = real(Some(root.as_fd()), &self.destination);
        let is_folder = self.is_folder || inside(root.as_fd(), &destination, folder).is_ok();
        let open = inside(root.as_fd(), "/", folder).map_err(|error| broken(&error.into()))?;
        let target = Target { path: &destination, is_folder };
        through_pipe(open, |writer| {
            let mut packer = Packer::new(owner, writer);
            self.pack(root.as_fd(), &plain, &target, &mut packer)?;
            packer.finish()
        })?;
        for source in self.sources.iter().filter(|source| source.is_archive) {
            let target = inside(root.as_fd(), &destination, folder).map_err(|errno| {
                Failure::usage(format!("cannot unpack into {}: {}", destination, io::Error::from(errno)))
            })?;
            for item in &source.items {
                let mut forced = copier();
                forced.owner = if self.copy.chown.is_empty() { None } else { owner.ids };
                read_archive(
                    source.tree.read(item)?,
                    target.try_clone().map_err(|error| broken(&error))?,
                    forced,
                )?;
            }
        }
        Ok(staging)
    }

    fn owner(&self, root: BorrowedFd<'_>) -> Result<Owner, Failure> {
        let ids = if self.copy.chown.is_empty() {
            (!self.keeps_owners).then_some((0, 0))
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
        sources: &[&Source<'_>],
        target: &Target<'_>,
        packer: &mut Packer<impl Write>,
    ) -> Result<(), Failure> {
        let Target { path: destination, is_folder } = *target;
        let archives = sources.len() < self.sources.len();
        // The folders on the way that are not there yet belong to whoever owns the files.
        let way = if is_folder || archives { destination.to_owned() } else { folder_of(destination) };
        let mut path = String::new();
        for part in way.split('/').filter(|part| !part.is_empty()) {
            path = format!("{path}{}{part}", if path.is_empty() { "" } else { "/" });
            if inside(root, &path, OFlags::PATH).is_err() {
                packer.folder(&path)?;
            }
        }
        let base = destination.trim_start_matches('/');
        let join = |name: &str| match (base.is_empty(), name.is_empty()) {
            (true, _) => name.to_owned(),
            (false, true) => base.to_owned(),
            (false, false) => format!("{base}/{name}"),
        };
        for source in sources {
            for item in &source.items {
                let name = if source.is_folder || is_folder {
                    join(format!("{}{}", source.above, item.to).trim_end_matches('/'))
                } else {
                    base.to_owned()
                };
                if !name.is_empty() {
                    packer.item(source.tree, item, &name)?;
                }
            }
        }
        for document in &self.copy.documents {
            let name = if is_folder { join(&document.name) } else { base.to_owned() };
            packer.document(document, &name)?;
        }
        Ok(())
    }
}

/// The folders of a path, with a slash at the end; empty for none.
fn folder_of(path: &str) -> String {
    path.rfind('/').map_or_else(String::new, |at| path[..=at].trim_start_matches('/').to_owned())
}
