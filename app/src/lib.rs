//! The program: arguments, output formats, and the loop that joins the user interface to the engine.
//!
//! Purpose: what users type and see. Boundary: no policy; what is done to containers is decided in `teu-core`.

pub mod arguments;
mod commands;
pub mod completion;
pub mod filter;
mod interactive;
pub mod manual;
pub mod output;
pub mod template;
mod tui;

pub use commands::main;
