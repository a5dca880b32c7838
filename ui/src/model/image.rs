//! Images as rows: their tags, below the repository where it has several.

use super::Model;
use super::list::Row;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use teu_api::image::ImageSnapshot;

/// The name of an image without one.
const NAMELESS: &str = "<none>";

/// What a row stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Place {
    /// The one tag of its repository.
    Alone,
    /// A repository with so many tags.
    Repository(usize),
    /// One of several tags: below the row of this key.
    Below(String),
}

/// A tag of an image, or a repository.
#[derive(Debug)]
pub struct ImageRow {
    /// What the engine says of the image; of a repository what all its images come to, and all their tags.
    pub snapshot: ImageSnapshot,
    key: String,
    place: Place,
}

/// A name without its tag, and the tag.
fn parts(name: &str) -> (&str, &str) {
    match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, tag),
        _ => (name, ""),
    }
}

impl ImageRow {
    /// A row for each tag, or one for an image without any; and one for each repository that has several.
    pub fn rows(images: Vec<ImageSnapshot>) -> Vec<Self> {
        let mut rows: Vec<Self> = images.into_iter().flat_map(Self::per_tag).collect();
        let mut repositories: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, row) in rows.iter().enumerate() {
            repositories.entry(row.repository().to_owned()).or_default().push(at);
        }
        for (name, members) in repositories.into_iter().filter(|(_, members)| members.len() > 1) {
            let key = format!("repository {name}");
            let sum = sum(members.iter().map(|at| &rows[*at].snapshot));
            for at in &members {
                rows[*at].place = Place::Below(key.clone());
            }
            rows.push(Self { snapshot: sum, key, place: Place::Repository(members.len()) });
        }
        rows
    }

    fn per_tag(snapshot: ImageSnapshot) -> Vec<Self> {
        if snapshot.tags.len() < 2 {
            return vec![Self::new(snapshot)];
        }
        let one = |tag: &String| Self::new(ImageSnapshot { tags: vec![tag.clone()], ..snapshot.clone() });
        snapshot.tags.iter().map(one).collect()
    }

    fn new(snapshot: ImageSnapshot) -> Self {
        let key = format!("{} {}", snapshot.id, snapshot.tags.first().map_or("", String::as_str));
        Self { snapshot, key, place: Place::Alone }
    }

    /// How many tags a repository has; `None` for an image.
    pub fn tags(&self) -> Option<usize> {
        match self.place {
            Place::Repository(tags) => Some(tags),
            _ => None,
        }
    }

    /// Its name: repository and tag, or `<none>` for a dangling image.
    pub fn name(&self) -> &str {
        match self.place {
            Place::Repository(_) => self.repository(),
            _ => self.snapshot.tags.first().map_or(NAMELESS, String::as_str),
        }
    }

    /// Its name as it stands in the list: below its repository the tag alone says it.
    pub fn label(&self) -> &str {
        match self.place {
            Place::Below(_) => match self.snapshot.tags.first() {
                Some(name) => parts(name).1,
                None => self.short_id(),
            },
            _ => self.name(),
        }
    }

    /// Whether it stands below its repository.
    pub fn is_below(&self) -> bool {
        matches!(self.place, Place::Below(_))
    }

    fn repository(&self) -> &str {
        self.snapshot.tags.first().map_or(NAMELESS, |name| parts(name).0)
    }

    /// Bytes that other images have too.
    pub fn shared(&self) -> u64 {
        self.snapshot.size.saturating_sub(self.snapshot.unique)
    }

    /// What a removal is asked for by: the name, or the id of an image without one.
    pub fn reference(&self) -> &str {
        self.snapshot.tags.first().unwrap_or(&self.snapshot.id)
    }

    /// Twelve digits of its id, as Docker shows them.
    pub fn short_id(&self) -> &str {
        let digits = self.snapshot.id.split_once(':').map_or(self.snapshot.id.as_str(), |(_, digits)| digits);
        digits.get(..12).unwrap_or(digits)
    }
}

/// What several tags come to, each image counted once.
fn sum<'a>(tags: impl Iterator<Item = &'a ImageSnapshot>) -> ImageSnapshot {
    let mut sum = ImageSnapshot {
        id: String::new(),
        manifest_digest: String::new(),
        tags: Vec::new(),
        created_at: None,
        size: 0,
        unique: 0,
        containers: 0,
        labels: BTreeMap::new(),
    };
    let mut seen = BTreeSet::new();
    for image in tags {
        sum.tags.extend(image.tags.iter().cloned());
        sum.created_at = sum.created_at.max(image.created_at);
        if seen.insert(&image.id) {
            sum.size += image.size;
            sum.unique += image.unique;
            sum.containers += image.containers;
        }
    }
    sum
}

impl Row for ImageRow {
    const SORTS: &'static [(&'static str, bool)] =
        &[("name", false), ("size", true), ("used", true), ("age", true), ("alone", true), ("shared", true)];

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
            4 => self.snapshot.unique.cmp(&other.snapshot.unique),
            5 => self.shared().cmp(&other.shared()),
            _ => self.name().cmp(other.name()),
        }
    }

    fn head(&self) -> Option<&str> {
        match &self.place {
            Place::Below(key) => Some(key),
            _ => None,
        }
    }

    fn is_head(&self) -> bool {
        self.tags().is_some()
    }
}

impl Model {
    /// The images that an action is for: the marked ones or the selected one; of a repository all that pass the filter.
    pub(crate) fn image_targets(&self) -> Vec<&ImageRow> {
        let chosen = self.images.targets();
        let is_chosen = |row: &&ImageRow| {
            chosen.iter().any(|one| one.key() == row.key() || Some(one.key()) == row.head())
        };
        self.images.passing().filter(is_chosen).collect()
    }

    /// The selected image; `None` where a repository is selected.
    pub(crate) fn selected_image(&self) -> Option<&ImageRow> {
        self.images.selected().filter(|row| !row.is_head())
    }
}
