//! An empty volume gets its first content: the image's at the mount point, or an archive's.

use crate::engine::Engine;
use crate::images::stack::open_folder;
use rustix::fs::{
    CWD, Gid, Mode, OFlags, RenameFlags, ResolveFlags, Uid, fchmod, fchown, fstat, mkdirat, openat, openat2,
    renameat, renameat_with,
};
use rustix::io::Errno;
use std::fs;
use std::io::{self, Read};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::thread;
use teu_api::container::{MountKind, MountSpec};
use teu_api::{ContainerId, Failure};
use teu_store::layers::{Form, Limits, pack, unpack_tree};
use teu_store::{ContainerRecord, Lock, Staging, files};

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

impl Engine {
    /// New volumes of a container take what its image has at their mount points, with owners and permissions.
    pub(crate) fn copy_up(&self, record: &ContainerRecord) -> Result<(), Failure> {
        for mount in &record.spec.host.mounts {
            let wants = mount.kind == MountKind::Volume && !mount.no_copy && mount.subpath.is_empty();
            if wants && self.store().volume(&mount.source)?.options.is_empty() {
                self.copy_up_one(record, mount)?;
            }
        }
        Ok(())
    }

    fn copy_up_one(&self, record: &ContainerRecord, mount: &MountSpec) -> Result<(), Failure> {
        let failed = |error: io::Error| {
            Failure::internal(format!(
                "cannot copy the image's {} into volume {}: {error}",
                mount.target, mount.source
            ))
        };
        let volume = open_folder(&self.store().paths().volume_data(&mount.source))?;
        let is_whole = !marker(&self.store().paths().volume_data(&mount.source)).exists();
        if is_whole && !files::list(volume.as_fd()).map_err(|errno| failed(errno.into()))?.is_empty() {
            return Ok(());
        }
        let Some(root) = self.stack(&record.spec.layers)? else { return Ok(()) };
        // The image's links lead nowhere but into the image.
        let flags = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
        let source = match openat2(&root, mount.target.as_str(), FOLDER, Mode::empty(), flags) {
            Ok(source) => source,
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => return Ok(()),
            Err(errno) => return Err(failed(errno.into())),
        };
        self.fill(&mount.source, Some(&record.id), |target| {
            let (reader, writer) = io::pipe().map_err(failed)?;
            thread::scope(|scope| {
                let packer = scope.spawn(|| pack(source.as_fd(), Form::Whole, io::BufWriter::new(writer)));
                let unpacked = unpack_tree(reader, target, &Limits::default());
                let packed = packer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                // When unpacking fails the pipe breaks: that is not why.
                unpacked.and(packed).map_err(Failure::from)
            })
        })?;
        Ok(())
    }

    /// Fills a volume from an archive. One that has content already is refused.
    pub fn import_volume(&self, name: &str, archive: impl Read + Send) -> Result<(), Failure> {
        let record =
            self.create_volume(&teu_store::NewVolume { name: name.to_owned(), ..Default::default() })?;
        if !record.options.is_empty() {
            return Err(Failure::unsupported(format!(
                "volume {name} is mounted from elsewhere and cannot be imported into"
            ))
            .hint("import into a volume without driver options"));
        }
        let filled = self.fill(name, None, |target| Ok(unpack_tree(archive, target, &Limits::default())?))?;
        if filled {
            return Ok(());
        }
        Err(Failure::conflict(format!("volume {name} is not empty")).hint("import into a new volume"))
    }

    /// Has an empty volume filled by `write`; returns whether it was empty. It is filled aside and put in place whole, so
    /// that a process killed meanwhile, or a full disk, leaves it empty; where others have it mounted, name by name, and
    /// what a killed process did not come to is done the next time.
    fn fill(
        &self,
        name: &str,
        user: Option<&ContainerId>,
        write: impl FnOnce(OwnedFd) -> Result<(), Failure>,
    ) -> Result<bool, Failure> {
        let paths = self.store().paths();
        let failed = |errno: Errno| {
            Failure::internal(format!("cannot fill volume {name}: {}", io::Error::from(errno)))
        };
        let _lock = Lock::wait(paths, &format!("volume-{name}"))?;
        let data = paths.volume_data(name);
        let folder = open_folder(&data)?;
        let is_empty = || files::list(folder.as_fd()).map(|names| names.is_empty()).map_err(failed);
        let marker = marker(&data);
        let is_begun = marker.exists();
        if !is_begun && !is_empty()? {
            return Ok(false);
        }
        let staging = Staging::new(paths, "volume")?;
        mkdirat(staging.as_fd(), "data", Mode::from_raw_mode(0o755)).map_err(failed)?;
        let filled = || openat(staging.as_fd(), "data", FOLDER, Mode::empty()).map_err(failed);
        write(filled()?)?;
        if is_begun || self.store().volume_users(name)?.iter().any(|other| Some(other) != user) {
            // Others may have this very folder mounted, and have written to it meanwhile.
            if !is_begun && !is_empty()? {
                return Ok(false);
            }
            let told = |error: io::Error| {
                Failure::internal(format!("cannot fill volume {name}: {}: {error}", marker.display()))
            };
            fs::write(&marker, "").map_err(told)?;
            let moved = move_into(filled()?.as_fd(), folder.as_fd(), is_begun);
            if !matches!(moved, Err(Moved::Half(_))) {
                fs::remove_file(&marker).map_err(told)?;
            }
            return match moved {
                Ok(()) => Ok(true),
                Err(Moved::Nothing(Errno::EXIST)) => Ok(false),
                Err(Moved::Nothing(errno) | Moved::Half(errno)) => Err(failed(errno)),
            };
        }
        match renameat(staging.as_fd(), "data", CWD, &data) {
            Ok(()) => Ok(true),
            Err(Errno::NOTEMPTY | Errno::EXIST) => Ok(false),
            Err(errno) => Err(failed(errno)),
        }
    }
}

/// What says that a volume is being filled name by name: beside its data.
fn marker(data: &Path) -> PathBuf {
    data.with_file_name("filling")
}

/// How far a move came that failed.
enum Moved {
    /// All is as it was.
    Nothing(Errno),
    /// Something of it stays.
    Half(Errno),
}

/// Moves what is in one folder into another, with the folder's owner and permissions: a moment's work, whatever it is.
/// What is there already stays: where that is no surprise, as it was begun before, the rest is moved.
fn move_into(from: BorrowedFd<'_>, to: BorrowedFd<'_>, is_begun: bool) -> Result<(), Moved> {
    let names = files::list(from).map_err(Moved::Nothing)?;
    for (at, name) in names.iter().enumerate() {
        match renameat_with(from, name, to, name, RenameFlags::NOREPLACE) {
            Ok(()) => {}
            Err(Errno::EXIST) if is_begun => {}
            Err(errno) if is_begun => return Err(Moved::Half(errno)),
            Err(errno) => {
                let mut back = names[..at].iter();
                let is_back =
                    back.all(|name| renameat_with(to, name, from, name, RenameFlags::NOREPLACE).is_ok());
                return Err(if is_back { Moved::Nothing(errno) } else { Moved::Half(errno) });
            }
        }
    }
    let describe = || {
        let stat = fstat(from)?;
        fchown(to, Some(Uid::from_raw(stat.st_uid)), Some(Gid::from_raw(stat.st_gid)))?;
        fchmod(to, Mode::from_raw_mode(stat.st_mode & 0o7777))
    };
    describe().map_err(Moved::Half)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(names: &[&str]) -> (tempfile::TempDir, OwnedFd) {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            fs::write(folder.path().join(name), name).unwrap();
        }
        let opened = openat(CWD, folder.path(), FOLDER, Mode::empty()).unwrap();
        (folder, opened)
    }

    fn names(folder: &OwnedFd) -> Vec<String> {
        let mut names: Vec<_> = files::list(folder.as_fd()).unwrap();
        names.sort();
        names.into_iter().map(|name| name.into_string().unwrap()).collect()
    }

    #[test]
    fn what_others_wrote_meanwhile_stays_and_nothing_is_moved() {
        let ((_kept, from), (there, to)) = (folder(&["a", "b", "c"]), folder(&["c"]));
        fs::write(there.path().join("c"), "theirs").unwrap();
        assert!(matches!(move_into(from.as_fd(), to.as_fd(), false), Err(Moved::Nothing(Errno::EXIST))));
        assert_eq!((names(&from), names(&to)), (vec!["a".into(), "b".into(), "c".into()], vec!["c".into()]));
        assert_eq!(fs::read_to_string(there.path().join("c")).unwrap(), "theirs");
    }

    #[test]
    fn what_was_begun_is_done_to_the_end() {
        let ((_kept, from), (_there, to)) = (folder(&["a", "b", "c"]), folder(&["a"]));
        assert!(move_into(from.as_fd(), to.as_fd(), true).is_ok());
        assert_eq!(names(&to), ["a", "b", "c"]);
    }
}
