//! Which keys there are, and what each may hold.

mod check;
mod project;
mod service;

pub(crate) use check::{check, check_all};
pub(crate) use service::is_of_container;

/// What a value may be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    Any,
    /// What Docker Compose knows and we do not yet.
    NotYet(&'static str),
    Null,
    Text,
    Bool,
    Int,
    Number,
    /// An integer within bounds.
    Range(i64, i64),
    /// One of some words.
    Word(&'static [&'static str]),
    /// Text that a function accepts; it says what is expected otherwise.
    Pattern(fn(&str) -> bool, &'static str),
    /// Any of these.
    Either(&'static [Shape]),
    List(&'static Shape),
    /// A list without equal items.
    Set(&'static Shape),
    /// A mapping with names of the user's choice.
    Named(&'static Shape),
    /// A mapping whose names are those of services, networks and the like.
    Resources(&'static Shape),
    Object(&'static Object),
}

/// A mapping with known keys.
#[derive(Debug)]
pub(crate) struct Object {
    pub keys: &'static [(&'static str, Shape)],
    pub required: &'static [&'static str],
    /// Whether `x-…` keys may be there.
    pub extensions: bool,
}

pub(crate) const BOOL: Shape = Shape::Either(&[Shape::Bool, Shape::Text]);
pub(crate) const INT: Shape = Shape::Either(&[Shape::Int, Shape::Text]);
pub(crate) const NUMBER: Shape = Shape::Either(&[Shape::Number, Shape::Text]);
pub(crate) const TEXTS: Shape = Shape::List(&Shape::Text);
pub(crate) const TEXT_SET: Shape = Shape::Set(&Shape::Text);
pub(crate) const TEXT_OR_SET: Shape = Shape::Either(&[Shape::Text, TEXT_SET]);
const SCALAR_OR_NULL: Shape = Shape::Either(&[Shape::Text, Shape::Number, Shape::Bool, Shape::Null]);
pub(crate) const TEXT_OR_NUMBER: Shape = Shape::Either(&[Shape::Text, Shape::Number]);
/// `{NAME: value}` or `[NAME=value]`.
pub(crate) const PAIRS: Shape = Shape::Either(&[Shape::Named(&SCALAR_OR_NULL), TEXT_SET]);
pub(crate) const OPTIONS: Shape = Shape::Named(&TEXT_OR_NUMBER);
pub(crate) const HOSTS: Shape =
    Shape::Either(&[Shape::Named(&Shape::Either(&[Shape::Text, TEXTS])), TEXT_SET]);
pub(crate) const COMMAND: Shape = Shape::Either(&[Shape::Null, Shape::Text, TEXTS]);
pub(crate) const ULIMITS: Shape = Shape::Named(&Shape::Either(&[
    Shape::Int,
    Shape::Text,
    Shape::Object(&Object {
        keys: &[("hard", INT), ("soft", INT)],
        required: &["soft", "hard"],
        extensions: true,
    }),
]));
/// A reference to a secret or a config.
pub(crate) const FILE_REFERENCES: Shape = Shape::List(&Shape::Either(&[
    Shape::Text,
    Shape::Object(&Object {
        keys: &[
            ("source", Shape::Text),
            ("target", Shape::Text),
            ("uid", Shape::Text),
            ("gid", Shape::Text),
            ("mode", NUMBER),
        ],
        required: &[],
        extensions: true,
    }),
]));
/// A whole compose file.
pub(crate) const PROJECT: Shape = Shape::Object(&project::PROJECT);
