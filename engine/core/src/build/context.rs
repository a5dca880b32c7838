//! The build's context: a folder of this machine, without what its `.dockerignore` leaves out.

use super::git::{self, Repository};
use super::tree::Tree;
use super::{BuildRequest, ContextSource, DockerfileSource};
use crate::containers::copy::{Copier, read_archive};
use crate::engine::Engine;
use crate::images::stack::open_folder;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use teu_api::Failure;
use teu_compose::Patterns;
use teu_registry::{Progress, shown};
use teu_store::Staging;
use teu_store::layers::Compression;

/// The largest file of patterns, and the largest Dockerfile that is fetched.
const LARGEST: u64 = 1 << 20;

/// What a Dockerfile is called where nothing is said.
const DOCKERFILE: &str = "Dockerfile";
/// What it may be called else.
const OTHER_NAMES: [&str; 2] = ["dockerfile", "Containerfile"];
/// The file of patterns; behind a Dockerfile's own name it is for that alone.
const IGNORE: &str = ".dockerignore";

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
            let made = git::check_out(self, &Repository::parse(address)?, false)?;
            return Ok(Remote::Folder(ContextFolder { files: made.folder, staging: made.staging }));
        }
        let kept = self.kept_file(address, "", false, progress)?;
        let (mut file, mut start) = (kept.open()?, Vec::new());
        let broken =
            |error: std::io::Error| Failure::internal(format!("cannot read {}: {error}", shown(address)));
        file.by_ref().take(512).read_to_end(&mut start).map_err(broken)?;
        if ContextFolder::is_archive(&start) {
            return Ok(Remote::Folder(self.unpack_context(start.as_slice().chain(file))?));
        }
        file.take(LARGEST).read_to_end(&mut start).map_err(broken)?;
        if start.len() as u64 > LARGEST {
            return Err(Failure::usage(format!(
                "{} is no archive, and too large for a Dockerfile",
                shown(address)
            )));
        }
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
                Err(Failure::usage(format!("{} is no archive and no repository", shown(address))))
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
            let tree = Tree::new(open_folder(folder.unwrap_or(Path::new("")))?, "the build context");
            let read = |name: &str| tree.small_file(name, LARGEST);
            let is_missing = |read: &std::io::Result<_>| {
                read.as_ref().is_err_and(|error: &std::io::Error| error.kind() == ErrorKind::NotFound)
            };
            let found = read(path);
            if path == DOCKERFILE && is_missing(&found) {
                let others = OTHER_NAMES.iter().map(|name| read(name)).find(|read| !is_missing(read));
                return others.unwrap_or(found).map_err(|error| lacks(path, error));
            }
            found.map_err(|error| lacks(path, error))
        }
    }
}

/// A folder as the build sees it.
fn tree(dockerfile: &DockerfileSource, folder: &Path) -> Result<Tree, Failure> {
    let root = open_folder(folder)?;
    let tree = Tree::new(root, "the build context");
    // A file of patterns beside the Dockerfile is for it alone.
    let own = match dockerfile {
        DockerfileSource::File(path) => {
            let mut name = path.clone().into_os_string();
            name.push(IGNORE);
            let path = PathBuf::from(name);
            // It may stand elsewhere, as the Dockerfile does.
            if path.is_file() {
                Some(std::fs::read(&path).map_err(|error| unread(&path, &error))?)
            } else {
                None
            }
        }
        DockerfileSource::Context(path) => tree.small_file(&format!("{path}{IGNORE}"), LARGEST).ok(),
        DockerfileSource::Text(_) => None,
    };
    let patterns = match own {
        Some(text) => patterns_of(&text),
        None => patterns(&tree, folder)?,
    };
    Ok(tree.leaving_out(patterns))
}

fn unread(file: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("cannot read {}: {error}", file.display()))
}

/// What the `.dockerignore` of a folder leaves out; nothing where there is none.
pub(super) fn patterns(tree: &Tree, folder: &Path) -> Result<Patterns, Failure> {
    match tree.small_file(IGNORE, LARGEST) {
        Ok(text) => Ok(patterns_of(&text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Patterns::default()),
        Err(error) => Err(unread(&folder.join(IGNORE), &error)),
    }
}

fn patterns_of(text: &[u8]) -> Patterns {
    let text = String::from_utf8_lossy(text);
    Patterns::new(text.trim_start_matches('\u{feff}').lines())
}
