//! Commands about the whole.

pub mod df;
