//! Connections by TCP that nobody waits for.

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, socket_with};
use std::io::{Error, ErrorKind};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// Begins to connect to an address from this thread's network namespace; `None` when that cannot even begin.
pub(crate) fn begin(address: SocketAddr) -> Option<TcpStream> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(family, SocketType::STREAM, flags, None).ok()?;
    match connect(&socket, &address) {
        Ok(()) | Err(Errno::INPROGRESS) => Some(socket.into()),
        Err(_) => None,
    }
}

/// How long nothing is taken in after the kernel had no descriptor left: what waits would wake us for ever.
const PAUSE: Duration = Duration::from_millis(200);

/// Until when no connection is taken after one could not be; `None` where it only was not there any more.
pub fn pause_after(error: &Error, now: Instant) -> Option<Instant> {
    let gone =
        matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted | ErrorKind::ConnectionAborted);
    (!gone).then(|| now + PAUSE)
}

/// Whether an operation could not be carried out yet, and is to be tried again when the socket is ready.
pub(crate) fn is_early(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::NotConnected)
}
