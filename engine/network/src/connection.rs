//! Connections by TCP that nobody waits for.

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, socket_with};
use std::io::{Error, ErrorKind};
use std::net::{SocketAddr, TcpStream};

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

/// Whether an operation could not be carried out yet, and is to be tried again when the socket is ready.
pub(crate) fn is_early(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::NotConnected)
}
