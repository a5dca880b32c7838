//! What there is of a stack, found by labels.

use crate::engine::Engine;
use std::collections::BTreeMap;
use teu_api::Failure;
use teu_api::container::Status;
use teu_compose::plan::{Observed, ObservedContainer, ObservedNetwork, ObservedVolume, Phase};
use teu_compose::{Project, labels};
use teu_store::ContainerRecord;

impl Engine {
    /// The containers of a stack, one-off ones included, by service and number.
    pub fn stack_containers(&self, name: &str) -> Result<Vec<ContainerRecord>, Failure> {
        let mut found: Vec<ContainerRecord> = self
            .store()
            .containers()?
            .into_iter()
            .filter(|record| record.spec.labels.get(labels::PROJECT).is_some_and(|project| project == name))
            .collect();
        found.sort_by_key(|record| {
            let label = |key: &str| record.spec.labels.get(key).cloned().unwrap_or_default();
            (label(labels::SERVICE), label(labels::CONTAINER_NUMBER).parse().unwrap_or(0_u32))
        });
        Ok(found)
    }

    /// Everything that there is of a stack. With the project, also the networks and volumes that it names and did
    /// not make, and what its images' names mean now.
    pub fn observe_stack(&self, name: &str, project: Option<&Project>) -> Result<Observed, Failure> {
        let containers = self.stack_containers(name)?.into_iter().filter_map(|record| {
            let phase = phase(record.state.status);
            ObservedContainer::from_labels(record.id.as_str(), &record.name, phase, &record.spec.labels)
        });
        let of_stack =
            |all: &BTreeMap<String, String>| all.get(labels::PROJECT).is_some_and(|project| project == name);
        let text = |all: &BTreeMap<String, String>, key: &str| all.get(key).cloned().unwrap_or_default();
        let mut networks = Vec::new();
        for network in self.networks()?.list()? {
            let spec = network.spec;
            let own = of_stack(&spec.labels);
            let named = project
                .is_some_and(|project| project.networks.values().any(|wanted| wanted.name == spec.name));
            if own || named {
                networks.push(ObservedNetwork {
                    key: if own { text(&spec.labels, labels::NETWORK) } else { String::new() },
                    config_hash: if own { text(&spec.labels, labels::CONFIG_HASH) } else { String::new() },
                    name: spec.name,
                });
            }
        }
        let mut volumes = Vec::new();
        for volume in self.store().volumes()? {
            let own = of_stack(&volume.labels);
            let named = project
                .is_some_and(|project| project.volumes.values().any(|wanted| wanted.name == volume.name));
            if own || named {
                volumes.push(ObservedVolume {
                    key: if own { text(&volume.labels, labels::VOLUME) } else { String::new() },
                    config_hash: if own { text(&volume.labels, labels::CONFIG_HASH) } else { String::new() },
                    name: volume.name,
                });
            }
        }
        let mut image_ids = BTreeMap::new();
        for service in project.iter().flat_map(|project| project.services.keys()) {
            let image = project.map(|project| project.image_of(service)).unwrap_or_default();
            if let Ok(image) = self.store().find_image(&image) {
                image_ids.insert(service.clone(), image.id);
            }
        }
        Ok(Observed { containers: containers.collect(), networks, volumes, image_ids })
    }
}

fn phase(status: Status) -> Phase {
    match status {
        Status::Created => Phase::Created,
        Status::Running => Phase::Running,
        Status::Paused => Phase::Paused,
        Status::Restarting => Phase::Restarting,
        Status::Removing | Status::Exited | Status::Dead => Phase::Exited,
    }
}
