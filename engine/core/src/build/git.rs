//! Repositories that a build takes files from, checked out by the host's `git`.

use super::inside::inside;
use crate::engine::Engine;
use crate::images::stack::open_folder;
use rustix::fs::OFlags;
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use teu_api::Failure;
use teu_store::Staging;

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

impl Repository {
    /// Whether a word means a repository.
    pub fn is_meant(word: &str) -> bool {
        let address = word.split('#').next().unwrap_or_default();
        let is_web = address.starts_with("http://") || address.starts_with("https://");
        (is_web && address.strip_suffix(".git").is_some())
            || ["git@", "git://", "ssh://"].iter().any(|start| address.starts_with(start))
    }

    /// Reads an address.
    pub fn parse(word: &str) -> Result<Self, Failure> {
        let (address, fragment) = word.split_once('#').unwrap_or((word, ""));
        let (reference, folder) = fragment.split_once(':').unwrap_or((fragment, ""));
        // git would take it for one of its flags.
        if reference.starts_with('-') {
            return Err(Failure::usage(format!("{word}: invalid git reference {reference}")));
        }
        Ok(Self { address: address.to_owned(), reference: reference.to_owned(), folder: folder.to_owned() })
    }
}

/// Checks a repository out; gives the folder that was asked for, which goes with the staging one.
pub(super) fn check_out(
    engine: &Engine,
    repository: &Repository,
    keeps_git: bool,
) -> Result<(Staging, PathBuf), Failure> {
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
    if fetch(&["--depth=1"]).is_err() && fetch(&[]).is_err() {
        let all = ["fetch", "--quiet", "--", &repository.address, "+refs/heads/*:refs/remotes/origin/*"];
        work.run(Some(&files), &all)?;
        work.run(Some(&files), &["checkout", "--quiet", "--detach", wanted])?;
    } else {
        work.run(Some(&files), &["checkout", "--quiet", "--detach", "FETCH_HEAD"])?;
    }
    if files.join(".gitmodules").is_file() {
        // Their addresses may be relative to this one.
        work.run(Some(&files), &["config", "--local", "remote.origin.url", &repository.address])?;
        let update = ["submodule", "--quiet", "update", "--init", "--recursive"];
        work.run(Some(&files), &[&update[..], &["--depth=1"]].concat())
            .or_else(|_| work.run(Some(&files), &update))?;
    }
    if !keeps_git {
        let root = open_folder(&files)?;
        teu_store::files::remove_tree(root.as_fd(), ".git")
            .map_err(|error| Failure::internal(format!("cannot remove the history: {error}")))?;
    }
    let folder = folder_in(&files, &repository.folder)?;
    Ok((staging, folder))
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
    fn run(&self, folder: Option<&Path>, words: &[&str]) -> Result<(), Failure> {
        let mut command = Command::new("git");
        // Nothing of the repository runs on the host, and nobody is asked for a password in the middle of a build.
        command
            .args([
                "-c",
                "core.hooksPath=/dev/null",
                "-c",
                "core.fsmonitor=false",
                "-c",
                "advice.detachedHead=false",
            ])
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ALLOW_PROTOCOL", "http:https:git:ssh")
            .env_remove("GIT_DIR")
            .env_remove("GIT_WORK_TREE")
            .env_remove("GIT_INDEX_FILE")
            .current_dir(folder.or_else(|| self.files.parent()).unwrap_or(self.files))
            .args(words)
            .stdin(Stdio::null());
        let failed = |detail: &str| Failure::usage(format!("cannot fetch {}: {detail}", self.address));
        let output = command.output().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                failed("git is not installed").hint("install git, or fetch it first")
            }
            _ => failed(&format!("git does not start: {error}")),
        })?;
        if output.status.success() {
            return Ok(());
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
        for meant in ["git@x:a/b", "git://x/y", "ssh://x/y", "https://x/y.git", "https://x/y.git#main:docs"] {
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
