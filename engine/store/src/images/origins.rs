//! Under which names registries know what the store holds.

use crate::error::DatabaseContext as _;
use crate::events::{self, EventKind, NewEvent};
use crate::{Digest, Reference, Result, Store, database};
use rusqlite::params;

impl Store {
    /// The names, with digests, of images that have this blob as a layer: registries that were seen to hold it.
    pub fn repositories_with(&self, blob: &Digest) -> Result<Vec<Reference>> {
        let query = || -> rusqlite::Result<Vec<String>> {
            let sql = "SELECT DISTINCT name FROM repo_digests WHERE image_id IN
                (SELECT image_id FROM image_layers WHERE blob = ?) ORDER BY name";
            let mut statement = self.connection().prepare_cached(sql)?;
            statement.query_map([blob.as_str()], |row| row.get(0))?.collect()
        };
        let names = query().database("look up where a layer came from")?;
        names.iter().map(|name| Reference::parse(name)).collect()
    }

    /// An image has been pushed: a registry knows it under this name with a digest from now on.
    pub fn record_push(&self, image_id: &str, name: &Reference) -> Result<()> {
        let transaction = database::write(self.connection())?;
        transaction
            .execute(
                "INSERT OR REPLACE INTO repo_digests (name, image_id) VALUES (?, ?)",
                params![name.to_string(), image_id],
            )
            .database("record a push")?;
        events::append(
            &transaction,
            &NewEvent::new(EventKind::Image, "push", image_id).with("name", name.familiar()),
        )?;
        transaction.commit().database("record a push")
    }
}
