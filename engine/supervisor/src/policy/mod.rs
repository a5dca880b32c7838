//! Decisions that need no kernel: when to start again, and how healthy a container is. Time is passed in.

pub mod health;
pub mod restart;
