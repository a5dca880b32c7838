//! YAML as a tree that remembers where everything stood.

mod node;
mod parse;
mod scalar;
mod time;

pub(crate) use node::{Directive, Map, Node, Span, Value, as_of_service, path_text};
pub(crate) use parse::parse;
pub(crate) use scalar::number_text;
pub(crate) use time::Moment;
