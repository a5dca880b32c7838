//! `network inspect`, in Docker's shape.

use crate::engine::Engine;
use serde_json::{Map, Value, json};
use teu_api::Failure;
use teu_api::network::NetworkSnapshot;

impl Engine {
    /// The network as Docker's `inspect` shows it.
    pub fn inspect_network(&self, reference: &str) -> Result<Value, Failure> {
        if matches!(reference, "host" | "none") {
            let driver = if reference == "none" { "null" } else { reference };
            return Ok(
                json!({"Name": reference, "Id": "", "Scope": "local", "Driver": driver, "Containers": {}, "Options": {}, "Labels": {}}),
            );
        }
        Ok(describe(&self.networks()?.find(reference)?))
    }
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
