//! Which containers are on which networks now.

use crate::engine::Engine;
use std::collections::HashMap;
use teu_api::Failure;
use teu_api::container::{ContainerSnapshot, NetworkMode};
use teu_api::network::EndpointSnapshot;
use teu_store::ContainerRecord;

impl Engine {
    /// The places of a container on its networks; none while it does not run.
    pub fn endpoints(&self, record: &ContainerRecord) -> Result<Vec<EndpointSnapshot>, Failure> {
        let host = &record.spec.host;
        let none = !matches!(host.network, NetworkMode::Default | NetworkMode::Named);
        if none || !record.state.status.is_live() {
            return Ok(Vec::new());
        }
        Ok(self.networks()?.endpoints_of(&record.id)?)
    }

    /// Fills in the ports that running containers were given.
    pub(crate) fn show_ports(&self, containers: &mut [ContainerSnapshot]) -> Result<(), Failure> {
        let publishes = |container: &ContainerSnapshot| {
            let real = |network: &String| !matches!(network.as_str(), "none" | "host");
            container.state.status.is_live() && container.networks.iter().all(real)
        };
        if !containers.iter().any(&publishes) {
            return Ok(());
        }
        let mut places: HashMap<String, Vec<EndpointSnapshot>> = HashMap::new();
        for network in self.networks()?.list()? {
            for endpoint in network.endpoints {
                places.entry(endpoint.container.as_str().to_owned()).or_default().push(endpoint);
            }
        }
        for container in containers.iter_mut().filter(|container| publishes(container)) {
            let found = places.remove(container.id.as_str()).unwrap_or_default();
            container.ports = found.into_iter().flat_map(|endpoint| endpoint.ports).collect();
        }
        Ok(())
    }
}
