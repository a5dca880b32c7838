//! The whole command line.

use super::{
    ArtifactCommand, AttachArguments, BuildArguments, BuilderCommand, CommitArguments, CompletionArguments,
    ComposeArguments, ContainerCommand, CopyArguments, CreateArguments, DebugArguments, DemoArguments,
    DiffArguments, DynamicCompletionArguments, EventsArguments, ExecArguments, ExportArguments,
    FormatArguments, HistoryArguments, ImageCommand, ImageListArguments, ImageRemoveArguments,
    ImportArguments, InspectArguments, KillArguments, ListArguments, LoadArguments, LoginArguments,
    LogoutArguments, LogsArguments, ManArguments, NetworkCommand, OciArguments, PortArguments, PullArguments,
    PushArguments, RemoveArguments, RenameArguments, RunArguments, SaveArguments, SearchArguments,
    StartArguments, StatsArguments, StopArguments, SupervisorArguments, SystemCommand, TagArguments,
    TopArguments, UpdateArguments, VolumeCommand, WaitArguments,
};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// A terminal container workstation. Without a command it opens full-screen.
#[derive(Parser, Clone, PartialEq, Debug)]
#[command(name = "teu", disable_version_flag = true, args_override_self = true, infer_long_args = false)]
pub struct Cli {
    /// Options before the command.
    #[command(flatten)]
    pub global: GlobalOptions,
    /// What to do; `None` opens the full-screen interface.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options before the command.
#[derive(Args, Clone, PartialEq, Eq, Debug, Default)]
pub struct GlobalOptions {
    /// Where everything is kept
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// How much is told on standard error: error, warn, info, debug or trace
    #[arg(short, long, value_name = "LEVEL", value_parser = ["error", "fatal", "warn", "info", "debug", "trace"])]
    pub log_level: Option<String>,
    /// Tell everything on standard error
    #[arg(short = 'D', long)]
    pub debug: bool,
    /// Open the full-screen interface so that nothing can be changed from it
    #[arg(long)]
    pub readonly: bool,
    /// Show the version
    #[arg(short, long)]
    pub version: bool,
}

/// A command.
#[derive(Subcommand, Clone, PartialEq, Debug)]
#[command(defer = true)]
pub enum Command {
    /// Create a container and run a command in it
    #[command(override_usage = "teu run [OPTIONS] IMAGE [COMMAND] [ARG...]")]
    Run(Box<RunArguments>),
    /// Create a container without starting it
    #[command(override_usage = "teu create [OPTIONS] IMAGE [COMMAND] [ARG...]")]
    Create(Box<CreateArguments>),
    /// Start stopped containers
    Start(StartArguments),
    /// Stop running containers
    Stop(StopArguments),
    /// Stop and start containers
    Restart(StopArguments),
    /// Kill running containers
    Kill(KillArguments),
    /// Wait until containers end, and print their exit codes
    Wait(WaitArguments),
    /// Remove containers
    Rm(RemoveArguments),
    /// List containers
    Ps(ListArguments),
    /// Show a container's log
    Logs(LogsArguments),
    /// Attach to a running container
    Attach(AttachArguments),
    /// Run a command in a running container
    #[command(override_usage = "teu exec [OPTIONS] CONTAINER COMMAND [ARG...]")]
    Exec(ExecArguments),
    /// Open a shell with this machine's tools in a running container, whatever its image holds
    #[command(override_usage = "teu debug [OPTIONS] CONTAINER [COMMAND [ARG...]]")]
    Debug(DebugArguments),
    /// Show the processes of a container
    #[command(override_usage = "teu top CONTAINER [PS OPTIONS]")]
    Top(TopArguments),
    /// Show resource use as it changes
    Stats(StatsArguments),
    /// Show everything about containers, images, volumes or networks
    Inspect(InspectArguments),
    /// Freeze all processes in containers
    Pause(WaitArguments),
    /// Let frozen containers go on
    Unpause(WaitArguments),
    /// Rename a container
    Rename(RenameArguments),
    /// Change the limits of containers
    Update(UpdateArguments),
    /// Copy files between a container and this machine
    Cp(CopyArguments),
    /// Show what changed in a container's file system
    Diff(DiffArguments),
    /// List a container's published ports
    Port(PortArguments),
    /// Write a container's file system as a tar archive
    Export(ExportArguments),
    /// Make an image of a container's changes
    Commit(CommitArguments),
    /// Show what happens, as it happens
    Events(EventsArguments),
    /// List images
    Images(ImageListArguments),
    /// Remove images
    Rmi(ImageRemoveArguments),
    /// Fetch an image from a registry
    Pull(PullArguments),
    /// Send an image to a registry
    Push(PushArguments),
    /// Look for images in a registry
    Search(SearchArguments),
    /// Log in to a registry
    Login(LoginArguments),
    /// Log out of a registry
    Logout(LogoutArguments),
    /// Write images to an archive
    Save(SaveArguments),
    /// Read images from an archive
    Load(LoadArguments),
    /// Make an image of a tar archive
    Import(ImportArguments),
    /// Show how an image was made
    History(HistoryArguments),
    /// Give an image a further name
    Tag(TagArguments),
    /// Build an image from a Dockerfile
    Build(Box<BuildArguments>),
    /// Show facts about this machine and the engine
    Info(FormatArguments),
    /// Show the version
    Version(FormatArguments),
    /// Bring up a small live stack made of this machine's programs
    Demo(DemoArguments),
    /// Commands about containers
    #[command(subcommand)]
    Container(ContainerCommand),
    /// Commands about images
    #[command(subcommand)]
    Image(ImageCommand),
    /// Commands about builds
    #[command(subcommand, visible_alias = "buildx")]
    Builder(BuilderCommand),
    /// Commands about artifacts: what registries keep beside images
    #[command(subcommand)]
    Artifact(ArtifactCommand),
    /// Commands about volumes
    #[command(subcommand)]
    Volume(VolumeCommand),
    /// Commands about networks
    #[command(subcommand)]
    Network(NetworkCommand),
    /// Commands about the whole
    #[command(subcommand)]
    System(SystemCommand),
    /// Commands about projects of several containers
    #[command(version)]
    Compose(Box<ComposeArguments>),
    /// The OCI runtime's own command line
    #[command(disable_help_flag = true)]
    Oci(OciArguments),
    /// Print a script that completes teu's words in a shell
    Completion(CompletionArguments),
    /// Print or write manual pages
    Man(ManArguments),
    /// Stays with a container.
    #[command(hide = true, disable_help_flag = true)]
    Supervisor(SupervisorArguments),
    /// Names for completion.
    #[command(hide = true, name = "__complete")]
    DynamicCompletion(DynamicCompletionArguments),
}
