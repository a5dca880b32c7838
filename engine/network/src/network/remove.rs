//! `network rm` and `network prune`.

use super::{DEFAULT_NETWORK, Networks};
use crate::error::{NetworkError, Result};

impl Networks {
    /// Removes a network that no container is on; returns its name.
    pub fn remove(&self, reference: &str) -> Result<String> {
        if matches!(reference, DEFAULT_NETWORK | "host" | "none") {
            return Err(NetworkError::Predefined(reference.to_owned()));
        }
        let row = self.tables.network(reference)?;
        if row.spec.name == DEFAULT_NETWORK {
            return Err(NetworkError::Predefined(row.spec.name));
        }
        self.take_down(&row)?;
        Ok(row.spec.name)
    }

    /// The names of networks that no container is on and `wanted` agrees to; what `prune` would remove.
    pub fn unused(&self, wanted: impl Fn(&teu_api::network::NetworkSnapshot) -> bool) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for row in self.tables.networks()? {
            let snapshot = self.snapshot(row)?;
            if snapshot.endpoints.is_empty() && snapshot.spec.name != DEFAULT_NETWORK && wanted(&snapshot) {
                names.push(snapshot.spec.name);
            }
        }
        Ok(names)
    }

    /// Removes the named networks as far as no container has come to them meanwhile; returns those removed.
    pub fn prune(&self, names: &[String]) -> Result<Vec<String>> {
        let (mut removed, mut failures) = (Vec::new(), Vec::new());
        for name in names {
            match self.remove(name) {
                Ok(name) => removed.push(name),
                Err(NetworkError::InUse { .. } | NetworkError::NotFound(_)) => {}
                Err(error) => failures.push(error),
            }
        }
        NetworkError::gather(failures).map(|()| removed)
    }
}
