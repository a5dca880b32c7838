//! Services, networks and volumes as the engine is asked for them.

mod container;
mod hook;
mod host;
mod mounts;

pub use container::{ContainerRequest, container_request};
pub use hook::hook_request;
pub use host::ulimits;
pub use mounts::FileContent;

use crate::error::ComposeError;
use crate::labels;
use crate::model::Project;
use crate::render::resource_hash;
use std::collections::BTreeMap;
use teu_api::network::{NetworkDriver, NetworkSpec, Subnet};

/// A volume as the engine is asked for it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct VolumeRequest {
    /// Its name.
    pub name: String,
    /// Its driver; empty for the default.
    pub driver: String,
    /// Options of the driver.
    pub options: BTreeMap<String, String>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
}

/// A network, by its key, as the engine is asked for it.
pub fn network_request(project: &Project, key: &str) -> Result<NetworkSpec, ComposeError> {
    let network = project
        .networks
        .get(key)
        .ok_or_else(|| ComposeError::new(format!("there is no network `{key}`")).missing())?;
    let driver = NetworkDriver::parse(&network.driver).ok_or_else(|| {
        ComposeError::new(format!("there is no network driver `{}` here", network.driver))
            .at(format!("networks.{key}.driver"))
            .hint("bridge, macvlan and ipvlan are")
    })?;
    let subnets = network.ipam.config.iter().map(|pool| Subnet {
        subnet: pool.subnet.clone(),
        gateway: pool.gateway.clone(),
        ip_range: pool.ip_range.clone(),
        reserved: pool.aux_addresses.clone(),
    });
    let mut labels = network.labels.clone();
    labels.insert(labels::PROJECT.into(), project.name.clone());
    labels.insert(labels::NETWORK.into(), key.to_owned());
    labels.insert(labels::CONFIG_HASH.into(), resource_hash(network));
    labels.insert(labels::VERSION.into(), env!("CARGO_PKG_VERSION").into());
    Ok(NetworkSpec {
        name: network.name.clone(),
        driver,
        subnets: subnets.collect(),
        internal: network.internal,
        ipv6: network.enable_ipv6.unwrap_or_default(),
        labels,
        options: network.driver_opts.clone(),
    })
}

/// A volume, by its key, as the engine is asked for it.
pub fn volume_request(project: &Project, key: &str) -> Result<VolumeRequest, ComposeError> {
    let volume = project
        .volumes
        .get(key)
        .ok_or_else(|| ComposeError::new(format!("there is no volume `{key}`")).missing())?;
    let mut labels = volume.labels.clone();
    labels.insert(labels::PROJECT.into(), project.name.clone());
    labels.insert(labels::VOLUME.into(), key.to_owned());
    labels.insert(labels::CONFIG_HASH.into(), resource_hash(volume));
    labels.insert(labels::VERSION.into(), env!("CARGO_PKG_VERSION").into());
    Ok(VolumeRequest {
        name: volume.name.clone(),
        driver: volume.driver.clone(),
        options: volume.driver_opts.clone(),
        labels,
    })
}
