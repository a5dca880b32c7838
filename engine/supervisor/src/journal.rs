//! The seam to the database: what a supervisor records there.

use std::collections::BTreeMap;
use teu_api::Failure;
use teu_api::container::ContainerState;

/// One event about the container.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// When: nanoseconds since the Unix epoch.
    pub at: i64,
    /// What happened, in Docker's words.
    pub action: String,
    /// What there is to say about it.
    pub attributes: BTreeMap<String, String>,
}

impl Note {
    /// An event without attributes.
    pub fn new(at: i64, action: impl Into<String>) -> Self {
        Self { at, action: action.into(), attributes: BTreeMap::new() }
    }

    /// Adds an attribute.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.attributes.insert(name.to_owned(), value.to_string());
        self
    }
}

/// Records what happens to one container.
pub trait Journal {
    /// Gets ready to record soon.
    fn prepare(&mut self);

    /// Changes the container's state, together with an event, in one transaction.
    fn record(&mut self, note: &Note, change: &dyn Fn(&mut ContainerState)) -> Result<(), Failure>;

    /// Records an event that changes no state.
    fn note(&mut self, note: &Note) -> Result<(), Failure>;

    /// Removes the container with all its folders and anonymous volumes.
    fn remove(&mut self) -> Result<(), Failure>;

    /// Gives back memory until the next time.
    fn release(&mut self);
}
