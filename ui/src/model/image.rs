//! Images as rows.

use super::list::Row;
use std::cmp::Ordering;
use teu_api::image::ImageSnapshot;

/// One image.
#[derive(Debug)]
pub struct ImageRow {
    /// What the engine says of it.
    pub snapshot: ImageSnapshot,
    key: String,
}

impl ImageRow {
    /// A row for each of an image's tags, or one for an image without any.
    pub fn per_tag(snapshot: ImageSnapshot) -> Vec<Self> {
        if snapshot.tags.len() < 2 {
            return vec![Self::new(snapshot)];
        }
        let one = |tag: &String| Self::new(ImageSnapshot { tags: vec![tag.clone()], ..snapshot.clone() });
        snapshot.tags.iter().map(one).collect()
    }

    fn new(snapshot: ImageSnapshot) -> Self {
        let key = format!("{} {}", snapshot.id, snapshot.tags.first().map_or("", String::as_str));
        Self { snapshot, key }
    }

    /// Its name: the first tag, or `<none>` for a dangling image.
    pub fn name(&self) -> &str {
        self.snapshot.tags.first().map_or("<none>", String::as_str)
    }

    /// Twelve digits of its id, as Docker shows them.
    pub fn short_id(&self) -> &str {
        let digits = self.snapshot.id.split_once(':').map_or(self.snapshot.id.as_str(), |(_, digits)| digits);
        digits.get(..12).unwrap_or(digits)
    }
}

impl Row for ImageRow {
    const SORTS: &'static [(&'static str, bool)] =
        &[("name", false), ("size", true), ("used", true), ("age", true)];

    fn key(&self) -> &str {
        &self.key
    }

    fn haystack(&self) -> String {
        // Words to filter by that no name has: `is:unused`, `is:dangling`.
        let dangling = if self.snapshot.tags.is_empty() { " is:dangling" } else { "" };
        let unused = if self.snapshot.containers == 0 { " is:unused" } else { "" };
        format!("{} {}{dangling}{unused}", self.name(), self.short_id())
    }

    fn order(&self, other: &Self, sort: usize) -> Ordering {
        match sort {
            1 => self.snapshot.size.cmp(&other.snapshot.size),
            2 => self.snapshot.containers.cmp(&other.snapshot.containers),
            3 => self.snapshot.created_at.cmp(&other.snapshot.created_at),
            _ => self.name().cmp(other.name()),
        }
    }
}
