//! An empty volume gets its first content: the image's at the mount point, or an archive's.

use crate::engine::Engine;
use crate::images::stack::open_folder;
use rustix::fs::{
    CWD, Gid, Mode, OFlags, ResolveFlags, Uid, fchmod, fchown, fstat, mkdirat, openat, openat2, renameat,
};
use rustix::io::Errno;
use std::io::{self, Read};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
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
        if !files::list(volume.as_fd()).map_err(|errno| failed(errno.into()))?.is_empty() {
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
    /// that a process killed meanwhile, or a full disk, leaves it empty.
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
        if !files::list(folder.as_fd()).map_err(failed)?.is_empty() {
            return Ok(false);
        }
        let staging = Staging::new(paths, "volume")?;
        mkdirat(staging.as_fd(), "data", Mode::from_raw_mode(0o755)).map_err(failed)?;
        let filled = || openat(staging.as_fd(), "data", FOLDER, Mode::empty()).map_err(failed);
        write(filled()?)?;
        if self.store().volume_users(name)?.iter().any(|other| Some(other) != user) {
            // Others may have this very folder mounted.
            move_into(filled()?.as_fd(), folder.as_fd()).map_err(failed)?;
            return Ok(true);
        }
        match renameat(staging.as_fd(), "data", CWD, &data) {
            Ok(()) => Ok(true),
            Err(Errno::NOTEMPTY | Errno::EXIST) => Ok(false),
            Err(errno) => Err(failed(errno)),
        }
    }
}

/// Moves what is in one folder into another, with the folder's owner and permissions: a moment's work, whatever it is.
fn move_into(from: BorrowedFd<'_>, to: BorrowedFd<'_>) -> Result<(), Errno> {
    let stat = fstat(from)?;
    fchown(to, Some(Uid::from_raw(stat.st_uid)), Some(Gid::from_raw(stat.st_gid)))?;
    fchmod(to, Mode::from_raw_mode(stat.st_mode & 0o7777))?;
    for name in files::list(from)? {
        renameat(from, &name, to, &name)?;
    }
    Ok(())
}
