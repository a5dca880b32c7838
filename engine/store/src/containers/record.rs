//! A container as the database holds it.

use crate::database;
use crate::events::{EventKind, NewEvent};
use rusqlite::Row;
use teu_api::ContainerId;
use teu_api::container::{ContainerSpec, ContainerState, MountKind};

/// The columns that `from_row` reads, in its order.
pub const COLUMNS: &str = "id, name, created_at, spec, state";

/// A container to be made.
#[derive(Clone, PartialEq, Debug)]
pub struct NewContainer {
    /// Its id.
    pub id: ContainerId,
    /// Its name.
    pub name: String,
    /// What it is asked to be.
    pub spec: ContainerSpec,
}

/// A container that exists.
#[derive(Clone, PartialEq, Debug)]
pub struct ContainerRecord {
    /// Its id.
    pub id: ContainerId,
    /// Its name.
    pub name: String,
    /// What it is asked to be.
    pub spec: ContainerSpec,
    /// Its state.
    pub state: ContainerState,
    /// When it was made: nanoseconds since the Unix epoch.
    pub created_at: i64,
}

impl ContainerRecord {
    /// An event about it, with the attributes that Docker gives every such event.
    pub fn event(&self, action: impl Into<String>) -> NewEvent {
        event(&self.id, &self.name, &self.spec, action)
    }
}

pub(super) fn event(
    id: &ContainerId,
    name: &str,
    spec: &ContainerSpec,
    action: impl Into<String>,
) -> NewEvent {
    let mut event = NewEvent::new(EventKind::Container, action, id.as_str());
    event.attributes = spec.labels.clone();
    event.with("image", spec.image.as_str()).with("name", name)
}

pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<ContainerRecord> {
    let id: String = row.get(0)?;
    Ok(ContainerRecord {
        id: ContainerId::parse(&id).ok_or(rusqlite::Error::InvalidQuery)?,
        name: row.get(1)?,
        created_at: row.get(2)?,
        spec: database::from_json(row.get_ref(3)?.as_str()?)?,
        state: database::from_json(row.get_ref(4)?.as_str()?)?,
    })
}

/// The names of a specification's volumes, as the database holds them.
pub(super) fn volumes(spec: &ContainerSpec) -> String {
    let names: Vec<&str> = spec
        .host
        .mounts
        .iter()
        .filter(|mount| mount.kind == MountKind::Volume)
        .map(|mount| mount.source.as_str())
        .collect();
    names.join(" ")
}
