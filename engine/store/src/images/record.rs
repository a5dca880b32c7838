//! An image as the database holds it.

use crate::database;
use crate::{Digest, StoreError};
use rusqlite::Row;
use std::collections::BTreeMap;

/// An image.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImageRecord {
    /// Its id: the digest of its configuration.
    pub id: String,
    /// The digest of its manifest.
    pub manifest_digest: String,
    /// The manifest's size in bytes.
    pub manifest_size: u64,
    /// The manifest's media type.
    pub media_type: String,
    /// When it was made: nanoseconds since the Unix epoch; `None` when it does not say.
    pub created_at: Option<i64>,
    /// When it came into this store: nanoseconds since the Unix epoch.
    pub stored_at: i64,
    /// The processor architecture, in Go's words.
    pub architecture: String,
    /// The operating system.
    pub os: String,
    /// The architecture's variant; mostly empty.
    pub variant: String,
    /// Unpacked bytes of all layers.
    pub size: u64,
    /// Labels.
    pub labels: BTreeMap<String, String>,
}

impl ImageRecord {
    /// The first twelve digits of the id, as listings show them.
    pub fn short_id(&self) -> &str {
        let hex = self.id.strip_prefix("sha256:").unwrap_or(&self.id);
        hex.get(..12).unwrap_or(hex)
    }

    /// The manifest's digest.
    pub fn manifest(&self) -> Result<Digest, StoreError> {
        Digest::parse(&self.manifest_digest)
    }
}

/// A layer of an image.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LayerRecord {
    /// What names its unpacked tree.
    pub chain_id: String,
    /// The digest of its uncompressed archive.
    pub diff_id: String,
    /// The digest of the blob.
    pub blob: String,
    /// The blob's size in bytes.
    pub blob_size: u64,
    /// The blob's media type.
    pub media_type: String,
    /// Bytes of its files.
    pub size: u64,
}

/// The columns that `from_row` reads, in its order.
pub const COLUMNS: &str = "id, manifest_digest, manifest_size, media_type, created_at, stored_at, architecture, os, variant, size, labels";

pub fn from_row(row: &Row<'_>) -> rusqlite::Result<ImageRecord> {
    Ok(ImageRecord {
        id: row.get(0)?,
        manifest_digest: row.get(1)?,
        manifest_size: row.get::<_, i64>(2)? as u64,
        media_type: row.get(3)?,
        created_at: row.get(4)?,
        stored_at: row.get(5)?,
        architecture: row.get(6)?,
        os: row.get(7)?,
        variant: row.get(8)?,
        size: row.get::<_, i64>(9)? as u64,
        labels: database::from_json(row.get_ref(10)?.as_str()?)?,
    })
}
