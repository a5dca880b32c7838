//! The engine itself: its store, its host, and the program that supervisors are made of.

use crate::host::Host;
use crate::reconcile;
use std::path::{Path, PathBuf};
use teu_api::Failure;
use teu_network::Networks;
use teu_store::{ContainerRecord, Paths, Store};

/// The engine. Opening it is cheap; every process opens its own.
pub struct Engine {
    store: Store,
    host: Host,
    program: PathBuf,
}

impl Engine {
    /// Opens the engine on a state folder, after putting right what processes that were killed left behind.
    pub fn open(paths: Paths) -> Result<Self, Failure> {
        let store = Store::open(paths)?;
        // The running program itself, even when its file was replaced or removed meanwhile.
        let program = PathBuf::from("/proc/self/exe");
        let engine = Self { store, host: Host::read(), program };
        reconcile::containers(&engine)?;
        Ok(engine)
    }

    /// Puts right what processes that were killed since left behind.
    pub fn reconcile(&self) -> Result<(), Failure> {
        reconcile::containers(self)
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The networks. Opening them is cheap, but not free: only commands that need them do.
    pub fn networks(&self) -> Result<Networks, Failure> {
        Ok(Networks::open(&self.store.paths().database())?)
    }

    /// Facts of this host.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The program that supervisors are made of.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// The container that a user's word names.
    pub fn find(&self, reference: &str) -> Result<ContainerRecord, Failure> {
        Ok(self.store.find_container(reference)?)
    }
}
