//! The first process's working folder: made when the image lacks it, as Docker does.

use rustix::fs::{Mode, OFlags, ResolveFlags, mkdirat, openat2};
use rustix::io::Errno;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::path::{Component, Path};
use teu_api::Failure;

/// Makes a folder and its parents below a root, resolving every name, and every link that the image put there, inside
/// that root.
pub fn make(root: BorrowedFd<'_>, folder: &Path) -> Result<(), Failure> {
    let failed = |errno: Errno| {
        let error = std::io::Error::from(errno);
        Failure::usage(format!("cannot use the working folder {}: {error}", folder.display()))
            .hint("name another one with -w")
    };
    match open_in(root, folder) {
        Ok(_) => return Ok(()),
        Err(Errno::NOENT) => {}
        Err(errno) => return Err(failed(errno)),
    }
    let mut sofar = std::path::PathBuf::from("/");
    let mut parent = open_in(root, &sofar).map_err(failed)?;
    for component in folder.components() {
        let Component::Normal(name) = component else { continue };
        sofar.push(name);
        parent = match open_in(root, &sofar) {
            Ok(found) => found,
            Err(Errno::NOENT) => {
                match mkdirat(&parent, name, Mode::from_raw_mode(0o755)) {
                    Ok(()) | Err(Errno::EXIST) => {}
                    Err(errno) => return Err(failed(errno)),
                }
                open_in(root, &sofar).map_err(failed)?
            }
            Err(errno) => return Err(failed(errno)),
        };
    }
    Ok(())
}

fn open_in(root: BorrowedFd<'_>, path: &Path) -> Result<OwnedFd, Errno> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    loop {
        match openat2(
            root.as_fd(),
            path,
            flags,
            Mode::empty(),
            ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS,
        ) {
            // A rename somewhere below at the same time: look again.
            Err(Errno::AGAIN | Errno::INTR) => {}
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    fn root(folder: &Path) -> OwnedFd {
        rustix::fs::open(folder, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).unwrap()
    }

    #[test]
    fn missing_folders_are_made_inside_the_root() {
        let folder = tempfile::tempdir().unwrap();
        make(root(folder.path()).as_fd(), Path::new("/a/b/c")).unwrap();
        make(root(folder.path()).as_fd(), Path::new("/a/b/c")).unwrap();
        make(root(folder.path()).as_fd(), Path::new("/")).unwrap();
        assert!(folder.path().join("a/b/c").is_dir());
    }

    #[test]
    fn links_stay_inside_the_root() {
        let outside = tempfile::tempdir().unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("real")).unwrap();
        symlink("/real", folder.path().join("absolute")).unwrap();
        symlink(outside.path(), folder.path().join("escape")).unwrap();
        symlink("../../../..", folder.path().join("up")).unwrap();
        make(root(folder.path()).as_fd(), Path::new("/absolute/x")).unwrap();
        assert!(folder.path().join("real/x").is_dir());
        assert!(make(root(folder.path()).as_fd(), Path::new("/escape/x")).is_err());
        make(root(folder.path()).as_fd(), Path::new("/up/inside")).unwrap();
        assert!(folder.path().join("inside").is_dir());
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_file_in_the_way_is_told() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        assert!(make(root(folder.path()).as_fd(), Path::new("/file")).is_err());
        assert!(make(root(folder.path()).as_fd(), Path::new("/file/x")).is_err());
    }
}
