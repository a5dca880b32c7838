//! The engine: owns store, registry, runtime and supervisors, carries out commands and tells what changed.
//!
//! Purpose: one place where what users ask for becomes containers, images and networks.
//! Boundary: no argument parsing, no output formats, no terminal. Calls are synchronous; callers that must not
//! wait run them on a thread of their own.

pub mod build;
pub mod bundle;
mod containers;
mod demo;
mod engine;
mod events;
pub mod host;
pub mod host_stats;
pub mod images;
mod names;
mod networks;
mod reconcile;
pub mod signal;
pub mod stacks;
mod volumes;
mod watch;

pub use containers::{CopyOptions, Exec, Launch, ProcessTable, StatsReader, Update, snapshot};
pub use engine::Engine;
pub use images::{PulledImage, PushedImage};
pub use networks::{always_there as always_there_networks, subnets as network_subnets};
pub use teu_network::obstacles as firewall_obstacles;
pub use teu_registry::{Found, Progress, Silent};
pub use teu_store::from_host::FromHost;
pub use teu_store::import::Import;
pub use teu_store::{
    ContainerRecord, EventKind, EventRecord, NewEvent, NewVolume, Paths, Reference, Store, StoreError,
};
pub use teu_supervisor::{Connection, Message, Received, Request, Sender, SupervisorError, detach_keys, log};
pub use watch::Watch;

/// The body of `teu supervisor DIR`.
pub use teu_supervisor::main as supervisor_main;

/// The body of `teu oci …`: the OCI runtime's own command line.
pub use teu_runtime::oci::main as oci_main;
