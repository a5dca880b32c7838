//! `teu network ls`.

use super::Outcome;
use crate::arguments::NetworkListArguments;
use crate::commands::print;
use crate::filter::{driver_of, network_filter};
use crate::output::{Format, Row};
use jiff::Timestamp;
use teu_api::network::NetworkSnapshot;
use teu_core::{Engine, always_there_networks};

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
    networks.extend(always_there_networks());
    networks.sort_by(|a, b| a.spec.name.cmp(&b.spec.name));
    let rows: Vec<Row> = networks
        .iter()
        .filter(|network| matches(network))
        .map(|network| row(network, arguments.no_trunc))
        .collect();
    print(&format.render(&HEADINGS, &rows)?)?;
    Ok(0)
}

fn row(network: &NetworkSnapshot, whole: bool) -> Row {
    let spec = &network.spec;
    let labels: Vec<String> = spec.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let created = Timestamp::from_nanosecond(i128::from(network.created_at));
    Row::new([
        ("ID", if whole { network.id.clone() } else { network.short_id().to_owned() }),
        ("Name", spec.name.clone()),
        ("Driver", driver_of(network).to_owned()),
        ("Scope", "local".to_owned()),
        ("IPv4", "true".to_owned()),
        ("IPv6", spec.ipv6.to_string()),
        ("Internal", spec.internal.to_string()),
        ("Labels", labels.join(",")),
        ("CreatedAt", created.map_or_else(|_| String::new(), |at| at.to_string())),
    ])
    .labels(&spec.labels)
}
