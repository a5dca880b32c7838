//! A container as the database holds it.

use crate::database;
use crate::events::{EventKind, NewEvent};
use rusqlite::Row;
use teu_api::ContainerId;
use teu_api::container::{ContainerSpec, ContainerState, MountKind, MountSpec};

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

/// The label of a step's container: the name of the lock that its build holds.
pub const BUILD_LABEL: &str = "io.teu.build";

impl ContainerRecord {
    /// The name of a build's step with this id.
    pub fn build_step_name(id: &ContainerId) -> String {
        format!("build-{}", id.short())
    }

    /// The lock of the build whose step this container runs. Images may have any label; a name that holds the id is only
    /// given to steps.
    pub fn build_lock(&self) -> Option<&str> {
        let lock = self.spec.labels.get(BUILD_LABEL)?;
        let is_lock = lock.starts_with("build-")
            && lock.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        (is_lock && self.name == Self::build_step_name(&self.id)).then_some(lock)
    }

    /// An event about it, with the attributes that Docker gives every such event.
    pub fn event(&self, action: impl Into<String>) -> NewEvent {
        event(&self.id, &self.name, &self.spec, action)
    }

    /// An event in the place it has among those that Docker tells beside it: volumes are mounted before a start and
    /// unmounted after an end, and a process is made before it starts.
    pub(super) fn with_others(&self, event: NewEvent) -> Vec<NewEvent> {
        if let Some(command) = event.action.strip_prefix("exec_start: ") {
            let made = NewEvent { action: format!("exec_create: {command}"), ..event.clone() };
            return vec![made, event];
        }
        let of_volumes = |action: &str| -> Vec<NewEvent> {
            let volumes = self.spec.host.mounts.iter().filter(|mount| mount.kind == MountKind::Volume);
            let told = |mount: &MountSpec| {
                let told = NewEvent::new(EventKind::Volume, action, mount.source.as_str())
                    .with("container", self.id.as_str())
                    .with("driver", "local");
                match action {
                    "mount" => told
                        .with("destination", mount.target.as_str())
                        .with("propagation", "")
                        .with("read/write", (!mount.read_only).to_string()),
                    _ => told,
                }
            };
            volumes.map(told).collect()
        };
        match event.action.as_str() {
            "start" => of_volumes("mount").into_iter().chain([event]).collect(),
            "die" => [event].into_iter().chain(of_volumes("unmount")).collect(),
            _ => vec![event],
        }
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
