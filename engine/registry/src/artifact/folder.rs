//! A folder as sink: blobs gather in a hidden folder inside, and become files when all are there.

use super::title::file_name;
use crate::error::Result;
use crate::manifest::{Compression, Descriptor};
use crate::sink::{BlobStart, BlobWriter, FetchedImage, ImageSink};
use rustix::fs::{AtFlags, Mode, OFlags, fsync, linkat, mkdirat, openat, renameat, unlinkat};
use rustix::io::Errno;
use std::fs::File;
use std::io::{Read, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use teu_api::Failure;
use teu_store::{Digest, Hasher, files};

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Puts an artifact's files into a folder.
pub(super) struct FolderSink {
    path: PathBuf,
    folder: OwnedFd,
    /// The hidden folder's name, and the folder.
    draft: (String, OwnedFd),
    files: Mutex<Vec<(String, Descriptor)>>,
}

impl FolderSink {
    pub(super) fn new(path: &Path) -> Result<Self> {
        let failed = |errno: Errno| failed("write to", path, errno);
        std::fs::create_dir_all(path)
            .map_err(|error| Failure::internal(format!("cannot create {}: {error}", path.display())))?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = rustix::fs::open(path, flags, Mode::empty()).map_err(failed)?;
        let name = format!(".teu-artifact-{}", files::random_hex::<8>().map_err(Failure::from)?);
        mkdirat(&folder, &name, Mode::RWXU).map_err(failed)?;
        let draft = openat(&folder, &name, FOLDER, Mode::empty()).map_err(failed)?;
        Ok(Self { path: path.to_owned(), folder, draft: (name, draft), files: Mutex::default() })
    }

    /// What the folder has now.
    pub(super) fn into_files(self) -> Vec<(String, Descriptor)> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(String, Descriptor)>> {
        self.files.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn open(&self, digest: &Digest, flags: OFlags) -> std::result::Result<Option<File>, Failure> {
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        // As any program makes files: the user's mask says who may read them.
        match openat(&self.draft.1, digest.hex(), flags, Mode::from_raw_mode(0o666)) {
            Ok(file) => Ok(Some(file.into())),
            Err(Errno::NOENT | Errno::EXIST) => Ok(None),
            Err(errno) => Err(failed("write to", &self.path, errno)),
        }
    }
}

impl Drop for FolderSink {
    fn drop(&mut self) {
        // Only this process knows the name; what cannot be removed is told by its name.
        files::remove_tree(self.folder.as_fd(), &self.draft.0).ok();
    }
}

/// A blob that becomes a file.
struct Draft {
    file: File,
    hasher: Hasher,
    path: PathBuf,
}

impl Draft {
    fn failed(&self, error: &std::io::Error) -> Failure {
        Failure::internal(format!("cannot write to {}: {error}", self.path.display()))
    }
}

impl BlobWriter for Draft {
    fn append(&mut self, bytes: &[u8]) -> std::result::Result<(), Failure> {
        let written = self.file.write_all(bytes);
        written.map_err(|error| self.failed(&error))?;
        self.hasher.update(bytes);
        Ok(())
    }

    fn reader(&self) -> std::result::Result<File, Failure> {
        self.file.try_clone().map_err(|error| self.failed(&error))
    }

    fn digest(&self) -> Digest {
        self.hasher.clone().finish()
    }

    fn commit(self: Box<Self>) -> std::result::Result<(), Failure> {
        self.file.sync_data().map_err(|error| self.failed(&error))
    }
}

impl ImageSink for FolderSink {
    fn begin_blob(&self, digest: &Digest) -> std::result::Result<BlobStart, Failure> {
        // An attempt that failed leaves its file: the next begins anew.
        match unlinkat(&self.draft.1, digest.hex(), AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(errno) => return Err(failed("write to", &self.path, errno)),
        }
        let Some(file) = self.open(digest, OFlags::RDWR | OFlags::CREATE | OFlags::EXCL)? else {
            return Ok(BlobStart::Busy);
        };
        let draft = Draft { file, hasher: Hasher::new(), path: self.path.clone() };
        Ok(BlobStart::Write(Box::new(draft)))
    }

    fn open_blob(&self, digest: &Digest) -> std::result::Result<Option<File>, Failure> {
        self.open(digest, OFlags::RDONLY)
    }

    fn has_layer(&self, _chain: &[Digest]) -> std::result::Result<bool, Failure> {
        Ok(false)
    }

    fn unpack_layer(
        &self,
        _chain: &[Digest],
        _compression: Compression,
        _stream: &mut (dyn Read + Send),
    ) -> std::result::Result<(), Failure> {
        Err(Failure::internal("an artifact has no layers to unpack"))
    }

    /// Gives the files their names. A file of the same name is replaced whole, and a link is not followed.
    fn finish(&self, artifact: &FetchedImage) -> std::result::Result<(), Failure> {
        let mut made = self.lock();
        for file in &artifact.layers {
            let name = file_name(file);
            if let Some((_, known)) = made.iter().find(|(known, _)| *known == name) {
                if known.digest == file.digest {
                    continue;
                }
                return Err(Failure::conflict(format!("two files of the artifact are called {name}")));
            }
            // By way of a link: the same content may have several names.
            let put = linkat(&self.draft.1, file.digest.hex(), &self.draft.1, "named", AtFlags::empty())
                .and_then(|()| renameat(&self.draft.1, "named", &self.folder, name.as_str()));
            put.map_err(|errno| failed("write to", &self.path.join(&name), errno))?;
            made.push((name, file.clone()));
        }
        fsync(&self.folder).map_err(|errno| failed("write to", &self.path, errno))
    }
}

fn failed(verb: &str, path: &Path, errno: Errno) -> Failure {
    Failure::internal(format!("cannot {verb} {}: {}", path.display(), std::io::Error::from(errno)))
}
