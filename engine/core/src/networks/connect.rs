//! `network connect` and `network disconnect`: a running container moves at once, every container with its next start.

use crate::engine::Engine;
use teu_api::Failure;
use teu_api::container::{ContainerSpec, NetworkAttachment, NetworkMode};
use teu_network::{DEFAULT_NETWORK, Networks, Setup};
use teu_store::{ContainerRecord, Lock};
use teu_supervisor::{Message, Request};

impl Engine {
    /// Joins a container to one more network.
    pub fn connect_network(&self, container: &str, attachment: NetworkAttachment) -> Result<(), Failure> {
        let record = self.find(container)?;
        if matches!(attachment.network.as_str(), "host" | "none") {
            return Err(Failure::conflict(format!(
                "cannot connect container {} to network {}: a container is there from its start, and on no other",
                record.name, attachment.network
            ))
            .hint(format!("make it again with --network {}", attachment.network)));
        }
        let networks = self.networks()?;
        let network = networks.find(&attachment.network)?;
        self.change_networks(&record, &networks, |list, name, networks| {
            if position(networks, list, &network.id).is_some() {
                return Err(Failure::conflict(format!(
                    "container {name} is already connected to network {}",
                    network.spec.name
                )));
            }
            list.push(NetworkAttachment { network: network.spec.name.clone(), ..attachment });
            Ok(())
        })
    }

    /// Takes a container off a network.
    pub fn disconnect_network(&self, network: &str, container: &str) -> Result<(), Failure> {
        let record = self.find(container)?;
        let networks = self.networks()?;
        let network = networks.find(network)?;
        self.change_networks(&record, &networks, |list, name, networks| {
            let Some(position) = position(networks, list, &network.id) else {
                return Err(Failure::not_found(format!(
                    "container {name} is not connected to network {}",
                    network.spec.name
                ))
                .hint("teu network inspect"));
            };
            list.remove(position);
            Ok(())
        })
    }

    /// Changes the list of networks: first the running container's, and when that worked the stored one.
    fn change_networks(
        &self,
        record: &ContainerRecord,
        networks: &Networks,
        change: impl FnOnce(&mut Vec<NetworkAttachment>, &str, &Networks) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let paths = self.store().paths();
        // Two changes at once would each undo the other.
        let _lock = Lock::wait(paths, &format!("networks-{}", record.id))?;
        let record = self.store().container(&record.id)?;
        let mut spec = record.spec.clone();
        let mut list = attachments(&spec, &record.name)?;
        change(&mut list, &record.name, networks)?;
        spec.host.network = NetworkMode::Named;
        spec.host.networks.clone_from(&list);
        if record.state.status.is_live()
            && let Some(setup) = Setup::of(&record.id, &record.name, &spec, &paths.database())?
        {
            let mut connection = self.connect(&record)?;
            if let Message::Failed(failure) = connection.request(&Request::Networks(Box::new(setup)))? {
                return Err(failure);
            }
        }
        self.store().update_container_spec(&record.id, None, |spec| {
            spec.host.network = NetworkMode::Named;
            spec.host.networks = list;
        })?;
        Ok(())
    }
}

/// The networks that a container asks for, written out.
fn attachments(spec: &ContainerSpec, name: &str) -> Result<Vec<NetworkAttachment>, Failure> {
    match &spec.host.network {
        NetworkMode::Default if spec.host.networks.is_empty() => {
            Ok(vec![NetworkAttachment { network: DEFAULT_NETWORK.to_owned(), ..Default::default() }])
        }
        NetworkMode::Default | NetworkMode::Named => Ok(spec.host.networks.clone()),
        NetworkMode::None => Err(Failure::conflict(format!(
            "container {name} cannot be connected to networks: it was made with --network none"
        ))
        .hint("make it again on a network")),
        NetworkMode::Host | NetworkMode::Container(_) => Err(Failure::conflict(format!(
            "container {name} shares its network namespace with the host or another container and cannot be connected to any other network"
        ))
        .hint("make it again on a network")),
    }
}

/// Where a network stands in a list that names networks by name or id.
fn position(networks: &Networks, list: &[NetworkAttachment], id: &str) -> Option<usize> {
    list.iter().position(|attachment| networks.find(&attachment.network).is_ok_and(|found| found.id == id))
}
