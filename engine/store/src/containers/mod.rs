//! Containers' rows, and their folders' end.

mod find;
mod insert;
mod list;
mod record;
mod remove;
mod rename;
mod state;
mod update;

#[cfg(test)]
mod tests;

pub use record::{BUILD_LABEL, ContainerRecord, NewContainer};
