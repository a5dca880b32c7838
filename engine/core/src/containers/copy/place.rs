//! A path on one side of a copy, what it names, and where a copy goes: by Docker's rules.

use super::failed;
use rustix::fs::{
    CWD, FileType, Mode, OFlags, ResolveFlags, Stat, fstat, mkdirat, openat, openat2, readlinkat,
};
use rustix::io::Errno;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use teu_api::Failure;

pub(super) const FOLDER: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
/// A handle on whatever it is, without opening it: devices and pipes have effects.
pub(super) const HANDLE: OFlags = OFlags::PATH.union(OFlags::CLOEXEC);

/// How many links to nothing are followed one after the other, as many as the kernel follows.
const LINKS: u32 = 40;

/// A path of this machine or inside the root of a container or an image.
pub(crate) struct Place {
    inside: Option<(OwnedFd, Owner)>,
    path: Vec<u8>,
    kernels: Kernels,
}

/// Folders of a running container that show the kernel and not files: device and inode of each. A copy of what is around
/// them holds them empty, as the root file system does.
#[derive(Clone, Default)]
pub(crate) struct Kernels(Vec<(u64, u64)>);

impl Kernels {
    /// Whether it is one of them.
    pub fn hold(&self, stat: &Stat) -> bool {
        self.0.contains(&(stat.st_dev, stat.st_ino))
    }
}

/// Whose root a path is resolved in.
pub(crate) enum Owner {
    /// A container's, by name.
    Container(String),
    /// An image's, by the name that the user gave.
    Image(String),
}

impl Owner {
    fn lacks(&self, path: &str) -> Failure {
        match self {
            Self::Container(name) => {
                Failure::not_found(format!("Could not find the file {path} in container {name}"))
                    .hint(format!("teu exec {name} ls lists what there is"))
            }
            Self::Image(name) => {
                Failure::not_found(format!("Could not find the file {path} in image {name}"))
                    .hint(format!("teu image layers {name} lists what there is"))
            }
        }
    }
}

/// What is copied.
pub(crate) struct Source {
    pub handle: OwnedFd,
    pub stat: Stat,
    /// Its name; `None` when the contents of a folder are meant.
    pub name: Option<Vec<u8>>,
    /// What below it is left empty.
    pub kernels: Kernels,
}

impl Source {
    pub fn is_folder(&self) -> bool {
        FileType::from_raw_mode(self.stat.st_mode) == FileType::Directory
    }
}

/// Where it goes.
pub(crate) enum Target {
    /// To this name in this folder.
    Named(OwnedFd, Vec<u8>),
    /// The contents of a folder go into this folder.
    Into(OwnedFd),
    /// Over the content of this file, which a link led to.
    Over(OwnedFd),
}

impl Place {
    /// A path of this machine.
    pub fn here(path: &Path) -> Self {
        let mut path = path.as_os_str().as_bytes().to_vec();
        // `..` is known by another name, which the copy is to have.
        if path == b".." || path.ends_with(b"/..") {
            let whole = std::fs::canonicalize(Path::new(std::ffi::OsStr::from_bytes(&path)));
            path = whole.map_or(path, |whole| whole.as_os_str().as_bytes().to_vec());
        }
        Self { inside: None, path, kernels: Kernels::default() }
    }

    /// A path inside a root, where all of its links lead, too.
    pub fn inside(root: OwnedFd, owner: Owner, path: &[u8]) -> Self {
        let path = if path.is_empty() { b"/" } else { path };
        Self { inside: Some((root, owner)), path: path.to_vec(), kernels: Kernels::default() }
    }

    /// A path inside the root of a running container.
    pub fn inside_running(root: OwnedFd, owner: Owner, path: &[u8]) -> Self {
        let mut place = Self::inside(root, owner, path);
        let described = |name: &[u8]| place.open(name, HANDLE).and_then(|folder| fstat(&folder)).ok();
        let root = described(b"/");
        let mounted = ["/dev", "/proc", "/sys"].iter().filter_map(|name| described(name.as_bytes()));
        let kernels = mounted.filter(|stat| root.is_none_or(|root| root.st_dev != stat.st_dev));
        place.kernels = Kernels(kernels.map(|stat| (stat.st_dev, stat.st_ino)).collect());
        place
    }

    fn open(&self, path: &[u8], flags: OFlags) -> rustix::io::Result<OwnedFd> {
        let Some((root, _)) = &self.inside else { return openat(CWD, path, flags, Mode::empty()) };
        let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
        loop {
            match openat2(root, path, flags, Mode::empty(), resolve) {
                // The kernel asks to try again where a rename made its answer uncertain.
                Err(Errno::AGAIN | Errno::INTR) => {}
                opened => return opened,
            }
        }
    }

    fn missing(&self, path: &[u8]) -> Failure {
        let path = String::from_utf8_lossy(path).escape_debug().to_string();
        match &self.inside {
            Some((_, owner)) => owner.lacks(&path),
            None => Failure::not_found(format!("no such file or folder: {path}")).hint("check the path"),
        }
    }

    fn not_a_folder(&self) -> Failure {
        let path = String::from_utf8_lossy(&self.path).escape_debug().to_string();
        Failure::usage(format!("not a directory: {path}")).hint("name a folder")
    }

    /// What the path names.
    pub fn source(&self, follow: bool) -> Result<Source, Failure> {
        let (_, last) = split(&self.path);
        let contents = matches!(last, b"" | b"." | b"..");
        let flags = if follow || contents { HANDLE } else { HANDLE | OFlags::NOFOLLOW };
        let handle = self.open(&self.path, flags).map_err(|errno| match errno {
            Errno::NOTDIR if self.inside.is_none() => self.not_a_folder(),
            Errno::NOENT | Errno::NOTDIR => self.missing(&self.path),
            errno => failed("open", &self.path, errno),
        })?;
        let stat = fstat(&handle).map_err(|errno| failed("open", &self.path, errno))?;
        let name = (!contents).then(|| last.to_vec());
        Ok(Source { handle, stat, name, kernels: self.kernels.clone() })
    }

    /// The folder that the path names.
    pub fn folder(&self) -> Result<OwnedFd, Failure> {
        self.open(&self.path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC).map_err(|errno| {
            match errno {
                Errno::NOENT => self.missing(&self.path),
                Errno::NOTDIR => {
                    let path = String::from_utf8_lossy(&self.path).escape_debug().to_string();
                    Failure::usage(format!("destination \"{path}\" must be a directory"))
                        .hint("an archive is unpacked into a folder")
                }
                errno => failed("open", &self.path, errno),
            }
        })
    }

    /// Makes the folders above the path that are missing.
    pub fn make_folders(&self) -> Result<(), Failure> {
        let (above, _) = split(&self.path);
        let mut path = Vec::new();
        for name in above.split(|byte| *byte == b'/').filter(|name| !name.is_empty()) {
            let folder = if path.is_empty() { b"/".to_vec() } else { path.clone() };
            path.push(b'/');
            path.extend_from_slice(name);
            self.make(&folder, name, &path)?;
        }
        Ok(())
    }

    /// Makes the folder that the path names, unless it is there.
    pub fn make_folder(&self) -> Result<(), Failure> {
        let (parent, name) = split(&self.path);
        let parent = if parent.is_empty() { b"/" } else { parent };
        if matches!(name, b"" | b"." | b"..") { Ok(()) } else { self.make(parent, name, &self.path) }
    }

    fn make(&self, parent: &[u8], name: &[u8], path: &[u8]) -> Result<(), Failure> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        match self.open(path, flags) {
            Ok(_) => return Ok(()),
            Err(Errno::NOENT) => {}
            Err(errno) => return Err(failed("open", path, errno)),
        }
        let parent = self.open(parent, flags).map_err(|errno| failed("open", parent, errno))?;
        match mkdirat(&parent, name, Mode::from_raw_mode(0o755)) {
            Ok(()) | Err(Errno::EXIST) => Ok(()),
            Err(errno) => Err(failed("make", path, errno)),
        }
    }

    /// Where a copy of `source` goes.
    pub fn target(&self, source: &Source) -> Result<Target, Failure> {
        self.target_at(source, &self.path, LINKS)
    }

    /// As [`Self::target`], for a path that some links led to.
    fn target_at(&self, source: &Source, path: &[u8], links: u32) -> Result<Target, Failure> {
        let open = |errno| failed("open", path, errno);
        match self.open(path, HANDLE) {
            Ok(found) => {
                let stat = fstat(&found).map_err(open)?;
                if FileType::from_raw_mode(stat.st_mode) == FileType::Directory {
                    let folder = openat(&found, ".", FOLDER, Mode::empty()).map_err(open)?;
                    return Ok(match &source.name {
                        Some(name) => Target::Named(folder, name.clone()),
                        None => Target::Into(folder),
                    });
                }
                if source.is_folder() {
                    return Err(Failure::usage("cannot copy directory: the target is a file")
                        .hint("name a folder, or a path that does not exist yet"));
                }
                let (parent, name) = self.parent_of(path)?;
                // A file is replaced whole; through a link the file that it leads to gets the content.
                let own = openat(&parent, &*name, HANDLE | OFlags::NOFOLLOW, Mode::empty()).map_err(open)?;
                let is_link = fstat(&own).map_err(open)?.st_mode;
                if FileType::from_raw_mode(is_link) == FileType::Symlink {
                    return Ok(Target::Over(found));
                }
                Ok(Target::Named(parent, name))
            }
            Err(Errno::NOENT) => {
                if !source.is_folder() && path.ends_with(b"/") {
                    return Err(Failure::not_found("the destination directory must exist")
                        .hint("leave the last slash out to make a file of this name"));
                }
                let (parent, name) = self.parent_of(path)?;
                match readlinkat(&parent, &*name, Vec::new()) {
                    // A link to nothing: what it leads to is made.
                    Ok(to) if links > 0 => {
                        let around = if to.to_bytes().starts_with(b"/") { &[][..] } else { split(path).0 };
                        self.target_at(source, &[around, to.to_bytes()].concat(), links - 1)
                    }
                    _ => Ok(Target::Named(parent, name)),
                }
            }
            Err(Errno::NOTDIR) => Err(self.not_a_folder()),
            Err(errno) => Err(open(errno)),
        }
    }

    /// The folder around the path and its last name.
    pub(super) fn parent(&self) -> Result<(OwnedFd, Vec<u8>), Failure> {
        self.parent_of(&self.path)
    }

    fn parent_of(&self, path: &[u8]) -> Result<(OwnedFd, Vec<u8>), Failure> {
        let (folder, last) = split(path);
        if matches!(last, b"" | b"." | b"..") {
            return Err(self.missing(path));
        }
        let folder = if folder.is_empty() { &b"."[..] } else { folder };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let opened = self.open(folder, flags).map_err(|errno| match errno {
            Errno::NOENT | Errno::NOTDIR => self.missing(folder),
            errno => failed("open", folder, errno),
        })?;
        Ok((opened, last.to_vec()))
    }
}

/// A path's folder and last name; slashes at its end count for nothing.
fn split(path: &[u8]) -> (&[u8], &[u8]) {
    let end = path.iter().rposition(|byte| *byte != b'/').map_or(0, |at| at + 1);
    let path = &path[..end];
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(at) => (&path[..=at], &path[at + 1..]),
        None => (&[], path),
    }
}

/// Opens a handle's file for reading or writing: the very file, wherever its name leads by now.
pub(super) fn reopen(handle: &OwnedFd, flags: OFlags) -> rustix::io::Result<OwnedFd> {
    use std::os::fd::AsRawFd as _;
    let path = format!("/proc/self/fd/{}", handle.as_fd().as_raw_fd());
    openat(CWD, path, flags | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_end_in_a_name() {
        assert_eq!(split(b"/a/b/"), (&b"/a/"[..], &b"b"[..]));
        assert_eq!(split(b"b"), (&b""[..], &b"b"[..]));
        assert_eq!(split(b"a/."), (&b"a/"[..], &b"."[..]));
        assert_eq!(split(b"/"), (&b""[..], &b""[..]));
    }
}
