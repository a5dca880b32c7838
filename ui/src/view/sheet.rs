//! Detail tabs that are rows of labels and values: environment, mounts, ports, health, history.

use super::info::{InfoRow, Rows};
use crate::model::Model;
use crate::model::container::ContainerRow;
use crate::text::{bytes, clean, clock, date_and_clock, width};
use crate::theme::Role;
use serde_json::Value;
use teu_api::container::Status;

/// Rows, and how wide their labels are.
pub(super) struct Sheet {
    pub label: usize,
    pub rows: Vec<InfoRow>,
}

/// Why there are no rows yet.
fn note(text: &str, role: Role, cells: usize) -> Sheet {
    let mut rows = Rows::new(cells, 0);
    rows.add("", text, role);
    Sheet { label: 0, rows: rows.rows }
}

/// Labels as wide as the widest, up to two fifths of the pane.
fn sheet(pairs: Vec<(String, String, Role)>, cells: usize) -> Sheet {
    let widest = pairs.iter().map(|(label, ..)| width(label)).max().unwrap_or(0);
    let label = (widest + 2).min(cells * 2 / 5);
    let mut rows = Rows::new(cells, label);
    for (name, value, role) in pairs {
        rows.add(&name, if value.is_empty() { "–" } else { &value }, role);
    }
    Sheet { label, rows: rows.rows }
}

fn document(model: &Model, cells: usize) -> Result<&Value, Sheet> {
    let Some(row) = model.containers.selected() else { return Err(note("", Role::Muted, cells)) };
    match model.details.document_of(row.snapshot.id.as_str()) {
        Some(Ok(document)) => Ok(document),
        Some(Err(failure)) => Err(note(&failure.message, Role::Error, cells)),
        None => Err(note("reading…", Role::Muted, cells)),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => clean(text).into_owned(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

pub(super) fn env(model: &Model, cells: usize) -> Sheet {
    let document = match document(model, cells) {
        Ok(document) => document,
        Err(why) => return why,
    };
    let set = document["Config"]["Env"].as_array().map_or(&[][..], Vec::as_slice);
    if set.is_empty() {
        return note("no environment", Role::Muted, cells);
    }
    let mut pairs: Vec<(String, String, Role)> = set
        .iter()
        .map(|one| {
            let one = text(one);
            let (name, value) = one.split_once('=').unwrap_or((&one, ""));
            (name.to_owned(), value.to_owned(), Role::Text)
        })
        .collect();
    pairs.sort_by(|a, b| a.0.cmp(&b.0));
    sheet(pairs, cells)
}

pub(super) fn mounts(model: &Model, cells: usize) -> Sheet {
    let document = match document(model, cells) {
        Ok(document) => document,
        Err(why) => return why,
    };
    let mounts = document["Mounts"].as_array().map_or(&[][..], Vec::as_slice);
    let mut pairs = Vec::new();
    for mount in mounts {
        let source = match &mount["Name"] {
            Value::String(name) => clean(name).into_owned(),
            _ => text(&mount["Source"]),
        };
        let access = if mount["RW"].as_bool() == Some(false) { "read-only" } else { "writable" };
        pairs.push((text(&mount["Destination"]), format!("{}  {access}", text(&mount["Type"])), Role::Text));
        if !source.is_empty() {
            pairs.push((String::new(), source, Role::Info));
        }
        let mode = text(&mount["Mode"]);
        if !mode.is_empty() {
            pairs.push((String::new(), mode, Role::Muted));
        }
    }
    if let Some(folders) = document["HostConfig"]["Tmpfs"].as_object() {
        for (folder, options) in folders {
            pairs.push((clean(folder).into_owned(), format!("tmpfs  {}", text(options)), Role::Text));
        }
    }
    if pairs.is_empty() {
        return note("no mounts: everything it writes goes with it", Role::Muted, cells);
    }
    sheet(pairs, cells)
}

pub(super) fn ports(model: &Model, cells: usize) -> Sheet {
    let document = match document(model, cells) {
        Ok(document) => document,
        Err(why) => return why,
    };
    let settings = &document["NetworkSettings"];
    let mut pairs = Vec::new();
    let mut named = Vec::new();
    for ports in [&settings["Ports"], &document["HostConfig"]["PortBindings"]] {
        for (port, bindings) in ports.as_object().into_iter().flatten() {
            if named.contains(port) {
                continue;
            }
            named.push(port.clone());
            let places = bindings.as_array().map_or(&[][..], Vec::as_slice);
            for place in places {
                let address = text(&place["HostIp"]);
                let address = if address.is_empty() { "0.0.0.0".to_owned() } else { address };
                pairs.push((port.clone(), format!("{address}:{}", text(&place["HostPort"])), Role::Info));
            }
            if places.is_empty() {
                pairs.push((port.clone(), "not published".into(), Role::Muted));
            }
        }
    }
    for port in document["Config"]["ExposedPorts"].as_object().into_iter().flat_map(|ports| ports.keys()) {
        if !named.contains(port) {
            pairs.push((port.clone(), "not published".into(), Role::Muted));
        }
    }
    for (network, place) in settings["Networks"].as_object().into_iter().flatten() {
        pairs.push((network.clone(), text(&place["IPAddress"]), Role::Text));
        for (field, word) in
            [("GlobalIPv6Address", "IPv6"), ("Gateway", "gateway"), ("MacAddress", "hardware address")]
        {
            let value = text(&place[field]);
            if !value.is_empty() {
                pairs.push((String::new(), format!("{word} {value}"), Role::Muted));
            }
        }
    }
    if pairs.is_empty() {
        return note("no ports and no network", Role::Muted, cells);
    }
    sheet(pairs, cells)
}

pub(super) fn health(model: &Model, cells: usize) -> Sheet {
    let Some(row) = model.containers.selected() else { return note("", Role::Muted, cells) };
    let Some(health) = &row.snapshot.state.health else {
        return note("no health check: --health-cmd sets one", Role::Muted, cells);
    };
    let good = |good: bool| if good { Role::Good } else { Role::Error };
    let now = health.status.as_str().to_owned();
    let mut pairs = vec![("now".to_owned(), now, good(health.failing_streak == 0))];
    if health.failing_streak > 0 {
        pairs.push(("failures".into(), format!("{} in a row", health.failing_streak), Role::Error));
    }
    for probe in health.log.iter().rev() {
        let took = (probe.end - probe.start).max(0) / 1_000_000;
        let word = match probe.exit_code {
            0 => format!("passed in {took} ms"),
            -1 => format!("not done after {took} ms"),
            code => format!("exit code {code} in {took} ms"),
        };
        pairs.push((clock(probe.start, model.settings.utc_offset), word, good(probe.exit_code == 0)));
        let output = clean(&probe.output).trim().to_owned();
        if !output.is_empty() {
            pairs.push((String::new(), output, Role::Muted));
        }
    }
    sheet(pairs, cells)
}

pub(super) fn history(model: &Model, cells: usize) -> Sheet {
    let Some(row) = model.selected_image() else {
        return note("select one of its tags", Role::Muted, cells);
    };
    let details = match &model.details.image {
        Some((id, Ok(details))) if *id == row.snapshot.id => details,
        Some((id, Err(failure))) if *id == row.snapshot.id => {
            return note(&failure.message, Role::Error, cells);
        }
        _ => return note("reading…", Role::Muted, cells),
    };
    let mut pairs = Vec::new();
    for step in &details.history {
        let made = if step.created_by.is_empty() { "not said" } else { step.created_by.trim() };
        let size = if step.size > 0 { bytes(step.size) } else { "–".into() };
        pairs.push((size, clean(made).into_owned(), Role::Text));
        let when = step.created_at.map(|at| date_and_clock(at, model.settings.utc_offset));
        let more: Vec<String> =
            when.into_iter().chain(Some(step.comment.clone()).filter(|text| !text.is_empty())).collect();
        if !more.is_empty() {
            pairs.push((String::new(), more.join("  "), Role::Muted));
        }
    }
    sheet(pairs, cells)
}

/// Why a container has no processes to show.
pub(super) fn no_processes(row: &ContainerRow) -> Option<&'static str> {
    match row.snapshot.state.status {
        Status::Running | Status::Paused => None,
        _ => Some("it is not running"),
    }
}
