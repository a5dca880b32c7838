//! Commands about containers that exist.

use super::create::CreateArguments;
use super::run::RunArguments;
use clap::{Args, Subcommand};

/// `teu container …`
#[derive(Subcommand, Clone, PartialEq, Debug)]
#[command(defer = true)]
pub enum ContainerCommand {
    /// Attach to a running container
    Attach(AttachArguments),
    /// Make an image of a container's changes
    Commit(CommitArguments),
    /// Copy files between a container and this machine
    Cp(CopyArguments),
    /// Create a container without starting it
    #[command(override_usage = "teu container create [OPTIONS] IMAGE [COMMAND] [ARG...]")]
    Create(Box<CreateArguments>),
    /// Show what changed in a container's file system
    Diff(DiffArguments),
    /// Run a command in a running container
    #[command(override_usage = "teu container exec [OPTIONS] CONTAINER COMMAND [ARG...]")]
    Exec(ExecArguments),
    /// Write a container's file system as a tar archive
    Export(ExportArguments),
    /// Show everything about containers
    Inspect(InspectArguments),
    /// Kill running containers
    Kill(KillArguments),
    /// Show a container's log
    Logs(LogsArguments),
    /// List containers
    #[command(visible_aliases = ["list", "ps"])]
    Ls(ListArguments),
    /// Freeze all processes in containers
    Pause(WaitArguments),
    /// List a container's published ports
    Port(PortArguments),
    /// Remove all stopped containers
    Prune(PruneArguments),
    /// Rename a container
    Rename(RenameArguments),
    /// Stop and start containers
    Restart(StopArguments),
    /// Remove containers
    #[command(visible_alias = "remove")]
    Rm(RemoveArguments),
    /// Create a container and run a command in it
    #[command(override_usage = "teu container run [OPTIONS] IMAGE [COMMAND] [ARG...]")]
    Run(Box<RunArguments>),
    /// Start stopped containers
    Start(StartArguments),
    /// Show resource use as it changes
    Stats(StatsArguments),
    /// Stop running containers
    Stop(StopArguments),
    /// Show the processes of a container
    #[command(override_usage = "teu container top CONTAINER [PS OPTIONS]")]
    Top(TopArguments),
    /// Let frozen containers go on
    Unpause(WaitArguments),
    /// Change the limits of containers
    Update(UpdateArguments),
    /// Wait until containers end, and print their exit codes
    Wait(WaitArguments),
}

/// `teu start`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct StartArguments {
    /// Attach to its output and hand signals on
    #[arg(short, long)]
    pub attach: bool,
    /// Attach to its input
    #[arg(short, long)]
    pub interactive: bool,
    /// Keys that leave an attached container
    #[arg(long, value_name = "KEYS", value_parser = super::values::detach_keys)]
    pub detach_keys: Option<String>,
    /// The containers.
    #[arg(value_name = "CONTAINER", required = true, help = "Containers, by name or id")]
    pub containers: Vec<String>,
}

/// `teu stop`, `teu restart`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct StopArguments {
    /// The signal to send first
    #[arg(short, long, value_name = "SIGNAL")]
    pub signal: Option<String>,
    /// Seconds to wait before killing it; -1 to wait for ever
    #[arg(short, long, visible_alias = "timeout", value_name = "SECONDS", allow_negative_numbers = true)]
    pub time: Option<i64>,
    /// The containers.
    #[arg(value_name = "CONTAINER", required = true, help = "Containers, by name or id")]
    pub containers: Vec<String>,
}

/// `teu kill`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct KillArguments {
    /// The signal to send
    #[arg(short, long, value_name = "SIGNAL", default_value = "KILL")]
    pub signal: String,
    /// The containers.
    #[arg(value_name = "CONTAINER", required = true, help = "Containers, by name or id")]
    pub containers: Vec<String>,
}

/// `teu wait`, `teu pause`, `teu unpause`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct WaitArguments {
    /// The containers.
    #[arg(value_name = "CONTAINER", required = true, help = "Containers, by name or id")]
    pub containers: Vec<String>,
}

/// `teu rm`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct RemoveArguments {
    /// Kill a running container first
    #[arg(short, long)]
    pub force: bool,
    /// Remove its anonymous volumes too
    #[arg(short, long)]
    pub volumes: bool,
    /// Accepted so that it can be refused clearly.
    #[arg(short, long, hide = true)]
    pub link: bool,
    /// The containers.
    #[arg(value_name = "CONTAINER", required = true, help = "Containers, by name or id")]
    pub containers: Vec<String>,
}

/// `teu ps`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ListArguments {
    /// Show all containers, not only running ones
    #[arg(short, long)]
    pub all: bool,
    /// Show only what a condition allows, as status=exited
    #[arg(short, long, value_name = "KEY=VALUE")]
    pub filter: Vec<String>,
    /// table, json, or a Go template
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Show the last N created containers, in any state
    #[arg(short = 'n', long, value_name = "N", allow_negative_numbers = true)]
    pub last: Option<i64>,
    /// Show the container created last, in any state
    #[arg(short, long)]
    pub latest: bool,
    /// Do not shorten anything
    #[arg(long)]
    pub no_trunc: bool,
    /// Show ids only
    #[arg(short, long)]
    pub quiet: bool,
    /// Show the sizes on disk
    #[arg(short, long)]
    pub size: bool,
}

/// `teu logs`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct LogsArguments {
    /// Show the details that the log driver keeps
    #[arg(long)]
    pub details: bool,
    /// Go on with what is logged from now on
    #[arg(short, long)]
    pub follow: bool,
    /// Show lines since a moment, as 2026-01-02T03:04:05Z or 10m
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Show lines until a moment
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Show this many lines from the end, or all
    #[arg(short = 'n', long, value_name = "N", allow_negative_numbers = true)]
    pub tail: Option<String>,
    /// Show when each line was written
    #[arg(short, long)]
    pub timestamps: bool,
    /// The container.
    #[arg(value_name = "CONTAINER", help = "A container, by name or id")]
    pub container: String,
}

/// `teu attach`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct AttachArguments {
    /// Keys that leave the container
    #[arg(long, value_name = "KEYS", value_parser = super::values::detach_keys)]
    pub detach_keys: Option<String>,
    /// Do not attach to its input
    #[arg(long)]
    pub no_stdin: bool,
    /// Whether signals are handed on to the container's process
    #[arg(long, value_name = "BOOL", default_value_t = true, default_missing_value = "true", num_args = 0..=1, require_equals = true, action = clap::ArgAction::Set)]
    pub sig_proxy: bool,
    /// Attach to an exec session in place of the first process
    #[arg(long, value_name = "NUMBER")]
    pub session: Option<u32>,
    /// The container.
    #[arg(value_name = "CONTAINER", help = "A container, by name or id")]
    pub container: String,
}

/// `teu exec`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ExecArguments {
    /// Leave the command in the background
    #[arg(short, long)]
    pub detach: bool,
    /// Keys that leave the session
    #[arg(long, value_name = "KEYS", value_parser = super::values::detach_keys)]
    pub detach_keys: Option<String>,
    /// Set a variable
    #[arg(short, long, value_name = "NAME[=VALUE]")]
    pub env: Vec<String>,
    /// Read variables from a file
    #[arg(long, value_name = "FILE")]
    pub env_file: Vec<String>,
    /// Keep standard input open
    #[arg(short, long)]
    pub interactive: bool,
    /// Give the command all capabilities
    #[arg(long)]
    pub privileged: bool,
    /// Give the command a terminal
    #[arg(short, long)]
    pub tty: bool,
    /// Run as this user, as NAME|UID[:GROUP|GID]
    #[arg(short, long, value_name = "USER")]
    pub user: Option<String>,
    /// Start in this folder
    #[arg(short, long, value_name = "DIR")]
    pub workdir: Option<String>,
    /// The container, then the command with its arguments.
    #[arg(value_name = "CONTAINER COMMAND [ARG]", required = true, trailing_var_arg = true, num_args = 2.., help = "The container, the command and its arguments")]
    pub container_and_command: Vec<String>,
}

impl ExecArguments {
    /// The container as the user wrote it.
    pub fn container(&self) -> &str {
        self.container_and_command.first().map_or("", String::as_str)
    }

    /// The command with its arguments; never empty after parsing.
    pub fn command(&self) -> &[String] {
        self.container_and_command.get(1..).unwrap_or_default()
    }
}

/// `teu debug`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct DebugArguments {
    /// Run this command line in the debug shell instead of opening it
    #[arg(short, long, value_name = "COMMAND")]
    pub command: Option<String>,
    /// Set a variable
    #[arg(short, long, value_name = "NAME[=VALUE]")]
    pub env: Vec<String>,
    /// Give the shell all capabilities
    #[arg(long)]
    pub privileged: bool,
    /// Run as this user, as NAME|UID[:GROUP|GID]; root where none is given
    #[arg(short, long, value_name = "USER")]
    pub user: Option<String>,
    /// Start in this folder
    #[arg(short, long, value_name = "DIR")]
    pub workdir: Option<String>,
    /// The container, then a command with its arguments in place of the shell.
    #[arg(value_name = "CONTAINER [COMMAND [ARG]]", required = true, trailing_var_arg = true, num_args = 1.., help = "The container, and a command with its arguments in place of the shell")]
    pub container_and_command: Vec<String>,
}

/// `teu top`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct TopArguments {
    /// The container, then options for ps.
    #[arg(value_name = "CONTAINER [PS OPTION]", required = true, trailing_var_arg = true, num_args = 1.., help = "The container, and options of ps")]
    pub container_and_options: Vec<String>,
}

impl TopArguments {
    /// The container as the user wrote it.
    pub fn container(&self) -> &str {
        self.container_and_options.first().map_or("", String::as_str)
    }

    /// Options of `ps`; empty for the usual columns.
    pub fn options(&self) -> &[String] {
        self.container_and_options.get(1..).unwrap_or_default()
    }
}

/// `teu stats`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct StatsArguments {
    /// Show all containers, not only running ones
    #[arg(short, long)]
    pub all: bool,
    /// table, json, or a Go template
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Show the first figures and end
    #[arg(long)]
    pub no_stream: bool,
    /// Do not shorten anything
    #[arg(long)]
    pub no_trunc: bool,
    /// The containers.
    #[arg(value_name = "CONTAINER", help = "Containers, by name or id; all running ones when none is named")]
    pub containers: Vec<String>,
}

/// `teu inspect`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct InspectArguments {
    /// json or a Go template
    #[arg(short, long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Show the sizes on disk
    #[arg(short, long)]
    pub size: bool,
    /// Look for this kind only: container, image, volume or network
    #[arg(long = "type", value_name = "TYPE")]
    pub kind: Option<String>,
    /// The things.
    #[arg(value_name = "NAME|ID", required = true, help = "Things, by name or id")]
    pub names: Vec<String>,
}

/// `teu rename`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct RenameArguments {
    /// The container.
    #[arg(value_name = "CONTAINER", help = "A container, by name or id")]
    pub container: String,
    /// Its new name.
    #[arg(value_name = "NEW_NAME", help = "Its new name")]
    pub name: String,
}

/// `teu update`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct UpdateArguments {
    /// Relative block I/O weight, 10 to 1000
    #[arg(long, value_name = "NUMBER")]
    pub blkio_weight: Option<u16>,
    /// CPU period in microseconds
    #[arg(long, value_name = "MICROSECONDS", allow_negative_numbers = true)]
    pub cpu_period: Option<i64>,
    /// CPU quota in microseconds per period
    #[arg(long, value_name = "MICROSECONDS", allow_negative_numbers = true)]
    pub cpu_quota: Option<i64>,
    /// Relative CPU weight
    #[arg(short, long, value_name = "NUMBER", allow_negative_numbers = true)]
    pub cpu_shares: Option<i64>,
    /// Number of CPUs
    #[arg(long, value_name = "NUMBER")]
    pub cpus: Option<String>,
    /// CPUs to run on
    #[arg(long, value_name = "CPUS")]
    pub cpuset_cpus: Option<String>,
    /// Memory nodes to use
    #[arg(long, value_name = "NODES")]
    pub cpuset_mems: Option<String>,
    /// Memory limit
    #[arg(short, long, value_name = "SIZE")]
    pub memory: Option<String>,
    /// Soft memory limit
    #[arg(long, value_name = "SIZE")]
    pub memory_reservation: Option<String>,
    /// Memory plus swap; -1 for as much swap as there is
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true)]
    pub memory_swap: Option<String>,
    /// Most processes and threads; -1 for no limit
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    pub pids_limit: Option<i64>,
    /// Restart policy
    #[arg(long, value_name = "POLICY")]
    pub restart: Option<String>,
    /// The containers.
    #[arg(value_name = "CONTAINER", required = true, help = "Containers, by name or id")]
    pub containers: Vec<String>,
}

/// `teu cp`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct CopyArguments {
    /// Keep owner and group also of what comes to this machine
    #[arg(short, long)]
    pub archive: bool,
    /// Copy what a link in the source points at
    #[arg(short = 'L', long)]
    pub follow_link: bool,
    /// Do not show progress
    #[arg(short, long)]
    pub quiet: bool,
    /// Where from.
    #[arg(
        value_name = "SOURCE",
        help = "CONTAINER:PATH, a path here, or - for a tar archive on standard input"
    )]
    pub source: String,
    /// Where to.
    #[arg(
        value_name = "TARGET",
        help = "CONTAINER:PATH, a path here, or - for a tar archive on standard output"
    )]
    pub target: String,
}

/// `teu diff`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct DiffArguments {
    /// The container.
    #[arg(value_name = "CONTAINER", help = "A container, by name or id")]
    pub container: String,
}

/// `teu port`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct PortArguments {
    /// The container.
    #[arg(value_name = "CONTAINER", help = "A container, by name or id")]
    pub container: String,
    /// One port only.
    #[arg(value_name = "PORT[/PROTOCOL]", help = "Show this port only")]
    pub port: Option<String>,
}

/// `teu export`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ExportArguments {
    /// Write to this file in place of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<String>,
    /// The container.
    #[arg(value_name = "CONTAINER", help = "A container, by name or id")]
    pub container: String,
}

/// `teu commit`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct CommitArguments {
    /// Who made it
    #[arg(short, long, value_name = "TEXT")]
    pub author: Option<String>,
    /// Apply a Dockerfile instruction to the image
    #[arg(short, long, value_name = "INSTRUCTION")]
    pub change: Vec<String>,
    /// What it is about
    #[arg(short, long, value_name = "TEXT")]
    pub message: Option<String>,
    /// Whether the container is frozen meanwhile
    #[arg(short, long, value_name = "BOOL", default_value_t = true, default_missing_value = "true", num_args = 0..=1, require_equals = true, action = clap::ArgAction::Set)]
    pub pause: bool,
    /// The container.
    #[arg(value_name = "CONTAINER", help = "A container, by name or id")]
    pub container: String,
    /// The image's name.
    #[arg(value_name = "REPOSITORY[:TAG]", help = "The image's name")]
    pub image: Option<String>,
}

/// `teu container prune`, `teu network prune`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct PruneArguments {
    /// Do not ask
    #[arg(short, long)]
    pub force: bool,
    /// Print what would be removed, and remove nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Prune only what a condition allows, as until=24h
    #[arg(long, value_name = "KEY=VALUE")]
    pub filter: Vec<String>,
}
