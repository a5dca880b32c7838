//! What an image holds.

use crate::error::DatabaseContext as _;
use crate::{Digest, LayerRecord, Result, Store, StoreError};
use oci_spec::image::ImageConfiguration;
use serde_json::Value;

impl Store {
    /// An image's configuration as it is stored, with what Docker adds to OCI's (`Healthcheck`, `OnBuild`, `Shell`).
    pub fn image_config_json(&self, id: &str) -> Result<Value> {
        let bytes = self.blobs().read(&Digest::parse(id)?)?;
        serde_json::from_slice(&bytes)
            .map_err(|error| StoreError::hostile(format!("image configuration {id}"), error.to_string()))
    }

    /// An image's configuration.
    pub fn image_config(&self, id: &str) -> Result<ImageConfiguration> {
        let bytes = self.blobs().read(&Digest::parse(id)?)?;
        ImageConfiguration::from_reader(bytes.as_slice())
            .map_err(|error| StoreError::hostile(format!("image configuration {id}"), error.to_string()))
    }

    /// The chain ids of the layers that an image's root file system is stacked of, lowest first.
    pub fn image_layers(&self, id: &str) -> Result<Vec<String>> {
        let mut chain: Vec<String> =
            self.image_layer_records(id)?.into_iter().map(|layer| layer.chain_id).collect();
        // overlayfs looks at opaque marks of folders, but not at one of a layer's root: what lies below such a layer is
        // left out of the stack.
        let mut hidden = 0;
        for (at, chain_id) in chain.iter().enumerate().skip(1) {
            if self.layers().hides_all(&Digest::parse(chain_id)?)? {
                hidden = at;
            }
        }
        chain.drain(..hidden);
        Ok(chain)
    }

    /// An image's layers, lowest first.
    pub fn image_layer_records(&self, id: &str) -> Result<Vec<LayerRecord>> {
        let query = || -> rusqlite::Result<Vec<LayerRecord>> {
            let mut statement = self.connection().prepare_cached(
                "SELECT i.chain_id, i.diff_id, i.blob, i.blob_size, i.media_type, l.size
                 FROM image_layers i JOIN layers l USING (chain_id) WHERE i.image_id = ? ORDER BY i.position",
            )?;
            statement
                .query_map([id], |row| {
                    Ok(LayerRecord {
                        chain_id: row.get(0)?,
                        diff_id: row.get(1)?,
                        blob: row.get(2)?,
                        blob_size: row.get::<_, i64>(3)? as u64,
                        media_type: row.get(4)?,
                        size: row.get::<_, i64>(5)? as u64,
                    })
                })?
                .collect()
        };
        query().database("list an image's layers")
    }
}
