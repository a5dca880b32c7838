//! What can be done with images.

mod inspect;
mod list;
