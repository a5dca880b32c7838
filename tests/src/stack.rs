//! A stack of a suite's own.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use crate::isolation::isolate_network;
use crate::{Output, Teu};
use std::path::Path;
use std::process::Stdio;

/// A state folder with busybox, a folder with a Compose file, and a network namespace of their own.
pub struct Stack {
    /// The program.
    pub teu: Teu,
    folder: tempfile::TempDir,
}

impl Stack {
    /// With this file.
    pub fn new(text: &str) -> Self {
        isolate_network();
        let stack = Self { teu: Teu::with_busybox(), folder: tempfile::tempdir().expect("a folder") };
        stack.write(text);
        stack
    }

    /// Gives it another file.
    pub fn write(&self, text: &str) {
        std::fs::write(self.path().join("compose.yaml"), text).expect("a file");
    }

    /// Where its file is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A `teu compose` command about it, from its folder.
    pub fn command(&self, words: &[&str]) -> std::process::Command {
        let mut command = self.teu.command(["compose", "-p", "s"].iter().chain(words));
        command.current_dir(self.path()).stdin(Stdio::null());
        command
    }

    /// Runs one to its end.
    #[track_caller]
    pub fn run(&self, words: &[&str]) -> Output {
        let output = self.command(words).output().expect("the program starts");
        Output {
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            code: output.status.code().unwrap_or(-1),
        }
    }

    /// The names of containers, sorted.
    #[track_caller]
    pub fn names(&self, words: &[&str]) -> Vec<String> {
        let text = self.run(&[&["ps", "--format", "{{.Name}}"], words].concat()).ok();
        text.lines().map(str::to_owned).collect()
    }

    /// A container's id.
    #[track_caller]
    pub fn id(&self, name: &str) -> String {
        self.teu.inspect(name, "{{.Id}}")
    }

    /// Takes the stack down and checks that nothing of it is left.
    #[track_caller]
    pub fn finish(self) {
        self.run(&["down", "-v", "-t", "0", "--remove-orphans"]).ok();
        assert_eq!(self.teu.run(["ps", "-aq"]).ok(), "");
        assert_eq!(self.teu.run(["volume", "ls", "-q"]).ok(), "");
        assert_eq!(self.teu.run(["network", "ls", "-q", "--filter", "name=s_"]).ok(), "");
        assert!(!self.teu.root().join("stacks").exists(), "files of secrets and configs are left");
        self.teu.finish();
    }
}
