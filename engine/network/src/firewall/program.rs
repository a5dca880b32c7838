//! Running a program that changes the host's firewall.

use std::io::{ErrorKind, Write as _};
use std::process::{Command, Stdio};

/// Runs the first of these programs that is installed with an input and returns what it printed; fails with what it
/// said, in one line.
pub(super) fn run<S: AsRef<str>>(
    names: &[S],
    arguments: &[&str],
    input: &str,
) -> std::result::Result<String, String> {
    for name in names.iter().map(AsRef::as_ref) {
        let started = Command::new(name)
            .args(arguments)
            .env("PATH", search_path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = match started {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            other => other.map_err(|error| format!("cannot start {name}: {error}"))?,
        };
        let written = child.stdin.take().map_or(Ok(()), |mut pipe| pipe.write_all(input.as_bytes()));
        let output = child.wait_with_output().map_err(|error| format!("cannot wait for {name}: {error}"))?;
        if !output.status.success() {
            let reason = String::from_utf8_lossy(&output.stderr);
            let reason =
                reason.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
            return Err(reason.map_or_else(|| format!("{name} failed"), str::to_owned));
        }
        written.map_err(|error| format!("cannot write to {name}: {error}"))?;
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let name = names.last().map_or("", AsRef::as_ref);
    Err(format!("the program {name} is not installed"))
}

/// `/usr/sbin` is where such programs are, and not in every user's path.
fn search_path() -> String {
    let path = std::env::var("PATH").unwrap_or_default();
    format!("{path}:/usr/sbin:/sbin:/usr/local/sbin")
}
