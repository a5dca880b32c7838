//! Volumes, networks, stacks and events as rows: a name, a few columns, and what is known of it.

use super::container::ContainerRow;
use super::list::Row;
use crate::text::{bytes, percent};
use crate::theme::Role;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use teu_api::container::Status;
use teu_api::network::NetworkSnapshot;
use teu_api::volume::VolumeSnapshot;

/// A label, a value and its colour.
pub type Known = (String, String, Role);

/// One row.
#[derive(Clone, Debug, Default)]
pub struct PlainRow {
    /// What names it for good.
    pub key: String,
    /// Its name.
    pub name: String,
    /// The sign before it, and its colour.
    pub sign: Option<(&'static str, Role)>,
    /// Its further columns.
    pub columns: Vec<(String, Role)>,
    /// How large it is, in whatever its kind counts.
    pub size: u64,
    /// When it came to be: nanoseconds since the epoch; 0 when not known.
    pub at: i64,
    /// What is known of it.
    pub known: Vec<Known>,
}

impl Row for PlainRow {
    const SORTS: &'static [(&'static str, bool)] = &[
        ("name", false),
        ("size", true),
        ("age", true),
        ("first column", false),
        ("second column", false),
        ("third column", false),
    ];

    fn key(&self) -> &str {
        &self.key
    }

    fn haystack(&self) -> String {
        let columns = self.columns.iter().map(|(text, _)| text.as_str());
        std::iter::once(self.name.as_str()).chain(columns).collect::<Vec<_>>().join(" ")
    }

    fn order(&self, other: &Self, sort: usize) -> Ordering {
        match sort {
            1 => self.size.cmp(&other.size),
            2 => self.at.cmp(&other.at).then_with(|| self.key.cmp(&other.key)),
            n @ 3.. => self.figure(n - 3).cmp_natural(&other.figure(n - 3)),
            _ => self.name.cmp(&other.name),
        }
    }
}

/// A column's text as it is compared: by its number, where it begins with one, else as text.
struct Figure<'a>(f64, &'a str);

impl Figure<'_> {
    fn cmp_natural(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0).then_with(|| self.1.cmp(other.1))
    }
}

impl PlainRow {
    fn figure(&self, column: usize) -> Figure<'_> {
        let text = self.columns.get(column).map_or("", |(text, _)| text.as_str());
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        Figure(text[..end].parse().unwrap_or(-1.0), text)
    }
}

fn known(label: &str, value: impl Into<String>, role: Role) -> Known {
    (label.to_owned(), value.into(), role)
}

fn users(names: &[String]) -> (String, Role) {
    match names.len() {
        0 => ("–".into(), Role::Faint),
        n => (n.to_string(), Role::Good),
    }
}

fn labels(labels: &BTreeMap<String, String>) -> impl Iterator<Item = Known> + '_ {
    let label = |at: usize| if at == 0 { "labels" } else { "" };
    labels
        .iter()
        .enumerate()
        .map(move |(at, (key, value))| known(label(at), format!("{key}={value}"), Role::Muted))
}

/// Says how large a volume is.
pub fn set_size(row: &mut PlainRow, size: u64) {
    row.size = size;
    let text = (bytes(size), Role::Text);
    for (_, value, role) in row.known.iter_mut().filter(|(label, ..)| label == "size") {
        (*value, *role) = text.clone();
    }
    if let Some(column) = row.columns.get_mut(2) {
        *column = text;
    }
}

/// A volume's row: driver, users, size; that of one that was looked at is known from then on.
pub fn volume(volume: &VolumeSnapshot, counted: &BTreeMap<String, Option<u64>>) -> PlainRow {
    let known_size = volume.size.or_else(|| counted.get(&volume.name).copied().flatten());
    let size = ("–".to_owned(), Role::Faint);
    let mut facts = vec![
        known("name", &volume.name, Role::Text),
        known("driver", &volume.driver, Role::Text),
        known("files", &volume.mountpoint, Role::Muted),
        known("size", &size.0, size.1),
    ];
    facts.extend(volume.containers.iter().map(|name| known("used by", name, Role::Good)));
    if volume.anonymous {
        facts.push(known("anonymous", "made for one container", Role::Muted));
    }
    facts.extend(labels(&volume.labels));
    let mut row = PlainRow {
        key: volume.name.clone(),
        name: volume.name.clone(),
        sign: None,
        columns: vec![(volume.driver.clone(), Role::Muted), users(&volume.containers), size],
        size: 0,
        at: volume.created_at,
        known: facts,
    };
    if let Some(size) = known_size {
        set_size(&mut row, size);
    }
    row
}

/// A network's row: driver, range, users.
pub fn network(network: &NetworkSnapshot) -> PlainRow {
    let spec = &network.spec;
    let range = spec.subnets.first().map_or(String::new(), |subnet| subnet.subnet.clone());
    let names: Vec<String> = network.endpoints.iter().map(|e| e.name.clone()).collect();
    let mut facts = vec![
        known("name", &spec.name, Role::Text),
        known("id", &network.id, Role::Muted),
        known("driver", spec.driver.as_str(), Role::Text),
        known("interface", &network.interface, Role::Text),
        known("internal", if spec.internal { "yes" } else { "no" }, Role::Text),
    ];
    for subnet in &spec.subnets {
        facts.push(known("range", format!("{} by {}", subnet.subnet, subnet.gateway), Role::Info));
    }
    for endpoint in &network.endpoints {
        facts.push(known(
            "container",
            format!("{} {} {}", endpoint.name, endpoint.ipv4, endpoint.ipv6),
            Role::Good,
        ));
    }
    facts.extend(labels(&spec.labels));
    PlainRow {
        key: spec.name.clone(),
        name: spec.name.clone(),
        sign: None,
        columns: vec![(spec.driver.as_str().to_owned(), Role::Muted), (range, Role::Info), users(&names)],
        size: names.len() as u64,
        at: network.created_at,
        known: facts,
    }
}

/// The stacks that containers belong to: running of all, CPU, memory.
pub fn stacks(containers: &[ContainerRow]) -> Vec<PlainRow> {
    let mut projects: BTreeMap<&str, Vec<&ContainerRow>> = BTreeMap::new();
    for row in containers {
        if let Some(project) = row.snapshot.project() {
            projects.entry(project).or_default().push(row);
        }
    }
    projects.into_iter().map(|(project, rows)| stack(project, &rows)).collect()
}

/// A stack of which nothing is left but its files.
pub fn down_stack(project: &str) -> PlainRow {
    PlainRow {
        key: project.to_owned(),
        name: project.to_owned(),
        sign: Some(("○", Role::Faint)),
        columns: vec![("down".into(), Role::Muted), ("–".into(), Role::Faint), ("–".into(), Role::Faint)],
        ..PlainRow::default()
    }
}

fn stack(project: &str, rows: &[&ContainerRow]) -> PlainRow {
    let live = rows.iter().filter(|row| row.snapshot.state.status == Status::Running).count();
    let cpu = rows.iter().filter_map(|row| row.cpu()).fold(0.0, |sum, cpu| sum + cpu);
    let memory: u64 = rows.iter().filter_map(|row| row.memory()).sum();
    let role = if live == rows.len() {
        Role::Good
    } else if live == 0 {
        Role::Muted
    } else {
        Role::Warning
    };
    let mut rows: Vec<&&ContainerRow> = rows.iter().collect();
    rows.sort_by(|a, b| a.snapshot.name.cmp(&b.snapshot.name));
    let one = |row: &&&ContainerRow| {
        let service = row.snapshot.labels.get("com.docker.compose.service").unwrap_or(&row.snapshot.name);
        let use_ = row.cpu().map_or(String::new(), |cpu| {
            format!("  {}  {}", percent(cpu), row.memory().map_or(String::new(), bytes))
        });
        let ports = row.ports();
        let role = if row.snapshot.state.status == Status::Running { Role::Good } else { Role::Muted };
        known(service, format!("{}{use_}  {ports}", row.snapshot.state.status.as_str()), role)
    };
    PlainRow {
        key: project.to_owned(),
        name: project.to_owned(),
        sign: Some(("●", role)),
        columns: vec![
            (format!("{live} of {}", rows.len()), role),
            (percent(cpu), Role::Text),
            (bytes(memory), Role::Text),
        ],
        size: memory,
        at: rows.iter().map(|row| row.snapshot.created_at).max().unwrap_or(0),
        known: rows.iter().map(one).collect(),
    }
}
