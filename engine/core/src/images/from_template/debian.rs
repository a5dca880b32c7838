//! Debian with systemd, made by mmdebstrap or debootstrap.

use super::find_program;
use crate::engine::Engine;
use rustix::fs::{CWD, Mode, OFlags, openat};
use std::fs;
use std::io::{self, BufRead as _, BufReader, BufWriter, Read};
use std::os::fd::AsFd as _;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread;
use teu_api::Failure;
use teu_store::import::Import;
use teu_store::layers::{Form, pack};
use teu_store::{ImageRecord, Staging};

/// Which Debian.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Debian {
    /// The release's code name; `None` for this host's own where it is a Debian, otherwise `stable`.
    pub suite: Option<String>,
    /// Packages beside systemd.
    pub include: Vec<String>,
    /// Where packages come from; `None` leaves it to the tool.
    pub mirror: Option<String>,
}

impl Debian {
    /// The release's code name.
    pub fn suite(&self) -> String {
        self.suite.clone().or_else(own_suite).unwrap_or_else(|| "stable".to_owned())
    }
}

/// An init, and the bus by which its tools talk to it.
const PACKAGES: [&str; 2] = ["systemd-sysv", "dbus"];

pub(super) fn make(
    engine: &Engine,
    name: &str,
    wanted: &Debian,
    tell: &(dyn Fn(&str) + Sync),
) -> Result<ImageRecord, Failure> {
    let suite = wanted.suite();
    if !is_plain(&suite) {
        return Err(Failure::usage(format!("invalid suite: {suite:?}"))
            .hint("give a release's code name, such as bookworm"));
    }
    if let Some(bad) = wanted.include.iter().find(|package| !is_plain(package)) {
        return Err(Failure::usage(format!("invalid package name: {bad:?}"))
            .hint("give names as apt knows them, separated by commas"));
    }
    if wanted.mirror.as_ref().is_some_and(|mirror| mirror.starts_with('-')) {
        return Err(Failure::usage("invalid --mirror").hint("give the address of a Debian mirror"));
    }
    let packages: Vec<&str> = PACKAGES.into_iter().chain(wanted.include.iter().map(String::as_str)).collect();
    let include = format!("--include={}", packages.join(","));
    let import = Import {
        name: Some(name.to_owned()),
        changes: vec![
            "CMD [\"/sbin/init\"]".to_owned(),
            "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned(),
        ],
        message: format!("teu image from-template debian {suite}"),
        ..Import::default()
    };
    if let Some(tool) = find_program("mmdebstrap") {
        let mut command = Command::new(tool);
        // Nothing of it outlives a crash of this host, and no descriptions are read.
        let quick = ["--dpkgopt=force-unsafe-io", "--aptopt=Acquire::Languages \"none\""];
        command.args(["--variant=minbase", "--format=tar", &include]).args(quick);
        command.args([&suite, "-"]).args(&wanted.mirror);
        return thread::scope(|scope| {
            let (mut child, stderr) = spawn(&mut command, Stdio::piped())?;
            let said = scope.spawn(|| listen(stderr, tell));
            let Some(stdout) = child.stdout.take() else {
                return Err(Failure::internal("mmdebstrap has no standard output"));
            };
            let mut archive = Made { stdout, child };
            let made = engine.store().import_image(&mut archive, &import);
            // Where the store did not read on, the tool is still at it.
            let _ = archive.child.kill();
            let status = archive.child.wait();
            let said = said.join().unwrap_or_default();
            match (made, status) {
                (Err(_), Ok(status)) if !status.success() && status.code().is_some() => {
                    Err(failed("mmdebstrap", &suite, &said))
                }
                (made, _) => Ok(made?),
            }
        });
    }
    let Some(tool) = find_program("debootstrap") else {
        return Err(Failure::unsupported(
            "cannot make an image of Debian: neither mmdebstrap nor debootstrap is installed",
        )
        .hint("apt-get install mmdebstrap"));
    };
    let staging = Staging::new(engine.store().paths(), "template")?;
    let root = staging.path().join("root");
    fs::create_dir(&root)
        .map_err(|error| Failure::internal(format!("cannot make {}: {error}", root.display())))?;
    let mut command = Command::new(tool);
    command.args(["--variant=minbase", &include, &suite]).arg(&root).args(&wanted.mirror);
    // It tells its progress on standard output.
    let (mut child, stderr) = spawn(&mut command, Stdio::piped())?;
    let progress = child.stdout.take();
    let said = thread::scope(|scope| {
        let stdout = scope.spawn(|| progress.map(|progress| listen(progress, tell)).unwrap_or_default());
        let mut said = listen(stderr, tell);
        said.extend(stdout.join().unwrap_or_default());
        said
    });
    let status =
        child.wait().map_err(|error| Failure::internal(format!("cannot wait for debootstrap: {error}")))?;
    if !status.success() {
        return Err(failed("debootstrap", &suite, &said));
    }
    for cache in ["var/cache/apt/archives", "var/lib/apt/lists"] {
        empty(&root.join(cache));
    }
    let folder = openat(CWD, &root, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
        .map_err(|errno| Failure::internal(format!("cannot open {}: {errno}", root.display())))?;
    let (reader, writer) =
        io::pipe().map_err(|error| Failure::internal(format!("cannot make a pipe: {error}")))?;
    thread::scope(|scope| {
        let packer = scope.spawn(|| pack(folder.as_fd(), Form::Whole, BufWriter::new(writer)));
        let made = engine.store().import_image(reader, &import);
        let packed = packer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let image = made?;
        packed?;
        Ok(image)
    })
}

/// The archive as the tool writes it. It ends only where the tool ended well, so that half of a system is no image.
struct Made {
    stdout: std::process::ChildStdout,
    child: Child,
}

impl Read for &mut Made {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.stdout.read(buffer)?;
        if read == 0 && !buffer.is_empty() && !self.child.wait()?.success() {
            return Err(io::Error::other("the tool that makes it failed"));
        }
        Ok(read)
    }
}

fn spawn(command: &mut Command, stdout: Stdio) -> Result<(Child, ChildStderr), Failure> {
    let program = Path::new(command.get_program()).display().to_string();
    let failed = |error: io::Error| Failure::internal(format!("cannot run {program}: {error}"));
    let mut child =
        command.stdin(Stdio::null()).stdout(stdout).stderr(Stdio::piped()).spawn().map_err(failed)?;
    let stderr = child.stderr.take().ok_or_else(|| failed(io::ErrorKind::BrokenPipe.into()))?;
    Ok((child, stderr))
}

/// Hands on what a tool says and returns its last complaints.
fn listen(stream: impl Read, tell: &(dyn Fn(&str) + Sync)) -> Vec<String> {
    let mut last = Vec::new();
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        tell(&line);
        if line.starts_with("E:") || line.contains("rror") {
            last.push(line);
        }
    }
    last
}

fn failed(tool: &str, suite: &str, said: &[String]) -> Failure {
    let why = said.first().map_or("it says why above", String::as_str);
    Failure::internal(format!("{tool} could not make {suite}: {why}"))
        .hint("check the suite's and the packages' names, the mirror, and the network")
}

/// Whether a word is safe on the tool's command line: as Debian Policy names packages and suites.
fn is_plain(word: &str) -> bool {
    let mut bytes = word.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+-.".contains(&b))
}

/// This host's own release, where it is a Debian.
fn own_suite() -> Option<String> {
    let text = fs::read_to_string("/etc/os-release").ok()?;
    let value = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='))?;
        Some(line.trim_matches('"').to_owned())
    };
    (value("ID").as_deref() == Some("debian")).then(|| value("VERSION_CODENAME")).flatten()
}

/// Empties a folder of caches as far as it goes: what stays costs room and nothing else.
fn empty(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let _ = if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            fs::remove_dir_all(path)
        } else {
            fs::remove_file(path)
        };
    }
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn words_for_the_tool_are_names_and_no_options() {
        for good in ["bookworm", "libstdc++6", "systemd-sysv", "0ad"] {
            assert!(is_plain(good), "{good}");
        }
        for bad in ["", "-x", "--setup-hook=touch /x", "a b", "a,b", "a/b", "$(x)"] {
            assert!(!is_plain(bad), "{bad}");
        }
    }
}
