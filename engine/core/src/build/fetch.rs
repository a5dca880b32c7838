//! Files that a build takes by their address. They are kept, so that their server is only asked whether they changed.

use super::base::Pull;
use super::git::{self, Repository};
use super::stage::Builder;
use super::tree::Tree;
use crate::engine::Engine;
use crate::images::stack::open_folder;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, FileTimes};
use std::io::Read as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use teu_api::Failure;
use teu_build::Copy;
use teu_registry::{FileHead, Progress, Settings, shown};
use teu_store::{Digest, Hasher, Lock, Staging};

/// The name of a file's content in its folder; what it is called is for the address to say.
const CONTENT: &str = "content";
/// The name of what its server said of it.
const HEAD: &str = "head.json";
/// What a file is called whose address names none.
const UNNAMED: &str = "__unnamed__";

/// What was fetched for one instruction, by its address. It stays as it is as long as this lives.
#[derive(Default)]
pub(super) struct Fetched {
    trees: BTreeMap<String, FetchedTree>,
}

/// What an address stands for.
pub(super) struct FetchedTree {
    pub tree: Tree,
    /// Where it is in that.
    pub path: String,
    /// What it is called; `None` for a whole folder.
    pub name: Option<String>,
    /// What names all that it is, for a repository.
    pub commit: Option<String>,
    _held: Held,
}

/// What must not go meanwhile.
#[expect(dead_code, reason = "held, not read")]
enum Held {
    File(KeptFile),
    Repository(Staging),
}

impl Fetched {
    pub fn get(&self, word: &str) -> Option<&FetchedTree> {
        self.trees.get(word)
    }
}

/// A file that is kept. Nobody replaces or removes it meanwhile.
pub(super) struct KeptFile {
    folder: PathBuf,
    _lock: Lock,
}

impl KeptFile {
    /// Opens it.
    pub fn open(&self) -> Result<File, Failure> {
        File::open(self.folder.join(CONTENT)).map_err(|error| broken(&error))
    }
}

fn broken(error: &std::io::Error) -> Failure {
    Failure::internal(format!("cannot keep what was fetched: {error}"))
}

/// Whether a source of ADD, or a context, has to be fetched.
pub fn is_address(word: &str) -> bool {
    is_file_address(word) || Repository::is_meant(word)
}

/// Whether a word names a file, or a repository, on the web.
pub(super) fn is_file_address(word: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| git::begins_with(word, scheme))
}

impl Builder<'_> {
    /// Fetches what an ADD names by address.
    pub(super) fn fetch(&self, copy: &Copy, step: usize) -> Result<Fetched, Failure> {
        let mut fetched = Fetched::default();
        let addresses: BTreeSet<&String> =
            copy.sources.iter().filter(|word| copy.is_add && is_address(word)).collect();
        if !copy.checksum.is_empty() {
            if addresses.is_empty() {
                return Err(Failure::usage("checksum can't be specified for non-HTTP(S) sources"));
            }
            if copy.sources.len() + copy.documents.len() > 1 {
                return Err(Failure::usage("checksum can't be specified for multiple sources"));
            }
        }
        let progress = Pull { request: self.request, tell: self.tell, step };
        // In order, so that two builds do not wait for each other.
        for address in addresses {
            if Repository::is_meant(address) {
                let repository = Repository::parse(address)?;
                if !copy.checksum.is_empty() {
                    return Err(Failure::unsupported(format!(
                        "ADD --checksum {}: of a repository",
                        shown(address)
                    ))
                    .hint("name the commit behind a #"));
                }
                let made = git::check_out(self.engine, &repository, copy.keep_git_folder)?;
                let tree = Tree::new(open_folder(&made.folder)?, shown(address));
                let held = Held::Repository(made.staging);
                let found = FetchedTree {
                    tree,
                    path: String::new(),
                    name: None,
                    commit: Some(made.commit),
                    _held: held,
                };
                fetched.trees.insert(address.clone(), found);
                continue;
            }
            let kept = self.engine.kept_file(address, &copy.checksum, self.request.no_cache, &progress)?;
            let tree = Tree::new(open_folder(&kept.folder)?, shown(address));
            let name = Some(teu_registry::file_name(address).unwrap_or_else(|| UNNAMED.to_owned()));
            let found =
                FetchedTree { tree, path: CONTENT.to_owned(), name, commit: None, _held: Held::File(kept) };
            fetched.trees.insert(address.clone(), found);
        }
        Ok(fetched)
    }
}

impl Engine {
    /// The file behind an address, as it is now.
    pub(super) fn kept_file(
        &self,
        address: &str,
        checksum: &str,
        afresh: bool,
        progress: &dyn Progress,
    ) -> Result<KeptFile, Failure> {
        let paths = self.store().paths();
        let wanted = if checksum.is_empty() { None } else { Some(Digest::parse(checksum)?) };
        let mut hasher = Hasher::default();
        hasher.update(format!("fetched\0{address}").as_bytes());
        let name = hasher.finish().hex().to_owned();
        let lock = Lock::wait(paths, &format!("cache-{name}"))?;
        let folder = paths.build_caches().join(&name);
        let known = if afresh { None } else { head_of(&folder) };
        if let (Some(wanted), Some(_)) = (&wanted, &known)
            && digest_of(&folder)? == *wanted
        {
            // What it must be it is already, whatever its server has now.
            return Ok(KeptFile { folder, _lock: lock });
        }
        fs::create_dir_all(paths.build_caches()).map_err(|error| broken(&error))?;
        let staging = Staging::new(paths, "fetched")?;
        let fresh = staging.path().join("files");
        fs::create_dir(&fresh).map_err(|error| broken(&error))?;
        let mut file = File::options()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(fresh.join(CONTENT))
            .map_err(|error| broken(&error))?;
        let settings = Settings::from_env()?;
        if let Some(head) = teu_registry::fetch(&settings, address, known.as_ref(), &mut file, progress)? {
            file.set_times(FileTimes::new().set_modified(changed(&head))).map_err(|error| broken(&error))?;
            let text = serde_json::to_vec(&head).map_err(|error| broken(&error.into()))?;
            fs::write(fresh.join(HEAD), text).map_err(|error| broken(&error))?;
            staging.take_in(&folder)?;
            staging.publish("files", &folder)?;
        }
        if let Some(wanted) = wanted {
            let found = digest_of(&folder)?;
            if found != wanted {
                return Err(Failure::conflict(format!(
                    "{}: digest mismatch: {found} was fetched, {wanted} is wanted",
                    shown(address)
                )));
            }
        }
        Ok(KeptFile { folder, _lock: lock })
    }
}

/// What is known of a file that is kept.
fn head_of(folder: &Path) -> Option<FileHead> {
    let is_there = folder.join(CONTENT).is_file();
    let text = fs::read(folder.join(HEAD)).ok().filter(|_| is_there)?;
    serde_json::from_slice(&text).ok()
}

fn digest_of(folder: &Path) -> Result<Digest, Failure> {
    let mut file = File::open(folder.join(CONTENT)).map_err(|error| broken(&error))?;
    let mut hasher = Hasher::default();
    let mut buffer = vec![0; 256 << 10];
    loop {
        match file.read(&mut buffer).map_err(|error| broken(&error))? {
            0 => return Ok(hasher.finish()),
            length => hasher.update(&buffer[..length]),
        }
    }
}

/// When a file was changed; the beginning of time where its server does not say.
fn changed(head: &FileHead) -> SystemTime {
    let text = head.modified.as_deref().unwrap_or_default();
    let seconds = jiff::fmt::rfc2822::parse(text).map_or(0, |time| time.timestamp().as_second());
    SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_paths() {
        assert!(is_address("HTTPS://x/y") && is_address("git@x:y.git") && is_address("https://x/y.git#v1"));
        assert!(!is_address("https/y") && !is_address("a.git") && !is_address(""));
    }

    #[test]
    fn times_are_what_servers_write() {
        let at = |text: &str| {
            let head = FileHead { modified: Some(text.to_owned()), ..FileHead::default() };
            changed(&head).duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
        };
        assert_eq!(at("Wed, 21 Oct 2015 07:28:00 GMT"), 1_445_412_480);
        assert_eq!(at("yesterday"), 0);
    }
}
