//! `network inspect`, in Docker's shape.

use crate::engine::Engine;
use serde_json::{Map, Value, json};
use teu_api::network::{NetworkSnapshot, NetworkSpec};
use teu_api::{ContainerId, Failure};

impl Engine {
    /// The network as Docker's `inspect` shows it.
    pub fn inspect_network(&self, reference: &str) -> Result<Value, Failure> {
        let built_in = always_there().into_iter().find(|network| {
            network.spec.name == reference || (reference.len() >= 12 && network.id.starts_with(reference))
        });
        if let Some(network) = built_in {
            let mut value = describe(&network);
            value["Driver"] = json!(if network.spec.name == "none" { "null" } else { "host" });
            value["IPAM"]["Config"] = Value::Null;
            return Ok(value);
        }
        Ok(describe(&self.networks()?.find(reference)?))
    }
}

/// What Docker lists beside real networks: the host's own, and none at all. Their ids are made of their names.
pub fn always_there() -> [NetworkSnapshot; 2] {
    ["host", "none"].map(|name| {
        // Ids are digits: a name's, and zeros.
        let mut bytes = [0; 32];
        bytes[..name.len()].copy_from_slice(name.as_bytes());
        NetworkSnapshot {
            id: ContainerId::from_bytes(bytes).to_string(),
            spec: NetworkSpec { name: name.to_owned(), ..NetworkSpec::default() },
            ..NetworkSnapshot::default()
        }
    })
}

fn describe(network: &NetworkSnapshot) -> Value {
    let spec = &network.spec;
    let ranges = spec.subnets.iter().map(|subnet| {
        let mut value = json!({"Subnet": subnet.subnet, "Gateway": subnet.gateway});
        if !subnet.ip_range.is_empty() {
            value["IPRange"] = json!(subnet.ip_range);
        }
        if !subnet.reserved.is_empty() {
            value["AuxiliaryAddresses"] = json!(subnet.reserved);
        }
        value
    });
    let containers: Map<String, Value> = network
        .endpoints
        .iter()
        .map(|endpoint| {
            let value = json!({
                "Name": endpoint.name,
                "EndpointID": endpoint.id,
                "MacAddress": endpoint.mac,
                "IPv4Address": endpoint.ipv4,
                "IPv6Address": endpoint.ipv6,
            });
            (endpoint.container.as_str().to_owned(), value)
        })
        .collect();
    let created = jiff::Timestamp::from_nanosecond(i128::from(network.created_at));
    json!({
        "Name": spec.name,
        "Id": network.id,
        "Created": created.map_or_else(|_| String::new(), |time| format!("{time:.9}")),
        "Scope": "local",
        "Driver": spec.driver.as_str(),
        "EnableIPv4": true,
        "EnableIPv6": spec.ipv6,
        "IPAM": {"Driver": "default", "Options": {}, "Config": ranges.collect::<Vec<_>>()},
        "Internal": spec.internal,
        "Attachable": false,
        "Ingress": false,
        "ConfigFrom": {"Network": ""},
        "ConfigOnly": false,
        "Interface": network.interface,
        "Containers": containers,
        "Options": spec.options,
        "Labels": spec.labels,
    })
}
