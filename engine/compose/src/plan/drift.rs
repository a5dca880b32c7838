//! How what there is differs from what the files ask for.

use super::{Observed, ObservedContainer, Phase};
use crate::model::{Project, Service};
use crate::render::{config_hash, hash};
use std::collections::BTreeMap;

/// Why a container would be made anew.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// Its service says something else now.
    Configuration,
    /// The name of its image means another image now.
    Image,
}

/// One service, asked for and standing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ServiceDrift {
    /// How many containers it should have.
    pub wanted: u32,
    /// How many run.
    pub running: u32,
    /// Containers that `up` would make anew, by name, and why.
    pub changed: Vec<(String, Change)>,
    /// Containers that are there and do not run, by name.
    pub stopped: Vec<String>,
    /// How many containers are to be made.
    pub missing: u32,
    /// How many containers are too many.
    pub surplus: u32,
}

impl ServiceDrift {
    /// Whether everything is as it should be.
    pub fn is_none(&self) -> bool {
        self.changed.is_empty() && self.stopped.is_empty() && self.missing == 0 && self.surplus == 0
    }
}

/// A whole project, asked for and standing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Drift {
    /// The enabled services, those without any difference included.
    pub services: BTreeMap<String, ServiceDrift>,
    /// Networks that are to be made, by name.
    pub missing_networks: Vec<String>,
    /// Networks that `up` would make anew, by name.
    pub changed_networks: Vec<String>,
    /// Volumes that are to be made, by name.
    pub missing_volumes: Vec<String>,
    /// Volumes that were made from another configuration and stay as they are, by name.
    pub changed_volumes: Vec<String>,
    /// Containers of services that are in no file, by name.
    pub orphans: Vec<String>,
}

impl Drift {
    /// Whether everything is as the files say.
    pub fn is_none(&self) -> bool {
        self.services.values().all(ServiceDrift::is_none)
            && self.missing_networks.is_empty()
            && self.changed_networks.is_empty()
            && self.missing_volumes.is_empty()
            && self.changed_volumes.is_empty()
            && self.orphans.is_empty()
    }
}

/// Compares a project with what there is of it.
pub fn drift(project: &Project, observed: &Observed) -> Drift {
    let mut drift = Drift::default();
    for (name, service) in &project.services {
        if service.provider.is_some() {
            continue;
        }
        let hash = config_hash(service);
        let image = observed.image_ids.get(name);
        let standing = observed.of(name);
        let wanted = service.replicas();
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        drift.services.insert(
            name.clone(),
            ServiceDrift {
                wanted,
                running: count(standing.iter().filter(|one| one.phase == Phase::Running).count()),
                changed: standing
                    .iter()
                    .filter_map(|one| Some((one.name.clone(), one.change(&hash, image)?)))
                    .collect(),
                stopped: standing
                    .iter()
                    .filter(|one| !one.phase.is_alive())
                    .map(|one| one.name.clone())
                    .collect(),
                missing: wanted.saturating_sub(count(standing.len())),
                surplus: count(standing.len()).saturating_sub(wanted),
            },
        );
    }
    for (key, network) in &project.networks {
        let containers = project.services.values().flat_map(Service::containers);
        let used = containers.into_iter().any(|container| container.networks.contains_key(key));
        let standing = observed.networks.iter().find(|standing| standing.name == network.name);
        match standing {
            None if used => drift.missing_networks.push(network.name.clone()),
            Some(standing) if !network.external && differs(&standing.config_hash, network) => {
                drift.changed_networks.push(network.name.clone());
            }
            _ => {}
        }
    }
    for volume in project.volumes.values() {
        let standing = observed.volumes.iter().find(|standing| standing.name == volume.name);
        match standing {
            None => drift.missing_volumes.push(volume.name.clone()),
            Some(standing) if !volume.external && differs(&standing.config_hash, volume) => {
                drift.changed_volumes.push(volume.name.clone());
            }
            Some(_) => {}
        }
    }
    let known =
        |service: &str| project.services.contains_key(service) || project.disabled.contains_key(service);
    drift.orphans = observed
        .containers
        .iter()
        .filter(|container| !container.one_off && !known(&container.service))
        .map(|container| container.name.clone())
        .collect();
    drift
}

/// Whether a thing was made from another configuration; one of unknown making counts as the same.
pub(super) fn differs<T: serde::Serialize>(made_from: &str, wanted: &T) -> bool {
    !made_from.is_empty() && made_from != hash(wanted)
}

impl ObservedContainer {
    /// Why it would be made anew for a service with this hash, whose image's name means `image` now.
    pub(super) fn change(&self, config_hash: &str, image: Option<&String>) -> Option<Change> {
        if self.config_hash != config_hash {
            return Some(Change::Configuration);
        }
        image
            .is_some_and(|image| !self.image_id.is_empty() && *image != self.image_id)
            .then_some(Change::Image)
    }
}
