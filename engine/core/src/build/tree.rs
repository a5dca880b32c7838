//! A tree that a step takes files from: the context, a stage, an image.
//!
//! Paths are resolved inside of it by the kernel, so that no link in it leads out, whoever made it.

use super::inside::inside;
use crate::containers::copy::CAPABILITY;
use rustix::fs::{FileType, OFlags, Stat, fstat, readlinkat};
use rustix::io::Errno;
use std::fs::File;
use std::io::Read as _;
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd};
use teu_api::Failure;
use teu_compose::Patterns;
use teu_store::{Hasher, files};

/// How deep folders may lie.
const DEEPEST: usize = 400;

/// A tree of files.
pub(super) struct Tree {
    /// `None` for a tree without files.
    root: Option<OwnedFd>,
    name: String,
    left_out: Patterns,
    /// Whether files keep their owners: those of the context belong to root in the image.
    pub keeps_owners: bool,
}

/// A file that is taken.
pub(super) struct Item {
    /// Where it is in its tree.
    pub from: String,
    /// Where it goes, seen from the destination; empty for the destination itself.
    pub to: String,
    /// What it is.
    pub stat: Stat,
}

impl Item {
    pub fn kind(&self) -> FileType {
        FileType::from_raw_mode(self.stat.st_mode)
    }
}

/// What a source word names.
pub(super) struct Found {
    /// The files, each folder before what is in it.
    pub items: Vec<Item>,
    /// Whether it is the content of a folder.
    pub is_folder: bool,
}

impl Tree {
    /// A tree that is known by a name.
    pub fn new(root: OwnedFd, name: impl Into<String>) -> Self {
        Self { root: Some(root), name: name.into(), left_out: Patterns::default(), keeps_owners: false }
    }

    /// The context of a build that has none.
    pub fn nothing() -> Self {
        Self { root: None, name: String::new(), left_out: Patterns::default(), keeps_owners: false }
    }

    /// Without what patterns name.
    pub fn leaving_out(mut self, patterns: Patterns) -> Self {
        self.left_out = patterns;
        self
    }

    /// As files of another image are taken: with their owners.
    pub fn keeping_owners(mut self) -> Self {
        self.keeps_owners = true;
        self
    }

    /// Opens something in the tree; links lead inside of it only.
    pub fn open(&self, path: &str, flags: OFlags) -> rustix::io::Result<OwnedFd> {
        inside(self.root.as_ref().ok_or(Errno::NOENT)?.as_fd(), path, flags)
    }

    /// What a source word names: one or several paths, when it is a pattern.
    pub fn find(&self, word: &str, exclude: &Patterns) -> Result<Vec<(String, Found)>, Failure> {
        let clean = teu_build::clean(word);
        let clean = clean.trim_start_matches('/');
        let paths = if clean.contains(['*', '?', '[', '\\']) {
            // One that names nothing is no failure: lock files that may be there are written so.
            self.expand(clean)?
        } else {
            vec![clean.to_owned()]
        };
        paths.into_iter().map(|path| self.take(&path, word, exclude).map(|found| (path, found))).collect()
    }

    fn lacks(&self, word: &str) -> Failure {
        let shown = word.escape_debug();
        if self.root.is_none() {
            return Failure::usage(format!("{shown}: not found, as the build has no context"))
                .hint("give a folder in place of -");
        }
        let failure = Failure::not_found(format!("{shown}: not found in {}", self.name));
        if self.left_out.is_empty() { failure } else { failure.hint("it may be left out by .dockerignore") }
    }

    fn failed(&self, path: &str, error: impl Into<std::io::Error>) -> Failure {
        Failure::internal(format!("cannot read {} in {}: {}", path.escape_debug(), self.name, error.into()))
    }

    /// The paths that a pattern names, in order.
    fn expand(&self, pattern: &str) -> Result<Vec<String>, Failure> {
        let mut paths = vec![String::new()];
        for part in pattern.split('/') {
            let mut next = Vec::new();
            for folder in &paths {
                let below =
                    |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
                if !part.contains(['*', '?', '[', '\\']) {
                    if self.open(&below(part), OFlags::PATH).is_ok() {
                        next.push(below(part));
                    }
                    continue;
                }
                let only = Patterns::new([part]);
                let names = match self.open(folder, OFlags::PATH | OFlags::DIRECTORY) {
                    Ok(_) => self.list(folder)?,
                    // A file has nothing in it.
                    Err(_) => Vec::new(),
                };
                next.extend(names.iter().filter(|name| only.matches(name)).map(|name| below(name)));
            }
            paths = next;
        }
        paths.retain(|path| !self.left_out.matches(path));
        Ok(paths)
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, Failure> {
        let opened = self
            .open(folder, OFlags::RDONLY | OFlags::DIRECTORY)
            .map_err(|errno| self.failed(folder, errno))?;
        let names = files::list(opened.as_fd()).map_err(|errno| self.failed(folder, errno))?;
        let mut names = names
            .into_iter()
            .map(|name| {
                name.into_string().map_err(|_| {
                    Failure::unsupported(format!(
                        "a name in {} of {} is not UTF-8",
                        folder.escape_debug(),
                        self.name
                    ))
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        names.sort_unstable();
        Ok(names)
    }

    /// What a path names; `word` is what messages call it.
    pub fn take(&self, path: &str, word: &str, exclude: &Patterns) -> Result<Found, Failure> {
        let handle = self.open(path, OFlags::PATH).map_err(|errno| match errno {
            Errno::NOENT | Errno::NOTDIR | Errno::LOOP => self.lacks(word),
            errno => self.failed(path, errno),
        })?;
        let stat = fstat(&handle).map_err(|errno| self.failed(path, errno))?;
        let is_folder = FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
        let mut items = Vec::new();
        let real = self.real(path, &handle);
        let is_left_out = || [path, &real].iter().any(|path| !path.is_empty() && self.left_out.matches(path));
        if is_folder {
            self.walk(&real, "", exclude, 0, &mut items)?;
            if items.is_empty() && is_left_out() {
                return Err(self.lacks(word));
            }
            items.insert(0, Item { from: real.clone(), to: String::new(), stat });
        } else {
            if is_left_out() {
                return Err(self.lacks(word));
            }
            let name = path.rsplit('/').next().unwrap_or(path);
            if !exclude.matches(name) {
                items.push(Item { from: real.clone(), to: name.to_owned(), stat });
            }
        }
        Ok(Found { items, is_folder })
    }

    /// Where something is that a link may have led to: patterns name files, whatever way leads to them.
    fn real(&self, path: &str, handle: &OwnedFd) -> String {
        let of = |fd: &OwnedFd| std::fs::read_link(format!("/proc/self/fd/{}", fd.as_raw_fd())).ok();
        let below = || {
            let (root, whole) = (of(self.root.as_ref()?)?, of(handle)?);
            whole.strip_prefix(root).ok()?.to_str().map(str::to_owned)
        };
        Some(below).filter(|_| !self.left_out.is_empty()).and_then(|below| below()).unwrap_or(path.to_owned())
    }

    fn walk(
        &self,
        folder: &str,
        to: &str,
        exclude: &Patterns,
        depth: usize,
        items: &mut Vec<Item>,
    ) -> Result<(), Failure> {
        if depth > DEEPEST {
            return Err(Failure::unsupported(format!("folders lie deeper than {DEEPEST} levels")));
        }
        for name in self.list(folder)? {
            let below =
                |folder: &str| if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            let (path, to) = (below(folder), below(to));
            let hidden = self.left_out.matches(&path) || exclude.matches(&to);
            let handle = match self.open(&path, OFlags::PATH | OFlags::NOFOLLOW) {
                // Gone since it was listed.
                Err(Errno::NOENT) => continue,
                opened => opened.map_err(|errno| self.failed(&path, errno))?,
            };
            let stat = fstat(&handle).map_err(|errno| self.failed(&path, errno))?;
            let item = Item { from: path.clone(), to: to.clone(), stat };
            if item.kind() == FileType::Directory {
                if hidden && !self.left_out.has_exceptions() && !exclude.has_exceptions() {
                    continue;
                }
                let before = items.len();
                items.push(item);
                self.walk(&path, &to, exclude, depth + 1, items)?;
                // A folder that is left out is there for what is in it.
                if hidden && items.len() == before + 1 {
                    items.pop();
                }
            } else if !hidden {
                items.push(item);
            }
        }
        Ok(())
    }

    /// The whole of a small file.
    pub fn small_file(&self, path: &str, largest: u64) -> std::io::Result<Vec<u8>> {
        let handle = self.open(path, OFlags::PATH)?;
        // To open a pipe may take for ever, and to open a device is to use it.
        if FileType::from_raw_mode(fstat(&handle)?.st_mode) != FileType::RegularFile {
            return Err(std::io::Error::other("it is no plain file"));
        }
        let mut content = Vec::new();
        let file = File::open(format!("/proc/self/fd/{}", handle.as_raw_fd()))?;
        file.take(largest + 1).read_to_end(&mut content)?;
        if content.len() as u64 > largest {
            return Err(std::io::Error::other(format!("it is larger than {largest} bytes")));
        }
        Ok(content)
    }

    /// A file's content.
    pub fn read(&self, item: &Item) -> Result<File, Failure> {
        let handle = self.open(&item.from, OFlags::PATH).map_err(|errno| self.failed(&item.from, errno))?;
        let stat = fstat(&handle).map_err(|errno| self.failed(&item.from, errno))?;
        // A pipe or device in its place would be waited for.
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(Failure::conflict(format!("{} was replaced meanwhile", item.from.escape_debug())));
        }
        let path = format!("/proc/self/fd/{}", handle.as_raw_fd());
        File::open(path).map_err(|error| self.failed(&item.from, error))
    }

    /// A file's capabilities as an attribute, where it has some. What files of the context have is this host's business.
    pub fn capabilities(&self, file: &File) -> Option<(Vec<u8>, Vec<u8>)> {
        /// Bytes of the longest form.
        const LONGEST: usize = 64;
        let mut value = vec![0; LONGEST];
        let length = rustix::fs::fgetxattr(file, CAPABILITY, value.as_mut_slice()).ok()?;
        value.truncate(length);
        self.keeps_owners.then(|| (CAPABILITY.as_bytes().to_vec(), value))
    }

    /// Where a link leads, by its letters.
    pub fn link(&self, item: &Item) -> Result<Vec<u8>, Failure> {
        let handle = self
            .open(&item.from, OFlags::PATH | OFlags::NOFOLLOW)
            .map_err(|errno| self.failed(&item.from, errno))?;
        let target = readlinkat(&handle, "", Vec::new()).map_err(|errno| self.failed(&item.from, errno))?;
        Ok(target.into_bytes())
    }

    /// Adds all that makes these files what they are to a digest; their times do not count.
    pub fn digest(&self, items: &[Item], hasher: &mut Hasher) -> Result<(), Failure> {
        for item in items {
            let mut add = |part: &[u8]| {
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(part);
            };
            add(item.to.as_bytes());
            add(&item.stat.st_mode.to_le_bytes());
            if self.keeps_owners {
                add(&[item.stat.st_uid.to_le_bytes(), item.stat.st_gid.to_le_bytes()].concat());
            }
            match item.kind() {
                FileType::RegularFile => {
                    let mut content = Hasher::default();
                    let mut file = self.read(item)?;
                    let mut buffer = vec![0; 256 << 10];
                    loop {
                        match file.read(&mut buffer).map_err(|error| self.failed(&item.from, error))? {
                            0 => break,
                            length => content.update(&buffer[..length]),
                        }
                    }
                    add(content.finish().as_str().as_bytes());
                    add(&self.capabilities(&file).unwrap_or_default().1);
                }
                FileType::Symlink => add(&self.link(item)?),
                _ => {}
            }
        }
        Ok(())
    }
}
