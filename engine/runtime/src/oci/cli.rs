//! The command line's grammar, as runc has it.

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// An OCI runtime.
#[derive(Parser, Debug)]
#[command(
    name = "teu oci",
    about = "An OCI runtime",
    version,
    disable_version_flag = true,
    disable_help_subcommand = true
)]
pub(super) struct Cli {
    /// Folder for the state of containers
    #[arg(long, default_value = "/run/teu/oci")]
    pub root: PathBuf,
    /// File that errors are appended to
    #[arg(long)]
    pub log: Option<PathBuf>,
    /// Format of that file
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    /// More in the log (accepted for compatibility)
    #[arg(long)]
    pub debug: bool,
    /// Cgroup paths are systemd's slice:prefix:name
    #[arg(long)]
    pub systemd_cgroup: bool,
    /// Accepted for compatibility
    #[arg(long, hide = true)]
    pub rootless: Option<String>,
    /// Accepted for compatibility
    #[arg(long, hide = true)]
    pub criu: Option<String>,
    /// Print the version
    #[arg(short = 'v', long, action = ArgAction::Version)]
    version: Option<bool>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Clone, Copy, ValueEnum, PartialEq, Eq, Debug)]
pub(super) enum LogFormat {
    Text,
    Json,
}

#[derive(Clone, Copy, ValueEnum, PartialEq, Eq, Debug)]
pub(super) enum Format {
    Table,
    Json,
}

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Create a container: everything but its program runs
    Create(CreateOptions),
    /// Execute the program of a created container
    Start { id: String },
    /// Print the state of a container
    State { id: String },
    /// Send a signal to a container's first process
    Kill {
        /// To all processes of the container
        #[arg(short, long)]
        all: bool,
        id: String,
        #[arg(default_value = "SIGTERM", allow_hyphen_values = true)]
        signal: String,
    },
    /// Remove a stopped container
    Delete {
        /// Kill it first; a container that does not exist is no error
        #[arg(short, long)]
        force: bool,
        id: String,
    },
    /// Create and start a container
    Run(RunOptions),
    /// Execute a process in a running container
    Exec(Box<ExecOptions>),
    /// List the processes of a container
    Ps {
        #[arg(short, long, value_enum, default_value_t = Format::Table)]
        format: Format,
        id: String,
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// List containers
    #[command(visible_alias = "ls")]
    List {
        #[arg(short, long, value_enum, default_value_t = Format::Table)]
        format: Format,
        /// Ids only
        #[arg(short, long)]
        quiet: bool,
    },
    /// Stop all processes where they are
    Pause { id: String },
    /// Let paused processes go on
    Resume { id: String },
    /// Change limits
    Update(Box<UpdateOptions>),
    /// Print statistics and out-of-memory events
    Events {
        /// Print the statistics once
        #[arg(long)]
        stats: bool,
        /// Time between statistics
        #[arg(long, default_value = "5s")]
        interval: String,
        id: String,
    },
    /// Write a template configuration
    Spec {
        /// For users without privileges
        #[arg(long)]
        rootless: bool,
        #[arg(short, long)]
        bundle: Option<PathBuf>,
    },
    /// Print what this runtime can do
    Features,
}

#[derive(Args, Debug)]
pub(super) struct CreateOptions {
    /// Folder of the bundle; the current one by default
    #[arg(short, long)]
    pub bundle: Option<PathBuf>,
    /// Socket that receives the terminal's master side
    #[arg(long)]
    pub console_socket: Option<PathBuf>,
    /// Socket that receives a descriptor of the first process
    #[arg(long)]
    pub pidfd_socket: Option<PathBuf>,
    /// File to write the first process's id to
    #[arg(long)]
    pub pid_file: Option<PathBuf>,
    /// chroot in place of pivot_root
    #[arg(long)]
    pub no_pivot: bool,
    /// Keep the caller's session keyring
    #[arg(long)]
    pub no_new_keyring: bool,
    /// Descriptors from 3 on that the container keeps
    #[arg(long, default_value_t = 0)]
    pub preserve_fds: u32,
    pub id: String,
}

#[derive(Args, Debug)]
pub(super) struct RunOptions {
    #[command(flatten)]
    pub create: CreateOptions,
    /// Do not wait for the container
    #[arg(short, long)]
    pub detach: bool,
    /// Keep the container's state when it has ended
    #[arg(long)]
    pub keep: bool,
    /// Accepted for compatibility
    #[arg(long, hide = true)]
    pub no_subreaper: bool,
}

#[derive(Args, Debug)]
pub(super) struct ExecOptions {
    /// Socket that receives the terminal's master side
    #[arg(long)]
    pub console_socket: Option<PathBuf>,
    /// Socket that receives a descriptor of the process
    #[arg(long)]
    pub pidfd_socket: Option<PathBuf>,
    /// Working directory
    #[arg(long)]
    pub cwd: Option<PathBuf>,
    /// Environment variable
    #[arg(short, long)]
    pub env: Vec<String>,
    /// With a terminal
    #[arg(short, long)]
    pub tty: bool,
    /// User, as uid[:gid]
    #[arg(short, long)]
    pub user: Option<String>,
    /// Additional group
    #[arg(short = 'g', long)]
    pub additional_gids: Vec<u32>,
    /// File with the process
    #[arg(short, long)]
    pub process: Option<PathBuf>,
    /// Do not wait for the process
    #[arg(short, long)]
    pub detach: bool,
    /// File to write the process's id to
    #[arg(long)]
    pub pid_file: Option<PathBuf>,
    /// SELinux label
    #[arg(long)]
    pub process_label: Option<String>,
    /// AppArmor profile
    #[arg(long)]
    pub apparmor: Option<String>,
    /// No more rights by an exec
    #[arg(long)]
    pub no_new_privs: bool,
    /// Capability to add
    #[arg(short, long)]
    pub cap: Vec<String>,
    /// Descriptors from 3 on that the process keeps
    #[arg(long, default_value_t = 0)]
    pub preserve_fds: u32,
    /// Cgroup below the container's, on v1 also for some controllers alone
    #[arg(long, value_name = "[CONTROLLER[,CONTROLLER]:]PATH")]
    pub cgroup: Vec<String>,
    /// Also in a paused container
    #[arg(long)]
    pub ignore_paused: bool,
    pub id: String,
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub command: Vec<String>,
}

#[derive(Args, Debug)]
pub(super) struct UpdateOptions {
    /// File with the limits, as linux.resources; - is standard input
    #[arg(short, long)]
    pub resources: Option<String>,
    #[arg(long)]
    pub blkio_weight: Option<u16>,
    #[arg(long)]
    pub cpu_period: Option<u64>,
    #[arg(long, allow_hyphen_values = true)]
    pub cpu_quota: Option<i64>,
    #[arg(long)]
    pub cpu_burst: Option<u64>,
    #[arg(long)]
    pub cpu_rt_period: Option<u64>,
    #[arg(long)]
    pub cpu_rt_runtime: Option<i64>,
    #[arg(long, visible_alias = "cpu-shares")]
    pub cpu_share: Option<u64>,
    #[arg(long)]
    pub cpu_idle: Option<i64>,
    #[arg(long)]
    pub cpuset_cpus: Option<String>,
    #[arg(long)]
    pub cpuset_mems: Option<String>,
    /// Bytes, or with a suffix b, k, m, g
    #[arg(long, allow_hyphen_values = true)]
    pub memory: Option<String>,
    #[arg(long, allow_hyphen_values = true)]
    pub memory_reservation: Option<String>,
    #[arg(long, allow_hyphen_values = true)]
    pub memory_swap: Option<String>,
    #[arg(long, allow_hyphen_values = true)]
    pub pids_limit: Option<i64>,
    pub id: String,
}
