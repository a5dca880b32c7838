//! What tests of this crate share.

use crate::{Paths, Store};
use tempfile::TempDir;

/// A store of its own for one test.
pub struct TestStore {
    pub store: Store,
    _folder: TempDir,
}

impl TestStore {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(Paths::under(folder.path().join("root"))).unwrap();
        Self { store, _folder: folder }
    }

    /// The same store as another process would open it.
    pub fn again(&self) -> Store {
        Store::open(self.store.paths().clone()).unwrap()
    }
}

impl std::ops::Deref for TestStore {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}
