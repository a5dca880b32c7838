//! The image's files as they are gathered, by their paths in the image.

use crate::error::IoContext as _;
use crate::tar::{Entry, Kind};
use crate::{Result, StoreError};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Component, Path, PathBuf};

/// How many symbolic links one path may lead through, as the kernel bounds it.
const MOST_LINKS: u32 = 40;

/// Where a file's content comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Source {
    /// There is none.
    None,
    /// Bytes at hand.
    Bytes(Vec<u8>),
    /// A file of the host.
    Host(PathBuf),
}

/// One file of the image.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Node {
    /// What it is; its name and time are set when it is packed.
    pub entry: Entry,
    /// Its content.
    pub source: Source,
    /// The host's device and inode number, where several names may be one file.
    pub identity: Option<(u64, u64)>,
}

/// The image's files by their paths, without the leading slash; folders come before what is in them.
#[derive(Debug, Default)]
pub struct Tree {
    nodes: BTreeMap<Vec<u8>, Node>,
}

impl Tree {
    /// No files.
    pub fn new() -> Self {
        Self::default()
    }

    /// All files in order.
    pub fn nodes(&self) -> &BTreeMap<Vec<u8>, Node> {
        &self.nodes
    }

    /// Whether there is something at this absolute path, through the links that the tree has.
    pub fn contains(&self, path: &Path) -> bool {
        self.nodes.contains_key(key(&self.resolve(path)))
    }

    /// Puts a folder at an absolute path.
    pub fn folder(&mut self, path: &str, mode: u32) {
        self.put(Path::new(path), Kind::Directory, mode, Source::None);
    }

    /// Puts a file at an absolute path.
    pub fn file(&mut self, path: &str, mode: u32, content: impl Into<Vec<u8>>) {
        self.put(Path::new(path), Kind::File, mode, Source::Bytes(content.into()));
    }

    /// Puts a symbolic link at an absolute path, unless something is there already.
    pub fn link(&mut self, path: &Path, target: &Path) {
        if !self.contains(path) {
            self.put(path, Kind::Symlink(target.as_os_str().as_bytes().to_vec()), 0o777, Source::None);
        }
    }

    fn put(&mut self, path: &Path, kind: Kind, mode: u32, source: Source) {
        let mut entry = Entry::new("", kind, mode);
        if let Source::Bytes(bytes) = &source {
            entry.size = bytes.len() as u64;
        }
        self.insert(path, Node { entry, source, identity: None });
    }

    fn insert(&mut self, path: &Path, node: Node) {
        let place = self.resolve(path);
        for folder in place.ancestors().skip(1).filter(|folder| folder.parent().is_some()) {
            self.nodes.entry(key(folder).to_vec()).or_insert_with(|| Node {
                entry: Entry::new("", Kind::Directory, 0o755),
                source: Source::None,
                identity: None,
            });
        }
        self.nodes.insert(key(&place).to_vec(), node);
    }

    /// Where a path lies once the tree's own links among its folders are followed; the last component is kept.
    fn resolve(&self, path: &Path) -> PathBuf {
        let mut links = 0;
        let mut rest: Vec<OsString> = components(path);
        rest.reverse();
        let mut place = PathBuf::from("/");
        while let Some(component) = rest.pop() {
            if component == ".." {
                place.pop();
                continue;
            }
            let next = place.join(&component);
            match self.nodes.get(key(&next)).map(|node| &node.entry.kind) {
                Some(Kind::Symlink(target)) if !rest.is_empty() && links < MOST_LINKS => {
                    links += 1;
                    let target = PathBuf::from(OsString::from_vec(target.clone()));
                    if target.is_absolute() {
                        place = PathBuf::from("/");
                    }
                    rest.extend(components(&target).into_iter().rev());
                }
                _ => place = next,
            }
        }
        place
    }

    /// Takes a host's file over at its own path, with every symbolic link on the way to it, and returns where the file
    /// itself lies on the host.
    pub fn add_host(&mut self, path: &Path) -> Result<PathBuf> {
        let mut links = 0;
        let mut rest: Vec<OsString> = components(path);
        rest.reverse();
        let mut place = PathBuf::from("/");
        while let Some(component) = rest.pop() {
            if component == ".." {
                place.pop();
                continue;
            }
            place.push(&component);
            let metadata = fs::symlink_metadata(&place).on("read", &place)?;
            if !self.nodes.contains_key(key(&place)) {
                let node = host_node(&place, &metadata, false)?;
                self.nodes.insert(key(&place).to_vec(), node);
            }
            if metadata.is_symlink() {
                links += 1;
                if links > MOST_LINKS {
                    return Err(StoreError::invalid(
                        format!("{} leads through too many symbolic links", path.display()),
                        "give the path of the file itself",
                    ));
                }
                let target = fs::read_link(&place).on("read", &place)?;
                place.pop();
                if target.is_absolute() {
                    place = PathBuf::from("/");
                }
                rest.extend(components(&target).into_iter().rev());
            }
        }
        Ok(place)
    }

    /// Puts a host's file, or a folder with all that is in it, at another place; everything belongs to root there.
    pub fn add_at(&mut self, source: &Path, target: &Path, found: &mut dyn FnMut(&Path)) -> Result<()> {
        // A link given by name means what it leads to; links inside a folder are kept.
        let metadata = fs::metadata(source).on("read", source)?;
        self.add_below(source, &metadata, target, found)
    }

    fn add_below(
        &mut self,
        source: &Path,
        metadata: &Metadata,
        target: &Path,
        found: &mut dyn FnMut(&Path),
    ) -> Result<()> {
        let node = match host_node(source, metadata, true) {
            // Sockets and the like live only as long as their maker.
            Err(StoreError::Unsupported(_)) => return Ok(()),
            node => node?,
        };
        let is_folder = node.entry.kind == Kind::Directory;
        if !(is_folder && self.contains(target)) {
            self.insert(target, node);
        }
        if metadata.is_file() {
            found(source);
        }
        if is_folder {
            for entry in fs::read_dir(source).on("list", source)? {
                let entry = entry.on("list", source)?;
                let metadata = entry.metadata().on("read", &entry.path())?;
                self.add_below(&entry.path(), &metadata, &target.join(entry.file_name()), found)?;
            }
        }
        Ok(())
    }
}

fn key(path: &Path) -> &[u8] {
    let bytes = path.as_os_str().as_bytes();
    bytes.strip_prefix(b"/").unwrap_or(bytes)
}

fn components(path: &Path) -> Vec<OsString> {
    path.components()
        .filter_map(|component| match component {
            Component::Normal(name) => Some(name.to_owned()),
            Component::ParentDir => Some("..".into()),
            _ => None,
        })
        .collect()
}

fn host_node(path: &Path, metadata: &Metadata, as_root: bool) -> Result<Node> {
    let kind = metadata.file_type();
    let kind = if kind.is_symlink() {
        Kind::Symlink(fs::read_link(path).on("read", path)?.into_os_string().into_vec())
    } else if kind.is_dir() {
        Kind::Directory
    } else if kind.is_file() {
        Kind::File
    } else if kind.is_fifo() {
        Kind::Fifo
    } else {
        return Err(StoreError::Unsupported(format!(
            "{} is neither a file nor a folder nor a link",
            path.display()
        )));
    };
    let mut entry = Entry::new("", kind, metadata.mode() & 0o7777);
    if !as_root {
        (entry.uid, entry.gid) = (metadata.uid(), metadata.gid());
    }
    let mut node = Node { entry, source: Source::None, identity: None };
    if node.entry.kind == Kind::File {
        node.entry.size = metadata.len();
        node.source = Source::Host(path.to_owned());
        node.identity = (metadata.nlink() > 1).then(|| (metadata.dev(), metadata.ino()));
        if let Some(capabilities) = capabilities(path).on("read", path)? {
            node.entry.xattrs.insert(b"security.capability".to_vec(), capabilities);
        }
    }
    Ok(node)
}

/// A program's own capabilities, which are part of what it is: `ping` works by them.
fn capabilities(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut value = [0; 64];
    match rustix::fs::lgetxattr(path, "security.capability", &mut value) {
        Ok(length) => Ok(Some(value[..length].to_vec())),
        Err(rustix::io::Errno::NODATA | rustix::io::Errno::NOTSUP) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
