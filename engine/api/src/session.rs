//! Interactive sessions: a container's first process, or a process executed inside it later.

use crate::id::SessionId;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A terminal's size in cells.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TerminalSize {
    /// Columns.
    pub columns: u16,
    /// Rows.
    pub rows: u16,
}

/// What to execute in a running container.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ExecSpec {
    /// The program and its arguments; never empty.
    pub args: Vec<String>,
    /// Extra environment, `NAME=value`, over the container's own.
    pub env: Vec<String>,
    /// The working directory, or the container's own.
    pub working_dir: Option<String>,
    /// `user[:group]` by name or number, or the container's own.
    pub user: Option<String>,
    /// Whether the process gets a terminal.
    pub tty: bool,
    /// The terminal's first size.
    pub size: Option<TerminalSize>,
    /// Whether standard input is kept open; without it the process reads end of file.
    pub stdin: bool,
    /// Whether the process gets all capabilities.
    pub privileged: bool,
    /// Whether the session outlives the client that asked for it, so that it can be left and found again.
    pub keep: bool,
    /// Where the terminal's detach keys differ from Docker's `ctrl-p,ctrl-q`.
    pub detach_keys: Option<String>,
    /// Programs of the host that the process alone finds in front of its `PATH`, read-only.
    #[serde(default)]
    pub tools: Vec<Tool>,
}

/// A program of the host for a debug shell.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Tool {
    /// Its file on the host.
    pub source: PathBuf,
    /// What it is called there.
    pub name: String,
    /// Further names that it is called by.
    pub links: Vec<String>,
    /// Whether it is a library that others need, and no program.
    #[serde(default)]
    pub library: bool,
    /// Texts in its file that read otherwise in the copy: what stands there, and what is put in its place, no longer.
    #[serde(default)]
    pub changes: Vec<(String, String)>,
}

/// A session that can be attached to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SessionSnapshot {
    /// Its number within the container.
    pub id: SessionId,
    /// The program and its arguments.
    pub args: Vec<String>,
    /// Whether it has a terminal.
    pub tty: bool,
    /// Its process id on the host; 0 when it has ended.
    pub pid: i32,
    /// How many clients are attached now.
    pub clients: u32,
    /// When it began: nanoseconds since the Unix epoch.
    pub started_at: i64,
    /// Its exit code, once it has ended.
    pub exit_code: Option<i32>,
}
