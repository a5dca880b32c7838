//! Plain data shared by the engine, the user interface and the command line.
//!
//! Purpose: one vocabulary for ids, container specifications, states, snapshots, commands, events and errors.
//! Boundary: owned data only. Nothing here reads a clock, a file or the environment, and nothing here depends
//! on tokio, nix or ratatui.

pub mod command;
pub mod container;
pub mod details;
pub mod error;
pub mod event;
pub mod id;
pub mod image;
pub mod network;
pub mod progress;
pub mod session;
pub mod stack;
pub mod stats;
pub mod volume;

pub use command::Command;
pub use error::{Failure, FailureKind};
pub use event::Event;
pub use id::{ContainerId, SessionId};
