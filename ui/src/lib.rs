//! The user interface: state, keys, themes and drawing.
//!
//! Purpose: everything between a terminal event and a frame, as two pure functions: [`update`] changes the
//! [`Model`] and says what is to be done outside ([`Effect`]), [`view`] draws the model.
//! Boundary: no I/O, no clock, no thread, no async. Time comes in with messages; engine commands go out as
//! effects. What containers write is hostile: it reaches a cell only through [`text`] or [`terminal`], which
//! let no control character pass.

pub mod action;
pub mod keys;
pub mod model;
mod msg;
pub mod terminal;
pub mod text;
pub mod theme;
mod update;
mod view;

pub use model::{Confirmation, HostSummary, Model, Settings};
pub use msg::{Effect, Msg};
pub use theme::{ColorDepth, Theme};
pub use update::update;
pub use view::view;
