//! Terminals: handing the master to another process, or joining it with the caller's own terminal.

use crate::error::{Result, RuntimeError, shown};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::net::{
    AddressFamily, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketAddrUnix, SocketType, connect,
    sendmsg, socket,
};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr, tcsetwinsize};
use std::io::IoSlice;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use teu_sys::process::pidfd_send_signal;

/// Sends a descriptor over a unix socket, with the text that receivers show as its name.
pub(super) fn send(path: &Path, fd: BorrowedFd<'_>, name: &str) -> Result<()> {
    let fail = |error: rustix::io::Errno| RuntimeError::kernel("send a descriptor to", shown(path), error);
    let peer = socket(AddressFamily::UNIX, SocketType::STREAM, None).map_err(fail)?;
    connect(&peer, &SocketAddrUnix::new(path).map_err(fail)?).map_err(fail)?;
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let descriptors = [fd];
    control.push(SendAncillaryMessage::ScmRights(&descriptors));
    sendmsg(&peer, &[IoSlice::new(name.as_bytes())], &mut control, SendFlags::NOSIGNAL).map_err(fail)?;
    Ok(())
}

/// Puts the caller's terminal back as it was.
struct Restored(Option<Termios>);

impl Drop for Restored {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, before);
        }
    }
}

/// Every signal that can be caught, blocked for the calling process and read from a descriptor. Must exist before the
/// process is started, so that none is missed.
pub(super) fn signals() -> Result<SignalFd> {
    let mut set = SigSet::all();
    for fatal in [Signal::SIGSEGV, Signal::SIGBUS, Signal::SIGFPE, Signal::SIGILL, Signal::SIGABRT] {
        set.remove(fatal);
    }
    set.thread_block().map_err(|error| RuntimeError::kernel("block", "signals", error))?;
    SignalFd::with_flags(&set, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)
        .map_err(|error| RuntimeError::kernel("watch", "signals", error))
}

/// Passes signals on, and with a terminal bytes both ways, until the process has ended.
pub(super) fn attend(pidfd: BorrowedFd<'_>, master: Option<OwnedFd>, signals: &SignalFd) -> Result<()> {
    let fail = |error: rustix::io::Errno| RuntimeError::kernel("attend", "the process", error);
    let stdin = std::io::stdin();
    let _restored = Restored(master.as_ref().and_then(|master| {
        let before = tcgetattr(&stdin).ok()?;
        let mut raw = before.clone();
        raw.make_raw();
        // The container's terminal leaves line ends to ours.
        raw.output_modes.insert(rustix::termios::OutputModes::OPOST | rustix::termios::OutputModes::ONLCR);
        tcsetattr(&stdin, OptionalActions::Now, &raw).ok()?;
        copy_size(master);
        Some(before)
    }));
    let mut input_open = master.is_some();
    let mut output_open = master.is_some();
    let mut ended = false;
    while !ended || output_open {
        let mut fds = vec![PollFd::new(signals, PollFlags::IN)];
        if !ended {
            fds.push(PollFd::new(&pidfd, PollFlags::IN));
        }
        let master_at = master.as_ref().filter(|_| output_open).map(|master| {
            fds.push(PollFd::new(master, PollFlags::IN));
            fds.len() - 1
        });
        let input_at = (input_open && !ended).then(|| {
            fds.push(PollFd::new(&stdin, PollFlags::IN));
            fds.len() - 1
        });
        // What the terminal still holds when the process has ended is there at once.
        let wait = ended.then(rustix::event::Timespec::default);
        match poll(&mut fds, wait.as_ref()) {
            Ok(0) if ended => break,
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => return Err(fail(error)),
        }
        let ready = |at: Option<usize>| at.is_some_and(|at| !fds[at].revents().is_empty());
        let (master_ready, input_ready) = (ready(master_at), ready(input_at));
        if !ended && !fds[1].revents().is_empty() {
            ended = true;
        }
        while let Ok(Some(info)) = signals.read_signal() {
            match (Signal::try_from(info.ssi_signo as i32), &master) {
                (Ok(Signal::SIGCHLD), _) => {}
                (Ok(Signal::SIGWINCH), Some(master)) => copy_size(master),
                // With a terminal, job control of our own session is not the container's.
                (Ok(Signal::SIGTTIN | Signal::SIGTTOU | Signal::SIGPIPE | Signal::SIGURG), _) => {}
                _ => {
                    let _ = pidfd_send_signal(pidfd, info.ssi_signo as i32);
                }
            }
        }
        let Some(master) = &master else { continue };
        if master_ready && !pass(master.as_fd(), std::io::stdout().as_fd()) {
            output_open = false;
        }
        if input_ready && !pass(stdin.as_fd(), master.as_fd()) {
            input_open = false;
        }
    }
    Ok(())
}

/// Shows what is left in a terminal at which nobody runs: the last words of a hook, say.
pub(super) fn rest(master: &OwnedFd) {
    let mut fds = [PollFd::new(master, PollFlags::IN)];
    while matches!(poll(&mut fds, Some(&rustix::event::Timespec::default())), Ok(1))
        && fds[0].revents().contains(PollFlags::IN)
        && pass(master.as_fd(), std::io::stderr().as_fd())
    {}
}

fn copy_size(master: &OwnedFd) {
    if let Ok(size) = tcgetwinsize(std::io::stdin()) {
        let _ = tcsetwinsize(master, size);
    }
}

/// Moves what is there; false at the end. A terminal whose other side is closed reads as EIO.
fn pass(from: BorrowedFd<'_>, to: BorrowedFd<'_>) -> bool {
    let mut buffer = [0u8; 16384];
    let Ok(read) = rustix::io::read(from, &mut buffer) else { return false };
    let mut rest = &buffer[..read];
    while !rest.is_empty() {
        match rustix::io::write(to, rest) {
            Ok(written) => rest = &rest[written..],
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
            Err(_) => return false,
        }
    }
    read > 0
}
