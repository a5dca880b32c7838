//! Images: rows about what the OCI image layout holds.

mod changes;
mod document;
mod export;
mod find;
mod history;
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

pub use changes::{Change, ChangeKind, LayerChanges};
pub use document::{Descriptor, Manifest};
pub(crate) use document::{OCI_CONFIG, OCI_MANIFEST, Summary};
pub use history::HistoryEntry;
pub use put::NewImage;
pub use record::{ImageRecord, LayerRecord};
pub use remove::Removed;
pub(crate) use remove::{used_blobs, used_layers};
