//! Building images: from a Dockerfile to the steps that make an image.
//!
//! Purpose: read Dockerfiles as BuildKit does, name the parts of their instructions, expand their variables, find the
//! stages that a target needs.
//! Boundary: pure; it opens no file, runs nothing, and knows no image. Whoever carries the steps out gives it what it
//! asks for.

mod config;
mod duration;
mod error;
pub mod expand;
mod flags;
mod instruction;
mod mount;
pub mod parser;
mod resolve;
mod stages;

pub use config::{ImageConfig, clean};
pub use error::{BuildError, Result};
pub use instruction::{CommandLine, Copy, Instruction, Run};
pub use mount::{BuildMount, MountType, Sharing};
pub use parser::{Dockerfile, Heredoc};
pub use stages::{Origin, Stage, Stages, Step};
