//! The journal of what happened: what `events` prints, and what watchers learn of changes from.

use crate::error::DatabaseContext as _;
use crate::{Result, Store, database};
use rusqlite::{Connection, Row, params};
use std::collections::BTreeMap;

/// How many events are kept.
const KEPT: i64 = 20_000;

/// What an event is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum EventKind {
    /// A container.
    Container,
    /// An image.
    Image,
    /// A volume.
    Volume,
    /// A network.
    Network,
}

impl EventKind {
    /// Docker's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::Image => "image",
            Self::Volume => "volume",
            Self::Network => "network",
        }
    }

    /// The kind a word means.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Container, Self::Image, Self::Volume, Self::Network]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// Something that happened, to be recorded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewEvent {
    /// What it is about.
    pub kind: EventKind,
    /// What happened, in Docker's words.
    pub action: String,
    /// The id of what it happened to; a volume's name.
    pub actor_id: String,
    /// What there is to say about it: names, labels, exit codes.
    pub attributes: BTreeMap<String, String>,
}

impl NewEvent {
    /// An event without attributes.
    pub fn new(kind: EventKind, action: impl Into<String>, actor_id: impl Into<String>) -> Self {
        Self { kind, action: action.into(), actor_id: actor_id.into(), attributes: BTreeMap::new() }
    }

    /// Adds an attribute.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.attributes.insert(name.to_owned(), value.into());
        self
    }
}

/// Something that happened, as recorded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventRecord {
    /// Its number: later events have larger ones, and none is used twice.
    pub seq: i64,
    /// When: nanoseconds since the Unix epoch.
    pub time: i64,
    /// What it is about.
    pub kind: EventKind,
    /// What happened.
    pub action: String,
    /// The id of what it happened to; a volume's name.
    pub actor_id: String,
    /// What there is to say about it.
    pub attributes: BTreeMap<String, String>,
}

/// Now, in nanoseconds since the Unix epoch.
pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_nanosecond() as i64
}

/// Records an event inside a transaction.
pub(crate) fn append(connection: &Connection, event: &NewEvent) -> Result<i64> {
    let attributes = database::to_json(&event.attributes)?;
    connection
        .prepare_cached(
            "INSERT INTO events (time, kind, action, actor_id, attributes) VALUES (?, ?, ?, ?, ?)",
        )
        .and_then(|mut statement| {
            statement.insert(params![now(), event.kind.as_str(), event.action, event.actor_id, attributes])
        })
        .and_then(|seq| {
            // Not at each event, but never far behind.
            if seq % 64 == 0 {
                connection.execute("DELETE FROM events WHERE seq <= ?", [seq - KEPT])?;
            }
            Ok(seq)
        })
        .database("record an event")
}

/// Records an event inside the transaction of a crate that keeps tables of its own in the database.
pub fn record_event(connection: &Connection, event: &NewEvent) -> Result<i64> {
    append(connection, event)
}

impl Store {
    /// Records an event that changes nothing else.
    pub fn append_event(&self, event: &NewEvent) -> Result<i64> {
        append(self.connection(), event)
    }

    /// Events with a larger number than this, oldest first.
    pub fn events_after(&self, seq: i64) -> Result<Vec<EventRecord>> {
        self.select_events("seq > ?1 AND time <= ?2 ORDER BY seq", seq, i64::MAX)
    }

    /// Events of a span of time, both ends included, oldest first.
    pub fn events_between(&self, since: i64, until: i64) -> Result<Vec<EventRecord>> {
        self.select_events("time >= ?1 AND time <= ?2 ORDER BY seq", since, until)
    }

    /// The number of the latest event; 0 when there was none yet.
    pub fn last_event(&self) -> Result<i64> {
        self.connection()
            .prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'events'")
            .and_then(|mut statement| {
                rusqlite::OptionalExtension::optional(statement.query_row([], |row| row.get(0)))
            })
            .map(Option::unwrap_or_default)
            .database("read the latest event")
    }

    fn select_events(&self, condition: &str, from: i64, to: i64) -> Result<Vec<EventRecord>> {
        let sql =
            format!("SELECT seq, time, kind, action, actor_id, attributes FROM events WHERE {condition}");
        let query = || -> rusqlite::Result<Vec<EventRecord>> {
            let mut statement = self.connection().prepare_cached(&sql)?;
            statement.query_map([from, to], from_row)?.collect()
        };
        query().database("read events")
    }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<EventRecord> {
    let kind: String = row.get(2)?;
    Ok(EventRecord {
        seq: row.get(0)?,
        time: row.get(1)?,
        kind: EventKind::parse(&kind).unwrap_or(EventKind::Container),
        action: row.get(3)?,
        actor_id: row.get(4)?,
        attributes: database::from_json(&row.get::<_, String>(5)?)?,
    })
}
