//! The small process that stays with each container, and the way to talk to it.
//!
//! Purpose: wait for the container's processes, carry their terminals and pipes to any number of clients, write the
//! log, run exec sessions and health checks, restart by policy, and record every change in the database.
//! Boundary: one container, one single-threaded poll loop. What a container is made of is the runtime's matter, what
//! users ask for the core's. An idle supervisor is never woken: it has no clock, only deadlines while one is armed.

pub mod config;
pub mod detach_keys;
mod entry;
mod error;
mod journal;
mod launch;
pub mod log;
mod policy;
mod presence;
pub mod protocol;
mod ring;
mod spawn;
mod supervise;

pub use config::{RootConfig, SubpathConfig, SupervisorConfig};
pub use entry::main;
pub use error::SupervisorError;
pub use presence::{Place, is_supervised, take_dead_ones_place};
pub use protocol::{Connection, Message, Received, Request, SOCKET_NAME, Sender};
pub use spawn::spawn;

/// The result of this crate's functions.
pub type Result<T, E = SupervisorError> = std::result::Result<T, E>;
