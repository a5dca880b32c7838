//! The child's terminal, of the container's own devpts.

use super::birth::Common;
use super::root;
use super::wire::{At, Stage, Step, tell_descriptor};
use rustix::fs::OFlags;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use teu_sys::tty;

/// Opens a terminal of the container's own devpts, sends its master to the parent and gives the slave.
pub(super) fn open_terminal(common: &Common<'_>, root: BorrowedFd<'_>) -> Step<OwnedFd> {
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let master = root::open_inside(root, c"/dev/pts/ptmx", flags).at(Stage::Console, 0)?;
    terminal_from(common, &master)
}

/// Unlocks a terminal, sizes it, hands its master over, gives its slave.
pub(crate) fn terminal_from(common: &Common<'_>, master: &OwnedFd) -> Step<OwnedFd> {
    rustix::pty::unlockpt(master).at(Stage::Console, 1)?;
    let peer =
        rustix::pty::OpenptFlags::RDWR | rustix::pty::OpenptFlags::NOCTTY | rustix::pty::OpenptFlags::CLOEXEC;
    // By ioctl on the master: no path that the container could have replaced.
    let slave = rustix::pty::ioctl_tiocgptpeer(master, peer).at(Stage::Console, 5)?;
    if common.relayed {
        let mut modes = rustix::termios::tcgetattr(&slave).at(Stage::Console, 9)?;
        modes.output_modes.remove(rustix::termios::OutputModes::ONLCR);
        rustix::termios::tcsetattr(&slave, rustix::termios::OptionalActions::Now, &modes)
            .at(Stage::Console, 9)?;
    }
    if let Some((columns, rows)) = common.console_size {
        tty::set_size(slave.as_fd(), columns, rows).at(Stage::Console, 6)?;
    }
    tell_descriptor(common.socket.as_fd(), master.as_fd()).at(Stage::Console, 7)?;
    Ok(slave)
}
