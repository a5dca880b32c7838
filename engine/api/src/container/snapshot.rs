//! What listings and the user interface show of a container.

use super::{ContainerState, PublishedPort};
use crate::id::ContainerId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A container at one moment, owned and complete.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ContainerSnapshot {
    /// Its id.
    pub id: ContainerId,
    /// Its name.
    pub name: String,
    /// Its image as the user wrote it.
    pub image: String,
    /// Its image's id.
    pub image_id: String,
    /// The first process's whole command line.
    pub args: Vec<String>,
    /// When it was made: nanoseconds since the Unix epoch.
    pub created_at: i64,
    /// Its state.
    pub state: ContainerState,
    /// Whether it has a terminal.
    pub tty: bool,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Published ports.
    pub ports: Vec<PublishedPort>,
    /// Names of its networks.
    pub networks: Vec<String>,
    /// Its mounts: a volume's name or a host path each.
    pub mounts: Vec<String>,
}

impl ContainerSnapshot {
    /// The Compose project it belongs to, if any.
    pub fn project(&self) -> Option<&str> {
        self.labels.get("com.docker.compose.project").map(String::as_str)
    }
}
