//! `NetworkSettings` of a container's `inspect`, in Docker's shape.

use serde_json::{Map, Value, json};
use teu_api::container::{NetworkAttachment, NetworkMode, PublishedPort};
use teu_api::network::EndpointSnapshot;
use teu_network::DEFAULT_NETWORK;
use teu_store::ContainerRecord;

/// Published ports, by `port/protocol`.
pub(crate) fn port_map<'a>(ports: impl IntoIterator<Item = &'a PublishedPort>) -> Map<String, Value> {
    let mut map = Map::new();
    for port in ports {
        let host_port = match port.host_port_end {
            0 => port.host_port.to_string(),
            end => format!("{}-{end}", port.host_port),
        };
        let binding = json!({"HostIp": port.host_ip, "HostPort": host_port});
        let key = format!("{}/{}", port.container_port, port.protocol.word());
        if let Value::Array(bindings) = map.entry(key).or_insert_with(|| json!([])) {
            bindings.push(binding);
        }
    }
    map
}

/// What a container's networks are now; where it does not run, what they will be.
pub(crate) fn settings(record: &ContainerRecord, endpoints: &[EndpointSnapshot]) -> Value {
    let spec = &record.spec;
    let mut ports = port_map(endpoints.iter().flat_map(|endpoint| &endpoint.ports));
    if record.state.status.is_live() {
        for exposed in &spec.exposed_ports {
            ports.entry(exposed.clone()).or_insert(Value::Null);
        }
    }
    let attachments = match &spec.host.network {
        NetworkMode::Default if spec.host.networks.is_empty() => {
            vec![NetworkAttachment { network: DEFAULT_NETWORK.to_owned(), ..Default::default() }]
        }
        NetworkMode::Default | NetworkMode::Named => spec.host.networks.clone(),
        NetworkMode::None => vec![NetworkAttachment { network: "none".to_owned(), ..Default::default() }],
        NetworkMode::Host => vec![NetworkAttachment { network: "host".to_owned(), ..Default::default() }],
        NetworkMode::Container(_) => Vec::new(),
    };
    let mut networks = Map::new();
    for attachment in &attachments {
        let endpoint = endpoints.iter().find(|endpoint| {
            endpoint.network == attachment.network || endpoint.network_id.starts_with(&attachment.network)
        });
        let name = endpoint.map_or(&attachment.network, |endpoint| &endpoint.network);
        networks.insert(name.clone(), place(record, attachment, endpoint));
    }
    let mut value = json!({
        "Bridge": "",
        "SandboxID": if record.state.pid > 0 { record.id.as_str() } else { "" },
        "HairpinMode": false,
        "LinkLocalIPv6Address": "",
        "LinkLocalIPv6PrefixLen": 0,
        "SecondaryIPAddresses": Value::Null,
        "SecondaryIPv6Addresses": Value::Null,
        "SandboxKey": if record.state.pid > 0 { format!("/proc/{}/ns/net", record.state.pid) } else { String::new() },
        "Ports": ports,
    });
    // Docker repeats the default network's addresses here.
    let default = endpoints.iter().find(|endpoint| endpoint.network == DEFAULT_NETWORK);
    if let (Value::Object(all), Value::Object(own)) = (&mut value, addresses(default)) {
        all.extend(own);
        all.insert("Networks".to_owned(), Value::Object(networks));
    }
    value
}

fn addresses(endpoint: Option<&EndpointSnapshot>) -> Value {
    let (ipv4, prefix4) = split(endpoint.map_or("", |endpoint| &endpoint.ipv4));
    let (ipv6, prefix6) = split(endpoint.map_or("", |endpoint| &endpoint.ipv6));
    json!({
        "EndpointID": endpoint.map_or("", |endpoint| &endpoint.id),
        "Gateway": endpoint.map_or("", |endpoint| &endpoint.gateway),
        "GlobalIPv6Address": ipv6,
        "GlobalIPv6PrefixLen": prefix6,
        "IPAddress": ipv4,
        "IPPrefixLen": prefix4,
        "IPv6Gateway": endpoint.map_or("", |endpoint| &endpoint.gateway6),
        "MacAddress": endpoint.map_or("", |endpoint| &endpoint.mac),
    })
}

fn place(
    record: &ContainerRecord,
    attachment: &NetworkAttachment,
    endpoint: Option<&EndpointSnapshot>,
) -> Value {
    let mut value = addresses(endpoint);
    let fixed = !attachment.ipv4.is_empty() || !attachment.ipv6.is_empty();
    value["IPAMConfig"] = if fixed {
        json!({"IPv4Address": attachment.ipv4, "IPv6Address": attachment.ipv6})
    } else {
        Value::Null
    };
    let links = &record.spec.host.links;
    value["Links"] = if links.is_empty() { Value::Null } else { json!(links) };
    value["Aliases"] = if attachment.aliases.is_empty() { Value::Null } else { json!(attachment.aliases) };
    value["NetworkID"] = json!(endpoint.map_or("", |endpoint| &endpoint.network_id));
    let options = &attachment.driver_options;
    value["DriverOpts"] = if options.is_empty() { Value::Null } else { json!(options) };
    let own = [record.name.as_str(), record.id.short()];
    value["DNSNames"] = if attachment.network == DEFAULT_NETWORK {
        Value::Null
    } else {
        json!(own.into_iter().chain(attachment.aliases.iter().map(String::as_str)).collect::<Vec<_>>())
    };
    value
}

fn split(address: &str) -> (&str, u8) {
    address.split_once('/').map_or((address, 0), |(address, prefix)| (address, prefix.parse().unwrap_or(0)))
}
