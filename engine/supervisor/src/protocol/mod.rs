//! The wire between a supervisor and its clients: framed messages on a unix stream socket.

mod connection;
pub(crate) mod frame;
mod message;

pub use connection::{Connection, Received, Sender};
pub use message::{Message, Request};

/// The socket's name in a container's runtime folder.
pub const SOCKET_NAME: &str = "socket";
