//! Options about the first process.

use clap::Args;

/// The process: its streams, environment, user and folder.
#[derive(Args, Clone, PartialEq, Debug, Default)]
#[command(next_help_heading = "Process")]
pub struct ProcessOptions {
    /// Attach to STDIN, STDOUT or STDERR
    #[arg(short, long, value_name = "STREAM")]
    pub attach: Vec<String>,
    /// Keep standard input open even if nobody is attached
    #[arg(short, long)]
    pub interactive: bool,
    /// Give the process a terminal
    #[arg(short, long)]
    pub tty: bool,
    /// Set a variable; without a value, take it from this environment
    #[arg(short, long, value_name = "NAME[=VALUE]")]
    pub env: Vec<String>,
    /// Read variables from a file
    #[arg(long, value_name = "FILE")]
    pub env_file: Vec<String>,
    /// Start in this folder
    #[arg(short, long, value_name = "DIR")]
    pub workdir: Option<String>,
    /// Run as this user, as NAME|UID[:GROUP|GID]
    #[arg(short, long, value_name = "USER")]
    pub user: Option<String>,
    /// Add further groups
    #[arg(long, value_name = "GROUP")]
    pub group_add: Vec<String>,
    /// Take another program in place of the image's entry point
    #[arg(long, value_name = "PROGRAM")]
    pub entrypoint: Option<String>,
    /// Run a small init that forwards signals and reaps orphans
    #[arg(long)]
    pub init: bool,
    /// The signal that asks the container to stop
    #[arg(long, value_name = "SIGNAL")]
    pub stop_signal: Option<String>,
    /// Seconds between that signal and SIGKILL
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    pub stop_timeout: Option<i64>,
    /// Treat the first process as systemd or another init: true, false or always
    #[arg(long, value_name = "MODE")]
    pub systemd: Option<String>,
}
