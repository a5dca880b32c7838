//! `ps`: every container as it is now.

use crate::engine::Engine;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use teu_api::container::{ContainerSnapshot, MountKind, NetworkMode};
use teu_api::{ContainerId, Failure};
use teu_store::ContainerRecord;

impl Engine {
    /// Every container, the newest first.
    pub fn containers(&self) -> Result<Vec<ContainerSnapshot>, Failure> {
        let mut all: Vec<ContainerSnapshot> = self.store().containers()?.into_iter().map(snapshot).collect();
        self.show_ports(&mut all)?;
        Ok(all)
    }

    /// Every container that is live, the newest first: those that stopped are not even read.
    pub fn live_containers(&self) -> Result<Vec<ContainerSnapshot>, Failure> {
        let mut live: Vec<ContainerSnapshot> =
            self.store().unsettled_containers()?.into_iter().map(snapshot).collect();
        live.retain(|container| container.state.status.is_live());
        self.show_ports(&mut live)?;
        Ok(live)
    }

    /// Bytes that a container's own layer takes on the disk.
    pub fn written_bytes(&self, id: &ContainerId) -> u64 {
        used_bytes(&self.store().paths().container(id).join("upper"))
    }
}

/// What a tree takes on the disk. Links are counted as links: nothing outside is looked at.
fn used_bytes(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => used_bytes(&entry.path()),
            Ok(metadata) => metadata.blocks() * 512,
            Err(_) => 0,
        })
        .sum()
}

/// What listings show of a container.
pub fn snapshot(record: ContainerRecord) -> ContainerSnapshot {
    let spec = record.spec;
    let args = spec.args();
    let networks = match &spec.host.network {
        NetworkMode::Default => vec!["bridge".to_owned()],
        NetworkMode::None => vec!["none".to_owned()],
        NetworkMode::Host => vec!["host".to_owned()],
        NetworkMode::Container(_) => Vec::new(),
        NetworkMode::Named => spec.host.networks.iter().map(|network| network.network.clone()).collect(),
    };
    let mounts = spec
        .host
        .mounts
        .iter()
        .filter(|mount| mount.kind != MountKind::Tmpfs)
        .map(|mount| mount.source.clone());
    ContainerSnapshot {
        id: record.id,
        name: record.name,
        image: spec.image,
        image_id: spec.image_id,
        args,
        created_at: record.created_at,
        state: record.state,
        tty: spec.tty,
        labels: spec.labels,
        ports: spec.host.ports,
        networks,
        mounts: mounts.collect(),
    }
}
