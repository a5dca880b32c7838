//! Repositories that a build takes files from, checked out by the host's `git`.

use super::fetch::is_file_address;
use super::inside::inside;
use crate::engine::Engine;
use crate::images::stack::open_folder;
use rustix::fs::OFlags;
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use teu_api::Failure;
use teu_registry::shown;
use teu_store::Staging;

/// Where submodules with relative addresses begin.
const ORIGIN: &str = "remote.origin.url";

/// Variables that name parts of one repository (`git rev-parse --local-env-vars`, and of hooks).
const OF_ONE_REPOSITORY: [&str; 15] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_TEMPLATE_DIR",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_WORK_TREE",
];

/// Where files are in a repository: `ADDRESS[#[REFERENCE][:FOLDER]]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Repository {
    /// As git takes it.
    address: String,
    /// A branch, tag or commit; empty for the default branch.
    reference: String,
    /// The folder in it; empty for all.
    folder: String,
}

/// Whether a word begins so, whatever its case.
pub(super) fn begins_with(word: &str, start: &str) -> bool {
    word.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start))
}

impl Repository {
    /// Whether a word means a repository.
    pub fn is_meant(word: &str) -> bool {
        let address = word.split('#').next().unwrap_or_default();
        (is_file_address(address) && address.strip_suffix(".git").is_some())
            || ["git@", "git://", "ssh://"].iter().any(|start| begins_with(address, start))
    }

    /// Reads an address.
    pub fn parse(word: &str) -> Result<Self, Failure> {
        let (address, fragment) = word.split_once('#').unwrap_or((word, ""));
        let (reference, folder) = fragment.split_once(':').unwrap_or((fragment, ""));
        // git would take it for one of its flags.
        if reference.starts_with('-') {
            return Err(Failure::usage(format!("{}: invalid git reference {reference}", shown(word))));
        }
        Ok(Self { address: address.to_owned(), reference: reference.to_owned(), folder: folder.to_owned() })
    }
}

/// A repository that was checked out.
pub(super) struct CheckedOut {
    pub staging: Staging,
    /// The folder that was asked for, which goes with the staging one.
    pub folder: PathBuf,
    /// What names its content: the commit, the folder, and whether the history is there.
    pub commit: String,
}

/// Checks a repository out.
pub(super) fn check_out(
    engine: &Engine,
    repository: &Repository,
    keeps_git: bool,
) -> Result<CheckedOut, Failure> {
    let staging = Staging::new(engine.store().paths(), "repository")?;
    let files = staging.path().join("files");
    let work = Git { files: &files, address: &repository.address };
    work.run(None, &["init", "--quiet", "--", &files.to_string_lossy()])?;
    let wanted = if repository.reference.is_empty() { "HEAD" } else { &repository.reference };
    let fetch = |more: &[&str]| {
        let words = ["fetch", "--quiet", "--no-tags", "--force"];
        let last = ["--", &repository.address, wanted];
        work.run(Some(&files), &[&words, more, &last].concat())
    };
    // Not every server gives a part of the history, or a commit by its name alone.
    let fetched = fetch(&["--depth=1"]).or_else(|_| fetch(&[]));
    let place = if fetched.is_ok() {
        "FETCH_HEAD"
    } else {
        let all = ["fetch", "--quiet", "--", &repository.address, "+refs/heads/*:refs/remotes/origin/*"];
        work.run(Some(&files), &all)?;
        wanted
    };
    let named = format!("{place}^{{commit}}");
    let found = work.run(Some(&files), &["rev-parse", "--verify", "--quiet", "--end-of-options", &named]);
    // What is not there was told by the first who looked for it.
    let commit = found.or_else(|failure| fetched.and(Err(failure)))?.trim().to_owned();
    work.run(Some(&files), &["checkout", "--quiet", "--detach", &commit])?;
    if files.join(".gitmodules").is_file() {
        // Their addresses may be relative to this one, which is no business of whoever gets the history.
        work.run(Some(&files), &["config", "--local", ORIGIN, &repository.address])?;
        let update = ["submodule", "--quiet", "update", "--init", "--recursive"];
        work.run(Some(&files), &[&update[..], &["--depth=1"]].concat())
            .or_else(|_| work.run(Some(&files), &update))?;
        work.run(Some(&files), &["config", "--local", "--unset", ORIGIN])?;
    }
    let root = open_folder(&files)?;
    let gone: &[&str] = if keeps_git { &[".git/FETCH_HEAD", ".git/logs"] } else { &[".git"] };
    for path in gone {
        let (folder, name) = path.rsplit_once('/').unwrap_or((".", path));
        let removed = inside(root.as_fd(), folder, OFlags::RDONLY | OFlags::DIRECTORY)
            .and_then(|folder| teu_store::files::remove_tree(folder.as_fd(), name));
        match removed {
            Ok(()) | Err(rustix::io::Errno::NOENT) => {}
            Err(errno) => {
                let error = std::io::Error::from(errno);
                return Err(Failure::internal(format!("cannot remove {path} of {}: {error}", work.shown())));
            }
        }
    }
    let folder = folder_in(&files, &repository.folder).map_err(|failure| Failure {
        message: format!("{}: {}", work.shown(), failure.message),
        ..failure
    })?;
    let commit = format!("{commit} {} {keeps_git}", repository.folder);
    Ok(CheckedOut { staging, folder, commit })
}

/// A folder of a tree, wherever links in it lead to.
fn folder_in(files: &Path, folder: &str) -> Result<PathBuf, Failure> {
    let root = open_folder(files)?;
    let opened = inside(root.as_fd(), folder, OFlags::PATH | OFlags::DIRECTORY)
        .map_err(|errno| Failure::usage(format!("{folder}: {}", std::io::Error::from(errno))))?;
    std::fs::read_link(format!("/proc/self/fd/{}", opened.as_raw_fd()))
        .map_err(|error| Failure::internal(format!("cannot find {folder}: {error}")))
}

struct Git<'a> {
    files: &'a Path,
    address: &'a str,
}

impl Git<'_> {
    /// The address as messages have it.
    fn shown(&self) -> String {
        shown(self.address)
    }

    /// Runs git; gives what it printed.
    fn run(&self, folder: Option<&Path>, words: &[&str]) -> Result<String, Failure> {
        let mut command = Command::new("git");
        // Nothing of the repository runs on the host, and nobody is asked for a password in the middle of a build.
        command
            .args([
                "-c",
                "core.hooksPath=/dev/null",
                "-c",
                "core.fsmonitor=false",
                "-c",
                "http.lowSpeedLimit=1",
                "-c",
                "http.lowSpeedTime=60",
                "-c",
                "advice.detachedHead=false",
            ])
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ALLOW_PROTOCOL", "http:https:git:ssh")
            .current_dir(folder.or_else(|| self.files.parent()).unwrap_or(self.files))
            .args(words)
            .stdin(Stdio::null());
        // A hook that builds has these for a repository of its own.
        for name in OF_ONE_REPOSITORY {
            command.env_remove(name);
        }
        let failed =
            |detail: &str| Failure::usage(format!("cannot fetch {}: {}", self.shown(), shown(detail)));
        let output = command.output().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                failed("git is not installed").hint("install git, or fetch it first")
            }
            _ => failed(&format!("git does not start: {error}")),
        })?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let told = String::from_utf8_lossy(&output.stderr);
        let line = told.lines().rev().find(|line| line.starts_with("fatal:") || line.starts_with("error:"));
        Err(failed(line.or_else(|| told.lines().last()).unwrap_or("git says nothing of why")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_are_known_and_parted() {
        for meant in ["git@x:a/b", "git://x/y", "ssh://x/y", "https://x/y.git", "HTTPS://x/y.git#main:docs"] {
            assert!(Repository::is_meant(meant), "{meant}");
        }
        for other in ["https://x/y", "https://x/y.git/z", "y.git", "file:///y.git", "ext::sh.git"] {
            assert!(!Repository::is_meant(other), "{other}");
        }
        let parted = |word: &str| {
            let found = Repository::parse(word).unwrap();
            [found.address, found.reference, found.folder]
        };
        assert_eq!(parted("https://x/y.git"), ["https://x/y.git", "", ""]);
        assert_eq!(parted("https://x/y.git#v1:a/b"), ["https://x/y.git", "v1", "a/b"]);
        assert_eq!(parted("git@x:y#:a"), ["git@x:y", "", "a"]);
        assert!(Repository::parse("git@x:y#--upload-pack=sh").is_err());
    }
}
