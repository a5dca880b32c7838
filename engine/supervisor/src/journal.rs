//! What a supervisor records in the database, behind a seam for tests.

use crate::config::SupervisorConfig;
use teu_api::container::ContainerState;
use teu_api::{ContainerId, Failure};
use teu_store::{Paths, Store};

/// One event about the container. Its name, image and labels are added where it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// What happened, in Docker's words.
    pub action: String,
    /// What there is to say about it.
    pub attributes: Vec<(&'static str, String)>,
}

impl Note {
    /// An event without attributes.
    pub fn new(action: impl Into<String>) -> Self {
        Self { action: action.into(), attributes: Vec::new() }
    }

    /// Adds an attribute.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.attributes.push((name, value.to_string()));
        self
    }
}

/// Records what happens to one container.
pub trait Journal {
    /// Gets ready to record soon.
    fn prepare(&mut self);

    /// Changes the container's state, together with an event if there is one, in one transaction.
    fn record(&mut self, note: Option<&Note>, change: &dyn Fn(&mut ContainerState)) -> Result<(), Failure>;

    /// Removes the container with all its folders and anonymous volumes.
    fn remove(&mut self) -> Result<(), Failure>;

    /// Gives back memory until the next time.
    fn release(&mut self);
}

/// The journal of a container's own store.
pub fn for_config(config: &SupervisorConfig) -> Box<dyn Journal> {
    let paths = Paths::new(&config.state_root, &config.run_root);
    Box::new(StoreJournal { paths, id: config.id.clone(), store: None })
}

/// The database, opened when it is needed: most of the time a supervisor sleeps, and an open database costs memory.
struct StoreJournal {
    paths: Paths,
    id: ContainerId,
    store: Option<Store>,
}

impl StoreJournal {
    fn store(&mut self) -> Result<&Store, Failure> {
        let store = match self.store.take() {
            Some(store) => store,
            None => Store::open(self.paths.clone())?,
        };
        Ok(self.store.insert(store))
    }
}

impl Journal for StoreJournal {
    fn prepare(&mut self) {
        // A failure comes again, and is told, when something is recorded.
        let _ = self.store();
    }

    fn record(&mut self, note: Option<&Note>, change: &dyn Fn(&mut ContainerState)) -> Result<(), Failure> {
        let id = self.id.clone();
        let (action, attributes) = match note {
            Some(note) => (Some(note.action.as_str()), note.attributes.as_slice()),
            None => (None, &[][..]),
        };
        let attributes: Vec<(&str, String)> = attributes.to_vec();
        self.store()?.update_container_state(&id, action, &attributes, change)?;
        Ok(())
    }

    fn remove(&mut self) -> Result<(), Failure> {
        let id = self.id.clone();
        self.store()?.remove_container(&id, true)?;
        Ok(())
    }

    fn release(&mut self) {
        self.store = None;
    }
}
