//! Names of a repository.

use crate::error::DatabaseContext as _;
use crate::{Reference, Result, Store};

impl Store {
    /// All names with tags in a reference's repository, in order.
    pub fn repository_tags(&self, reference: &Reference) -> Result<Vec<Reference>> {
        let prefix = format!("{}:", reference.repository());
        let query = || -> rusqlite::Result<Vec<String>> {
            let mut statement = self.connection().prepare_cached(
                "SELECT name FROM tags WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name",
            )?;
            statement.query_map([&prefix], |row| row.get(0))?.collect()
        };
        query().database("list a repository's tags")?.iter().map(|name| Reference::parse(name)).collect()
    }
}
