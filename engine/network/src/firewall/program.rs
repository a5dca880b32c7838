//! Running a program that changes the host's firewall.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::io::{ErrorKind, Write as _};
use std::os::fd::OwnedFd;
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
        let pid = Pid::from_child(&child);
        let pidfd =
            pidfd_open(pid, PidfdFlags::empty()).map_err(|errno| format!("cannot watch {name}: {errno}"))?;
        let (written, output, late) = std::thread::scope(|scope| {
            let guard = scope.spawn(|| ends_late(&pidfd));
            let written = child.stdin.take().map_or(Ok(()), |mut pipe| pipe.write_all(input.as_bytes()));
            (written, child.wait_with_output(), guard.join().unwrap_or_default())
        });
        if late {
            return Err(format!("{name} gave no answer within {} s", PATIENCE.tv_sec));
        }
        let output = output.map_err(|error| format!("cannot wait for {name}: {error}"))?;
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

/// How long a program may take: others wait for the database meanwhile, and give up after ten seconds.
const PATIENCE: Timespec = Timespec { tv_sec: 6, tv_nsec: 0 };

/// Waits for the end of a process, or ends it; says whether it had to.
fn ends_late(process: &OwnedFd) -> bool {
    loop {
        match poll(&mut [PollFd::new(process, PollFlags::IN)], Some(&PATIENCE)) {
            Ok(0) => {
                // One that ended just now needs no signal.
                let _ = pidfd_send_signal(process, Signal::KILL);
                return true;
            }
            Err(Errno::INTR) => {}
            _ => return false,
        }
    }
}

/// `/usr/sbin` is where such programs are, and not in every user's path.
fn search_path() -> String {
    let path = std::env::var("PATH").unwrap_or_default();
    format!("{path}:/usr/sbin:/sbin:/usr/local/sbin")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_says_and_how_it_ends_is_told() {
        assert_eq!(run(&["no-such-program", "cat"], &[], "a\nb"), Ok("a\nb".to_owned()));
        let failed = run(&["sh"], &["-c", "echo '# note' >&2; echo wrong >&2; exit 1"], "");
        assert_eq!(failed, Err("wrong".to_owned()));
        assert_eq!(
            run(&["no-such-program"], &[], ""),
            Err("the program no-such-program is not installed".to_owned())
        );
    }

    #[test]
    fn a_program_without_an_end_is_ended() {
        let said = run(&["sleep"], &["1000"], "");
        assert_eq!(said, Err("sleep gave no answer within 6 s".to_owned()));
    }
}
