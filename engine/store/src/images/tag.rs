//! `tag`.

use crate::error::DatabaseContext as _;
use crate::events::{self, EventKind, NewEvent};
use crate::{Reference, Result, Store, StoreError, database};
use rusqlite::{Connection, params};

impl Store {
    /// Gives an image one more name; an image that had the name loses it.
    pub fn tag_image(&self, image: &str, name: &str) -> Result<()> {
        let name = Reference::parse_tagged(name)?;
        if name.digest().is_some() {
            return Err(StoreError::invalid(
                "refusing to create a tag with a digest reference",
                "leave out the part from @ on",
            ));
        }
        let record = self.find_image(image)?;
        let transaction = database::write(self.connection())?;
        point(&transaction, &name, &record.id)?;
        let event = NewEvent::new(EventKind::Image, "tag", &record.id).with("name", name.familiar());
        events::append(&transaction, &event)?;
        transaction.commit().database("tag an image")?;
        self.write_index()
    }
}

/// Points a name at an image.
pub(super) fn point(connection: &Connection, name: &Reference, image_id: &str) -> Result<()> {
    connection
        .execute(
            "INSERT OR REPLACE INTO tags (name, image_id) VALUES (?, ?)",
            params![name.to_string(), image_id],
        )
        .database("tag an image")?;
    Ok(())
}
