//! `index.json`, by which other tools read the store as an OCI image layout. It is written anew from the database
//! after each change: the database is the truth.

use crate::error::{DatabaseContext as _, IoContext as _};
use crate::{Lock, Reference, Result, Store, files};
use serde_json::{Value, json};

impl Store {
    /// Writes `index.json`. Whoever gets the lock last reads the newest state, so the file is never older than the
    /// database once all have finished.
    pub(crate) fn write_index(&self) -> Result<()> {
        let _lock = Lock::wait(self.paths(), "index")?;
        let manifests = self.index_entries().database("list images for the index")?;
        let index = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": manifests,
        });
        let path = self.paths().layout().join("index.json");
        let staged = path.with_extension(format!("new-{}", files::random_hex::<4>()?));
        // Not synced: it can be made again from the database at any time.
        std::fs::write(&staged, index.to_string()).on("write", &staged)?;
        std::fs::rename(&staged, &path).on("write", &path)
    }

    fn index_entries(&self) -> rusqlite::Result<Vec<Value>> {
        let mut statement = self.connection().prepare_cached(
            "SELECT i.media_type, i.manifest_digest, i.manifest_size, i.architecture, i.os, i.variant, t.name
             FROM images i LEFT JOIN tags t ON t.image_id = i.id ORDER BY t.name, i.id",
        )?;
        let rows = statement.query_map([], |row| {
            let text = |at: usize| row.get::<_, String>(at);
            let mut entry = json!({
                "mediaType": text(0)?,
                "digest": text(1)?,
                "size": row.get::<_, i64>(2)?,
            });
            let (architecture, os, variant) = (text(3)?, text(4)?, text(5)?);
            if !architecture.is_empty() && !os.is_empty() {
                entry["platform"] = json!({ "architecture": architecture, "os": os });
                if !variant.is_empty() {
                    entry["platform"]["variant"] = variant.into();
                }
            }
            if let Some(name) = row.get::<_, Option<String>>(6)? {
                let familiar = Reference::parse(&name).map_or_else(|_| name.clone(), |name| name.familiar());
                entry["annotations"] = json!({
                    "org.opencontainers.image.ref.name": familiar,
                    "io.containerd.image.name": name,
                });
            }
            Ok(entry)
        })?;
        rows.collect()
    }
}
