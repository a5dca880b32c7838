//! `--init`: the container's first process stays ours. It does what programs forget that are process 1 unawares: it
//! reaps orphans, and it hands signals on, which the kernel would drop for a process 1 without handlers.
//!
//! It has the program's user, capabilities and filter, keeps no descriptor, and is not dumpable, so that nothing of the
//! memory that it was copied from can be read; its file is a read-only clone (CVE-2019-5736).

use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use std::io;
use teu_sys::{process, signal};

/// Splits this process: returns in the new one, which executes the program; the old one stays and never returns.
pub(super) fn stay_behind(terminal: bool) -> io::Result<()> {
    let all = SigSet::all();
    // Before there is a child: no signal falls between. Blocked ones are kept even for process 1.
    all.thread_block()?;
    // Without a pid namespace of its own it is no process 1, and orphans come to it all the same.
    process::set_child_subreaper(true)?;
    match process::fork_once_more()? {
        0 => {
            // A group of its own, in front: keys of the terminal reach the program once, not through us again.
            rustix::process::setpgid(None, None)?;
            if terminal {
                rustix::termios::tcsetpgrp(process::parked(0), rustix::process::getpid())?;
            }
            process::set_parent_death_signal(9)?;
            signal::reset_all()
        }
        program => {
            let _ = rustix::thread::set_name(c"teu-init");
            // Whoever waits for an end of file waits for the program alone.
            let _ = process::close_from(0);
            process::exit_now(attend(&all, Pid::from_raw(program)))
        }
    }
}

/// Hands signals on and reaps until the program has ended; gives its exit code as a shell would.
fn attend(signals: &SigSet, program: Pid) -> i32 {
    loop {
        match signals.wait() {
            Ok(Signal::SIGCHLD) => {
                if let Some(code) = reap(program) {
                    return code;
                }
            }
            // One that has just ended needs no signal; SIGCHLD follows.
            Ok(signal) => _ = kill(program, signal),
            // A real-time signal has no name here and is dropped.
            Err(_) => {}
        }
    }
}

/// Reaps everyone who has ended: one SIGCHLD may stand for many.
fn reap(program: Pid) -> Option<i32> {
    loop {
        match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::Exited(pid, code)) if pid == program => return Some(code),
            Ok(WaitStatus::Signaled(pid, signal, _)) if pid == program => return Some(128 + signal as i32),
            Ok(WaitStatus::StillAlive) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}
