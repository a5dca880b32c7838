//! The engine: owns store, registry, runtime and supervisors, carries out commands and tells what changed.
//!
//! Purpose: one place where what users ask for becomes containers, images and networks.
//! Boundary: no argument parsing, no output formats, no terminal. Calls are synchronous; callers that must not
//! wait run them on a thread of their own.

pub mod bundle;
