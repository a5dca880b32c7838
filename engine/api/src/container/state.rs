//! The state a container is in.

use serde::{Deserialize, Serialize};

/// Docker's container states.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Made, never started.
    #[default]
    Created,
    /// Running.
    Running,
    /// Frozen.
    Paused,
    /// Ended, and about to be started again by its restart policy.
    Restarting,
    /// Being removed.
    Removing,
    /// Ended.
    Exited,
    /// Could not be removed.
    Dead,
}

impl Status {
    /// The word that listings, filters and `inspect` use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Restarting => "restarting",
            Self::Removing => "removing",
            Self::Exited => "exited",
            Self::Dead => "dead",
        }
    }

    /// The status a stored word means.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "created" => Self::Created,
            "running" => Self::Running,
            "paused" => Self::Paused,
            "restarting" => Self::Restarting,
            "removing" => Self::Removing,
            "exited" => Self::Exited,
            "dead" => Self::Dead,
            _ => return None,
        })
    }

    /// Whether a supervisor stays with the container in this state.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Running | Self::Paused | Self::Restarting)
    }
}

/// A container's state as the database holds it.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ContainerState {
    /// Which state.
    pub status: Status,
    /// The first process's id on the host; 0 when it does not run.
    pub pid: i32,
    /// The supervisor's process id on the host; 0 when there is none.
    pub supervisor_pid: i32,
    /// The exit code of the last run.
    pub exit_code: i32,
    /// Why it could not start or was ended by us; empty when all went well.
    pub error: String,
    /// When it last started: nanoseconds since the Unix epoch; 0 for never.
    pub started_at: i64,
    /// When it last ended: nanoseconds since the Unix epoch; 0 for never.
    pub finished_at: i64,
    /// Whether the kernel ended it for want of memory.
    pub oom_killed: bool,
    /// How often its restart policy has started it again.
    pub restart_count: u32,
    /// Whether the user stopped it, so that `unless-stopped` leaves it alone.
    pub stopped_by_user: bool,
    /// The result of its health checks; `None` when it has none.
    pub health: Option<Health>,
}

/// Health as checked.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Health {
    /// The verdict.
    pub status: HealthStatus,
    /// Failures in a row.
    pub failing_streak: u32,
    /// The last five results, oldest first.
    pub log: Vec<HealthProbe>,
}

/// A health verdict.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HealthStatus {
    /// Not decided yet.
    #[default]
    Starting,
    /// Good.
    Healthy,
    /// Bad.
    Unhealthy,
}

impl HealthStatus {
    /// The word that listings and `inspect` use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
        }
    }
}

/// One health check's result.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HealthProbe {
    /// When it began: nanoseconds since the Unix epoch.
    pub start: i64,
    /// When it ended: nanoseconds since the Unix epoch.
    pub end: i64,
    /// Its exit code; -1 when it did not end in time.
    pub exit_code: i32,
    /// The first 4,096 bytes of what it printed.
    pub output: String,
}
