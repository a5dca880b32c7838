//! What can be done to volumes, one action a file.

mod claim;
mod create;
mod fill;
mod list;
mod options;
mod propagation;
mod remove;
mod transfer;

pub(crate) use options::{Backing, backing};
pub(crate) use propagation::check as check_propagation;
