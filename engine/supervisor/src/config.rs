//! What a supervisor is told about its container: `supervisor.json` in the container's folder.

use crate::error::Context;
use crate::{Result, SupervisorError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use teu_api::ContainerId;
use teu_api::container::{HealthCheck, LogOptions, RestartPolicy};
use teu_api::session::TerminalSize;
use teu_network::Setup;

/// The name of the configuration's file in a container's folder.
pub const FILE_NAME: &str = "supervisor.json";

/// Everything a supervisor needs to know.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SupervisorConfig {
    /// The container.
    pub id: ContainerId,
    /// Its name, for messages and events.
    pub name: String,
    /// The OCI bundle: the folder that holds `config.json`.
    pub bundle: PathBuf,
    /// What its root file system is made of.
    pub root: RootConfig,
    /// Whether its first process has a terminal.
    #[serde(default)]
    pub tty: bool,
    /// Whether its standard input is open; without it the process reads end of file.
    #[serde(default)]
    pub open_stdin: bool,
    /// Whether standard input closes when the first client that was attached to it goes.
    #[serde(default)]
    pub stdin_once: bool,
    /// How its output is logged.
    #[serde(default)]
    pub log: LogOptions,
    /// The folder of its log files.
    pub log_dir: PathBuf,
    /// When it is started again.
    #[serde(default)]
    pub restart: RestartPolicy,
    /// Its health check, if any.
    #[serde(default)]
    pub health_check: Option<HealthCheck>,
    /// The signal that asks it to stop.
    #[serde(default = "default_stop_signal")]
    pub stop_signal: i32,
    /// Seconds between that signal and SIGKILL; negative for no end of patience.
    #[serde(default = "default_stop_timeout")]
    pub stop_timeout: i64,
    /// Whether it is removed when it ends.
    #[serde(default)]
    pub auto_remove: bool,
    /// `user[:group]` by name or number, looked up inside the container; empty for root.
    #[serde(default)]
    pub user: String,
    /// Further groups, by name or number, looked up inside the container.
    #[serde(default)]
    pub group_add: Vec<String>,
    /// Whether a small init reaps orphans.
    #[serde(default)]
    pub init: bool,
    /// Another OCI runtime's program; `None` for our own.
    #[serde(default)]
    pub runtime: Option<PathBuf>,
    /// Its networks; `None` when it has no network namespace of its own.
    #[serde(default)]
    pub network: Option<Setup>,
    /// Mounts whose source is a folder inside a volume.
    #[serde(default)]
    pub subpaths: Vec<SubpathConfig>,
    /// The container's control group, relative to each hierarchy's root.
    pub cgroup: String,
    /// The state root, which holds the database.
    pub state_root: PathBuf,
    /// The root of all runtime folders.
    pub run_root: PathBuf,
    /// The container's own runtime folder: its socket and lock.
    pub run_dir: PathBuf,
    /// The terminal's size when no client says one.
    #[serde(default)]
    pub console_size: Option<TerminalSize>,
    /// What events say about it: `image` and labels. Kept for readers of the file; the database knows them itself.
    #[serde(default)]
    pub event_attributes: BTreeMap<String, String>,
}

/// The parts of a container's root file system.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct RootConfig {
    /// Folders of unpacked layers, top first; empty when the bundle's own `rootfs` folder is the root.
    pub lower: Vec<PathBuf>,
    /// The folder of what the container writes.
    pub upper: PathBuf,
    /// The overlay's work folder, on the same file system.
    pub work: PathBuf,
}

/// A mount whose source is inside a folder that containers write to.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct SubpathConfig {
    /// The mount's path in the container.
    pub destination: String,
    /// The volume's folder.
    pub folder: PathBuf,
    /// The path inside it.
    pub path: String,
}

fn default_stop_signal() -> i32 {
    rustix::process::Signal::TERM.as_raw()
}

fn default_stop_timeout() -> i64 {
    10
}

impl SupervisorConfig {
    /// Reads a container's configuration from its folder.
    pub fn load(container_dir: &Path) -> Result<Self> {
        let path = container_dir.join(FILE_NAME);
        let text = fs::read(&path).context("read", &path)?;
        serde_json::from_slice(&text)
            .map_err(|error| SupervisorError::Config { path, reason: error.to_string() })
    }

    /// Writes it into a container's folder, whole or not at all.
    pub fn save(&self, container_dir: &Path) -> Result<()> {
        let path = container_dir.join(FILE_NAME);
        let half_made = container_dir.join(".supervisor.json.new");
        let text = serde_json::to_vec(self)
            .map_err(|error| SupervisorError::Config { path: path.clone(), reason: error.to_string() })?;
        fs::write(&half_made, text).context("write", &half_made)?;
        fs::rename(&half_made, &path).context("rename", &path)
    }
}
