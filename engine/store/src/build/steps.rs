//! The cache of builds: a step that depends on the same things makes the same layer.

use super::NewLayer;
use crate::error::{DatabaseContext as _, IoContext as _};
use crate::gc::Unused;
use crate::images::{used_blobs, used_layers};
use crate::layers::{Compression, Form, Limits, chain_id, pack};
use crate::{Digest, Lock, Result, Store, database, events};
use rusqlite::{OptionalExtension as _, params};
use rustix::fs::{Mode, OFlags};
use std::collections::HashSet;
use std::os::fd::AsFd as _;
use std::path::Path;

/// A step that was taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BuildStep {
    /// The digest of its layer's uncompressed archive.
    pub diff_id: Digest,
    /// The layer's blob.
    pub blob: Digest,
    /// The blob's size in bytes.
    pub blob_size: u64,
    /// The blob's media type.
    pub media_type: String,
    /// The unpacked layer, which holds only on top of those below it.
    pub chain_id: Digest,
    /// When it was taken: nanoseconds since the Unix epoch.
    pub created_at: i64,
}

/// A step in the cache, for people.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BuildStepUsage {
    /// What names it.
    pub key: String,
    /// The instruction.
    pub description: String,
    /// Bytes on the disk that no image has as well.
    pub bytes: u64,
    /// Whether an image has its layer.
    pub in_use: bool,
    /// When it was made, and used for the last time: nanoseconds since the Unix epoch.
    pub created_at: i64,
    /// See `created_at`.
    pub used_at: i64,
}

impl Store {
    /// Makes a layer of the changes in a folder (overlayfs' upper folder) on top of others. The caller holds the lock of
    /// content until something names the layer.
    pub(crate) fn layer_of(&self, upper: &Path, below: Option<&Digest>) -> Result<NewLayer> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let folder = rustix::fs::open(upper, flags, Mode::empty()).on("open", upper)?;
        let mut writer = self.blobs().writer()?;
        pack(folder.as_fd(), Form::Layer, std::io::BufWriter::with_capacity(256 << 10, &mut writer))?;
        let size = writer.size();
        let blob = writer.commit(None, None)?;
        let file = self.blobs().open(&blob)?;
        self.layers().unpack(file, below, Some(&blob), &Limits::default())?;
        Ok(NewLayer {
            diff_id: blob.clone(),
            blob,
            size,
            media_type: Compression::None.media_type().to_owned(),
        })
    }

    /// A step that was taken already, whose layer is still there.
    pub fn build_step(&self, key: &str) -> Result<Option<BuildStep>> {
        let row = self.connection().query_row(
            "SELECT diff_id, blob, blob_size, media_type, chain_id, created_at FROM build_steps WHERE key = ?",
            [key],
            |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, i64>(2)?,
                    row.get::<_, String>(3)?,
                    row.get::<_, String>(4)?,
                    row.get::<_, i64>(5)?,
                ))
            },
        );
        let Some((diff_id, blob, size, media_type, chain_id, created_at)) =
            row.optional().database("find a step of a build")?
        else {
            return Ok(None);
        };
        let step = BuildStep {
            diff_id: Digest::parse(&diff_id)?,
            blob: Digest::parse(&blob)?,
            blob_size: size as u64,
            media_type,
            chain_id: Digest::parse(&chain_id)?,
            created_at,
        };
        let is_there = self.layers().get(&step.chain_id)?.is_some()
            && self.blobs().size(&step.blob)? == Some(step.blob_size);
        if !is_there {
            return Ok(None);
        }
        self.connection()
            .execute("UPDATE build_steps SET used_at = ? WHERE key = ?", params![events::now(), key])
            .database("note the use of a step")?;
        Ok(Some(step))
    }

    /// Makes a layer of a step's changes and remembers it.
    pub fn put_build_step(
        &self,
        key: &str,
        upper: &Path,
        below: Option<&Digest>,
        description: &str,
    ) -> Result<BuildStep> {
        let _content = Lock::content(self.paths())?;
        let layer = self.layer_of(upper, below)?;
        let step = BuildStep {
            chain_id: chain_id(below, &layer.diff_id),
            diff_id: layer.diff_id,
            blob: layer.blob,
            blob_size: layer.size,
            media_type: layer.media_type,
            created_at: events::now(),
        };
        self.connection()
            .execute(
                "INSERT OR REPLACE INTO build_steps
                    (key, chain_id, diff_id, blob, blob_size, media_type, description, created_at, used_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)",
                params![
                    key,
                    step.chain_id.as_str(),
                    step.diff_id.as_str(),
                    step.blob.as_str(),
                    step.blob_size as i64,
                    step.media_type,
                    description,
                    step.created_at,
                ],
            )
            .database("remember a step of a build")?;
        Ok(step)
    }

    /// The steps in the cache, the one used last first.
    pub fn build_steps(&self) -> Result<Vec<BuildStepUsage>> {
        let mut statement = self
            .connection()
            .prepare_cached(
                "SELECT s.key, s.description, s.blob_size, s.created_at, s.used_at, s.chain_id,
                    EXISTS (SELECT 1 FROM image_layers i WHERE i.chain_id = s.chain_id)
                 FROM build_steps s ORDER BY s.used_at DESC, s.key",
            )
            .database("list the steps of builds")?;
        let rows = statement
            .query_map([], |row| {
                let usage = BuildStepUsage {
                    key: row.get(0)?,
                    description: row.get(1)?,
                    bytes: row.get::<_, i64>(2)? as u64,
                    created_at: row.get(3)?,
                    used_at: row.get(4)?,
                    in_use: row.get(6)?,
                };
                Ok((usage, row.get::<_, String>(5)?))
            })
            .database("list the steps of builds")?;
        let mut seen = HashSet::new();
        let mut steps = Vec::new();
        for row in rows {
            let (mut usage, chain) = row.database("list the steps of builds")?;
            // A layer counts twice, packed and unpacked; one that several steps made, for the first alone.
            if usage.in_use || !seen.insert(chain.clone()) {
                usage.bytes = 0;
            } else if let Some(layer) = self.layers().get(&Digest::parse(&chain)?)? {
                usage.bytes += layer.size;
            }
            steps.push(usage);
        }
        Ok(steps)
    }

    /// Forgets steps, and removes what only they kept.
    pub fn remove_build_steps(&self, keys: &[String]) -> Result<()> {
        let transaction = database::write(self.connection())?;
        let mut freed = HashSet::new();
        for key in keys {
            let row = transaction
                .query_row(
                    "DELETE FROM build_steps WHERE key = ? RETURNING chain_id, blob, blob_size",
                    [key],
                    |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?)),
                )
                .optional()
                .database("forget a step of a build")?;
            freed.extend(row);
        }
        let none = HashSet::new();
        // While somebody puts content in, nobody can tell what is in use; then it goes at the next prune.
        if let Some(_sweep) = Lock::try_sweep(self.paths())? {
            let layers = used_layers(&transaction, &none, &none).database("list layers in use")?;
            let blobs = used_blobs(&transaction, &none).database("list blobs in use")?;
            let mut unused = HashSet::new();
            for (chain, blob, size) in freed {
                if !layers.contains(&chain) {
                    unused.insert(Unused::Layer(chain));
                }
                if !blobs.contains(&blob) {
                    unused.insert(Unused::Blob(blob, size as u64));
                }
            }
            self.remove_content(&transaction, &unused.into_iter().collect::<Vec<_>>())?;
        }
        transaction.commit().database("forget steps of builds")
    }
}
