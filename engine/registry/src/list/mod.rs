//! What a registry has: its catalogue, the tags of a repository, and what refers to an image.

mod catalog;
mod pages;
mod referrers;
mod tags;

pub use catalog::catalog;
pub(crate) use catalog::catalog_of;
pub use referrers::referrers;
pub use tags::tags;
