//! `network ls` and `network inspect`.

use super::{DEFAULT_NETWORK, Networks, Settings};
use crate::error::Result;
use crate::tables::{EndpointRow, NetworkRow};
use teu_api::ContainerId;
use teu_api::container::PublishedPort;
use teu_api::network::{EndpointSnapshot, NetworkSnapshot};

impl Networks {
    /// All networks, the default one first.
    pub fn list(&self) -> Result<Vec<NetworkSnapshot>> {
        self.default_network()?;
        self.tables.networks()?.into_iter().map(|row| self.snapshot(row)).collect()
    }

    /// The network that a user means by a name, an id, or the beginning of one.
    pub fn find(&self, reference: &str) -> Result<NetworkSnapshot> {
        let row = self.row(reference)?;
        self.snapshot(row)
    }

    /// The places of a container on its networks, the first taken first.
    pub fn endpoints_of(&self, container: &ContainerId) -> Result<Vec<EndpointSnapshot>> {
        let networks = self.tables.networks()?;
        let mut snapshots = Vec::new();
        for endpoint in self.tables.endpoints_of(container.as_str())? {
            if let Some(network) = networks.iter().find(|network| network.id == endpoint.network) {
                snapshots.push(self.endpoint_snapshot(network, &Settings::of(network)?, endpoint)?);
            }
        }
        Ok(snapshots)
    }

    pub(crate) fn row(&self, reference: &str) -> Result<NetworkRow> {
        if matches!(reference, "" | DEFAULT_NETWORK | "default") {
            return self.default_network();
        }
        self.tables.network(reference)
    }

    pub(crate) fn snapshot(&self, row: NetworkRow) -> Result<NetworkSnapshot> {
        let settings = Settings::of(&row)?;
        let mut endpoints = Vec::new();
        for endpoint in self.tables.endpoints_on(&row.id)? {
            endpoints.push(self.endpoint_snapshot(&row, &settings, endpoint)?);
        }
        Ok(NetworkSnapshot {
            id: row.id,
            spec: row.spec,
            interface: row.interface,
            created_at: row.created_at,
            endpoints,
        })
    }

    pub(crate) fn endpoint_snapshot(
        &self,
        network: &NetworkRow,
        settings: &Settings,
        row: EndpointRow,
    ) -> Result<EndpointSnapshot> {
        let prefix = |ipv4: bool| settings.range(ipv4).map_or(0, |range| range.prefix());
        let ports = self.tables.ports_of(&row.id)?;
        let ports = ports.into_iter().map(|port| PublishedPort {
            host_ip: port.host_ip.to_string(),
            host_port: port.host_port,
            host_port_end: 0,
            container_port: port.target_port,
            protocol: port.protocol,
        });
        let gateway = |address: Option<std::net::IpAddr>, has: bool| {
            address
                .filter(|_| has && !network.spec.internal)
                .map(|address| address.to_string())
                .unwrap_or_default()
        };
        Ok(EndpointSnapshot {
            network_id: network.id.clone(),
            network: network.spec.name.clone(),
            // Rows hold full ids; an unreadable one is shown as zeros rather than hiding the endpoint.
            container: ContainerId::parse(&row.container).unwrap_or_else(|| ContainerId::from_bytes([0; 32])),
            name: row.name,
            aliases: row.aliases,
            interface: row.interface,
            ipv4: row.ipv4.map(|address| format!("{address}/{}", prefix(true))).unwrap_or_default(),
            ipv6: row.ipv6.map(|address| format!("{address}/{}", prefix(false))).unwrap_or_default(),
            gateway: gateway(settings.gateway4, row.ipv4.is_some()),
            gateway6: gateway(settings.gateway6, row.ipv6.is_some()),
            mac: row.mac,
            ports: ports.collect(),
            id: row.id,
        })
    }
}
