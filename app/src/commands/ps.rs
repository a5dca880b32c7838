//! `teu ps`.

use super::{Outcome, listing, say, words};
use crate::arguments::ListArguments;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use teu_api::Failure;
use teu_api::container::{ContainerSnapshot, PortProtocol};
use teu_core::Engine;

const COLUMNS: [listing::Column; 7] = [
    ("CONTAINER ID", "ID"),
    ("IMAGE", "Image"),
    ("COMMAND", "Command"),
    ("CREATED", "RunningFor"),
    ("STATUS", "Status"),
    ("PORTS", "Ports"),
    ("NAMES", "Names"),
];

/// Lists containers.
pub fn run(engine: &Engine, arguments: &ListArguments) -> Outcome {
    let mut containers = engine.containers()?;
    let last = if arguments.latest { Some(1) } else { arguments.last.filter(|number| *number > 0) };
    let by_status = arguments.filter.iter().any(|filter| filter.starts_with("status=") || filter.starts_with("exited="));
    if !arguments.all && last.is_none() && !by_status {
        containers.retain(|container| container.state.status.is_live());
    }
    for filter in &arguments.filter {
        let (key, value) = filter.split_once('=').ok_or_else(|| Failure::usage(format!("invalid filter {filter:?}")).hint("write it as key=value"))?;
        filter_by(&mut containers, key, value)?;
    }
    if let Some(last) = last {
        containers.truncate(last as usize);
    }
    if arguments.quiet {
        for container in &containers {
            say(if arguments.no_trunc { container.id.as_str() } else { container.id.short() })?;
        }
        return Ok(0);
    }
    let now = Timestamp::now().as_nanosecond() as i64;
    let rows: Vec<Value> = containers.iter().map(|container| row(container, arguments.no_trunc, now)).collect();
    listing::print(&rows, &COLUMNS, arguments.format.as_deref())?;
    Ok(0)
}

fn filter_by(containers: &mut Vec<ContainerSnapshot>, key: &str, value: &str) -> Result<(), Failure> {
    match key {
        "name" => containers.retain(|container| container.name.contains(value)),
        "id" => containers.retain(|container| container.id.as_str().starts_with(value)),
        "status" => containers.retain(|container| container.state.status.as_str() == value),
        "exited" => containers.retain(|container| container.state.exit_code.to_string() == value && container.state.finished_at != 0),
        "ancestor" => containers.retain(|container| container.image == value || container.image_id.contains(value)),
        "label" => containers.retain(|container| match value.split_once('=') {
            Some((name, value)) => container.labels.get(name).is_some_and(|label| label == value),
            None => container.labels.contains_key(value),
        }),
        _ => return Err(Failure::usage(format!("invalid filter '{key}'")).hint("known are ancestor, exited, id, label, name and status")),
    }
    Ok(())
}

fn row(container: &ContainerSnapshot, whole: bool, now: i64) -> Value {
    let command = container.args.join(" ");
    let command = if whole || command.chars().count() <= 20 { command } else { command.chars().take(19).chain(['…']).collect() };
    let labels: Vec<String> = container.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let created = Timestamp::from_nanosecond(i128::from(container.created_at)).unwrap_or_default();
    let zone = TimeZone::system().to_offset(created);
    json!({
        "ID": if whole { container.id.as_str() } else { container.id.short() },
        "Image": container.image,
        "Command": format!("{command:?}"),
        "CreatedAt": format!("{} {zone}", zone.to_datetime(created).strftime("%Y-%m-%d %H:%M:%S")),
        "RunningFor": words::ago(container.created_at, now),
        "State": container.state.status.as_str(),
        "Status": words::status(container, now),
        "Ports": ports(container),
        "Names": container.name,
        "Labels": labels.join(","),
        "Mounts": container.mounts.join(","),
        "Networks": container.networks.join(","),
        "LocalVolumes": container.mounts.iter().filter(|mount| !mount.starts_with('/')).count().to_string(),
        "Size": "0B",
    })
}

fn ports(container: &ContainerSnapshot) -> String {
    if !container.state.status.is_live() {
        return String::new();
    }
    let one = |port: &teu_api::container::PublishedPort| {
        let protocol = match port.protocol {
            PortProtocol::Tcp => "tcp",
            PortProtocol::Udp => "udp",
            PortProtocol::Sctp => "sctp",
        };
        let host = if port.host_ip.is_empty() { "0.0.0.0" } else { &port.host_ip };
        format!("{host}:{}->{}/{protocol}", port.host_port, port.container_port)
    };
    container.ports.iter().map(one).collect::<Vec<_>>().join(", ")
}
