//! Networks: what one is asked to be, and what listings and `inspect` show of it.

use crate::container::PublishedPort;
use crate::id::ContainerId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How a network joins its containers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NetworkDriver {
    /// A bridge on this host, with address translation to the outside.
    #[default]
    Bridge,
    /// Interfaces with hardware addresses of their own on one of the host's interfaces.
    Macvlan,
    /// Interfaces that share one of the host's interfaces and its hardware address.
    Ipvlan,
}

impl NetworkDriver {
    /// The word that listings and `inspect` use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bridge => "bridge",
            Self::Macvlan => "macvlan",
            Self::Ipvlan => "ipvlan",
        }
    }

    /// The driver a word means; `None` for one that there is not.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "" | "bridge" => Self::Bridge,
            "macvlan" => Self::Macvlan,
            "ipvlan" => Self::Ipvlan,
            _ => return None,
        })
    }
}

/// One range of addresses of a network.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Subnet {
    /// The range, `172.18.0.0/16`.
    pub subnet: String,
    /// The gateway's address; empty for the first one.
    pub gateway: String,
    /// The part of the range that containers get addresses from, `172.18.5.0/24`; empty for all of it.
    pub ip_range: String,
    /// Addresses that are never given to containers, by a name of the user's choice (`--aux-address`).
    pub reserved: BTreeMap<String, String>,
}

/// A network as asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NetworkSpec {
    /// Its name.
    pub name: String,
    /// Its driver.
    pub driver: NetworkDriver,
    /// Its ranges; empty for a free one.
    pub subnets: Vec<Subnet>,
    /// Whether it is cut off from everything but its own containers and this host.
    pub internal: bool,
    /// Whether it has IPv6 addresses.
    pub ipv6: bool,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Options of the driver, by Docker's names (`com.docker.network.bridge.name`, `parent`, …).
    pub options: BTreeMap<String, String>,
}

/// A network at one moment, owned and complete.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NetworkSnapshot {
    /// Its id: 64 lower-case hexadecimal digits.
    pub id: String,
    /// What it is, with the ranges it was given.
    pub spec: NetworkSpec,
    /// Its interface on the host: the bridge, or the parent of a macvlan network.
    pub interface: String,
    /// When it was made: nanoseconds since the Unix epoch.
    pub created_at: i64,
    /// The containers on it now.
    pub endpoints: Vec<EndpointSnapshot>,
}

impl NetworkSnapshot {
    /// The first twelve digits of the id, as listings show them.
    pub fn short_id(&self) -> &str {
        self.id.get(..12).unwrap_or(&self.id)
    }
}

/// A container's place on a network.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EndpointSnapshot {
    /// Its id: 64 lower-case hexadecimal digits.
    pub id: String,
    /// The network's id.
    pub network_id: String,
    /// The network's name.
    pub network: String,
    /// Whose place it is.
    pub container: ContainerId,
    /// That container's name.
    pub name: String,
    /// The names it answers to there, besides its own and its short id.
    pub aliases: Vec<String>,
    /// The interface inside the container, `eth0`.
    pub interface: String,
    /// The IPv4 address with its prefix length, `172.18.0.2/16`; empty for none.
    pub ipv4: String,
    /// The IPv6 address with its prefix length; empty for none.
    pub ipv6: String,
    /// The IPv4 gateway; empty for none.
    pub gateway: String,
    /// The IPv6 gateway; empty for none.
    pub gateway6: String,
    /// The hardware address.
    pub mac: String,
    /// The ports that are published there, with the host ports they were given.
    pub ports: Vec<PublishedPort>,
}
