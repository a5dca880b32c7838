//! `teu compose ps`.

use super::project::Stack;
use crate::arguments::ComposePsArguments;
use crate::commands::{Outcome, now, print};
use crate::output::{self, Format, Row};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use teu_api::Failure;
use teu_api::container::ContainerSnapshot;
use teu_core::Engine;
use teu_core::stacks::labels;

const TABLE: &str =
    r"{{.Name}}\t{{.Image}}\t{{.Command}}\t{{.Service}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}";

const HEADINGS: [(&str, &str); 13] = [
    ("ID", "CONTAINER ID"),
    ("Name", "NAME"),
    ("Image", "IMAGE"),
    ("Command", "COMMAND"),
    ("Service", "SERVICE"),
    ("Project", "PROJECT"),
    ("RunningFor", "CREATED"),
    ("Status", "STATUS"),
    ("State", "STATE"),
    ("Health", "HEALTH"),
    ("ExitCode", "EXIT CODE"),
    ("Ports", "PORTS"),
    ("Networks", "NETWORKS"),
];

/// The service that a container belongs to, by its labels.
pub fn service(all: &BTreeMap<String, String>) -> &str {
    all.get(labels::SERVICE).map_or("", String::as_str)
}

/// Lists a stack's containers.
pub fn run(engine: &Engine, stack: &Stack, arguments: &ComposePsArguments) -> Outcome {
    let mut states: Vec<&str> = arguments.status.iter().map(String::as_str).collect();
    for filter in &arguments.filter {
        match filter.split_once('=') {
            Some(("status", state)) => states.push(state),
            _ => return Err(Failure::usage(format!("invalid filter '{filter}'")).hint("write status=STATE")),
        }
    }
    let mut containers = engine.containers()?;
    let known = |service: &str| {
        stack.project.as_ref().is_none_or(|project| {
            project.services.contains_key(service) || project.disabled.contains_key(service)
        })
    };
    containers.retain(|container| {
        let label = |key: &str| container.labels.get(key).map_or("", String::as_str);
        let state = container.state.status.as_str();
        label(labels::PROJECT) == stack.name
            && (arguments.orphans || known(label(labels::SERVICE)))
            && (states.contains(&state)
                || states.is_empty()
                    && (arguments.all
                        || container.state.status.is_live()
                            && !label(labels::ONE_OFF).eq_ignore_ascii_case("true")))
            && (arguments.only.is_empty()
                || arguments.only.iter().any(|name| name == service(&container.labels)))
    });
    containers.sort_by(|a, b| a.name.cmp(&b.name));
    if arguments.services {
        let mut names: Vec<&str> = containers.iter().map(|container| service(&container.labels)).collect();
        names.sort_unstable();
        names.dedup();
        print(&super::say::lines(names))?;
        return Ok(0);
    }
    let now = now();
    let rows: Vec<Row> = containers.iter().map(|container| row(container, arguments.no_trunc, now)).collect();
    let format = Format::parse(arguments.format.as_deref(), TABLE, arguments.quiet.then_some("{{.ID}}"))?;
    print(&format.render(&HEADINGS, &rows)?)?;
    Ok(0)
}

fn row(container: &ContainerSnapshot, whole: bool, now: i64) -> Row {
    let state = &container.state;
    let project = container.labels.get(labels::PROJECT).cloned().unwrap_or_default();
    let labelled: Vec<String> =
        container.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let ports = if state.status.is_live() { output::ports(&container.ports) } else { String::new() };
    let mut row = Row::new([
        ("ID", container.id.to_string()),
        ("Name", container.name.clone()),
        ("Image", container.image.clone()),
        ("Command", output::command(&container.args, whole)),
        ("Service", service(&container.labels).to_owned()),
        ("Project", project),
        ("RunningFor", output::ago(container.created_at, now)),
        ("Status", output::status(state, now)),
        ("State", state.status.as_str().to_owned()),
        ("Health", state.health.as_ref().map_or("", |health| health.status.as_str()).to_owned()),
        ("Ports", ports),
        ("Networks", container.networks.join(",")),
        ("Names", container.name.clone()),
        ("CreatedAt", output::docker_time(container.created_at)),
        ("Labels", labelled.join(",")),
        ("Mounts", container.mounts.join(",")),
        ("LocalVolumes", container.mounts.iter().filter(|mount| !mount.starts_with('/')).count().to_string()),
    ])
    .labels(&container.labels);
    row.insert("ExitCode", state.exit_code.into());
    row.insert("Publishers", publishers(container));
    row
}

/// Where its ports are published, as Docker's JSON has it.
fn publishers(container: &ContainerSnapshot) -> Value {
    let live = container.state.status.is_live();
    let shown = container.ports.iter().filter(|_| live).map(|port| {
        json!({
            "URL": if port.host_ip.is_empty() { "0.0.0.0" } else { &port.host_ip },
            "TargetPort": port.container_port,
            "PublishedPort": port.host_port,
            "Protocol": port.protocol.word(),
        })
    });
    shown.collect()
}
