//! What the whole-program suites share: a `teu` with a state folder of its own, images made on the spot, a count
//! of kernel objects before and after, and a real terminal to drive the program in.
//!
//! Boundary: everything goes through the real binary. Nothing here links the engine.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

pub mod isolation;
pub mod objects;
pub mod registry;
pub mod served;
pub mod skip;
pub mod stack;
pub mod terminal;
pub mod teu;
pub mod web;

pub use isolation::{Neighbour, host, isolate_mounts, isolate_network, network_leftovers, within_network};
pub use skip::skip;
pub use teu::{Output, Teu};
