//! Building images: from a Dockerfile to the steps that make an image.
//!
//! Purpose: read Dockerfiles as BuildKit does, expand their variables, find the stages that a target needs, name every
//! step by what it depends on.
//! Boundary: pure; it opens no file, runs nothing, and knows no image. Whoever carries the steps out gives it what it
//! asks for.

mod error;
pub mod parser;

pub use error::{BuildError, Result};
pub use parser::Dockerfile;
