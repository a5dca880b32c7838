//! What can be done to volumes, one action a file.

mod claim;
mod create;
mod fill;
mod list;
mod options;
mod remove;
mod transfer;

pub(crate) use options::{Backing, backing};
