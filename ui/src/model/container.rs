//! Containers as rows: a snapshot, and what it uses.

use super::history::History;
use super::list::Row;
use std::cmp::Ordering;
use teu_api::container::{ContainerSnapshot, PortProtocol, Status};
use teu_api::stats::StatsSample;

/// One container.
#[derive(Debug)]
pub struct ContainerRow {
    /// What the engine says of it.
    pub snapshot: ContainerSnapshot,
    /// The last sample of what it uses.
    pub sample: Option<StatsSample>,
    /// What it used lately.
    pub history: History,
    /// What we asked the engine to do with it and is not done yet: `stopping`.
    pub busy: Option<&'static str>,
}

impl ContainerRow {
    /// A container not seen before.
    pub fn new(snapshot: ContainerSnapshot) -> Self {
        Self { snapshot, sample: None, history: History::default(), busy: None }
    }

    /// Takes a sample; says whether anything shown has changed.
    pub fn take(&mut self, sample: StatsSample) -> bool {
        let moved = match &self.sample {
            Some(before) if sample.at > before.at => {
                let before = before.clone();
                self.history.push(&before, &sample)
            }
            Some(_) => false,
            None => true,
        };
        self.sample = Some(sample);
        moved
    }

    /// CPU use in per cent of one core; `None` where nothing is known.
    pub fn cpu(&self) -> Option<f64> {
        self.history.cpu.back().copied().map(f64::from).filter(|_| self.snapshot.state.status.is_live())
    }

    /// Memory in use in bytes; `None` where nothing is known.
    pub fn memory(&self) -> Option<u64> {
        self.sample.as_ref().map(|s| s.memory).filter(|_| self.snapshot.state.status.is_live())
    }

    /// Since when it is in its state: nanoseconds since the epoch.
    pub fn since(&self) -> i64 {
        let state = &self.snapshot.state;
        match state.status {
            Status::Running | Status::Paused if state.started_at > 0 => state.started_at,
            Status::Exited | Status::Restarting | Status::Dead if state.finished_at > 0 => state.finished_at,
            _ => self.snapshot.created_at,
        }
    }

    /// Its ports in few characters: `8080→80`, `53/udp`.
    pub fn ports(&self) -> String {
        let one = |port: &teu_api::container::PublishedPort| {
            let protocol = match port.protocol {
                PortProtocol::Tcp => "",
                PortProtocol::Udp => "/udp",
                PortProtocol::Sctp => "/sctp",
            };
            format!("{}→{}{protocol}", port.host_port, port.container_port)
        };
        self.snapshot.ports.iter().map(one).collect::<Vec<_>>().join(" ")
    }
}

fn rank(status: Status) -> u8 {
    match status {
        Status::Running => 0,
        Status::Restarting => 1,
        Status::Paused => 2,
        Status::Removing => 3,
        Status::Created => 4,
        Status::Exited => 5,
        Status::Dead => 6,
    }
}

impl Row for ContainerRow {
    const SORTS: &'static [(&'static str, bool)] = &[
        ("name", false),
        ("cpu", true),
        ("memory", true),
        ("state", false),
        ("age", false),
        ("restarts", true),
        ("image", false),
        ("ports", false),
    ];

    fn key(&self) -> &str {
        self.snapshot.id.as_str()
    }

    fn haystack(&self) -> String {
        let s = &self.snapshot;
        let state = match s.state.status {
            Status::Exited => format!("exited {}", s.state.exit_code),
            status => status.as_str().to_owned(),
        };
        let health = s.state.health.as_ref().map_or("", |health| health.status.as_str());
        format!("{} {} {state} {health} {} {}", s.name, s.image, self.ports(), s.id.short())
    }

    fn order(&self, other: &Self, sort: usize) -> Ordering {
        let name = || self.snapshot.name.cmp(&other.snapshot.name);
        match sort {
            1 => self.cpu().unwrap_or(-1.0).total_cmp(&other.cpu().unwrap_or(-1.0)),
            2 => self.memory().unwrap_or(0).cmp(&other.memory().unwrap_or(0)),
            3 => rank(self.snapshot.state.status).cmp(&rank(other.snapshot.state.status)).then_with(name),
            // The youngest first.
            4 => other.since().cmp(&self.since()),
            5 => self.snapshot.state.restart_count.cmp(&other.snapshot.state.restart_count),
            6 => self.snapshot.image.cmp(&other.snapshot.image),
            7 => {
                // Those without ports come last.
                let first =
                    |row: &Self| row.snapshot.ports.iter().map(|p| p.host_port).min().unwrap_or(u16::MAX);
                first(self).cmp(&first(other))
            }
            _ => name(),
        }
    }
}
