//! `teu network ls`.

use super::Outcome;
use crate::arguments::NetworkListArguments;
use crate::commands::print;
use crate::filter::network_filter;
use crate::output::{Format, Row};
use jiff::Timestamp;
use teu_api::ContainerId;
use teu_api::network::{NetworkSnapshot, NetworkSpec};
use teu_core::Engine;

const TABLE: &str = r"{{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}";

const HEADINGS: [(&str, &str); 9] = [
    ("ID", "NETWORK ID"),
    ("Name", "NAME"),
    ("Driver", "DRIVER"),
    ("Scope", "SCOPE"),
    ("IPv4", "IPV4"),
    ("IPv6", "IPV6"),
    ("Internal", "INTERNAL"),
    ("Labels", "LABELS"),
    ("CreatedAt", "CREATED AT"),
];

/// Lists networks.
pub fn run(engine: &Engine, arguments: &NetworkListArguments) -> Outcome {
    let matches = network_filter(&arguments.filter)?;
    let format = Format::parse(arguments.format.as_deref(), TABLE, arguments.quiet.then_some("{{.ID}}"))?;
    let mut networks = engine.networks()?.list()?;
    networks.extend(["host", "none"].map(always_there));
    networks.sort_by(|a, b| a.spec.name.cmp(&b.spec.name));
    let rows: Vec<Row> = networks
        .iter()
        .filter(|network| matches(network))
        .map(|network| row(network, arguments.no_trunc))
        .collect();
    print(&format.render(&HEADINGS, &rows)?)?;
    Ok(0)
}

/// What Docker lists beside real networks: the host's own, and none at all. Their ids are made of their names.
fn always_there(name: &str) -> NetworkSnapshot {
    // Ids are digits: a name's, and zeros.
    let mut bytes = [0; 32];
    bytes[..name.len()].copy_from_slice(name.as_bytes());
    let id = ContainerId::from_bytes(bytes).to_string();
    NetworkSnapshot {
        id,
        spec: NetworkSpec { name: name.to_owned(), ..NetworkSpec::default() },
        ..NetworkSnapshot::default()
    }
}

fn row(network: &NetworkSnapshot, whole: bool) -> Row {
    let spec = &network.spec;
    let driver = match spec.name.as_str() {
        "host" => "host",
        "none" => "null",
        _ => spec.driver.as_str(),
    };
    let labels: Vec<String> = spec.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let created = Timestamp::from_nanosecond(i128::from(network.created_at));
    Row::new([
        ("ID", if whole { network.id.clone() } else { network.short_id().to_owned() }),
        ("Name", spec.name.clone()),
        ("Driver", driver.to_owned()),
        ("Scope", "local".to_owned()),
        ("IPv4", "true".to_owned()),
        ("IPv6", spec.ipv6.to_string()),
        ("Internal", spec.internal.to_string()),
        ("Labels", labels.join(",")),
        ("CreatedAt", created.map_or_else(|_| String::new(), |at| at.to_string())),
    ])
    .labels(&spec.labels)
}
