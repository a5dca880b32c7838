//! From what a user typed to an image.

use super::record::{COLUMNS, ImageRecord, from_row};
use crate::error::DatabaseContext as _;
use crate::{Digest, Reference, Result, Store, StoreError};
use rusqlite::OptionalExtension as _;

/// What a reference was found as.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum FoundBy {
    /// An id, in full or its beginning.
    Id,
    /// A name with a tag, in full.
    Tag(Reference),
    /// A name with a digest, in full.
    Digest(Reference),
}

impl Store {
    /// The image with this id, `sha256:…`.
    pub fn image(&self, id: &str) -> Result<ImageRecord> {
        self.one_image("id = ?", id)?.ok_or_else(|| StoreError::not_found("image", id))
    }

    /// The image that a reference means: a full id, a name with tag or digest, a manifest's digest, or the unambiguous
    /// beginning of an id, in this order.
    pub fn find_image(&self, reference: &str) -> Result<ImageRecord> {
        self.locate_image(reference).map(|(image, _)| image)
    }

    pub(super) fn locate_image(&self, text: &str) -> Result<(ImageRecord, FoundBy)> {
        let not_found = || {
            let shown: String = text.chars().take(300).flat_map(char::escape_debug).collect();
            StoreError::not_found("image", shown)
        };
        let hex = text.strip_prefix("sha256:").unwrap_or(text);
        if let Ok(digest) = Digest::parse(&format!("sha256:{hex}")) {
            let found = self.one_image("id = ?1 OR manifest_digest = ?1", digest.as_str())?;
            return found.map(|image| (image, FoundBy::Id)).ok_or_else(not_found);
        }
        let is_hex = !hex.is_empty() && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        match Reference::parse_tagged(text) {
            Ok(reference) => {
                if let Some(found) = self.image_by_name(&reference)? {
                    return Ok(found);
                }
            }
            Err(error) if !is_hex => return Err(error),
            Err(_) => {}
        }
        if !is_hex {
            return Err(not_found());
        }
        let query = || -> rusqlite::Result<Vec<ImageRecord>> {
            let sql = format!("SELECT {COLUMNS} FROM images WHERE id >= ?1 AND id < ?1 || 'g' LIMIT 2");
            let mut statement = self.connection().prepare_cached(&sql)?;
            statement.query_map([format!("sha256:{hex}")], from_row)?.collect()
        };
        let mut found = query().database("look an image up")?;
        match (found.pop(), found.is_empty()) {
            (Some(image), true) => Ok((image, FoundBy::Id)),
            (Some(_), false) => Err(StoreError::Ambiguous(text.to_owned())),
            (None, _) => Err(not_found()),
        }
    }

    /// A name with a digest may be one that a registry gave, or any repository with the manifest's own digest.
    fn image_by_name(&self, reference: &Reference) -> Result<Option<(ImageRecord, FoundBy)>> {
        let Some(digest) = reference.digest() else {
            let found =
                self.one_image("id = (SELECT image_id FROM tags WHERE name = ?)", &reference.to_string())?;
            return Ok(found.map(|image| (image, FoundBy::Tag(reference.clone()))));
        };
        let name = reference.with_digest(digest.clone());
        let found =
            self.one_image("id = (SELECT image_id FROM repo_digests WHERE name = ?)", &name.to_string())?;
        if let Some(image) = found {
            return Ok(Some((image, FoundBy::Digest(name))));
        }
        let Some(image) = self.one_image("manifest_digest = ?", digest.as_str())? else { return Ok(None) };
        let prefix = format!("{}:", reference.repository());
        let named = self.image_tags(&image.id)?.iter().any(|tag| tag.to_string().starts_with(&prefix));
        Ok(named.then_some((image, FoundBy::Id)))
    }

    /// The names with tags that an image has, in order.
    pub fn image_tags(&self, id: &str) -> Result<Vec<Reference>> {
        self.image_names("tags", id)
    }

    /// The names with digests under which registries know an image, in order.
    pub fn image_repo_digests(&self, id: &str) -> Result<Vec<Reference>> {
        self.image_names("repo_digests", id)
    }

    fn image_names(&self, table: &str, id: &str) -> Result<Vec<Reference>> {
        let query = || -> rusqlite::Result<Vec<String>> {
            let sql = format!("SELECT name FROM {table} WHERE image_id = ? ORDER BY name");
            let mut statement = self.connection().prepare_cached(&sql)?;
            statement.query_map([id], |row| row.get(0))?.collect()
        };
        query().database("list an image's names")?.iter().map(|name| Reference::parse(name)).collect()
    }

    fn one_image(&self, condition: &str, value: &str) -> Result<Option<ImageRecord>> {
        let sql = format!("SELECT {COLUMNS} FROM images WHERE {condition} LIMIT 1");
        let query = || self.connection().prepare_cached(&sql)?.query_row([value], from_row).optional();
        query().database("look an image up")
    }
}
