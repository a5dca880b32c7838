//! Doing something to containers that are there.

use clap::Args;

/// Commands that take services and nothing more.
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeServicesArguments {
    /// The services.
    #[arg(value_name = "SERVICE", help = "Services; all when none is named")]
    pub services: Vec<String>,
}

/// `teu compose start`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeStartArguments {
    /// Come back when all containers run and are healthy
    #[arg(long)]
    pub wait: bool,
    /// Wait at most this many seconds
    #[arg(long, value_name = "SECONDS")]
    pub wait_timeout: Option<u64>,
    /// The services.
    #[arg(value_name = "SERVICE", help = "Services; all when none is named")]
    pub services: Vec<String>,
}

/// `teu compose stop`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeStopArguments {
    /// Seconds that containers have to stop
    #[arg(short, long, value_name = "SECONDS", allow_negative_numbers = true)]
    pub timeout: Option<i64>,
    /// The services.
    #[arg(value_name = "SERVICE", help = "Services; all when none is named")]
    pub services: Vec<String>,
}

/// `teu compose restart`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeRestartArguments {
    /// Seconds that containers have to stop
    #[arg(short, long, value_name = "SECONDS", allow_negative_numbers = true)]
    pub timeout: Option<i64>,
    /// Leave services alone that want to be restarted with these (`depends_on` with `restart: true`)
    #[arg(long)]
    pub no_deps: bool,
    /// The services.
    #[arg(value_name = "SERVICE", help = "Services; all when none is named")]
    pub services: Vec<String>,
}

/// `teu compose kill`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeKillArguments {
    /// The signal
    #[arg(short, long, value_name = "SIGNAL", default_value = "SIGKILL")]
    pub signal: String,
    /// Kill containers of services that are in no file, too
    #[arg(long)]
    pub remove_orphans: bool,
    /// The services.
    #[arg(value_name = "SERVICE", help = "Services; all when none is named")]
    pub services: Vec<String>,
}

/// `teu compose rm`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeRemoveArguments {
    /// Confirm nothing
    #[arg(short, long)]
    pub force: bool,
    /// Stop containers first
    #[arg(short, long)]
    pub stop: bool,
    /// Remove anonymous volumes, too
    #[arg(short, long)]
    pub volumes: bool,
    /// The services.
    #[arg(value_name = "SERVICE", help = "Services; all when none is named")]
    pub services: Vec<String>,
}

/// `teu compose wait`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeWaitArguments {
    /// Take the project down when the first container ends
    #[arg(long)]
    pub down_project: bool,
    /// The services.
    #[arg(value_name = "SERVICE", required = true, help = "Services")]
    pub services: Vec<String>,
}

/// `teu compose exec`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeExecArguments {
    /// Leave the command running and come back
    #[arg(short, long)]
    pub detach: bool,
    /// Set a variable
    #[arg(short, long, value_name = "NAME=VALUE")]
    pub env: Vec<String>,
    /// Which of the service's containers
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub index: u32,
    /// Give the command no terminal
    #[arg(short = 'T', long = "no-TTY", alias = "no-tty")]
    pub no_tty: bool,
    /// Keep its input open, as it is anyhow
    #[arg(short, long, value_name = "BOOL", num_args = 0..=1, default_value = "true", default_missing_value = "true", require_equals = true, action = clap::ArgAction::Set, hide = true)]
    pub interactive: bool,
    /// Give it a terminal, as it has where there is one
    #[arg(short, long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", require_equals = true, hide = true)]
    pub tty: Option<bool>,
    /// Give the command every right
    #[arg(long)]
    pub privileged: bool,
    /// Run it as this user
    #[arg(short, long, value_name = "USER")]
    pub user: Option<String>,
    /// Run it in this folder
    #[arg(short, long, value_name = "DIR")]
    pub workdir: Option<String>,
    /// The service.
    #[arg(value_name = "SERVICE", help = "The service")]
    pub service: String,
    /// The program and its arguments.
    #[arg(
        value_name = "COMMAND",
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true,
        help = "The command and its arguments"
    )]
    pub command: Vec<String>,
}

/// `teu compose cp`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeCopyArguments {
    /// Which of the service's containers
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub index: u32,
    /// Keep owners
    #[arg(short, long)]
    pub archive: bool,
    /// Follow links in the source
    #[arg(short = 'L', long)]
    pub follow_link: bool,
    /// Take containers that `run` made, too
    #[arg(long)]
    pub all: bool,
    /// From where, SERVICE:PATH or PATH.
    #[arg(value_name = "SOURCE", help = "From where: SERVICE:PATH, PATH, or -")]
    pub source: String,
    /// To where.
    #[arg(value_name = "TARGET", help = "To where: SERVICE:PATH, PATH, or -")]
    pub target: String,
}

/// `teu compose attach`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeAttachArguments {
    /// Which of the service's containers
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub index: u32,
    /// Keys that leave the container
    #[arg(long, value_name = "KEYS", value_parser = crate::arguments::values::detach_keys)]
    pub detach_keys: Option<String>,
    /// Do not attach to its input
    #[arg(long)]
    pub no_stdin: bool,
    /// Whether signals are handed on to the container's process
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_value = "true", default_missing_value = "true", require_equals = true, action = clap::ArgAction::Set)]
    pub sig_proxy: bool,
    /// The service.
    #[arg(value_name = "SERVICE", help = "The service")]
    pub service: String,
}

/// `teu compose pull`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposePullArguments {
    /// Go on after an image that fails
    #[arg(long)]
    pub ignore_pull_failures: bool,
    /// The services' dependencies, too
    #[arg(long)]
    pub include_deps: bool,
    /// Say nothing of what is done
    #[arg(short, long)]
    pub quiet: bool,
    /// Pull only what is missing, or always
    #[arg(long, value_name = "WHEN", value_parser = ["missing", "always"])]
    pub policy: Option<String>,
    /// Leave out services that are built
    #[arg(long)]
    pub ignore_buildable: bool,
    /// The services.
    #[arg(value_name = "SERVICE", help = "Services; all when none is named")]
    pub services: Vec<String>,
}

/// `teu compose push`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposePushArguments {
    /// Go on after an image that fails
    #[arg(long)]
    pub ignore_push_failures: bool,
    /// The services' dependencies, too
    #[arg(long)]
    pub include_deps: bool,
    /// Say nothing of what is done
    #[arg(short, long)]
    pub quiet: bool,
    /// The services.
    #[arg(value_name = "SERVICE", help = "Services; all when none is named")]
    pub services: Vec<String>,
}

/// `teu compose commit`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeCommitArguments {
    /// Which of the service's containers
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub index: u32,
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
    #[arg(short, long, value_name = "BOOL", num_args = 0..=1, default_value = "true", default_missing_value = "true", require_equals = true, action = clap::ArgAction::Set)]
    pub pause: bool,
    /// The service.
    #[arg(value_name = "SERVICE", help = "The service")]
    pub service: String,
    /// The image's name.
    #[arg(value_name = "REPOSITORY[:TAG]", help = "The image's name")]
    pub image: Option<String>,
}

/// `teu compose export`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeExportArguments {
    /// Which of the service's containers
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub index: u32,
    /// Write to this file in place of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<String>,
    /// The service.
    #[arg(value_name = "SERVICE", help = "The service")]
    pub service: String,
}
