//! Where this host's dynamic linker finds libraries.

use super::elf::{self, Elf};
use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

/// Folders that the linker looks in without being told, on the distributions there are.
const DEFAULT_FOLDERS: [&str; 6] =
    ["/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib64", "/usr/local/lib"];

/// How deep `ld.so.conf` may include other files.
const DEEPEST_INCLUDE: u32 = 8;

/// The linker's knowledge.
pub struct Libraries {
    cache: HashMap<Vec<u8>, Vec<PathBuf>>,
    folders: Vec<PathBuf>,
    known: BTreeMap<PathBuf, Option<Elf>>,
}

impl Libraries {
    /// Reads `ld.so.cache` and `ld.so.conf` below this root.
    pub fn read(root: &Path) -> Self {
        let cache = fs::read(root.join("etc/ld.so.cache"))
            .ok()
            .and_then(|bytes| parse_cache(&bytes))
            .unwrap_or_default();
        let mut folders = Vec::new();
        read_configuration(&root.join("etc/ld.so.conf"), 0, &mut folders);
        folders.extend(DEFAULT_FOLDERS.map(PathBuf::from));
        folders.extend(triplet_folders());
        // musl reads one file of folders instead.
        if let Ok(text) =
            fs::read_to_string(root.join(format!("etc/ld-musl-{}.path", std::env::consts::ARCH)))
        {
            folders.extend(text.split([':', '\n']).filter(|line| !line.is_empty()).map(PathBuf::from));
        }
        Self { cache, folders, known: BTreeMap::new() }
    }

    /// What a file says about itself; `None` when it is no ELF file or cannot be read.
    pub fn describe(&mut self, path: &Path) -> Option<Elf> {
        if let Some(known) = self.known.get(path) {
            return known.clone();
        }
        let found = elf::read(path).ok().flatten();
        self.known.insert(path.to_owned(), found.clone());
        found
    }

    /// Finds a library that a file needs. `inherited` are folders that the files which loaded it ask for.
    pub fn find(
        &mut self,
        name: &[u8],
        user: &Elf,
        user_path: &Path,
        inherited: &[PathBuf],
    ) -> Option<PathBuf> {
        if name.contains(&b'/') {
            let path = PathBuf::from(OsStr::from_bytes(name));
            return self.fits(&path, user).then_some(path);
        }
        let mut candidates: Vec<PathBuf> = Vec::new();
        candidates.extend(expand(&user.rpath, user_path, user.is_64));
        candidates.extend(inherited.iter().cloned());
        candidates.extend(expand(&user.runpath, user_path, user.is_64));
        let mut candidates: Vec<PathBuf> =
            candidates.iter().map(|folder| folder.join(OsStr::from_bytes(name))).collect();
        candidates.extend(self.cache.get(name).into_iter().flatten().cloned());
        candidates.extend(self.folders.iter().map(|folder| folder.join(OsStr::from_bytes(name))));
        candidates.into_iter().find(|path| self.fits(path, user))
    }

    /// A library of another word size or machine is not the one.
    fn fits(&mut self, path: &Path, user: &Elf) -> bool {
        self.describe(path).is_some_and(|found| (found.is_64, found.machine) == (user.is_64, user.machine))
    }
}

/// The folders that a file asks for, with the linker's variables filled in.
pub fn expand(paths: &[Vec<u8>], file: &Path, is_64: bool) -> Vec<PathBuf> {
    let real = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let origin = real.parent().unwrap_or(Path::new("/")).as_os_str().as_bytes();
    let lib: &[u8] = if is_64 { b"lib64" } else { b"lib" };
    let platform = std::env::consts::ARCH.as_bytes();
    let mut expanded = Vec::new();
    for path in paths {
        let mut path = path.clone();
        for (variable, value) in [("ORIGIN", origin), ("LIB", lib), ("PLATFORM", platform)] {
            path = replace(&path, format!("${{{variable}}}").as_bytes(), value);
            path = replace(&path, format!("${variable}").as_bytes(), value);
        }
        expanded.push(PathBuf::from(std::ffi::OsString::from_vec(path)));
    }
    expanded
}

/// Whether the linker looks in a library's folder only because this host's cache says so.
pub fn needs_cache(path: &Path) -> bool {
    let by_itself = DEFAULT_FOLDERS[..4].iter().map(PathBuf::from);
    let by_itself = by_itself.chain(triplet_folders());
    path.parent().is_some_and(|folder| !by_itself.into_iter().any(|known| known == folder))
}

/// Debian's folders of one architecture.
fn triplet_folders() -> [PathBuf; 2] {
    ["/lib", "/usr/lib"].map(|folder| Path::new(folder).join(format!("{}-linux-gnu", std::env::consts::ARCH)))
}

fn replace(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.windows(from.len()).position(|window| window == from) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    out.extend_from_slice(rest);
    out
}

/// glibc's cache, format 1.1: a header of 48 bytes, entries of 24, then strings counted from the header's start. An
/// older table may stand before it.
fn parse_cache(bytes: &[u8]) -> Option<HashMap<Vec<u8>, Vec<PathBuf>>> {
    const MAGIC: &[u8] = b"glibc-ld.so.cache1.1";
    const HEADER: usize = 48;
    const ENTRY: usize = 24;
    let start = bytes.windows(MAGIC.len()).position(|window| window == MAGIC)?;
    let bytes = &bytes[start..];
    let word = |at: usize| Some(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?) as usize);
    let text = |at: usize| Some(bytes.get(at..)?.split(|b| *b == 0).next()?.to_vec());
    let mut cache: HashMap<Vec<u8>, Vec<PathBuf>> = HashMap::new();
    for index in 0..word(MAGIC.len())? {
        let at = HEADER + index * ENTRY;
        // Variants for newer processors: the plain one runs everywhere.
        if bytes.get(at + 16..at + 24)?.iter().any(|b| *b != 0) {
            continue;
        }
        let path = PathBuf::from(std::ffi::OsString::from_vec(text(word(at + 8)?)?));
        cache.entry(text(word(at + 4)?)?).or_default().push(path);
    }
    Some(cache)
}

fn read_configuration(path: &Path, depth: u32, folders: &mut Vec<PathBuf>) {
    let Ok(text) = fs::read_to_string(path) else { return };
    for line in text.lines().map(|line| line.split('#').next().unwrap_or_default().trim()) {
        if let Some(patterns) =
            line.strip_prefix("include").filter(|rest| rest.starts_with(char::is_whitespace))
        {
            for pattern in patterns.split_whitespace().filter(|_| depth < DEEPEST_INCLUDE) {
                for included in matching(path, pattern) {
                    read_configuration(&included, depth + 1, folders);
                }
            }
        } else if line.starts_with('/') {
            folders.push(PathBuf::from(line));
        }
    }
}

/// Files that a pattern with one `*` in its last part names, in order.
fn matching(from: &Path, pattern: &str) -> Vec<PathBuf> {
    let pattern = from.parent().unwrap_or(Path::new("/")).join(pattern);
    let (Some(folder), Some(name)) = (pattern.parent(), pattern.file_name().and_then(OsStr::to_str)) else {
        return Vec::new();
    };
    let Some((before, after)) = name.split_once('*') else { return vec![pattern.clone()] };
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.file_name().and_then(OsStr::to_str).is_some_and(|name| {
                name.len() >= before.len() + after.len() && name.starts_with(before) && name.ends_with(after)
            })
        })
        .collect();
    found.sort();
    found
}
