//! One long form for everything that may be written short, and one text for every unit.

pub(crate) mod command;
mod convert;
pub(crate) mod duration;
mod expand;
pub(crate) mod port;
pub(crate) mod size;
pub(crate) mod volume;

pub(crate) use convert::convert;
pub(crate) use expand::expand;

use crate::yaml::{Node, Span, path_text};

/// A value that cannot be read.
pub(crate) struct BadValue {
    pub span: Span,
    pub path: String,
    pub message: String,
}

impl BadValue {
    fn new(node: &Node, path: &[&str], message: impl Into<String>) -> Self {
        Self { span: node.span, path: path_text(path), message: message.into() }
    }
}
