//! Commands about the whole, and those of the program itself.

use clap::{Args, Subcommand, ValueEnum};

/// `teu system …`
#[derive(Subcommand, Clone, PartialEq, Debug)]
#[command(defer = true)]
pub enum SystemCommand {
    /// Show what uses the disk
    Df(DiskUsageArguments),
    /// Show what happens, as it happens
    Events(EventsArguments),
    /// Show facts about this machine and the engine
    Info(FormatArguments),
    /// Remove everything that is not in use
    Prune(SystemPruneArguments),
}

/// `teu info`, `teu version`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct FormatArguments {
    /// json or a Go template
    #[arg(short, long, value_name = "FORMAT")]
    pub format: Option<String>,
}

/// `teu events`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct EventsArguments {
    /// Show only what a condition allows, as container=web
    #[arg(short, long, value_name = "KEY=VALUE")]
    pub filter: Vec<String>,
    /// json or a Go template
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Begin with what happened since a moment
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// End at a moment
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
}

/// `teu system df`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct DiskUsageArguments {
    /// table, json, or a Go template
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Show every image, container and volume
    #[arg(short, long)]
    pub verbose: bool,
}

/// `teu system prune`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct SystemPruneArguments {
    /// Remove all images that no container uses, not only untagged ones
    #[arg(short, long)]
    pub all: bool,
    /// Remove anonymous volumes too
    #[arg(long)]
    pub volumes: bool,
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

/// `teu demo`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct DemoArguments {
    /// Remove the demo's containers and images
    #[arg(long)]
    pub down: bool,
}

/// `teu oci …`: handed through to the runtime's own command line.
#[derive(Args, Clone, PartialEq, Eq, Debug, Default)]
pub struct OciArguments {
    /// Arguments of the OCI runtime command line
    #[arg(value_name = "ARG", trailing_var_arg = true, allow_hyphen_values = true)]
    pub arguments: Vec<std::ffi::OsString>,
}

/// `teu supervisor`: how the program executes itself to stay with a container.
#[derive(Args, Clone, PartialEq, Eq, Debug, Default)]
pub struct SupervisorArguments {
    /// The container's folder.
    #[arg(value_name = "DIR", trailing_var_arg = true, allow_hyphen_values = true, num_args = 1..)]
    pub arguments: Vec<std::ffi::OsString>,
}

/// A shell that completion is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Shell {
    /// The Bourne-again shell.
    Bash,
    /// The Z shell.
    Zsh,
    /// The friendly interactive shell.
    Fish,
}

/// `teu completion`
#[derive(Args, Clone, PartialEq, Eq, Debug)]
pub struct CompletionArguments {
    /// The shell.
    #[arg(value_enum, value_name = "SHELL", help = "The shell")]
    pub shell: Shell,
}

/// `teu __complete`: the names that a shell offers.
#[derive(Args, Clone, PartialEq, Eq, Debug, Default)]
pub struct DynamicCompletionArguments {
    /// Which names.
    #[arg(value_parser = ["containers", "running", "images", "volumes", "networks"])]
    pub kind: String,
}

/// `teu man`
#[derive(Args, Clone, PartialEq, Eq, Debug, Default)]
pub struct ManArguments {
    /// Write one page for each command into this folder
    #[arg(long, value_name = "DIR")]
    pub directory: Option<String>,
    /// The command.
    #[arg(
        value_name = "COMMAND",
        help = "Print the page of this command, as 'container ls'; teu's own when left out"
    )]
    pub command: Vec<String>,
}
