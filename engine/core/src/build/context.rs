//! The build's context: a folder of this machine, without what its `.dockerignore` leaves out.

use super::git::{self, Repository};
use super::inside::inside;
use super::tree::Tree;
use super::{BuildRequest, ContextSource, DockerfileSource};
use crate::containers::copy::{Copier, read_archive};
use crate::engine::Engine;
use crate::images::stack::open_folder;
use rustix::fs::OFlags;
use std::io::Read;
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use teu_api::Failure;
use teu_compose::Patterns;
use teu_registry::Progress;
use teu_store::Staging;
use teu_store::layers::Compression;

/// The largest file of patterns, and the largest Dockerfile that is fetched.
const LARGEST: u64 = 1 << 20;

/// A context that is not a folder of this machine: it was unpacked or fetched.
#[derive(Debug)]
pub struct ContextFolder {
    files: PathBuf,
    /// It goes with this.
    #[expect(dead_code, reason = "held until the build is done")]
    staging: Staging,
}

impl ContextFolder {
    /// The folder.
    pub fn path(&self) -> &Path {
        &self.files
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
        let files = staging.path().join("files");
        std::fs::create_dir(&files)
            .map_err(|error| Failure::internal(format!("cannot make a folder for the context: {error}")))?;
        read_archive(reader, open_folder(&files)?, Copier::new(true, false))?;
        Ok(ContextFolder { files, staging })
    }
}

/// What an address stands for as a context.
enum Remote {
    Folder(ContextFolder),
    /// A Dockerfile alone.
    Dockerfile(Vec<u8>),
}

impl Engine {
    fn fetch_context(&self, address: &str, progress: &dyn Progress) -> Result<Remote, Failure> {
        if Repository::is_meant(address) {
            let (staging, files) = git::check_out(self, &Repository::parse(address)?, false)?;
            return Ok(Remote::Folder(ContextFolder { files, staging }));
        }
        let kept = self.kept_file(address, "", false, progress)?;
        let (mut file, mut start) = (kept.open()?, Vec::new());
        let broken = |error: std::io::Error| Failure::internal(format!("cannot read {address}: {error}"));
        file.by_ref().take(512).read_to_end(&mut start).map_err(broken)?;
        if ContextFolder::is_archive(&start) {
            return Ok(Remote::Folder(self.unpack_context(start.as_slice().chain(file))?));
        }
        file.take(LARGEST).read_to_end(&mut start).map_err(broken)?;
        Ok(Remote::Dockerfile(start))
    }

    /// The folder behind an address that a Dockerfile has a name for.
    pub(super) fn fetch_folder(
        &self,
        address: &str,
        progress: &dyn Progress,
    ) -> Result<ContextFolder, Failure> {
        match self.fetch_context(address, progress)? {
            Remote::Folder(folder) => Ok(folder),
            Remote::Dockerfile(_) => {
                Err(Failure::usage(format!("{address} is no archive and no repository")))
            }
        }
    }
}

/// The context of a build.
pub(super) struct Context {
    /// The Dockerfile's text.
    pub dockerfile: Vec<u8>,
    /// The files; none where there is no folder.
    pub tree: Tree,
    /// Where they are, when they were fetched.
    _fetched: Option<ContextFolder>,
}

/// Opens the context, and reads the Dockerfile.
pub(super) fn open(
    engine: &Engine,
    request: &BuildRequest,
    progress: &dyn Progress,
) -> Result<Context, Failure> {
    let (folder, fetched) = match &request.context {
        ContextSource::Nothing => (None, None),
        ContextSource::Folder(folder) => (Some(folder.clone()), None),
        ContextSource::Address(address) => match engine.fetch_context(address, progress)? {
            Remote::Folder(fetched) => (Some(fetched.path().to_owned()), Some(fetched)),
            Remote::Dockerfile(dockerfile) => {
                return Ok(Context { dockerfile, tree: Tree::nothing(), _fetched: None });
            }
        },
    };
    let dockerfile = dockerfile(&request.dockerfile, folder.as_deref())?;
    let tree = match folder {
        Some(folder) => tree(&request.dockerfile, &folder)?,
        None => Tree::nothing(),
    };
    Ok(Context { dockerfile, tree, _fetched: fetched })
}

fn dockerfile(source: &DockerfileSource, folder: Option<&Path>) -> Result<Vec<u8>, Failure> {
    let lacks = |path: &dyn std::fmt::Display, error: std::io::Error| {
        Failure::usage(format!("failed to read dockerfile: open {path}: {error}"))
            .hint("name another with -f")
    };
    match source {
        DockerfileSource::Text(text) => Ok(text.clone()),
        DockerfileSource::File(path) => std::fs::read(path).map_err(|error| lacks(&path.display(), error)),
        DockerfileSource::Context(path) => {
            let folder = open_folder(folder.unwrap_or(Path::new("")))?;
            let mut text = Vec::new();
            inside(folder.as_fd(), path, OFlags::RDONLY | OFlags::NONBLOCK)
                .map_err(std::io::Error::from)
                .and_then(|file| std::fs::File::from(file).take(LARGEST).read_to_end(&mut text))
                .map_err(|error| lacks(path, error))?;
            Ok(text)
        }
    }
}

/// A folder as the build sees it.
fn tree(dockerfile: &DockerfileSource, folder: &Path) -> Result<Tree, Failure> {
    let root = open_folder(folder)?;
    // A file of patterns beside the Dockerfile is for it alone.
    let own = match dockerfile {
        DockerfileSource::File(path) => Some(path.clone()),
        DockerfileSource::Context(path) => Some(folder.join(path)),
        DockerfileSource::Text(_) => None,
    };
    let own = own.map(|path| {
        let mut name = path.into_os_string();
        name.push(".dockerignore");
        PathBuf::from(name)
    });
    let file = own.filter(|path| path.is_file()).unwrap_or_else(|| folder.join(".dockerignore"));
    Ok(Tree::new(root, "the build context").leaving_out(patterns(&file)?))
}

/// The patterns of a file; none where it is not there.
pub(super) fn patterns(file: &Path) -> Result<Patterns, Failure> {
    let failed = |error: std::io::Error| Failure::usage(format!("cannot read {}: {error}", file.display()));
    let mut text = Vec::new();
    match std::fs::File::open(file) {
        // It may be a link to something without an end.
        Ok(opened) => opened.take(LARGEST + 1).read_to_end(&mut text).map_err(failed)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Patterns::default()),
        Err(error) => return Err(failed(error)),
    };
    if text.len() as u64 > LARGEST {
        return Err(Failure::usage(format!("{} is larger than {LARGEST} bytes", file.display())));
    }
    let text = String::from_utf8_lossy(&text);
    Ok(Patterns::new(text.trim_start_matches('\u{feff}').lines()))
}
