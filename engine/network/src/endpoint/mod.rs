//! A container's place on a network: taken, given back, one action a file.

mod attach;
mod detach;
mod request;
mod sharing;

pub use attach::{Endpoint, loopback_up};
pub use request::EndpointRequest;
pub(crate) use sharing::{make_sharing, probe_sharing};
