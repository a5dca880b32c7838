//! Listings.

use crate::error::DatabaseContext as _;
use crate::{Reference, Result, Store, database};
use rusqlite::Connection;
use std::collections::HashMap;
use teu_api::image::ImageSnapshot;

impl Store {
    /// Every image, the newest first; each with all its names.
    pub fn images(&self) -> Result<Vec<ImageSnapshot>> {
        list(self.connection()).database("list images")
    }
}

fn list(connection: &Connection) -> rusqlite::Result<Vec<ImageSnapshot>> {
    let mut tags: HashMap<String, Vec<String>> = HashMap::new();
    let mut statement = connection.prepare_cached("SELECT image_id, name FROM tags ORDER BY name")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let name: String = row.get(1)?;
        let familiar = Reference::parse(&name).map_or(name, |name| name.familiar());
        tags.entry(row.get(0)?).or_default().push(familiar);
    }
    let mut users: HashMap<String, u32> = HashMap::new();
    let mut statement =
        connection.prepare_cached("SELECT image_id, count(*) FROM containers GROUP BY image_id")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        users.insert(row.get(0)?, row.get(1)?);
    }
    let mut unique: HashMap<String, i64> = HashMap::new();
    let mut statement = connection.prepare_cached(
        "WITH single AS (SELECT chain_id FROM image_layers GROUP BY chain_id HAVING count(*) = 1)
         SELECT i.image_id, sum(l.size) FROM image_layers i
         JOIN single USING (chain_id) JOIN layers l USING (chain_id) GROUP BY i.image_id",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        unique.insert(row.get(0)?, row.get(1)?);
    }
    let mut statement = connection.prepare_cached(
        "SELECT id, manifest_digest, created_at, size, labels FROM images
         ORDER BY coalesce(created_at, 0) DESC, stored_at DESC, id",
    )?;
    statement
        .query_map([], |row| {
            let id: String = row.get(0)?;
            Ok(ImageSnapshot {
                manifest_digest: row.get(1)?,
                created_at: row.get(2)?,
                size: row.get::<_, i64>(3)? as u64,
                labels: database::from_json(row.get_ref(4)?.as_str()?)?,
                unique: unique.get(&id).map_or(0, |bytes| *bytes as u64),
                tags: tags.remove(&id).unwrap_or_default(),
                containers: users.get(&id).copied().unwrap_or_default(),
                id,
            })
        })?
        .collect()
}
