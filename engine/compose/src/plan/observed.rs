//! What there is of a project.

use crate::labels;
use std::collections::BTreeMap;

/// How far a container is in its life.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Phase {
    /// Made, never started.
    #[default]
    Created,
    /// Running.
    Running,
    /// Frozen.
    Paused,
    /// Waiting to be started again.
    Restarting,
    /// Ended.
    Exited,
}

impl Phase {
    /// Whether it has a process.
    pub fn is_alive(self) -> bool {
        matches!(self, Self::Running | Self::Paused | Self::Restarting)
    }
}

/// A container of a project.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ObservedContainer {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its service.
    pub service: String,
    /// Which of the service's containers it is.
    pub number: u32,
    /// Whether `run` made it.
    pub one_off: bool,
    /// Whether a hook runs in it.
    pub hook: bool,
    /// The hash of the configuration that it was made from.
    pub config_hash: String,
    /// The id of the image that it was made from.
    pub image_id: String,
    /// The services that its own depends on.
    pub depends_on: Vec<String>,
    /// Those of them that it is restarted with.
    pub restarts_with: Vec<String>,
    /// How far it is.
    pub phase: Phase,
}

impl ObservedContainer {
    /// Reads a container's labels; `None` if it belongs to no project.
    pub fn from_labels(
        id: &str,
        name: &str,
        phase: Phase,
        labels: &BTreeMap<String, String>,
    ) -> Option<Self> {
        labels.get(labels::PROJECT)?;
        let text = |key: &str| labels.get(key).cloned().unwrap_or_default();
        let bonds = text(labels::DEPENDS_ON);
        // `service:condition:restart`, joined by commas.
        let bonds = bonds.split(',').map(|bond| bond.split(':').collect::<Vec<_>>());
        let bonds: Vec<Vec<&str>> = bonds.filter(|bond| !bond[0].is_empty()).collect();
        let names =
            |bonds: &mut dyn Iterator<Item = &Vec<&str>>| bonds.map(|bond| bond[0].to_owned()).collect();
        Some(Self {
            id: id.to_owned(),
            name: name.to_owned(),
            service: text(labels::SERVICE),
            number: text(labels::CONTAINER_NUMBER).parse().unwrap_or(1),
            one_off: text(labels::ONE_OFF).eq_ignore_ascii_case("true"),
            hook: labels.contains_key(labels::HOOK),
            config_hash: text(labels::CONFIG_HASH),
            image_id: text(labels::IMAGE),
            depends_on: names(&mut bonds.iter()),
            restarts_with: names(&mut bonds.iter().filter(|bond| bond.get(2) == Some(&"true"))),
            phase,
        })
    }
}

/// A network of a project.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ObservedNetwork {
    /// Its name.
    pub name: String,
    /// Its key in the project; empty for one made elsewhere.
    pub key: String,
    /// The hash of the configuration that it was made from; empty if not known.
    pub config_hash: String,
}

/// A volume of a project.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ObservedVolume {
    /// Its name.
    pub name: String,
    /// Its key in the project; empty for one made elsewhere.
    pub key: String,
    /// The hash of the configuration that it was made from; empty if not known.
    pub config_hash: String,
}

/// What there is of a project, found by labels.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Observed {
    /// Containers, one-off ones included.
    pub containers: Vec<ObservedContainer>,
    /// Networks.
    pub networks: Vec<ObservedNetwork>,
    /// Volumes.
    pub volumes: Vec<ObservedVolume>,
    /// The ids of the images that services would be made from now, by service; those not there yet are left out.
    pub image_ids: BTreeMap<String, String>,
}

impl Observed {
    /// The containers that hooks of a service left behind when they were killed.
    pub(super) fn left_by_hooks<'a>(
        &'a self,
        service: &'a str,
    ) -> impl Iterator<Item = &'a ObservedContainer> + 'a {
        self.containers.iter().filter(move |container| container.hook && container.service == service)
    }

    /// The standing containers of a service, by number.
    pub(super) fn of<'a>(&'a self, service: &str) -> Vec<&'a ObservedContainer> {
        let mut found: Vec<_> = self
            .containers
            .iter()
            .filter(|container| !container.one_off && container.service == service)
            .collect();
        found.sort_by_key(|container| container.number);
        found
    }
}
