//! A layer's archive, as it was before it was compressed.

use super::record::LayerRecord;
use crate::error::IoContext as _;
use crate::layers::decompress;
use crate::{Digest, Hasher, Result, Store, StoreError};
use std::io::{Read as _, Write};

impl Store {
    /// Writes a layer's uncompressed archive, and fails when it is not what the layer's diff id says.
    pub fn write_layer(&self, layer: &LayerRecord, writer: &mut dyn Write) -> Result<()> {
        let what = || format!("layer {}", layer.diff_id);
        let (_, mut stream) = decompress(self.blobs().open(&Digest::parse(&layer.blob)?)?).context(what)?;
        let mut hasher = Hasher::new();
        let mut buffer = vec![0; 256 << 10];
        loop {
            let count = stream.read(&mut buffer).context(what)?;
            if count == 0 {
                break;
            }
            hasher.update(&buffer[..count]);
            writer.write_all(&buffer[..count]).context(|| "cannot write the layer's archive".to_owned())?;
        }
        expect(layer, &hasher.finish())
    }

    /// Checks that a layer's unpacked tree is what its archive says, and the archive what the diff id says.
    pub fn verify_layer(&self, layer: &LayerRecord) -> Result<()> {
        let archive = self.blobs().open(&Digest::parse(&layer.blob)?)?;
        expect(layer, &self.layers().verify(&Digest::parse(&layer.chain_id)?, archive)?)
    }
}

fn expect(layer: &LayerRecord, found: &Digest) -> Result<()> {
    if found.as_str() == layer.diff_id {
        return Ok(());
    }
    Err(StoreError::hostile(
        format!("layer {}", layer.diff_id),
        format!("the stored archive is damaged: its digest is {found}"),
    ))
}
