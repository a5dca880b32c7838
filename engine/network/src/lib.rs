//! Networks of containers: bridges, addresses, published ports and names.
//!
//! Purpose: give a container's network namespace its interfaces, addresses and routes, publish its ports, and answer
//! its questions for names. Boundary: synchronous and without a daemon; the caller owns the container, its network
//! namespace and its supervisor's loop. What is leased stands in the shared database; links are made by rtnetlink;
//! the firewall is one static nftables table (`firewall/table.nft`) of which only elements change.

mod address;
mod connection;
pub mod dns;
mod endpoint;
mod error;
mod files;
mod firewall;
mod interest;
mod namespace;
mod netlink;
mod network;
mod ports;
mod reconcile;
mod relay;
mod setup;
mod sysctl;
mod tables;

pub use address::Cidr;
pub use connection::pause_after;
pub use dns::{DatabaseNames, Resolver};
pub use endpoint::{Endpoint, EndpointRequest, loopback_up};
pub use error::{NetworkError, Result};
pub use files::{HostsFile, Resolution};
pub use firewall::obstacles;
pub use interest::Interest;
pub use namespace::within;
pub use network::{DEFAULT_NETWORK, Networks};
pub use relay::{Door, Relay};
pub use setup::{Connected, Setup};
pub use tables::{EndpointRow, NameRow, NetworkRow, PortRow, Tables};
