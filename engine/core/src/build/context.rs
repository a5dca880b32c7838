//! The build's context: a folder of this machine, without what its `.dockerignore` leaves out.

use super::tree::Tree;
use super::{BuildRequest, DockerfileSource};
use crate::containers::copy::{Copier, read_archive};
use crate::engine::Engine;
use crate::images::stack::open_folder;
use std::io::Read;
use std::path::{Path, PathBuf};
use teu_api::Failure;
use teu_compose::Patterns;
use teu_store::Staging;
use teu_store::layers::Compression;

/// The largest file of patterns.
const LARGEST: u64 = 1 << 20;

/// A context that came as an archive. The folder goes with this.
#[derive(Debug)]
pub struct ContextFolder {
    staging: Staging,
}

impl ContextFolder {
    /// The folder.
    pub fn path(&self) -> PathBuf {
        self.staging.path().join("files")
    }

    /// Whether this is the beginning of an archive, compressed or not, rather than a Dockerfile.
    pub fn is_archive(start: &[u8]) -> bool {
        let is_compressed = !matches!(Compression::detect(start), Ok(Compression::None));
        is_compressed || <&[u8; 512]>::try_from(start).is_ok_and(super::add::is_header)
    }
}

impl Engine {
    /// Unpacks a context that comes as an archive.
    pub fn unpack_context(&self, reader: impl Read + Send) -> Result<ContextFolder, Failure> {
        let staging = Staging::new(self.store().paths(), "context")?;
        let folder = ContextFolder { staging };
        std::fs::create_dir(folder.path())
            .map_err(|error| Failure::internal(format!("cannot make a folder for the context: {error}")))?;
        read_archive(reader, open_folder(&folder.path())?, Copier::new(true, false))?;
        Ok(folder)
    }
}

/// The Dockerfile's text.
pub(super) fn dockerfile(request: &BuildRequest) -> Result<Vec<u8>, Failure> {
    match &request.dockerfile {
        DockerfileSource::Text(text) => Ok(text.clone()),
        DockerfileSource::File(path) => std::fs::read(path).map_err(|error| {
            let failure =
                Failure::usage(format!("failed to read dockerfile: open {}: {error}", path.display()));
            failure.hint("name another with -f")
        }),
    }
}

/// The context as a tree. Without a folder there is none.
pub(super) fn open(request: &BuildRequest) -> Result<Option<Tree>, Failure> {
    let Some(folder) = &request.context else { return Ok(None) };
    let root = open_folder(folder)?;
    let own = match &request.dockerfile {
        // A file of patterns beside the Dockerfile is for it alone.
        DockerfileSource::File(path) => {
            let mut name = path.as_os_str().to_owned();
            name.push(".dockerignore");
            Some(PathBuf::from(name))
        }
        DockerfileSource::Text(_) => None,
    };
    let file = own.filter(|path| path.is_file()).unwrap_or_else(|| folder.join(".dockerignore"));
    Ok(Some(Tree::new(root, "the build context").leaving_out(patterns(&file)?)))
}

/// The patterns of a file; none where it is not there.
pub(super) fn patterns(file: &Path) -> Result<Patterns, Failure> {
    let failed = |error: std::io::Error| Failure::usage(format!("cannot read {}: {error}", file.display()));
    match std::fs::metadata(file) {
        Ok(found) if found.len() > LARGEST => {
            return Err(Failure::usage(format!("{} is larger than {LARGEST} bytes", file.display())));
        }
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Patterns::default()),
        Err(error) => return Err(failed(error)),
    }
    let text = std::fs::read(file).map_err(failed)?;
    let text = String::from_utf8_lossy(&text);
    Ok(Patterns::new(text.trim_start_matches('\u{feff}').lines()))
}
