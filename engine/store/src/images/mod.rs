//! Images: rows about what the OCI image layout holds.

mod document;
mod find;
mod index;
mod inspect;
mod list;
mod origins;
mod put;
mod record;
mod remove;
mod tag;

#[cfg(test)]
mod tests;

pub use document::{Descriptor, Manifest};
pub(crate) use document::{OCI_CONFIG, OCI_MANIFEST};
pub use put::NewImage;
pub use record::{ImageRecord, LayerRecord};
pub use remove::Removed;
pub(crate) use remove::{used_blobs, used_layers};
