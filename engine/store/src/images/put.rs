//! An image whose blobs and layers are in place becomes known.

use super::document::{Manifest, Summary};
use super::record::ImageRecord;
use crate::error::DatabaseContext as _;
use crate::events::{self, EventKind, NewEvent};
use crate::layers::{UnpackedLayer, chain_ids};
use crate::{Digest, Reference, Result, Store, StoreError, database};
use rusqlite::{Transaction, params};

/// An image to be made known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewImage {
    /// Its manifest, which is a blob by now, as are its configuration and layers.
    pub manifest: Digest,
    /// Names with a tag that it gets; images that had them lose them.
    pub names: Vec<Reference>,
    /// Names with a digest under which a registry knows it.
    pub repo_digests: Vec<Reference>,
    /// What happened, for the journal: `pull`, `import`, `load`, `build`, `commit`.
    pub action: String,
}

impl Store {
    /// Makes an image known whose blobs are stored and whose layers are unpacked. The blobs are on the disk by now; the
    /// layers get there in their own time, and are looked at once after the next start of the host.
    pub fn put_image(&self, new: &NewImage) -> Result<ImageRecord> {
        let blobs = self.blobs();
        let content = blobs.read(&new.manifest)?;
        let manifest = Manifest::parse(&new.manifest, &content)?;
        let config = blobs.read(&manifest.config.digest)?;
        let summary = Summary::parse(&manifest.config.digest, &config)?;
        let what = || format!("image {}", manifest.config.digest.short());
        if summary.diff_ids.len() != manifest.layers.len() {
            return Err(StoreError::hostile(
                what(),
                format!(
                    "its manifest lists {} layers, its configuration {}",
                    manifest.layers.len(),
                    summary.diff_ids.len()
                ),
            ));
        }
        let mut layers = Vec::with_capacity(manifest.layers.len());
        for chain in chain_ids(&summary.diff_ids) {
            let layer = self.layers().get(&chain)?;
            layers.push(layer.ok_or_else(|| {
                StoreError::hostile(what(), format!("its layer {} is not unpacked", chain.short()))
            })?);
        }
        for blob in &manifest.layers {
            if blobs.size(&blob.digest)? != Some(blob.size) {
                return Err(StoreError::hostile(
                    what(),
                    format!("its layer's blob {} is missing", blob.digest.short()),
                ));
            }
        }

        let id = manifest.config.digest.clone();
        let transaction = database::write(self.connection())?;
        write_rows(&transaction, &id, new, content.len() as u64, &manifest, &summary, &layers)?;
        for name in &new.names {
            super::tag::point(&transaction, name, id.as_str())?;
        }
        let name = new
            .names
            .first()
            .or(new.repo_digests.first())
            .map_or_else(|| id.to_string(), Reference::familiar);
        let mut event = NewEvent::new(EventKind::Image, new.action.as_str(), id.as_str());
        event.attributes = summary.labels.clone();
        events::append(&transaction, &event.with("name", name))?;
        transaction.commit().database("record an image")?;
        self.write_index()?;
        self.image(id.as_str())
    }
}

fn write_rows(
    transaction: &Transaction<'_>,
    id: &Digest,
    new: &NewImage,
    manifest_size: u64,
    manifest: &Manifest,
    summary: &Summary,
    layers: &[UnpackedLayer],
) -> Result<()> {
    let labels = database::to_json(&summary.labels)?;
    let size: u64 = layers.iter().map(|layer| layer.size).sum();
    let write = || -> rusqlite::Result<()> {
        // The same configuration under another manifest: its layers may be compressed otherwise.
        transaction.execute(
            "INSERT INTO images (id, manifest_digest, manifest_size, media_type, created_at, stored_at, architecture, os,
                variant, size, labels)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
             ON CONFLICT (id) DO UPDATE SET manifest_digest = ?2, manifest_size = ?3, media_type = ?4",
            params![
                id.as_str(),
                new.manifest.as_str(),
                manifest_size as i64,
                manifest.media_type,
                summary.created_at,
                events::now(),
                summary.architecture,
                summary.os,
                summary.variant,
                size as i64,
                labels
            ],
        )?;
        transaction.execute("DELETE FROM image_layers WHERE image_id = ?", [id.as_str()])?;
        for (position, (layer, blob)) in layers.iter().zip(&manifest.layers).enumerate() {
            transaction.execute(
                "INSERT OR IGNORE INTO layers (chain_id, diff_id, size, entries) VALUES (?, ?, ?, ?)",
                params![
                    layer.chain_id.as_str(),
                    layer.diff_id.as_str(),
                    layer.size as i64,
                    layer.entries as i64
                ],
            )?;
            transaction.execute(
                "INSERT INTO image_layers (image_id, position, chain_id, diff_id, blob, blob_size, media_type)
                 VALUES (?, ?, ?, ?, ?, ?, ?)",
                params![
                    id.as_str(),
                    position as i64,
                    layer.chain_id.as_str(),
                    layer.diff_id.as_str(),
                    blob.digest.as_str(),
                    blob.size as i64,
                    blob.media_type
                ],
            )?;
        }
        for name in &new.repo_digests {
            transaction.execute(
                "INSERT OR REPLACE INTO repo_digests (name, image_id) VALUES (?, ?)",
                params![name.to_string(), id.as_str()],
            )?;
        }
        Ok(())
    };
    write().database("record an image")
}
