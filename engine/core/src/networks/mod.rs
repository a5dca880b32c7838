//! What can be done to networks, and what containers show of them, one action a file.

mod connect;
mod inspect;
mod places;
mod settings;
mod subnets;

pub use inspect::always_there;
pub(crate) use settings::{port_map, settings};
pub use subnets::subnets;
