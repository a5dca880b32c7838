//! A `teu` with a state folder of its own, cleaned up at the end.

use crate::objects;
use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The real program with a state folder that no one else uses.
pub struct Teu {
    root: tempfile::TempDir,
    binary: PathBuf,
}

/// What one command printed and how it ended.
#[derive(Debug, Clone)]
pub struct Output {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// The exit code; 128 and the signal's number where a signal ended it.
    pub code: i32,
}

impl Output {
    /// Standard output without its last line end, after checking that the command succeeded.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, 0, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self.stdout.trim_end_matches('\n').to_owned()
    }

    /// Standard error, after checking that the command failed with this code, in one line.
    #[track_caller]
    pub fn fails_with(self, code: i32) -> String {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self.stderr.trim_end().to_owned()
    }
}

impl Default for Teu {
    fn default() -> Self {
        Self::new()
    }
}

impl Teu {
    /// A fresh state folder.
    pub fn new() -> Self {
        let root = tempfile::Builder::new().prefix("teu-test-").tempdir().expect("a temporary folder");
        Self { root, binary: binary() }
    }

    /// A fresh state folder with the image `busybox` in it.
    #[track_caller]
    pub fn with_busybox() -> Self {
        let teu = Self::new();
        teu.run(["image", "from-host", "-t", "busybox", "busybox"]).ok();
        teu
    }

    /// The state folder.
    pub fn root(&self) -> &Path {
        self.root.path()
    }

    /// The program.
    pub fn binary(&self) -> &Path {
        &self.binary
    }

    /// A command of the program, not yet run.
    pub fn command<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, arguments: I) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(arguments).env("TEU_ROOT", self.root()).env("NO_COLOR", "1").stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    #[track_caller]
    pub fn run<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, arguments: I) -> Output {
        collect(self.command(arguments))
    }

    /// Runs a command with this standard input.
    #[track_caller]
    pub fn run_with_input<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(
        &self,
        arguments: I,
        input: &[u8],
    ) -> Output {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        let input = input.to_owned();
        let writer = std::thread::spawn(move || {
            let _ = stdin.write_all(&input);
        });
        let output = child.wait_with_output().expect("the program ends");
        let _ = writer.join();
        convert(&output)
    }

    /// Starts a command and leaves it running.
    #[track_caller]
    pub fn spawn<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, arguments: I) -> Child {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the program starts")
    }

    /// One field of `inspect`, as `--format` prints it.
    #[track_caller]
    pub fn inspect(&self, name: &str, template: &str) -> String {
        self.run(["inspect", "--format", template, name]).ok()
    }

    /// Waits until a condition holds; fails after ten seconds.
    #[track_caller]
    pub fn wait_until(&self, what: &str, mut condition: impl FnMut() -> bool) {
        let end = std::time::Instant::now() + std::time::Duration::from_secs(10);
        while !condition() {
            assert!(std::time::Instant::now() < end, "waited ten seconds for: {what}");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }

    /// Removes every container and checks that nothing of this state folder is left in the kernel.
    #[track_caller]
    pub fn finish(self) {
        let ids = self.run(["ps", "-aq", "--no-trunc"]).ok();
        let ids: Vec<&str> = ids.lines().collect();
        if !ids.is_empty() {
            self.run(["rm", "-f", "-v"].into_iter().chain(ids.iter().copied())).ok();
        }
        let left = || objects::of(self.root(), &ids);
        let end = std::time::Instant::now() + std::time::Duration::from_secs(5);
        while !left().is_empty() && std::time::Instant::now() < end {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        assert!(left().is_empty(), "left behind: {:#?}", left());
    }
}

impl Drop for Teu {
    fn drop(&mut self) {
        // A failed test must not leave its containers running.
        let ids = collect(self.command(["ps", "-aq"])).stdout;
        if !ids.trim().is_empty() {
            collect(self.command(["rm", "-f", "-v"].into_iter().chain(ids.split_whitespace())));
        }
        for pid in objects::processes_of(self.root()) {
            let _ =
                nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL);
        }
    }
}

/// The program under test: `TEU_BIN`, or the one beside this test's own build.
fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("TEU_BIN") {
        return path.into();
    }
    let test = std::env::current_exe().expect("a test knows its own path");
    let folder = test.ancestors().find(|folder| folder.join("teu").is_file());
    folder.expect("build the program first: cargo build -p teu, or use tests/run").join("teu")
}

fn collect(mut command: Command) -> Output {
    convert(&command.output().expect("the program starts"))
}

fn convert(output: &std::process::Output) -> Output {
    use std::os::unix::process::ExitStatusExt as _;
    let code = output.status.code().unwrap_or_else(|| 128 + output.status.signal().unwrap_or(0));
    Output {
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        code,
    }
}
