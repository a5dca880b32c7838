//! `teu compose …`

mod act;
mod show;
mod up;

pub use act::{
    ComposeAttachArguments, ComposeCommitArguments, ComposeCopyArguments, ComposeExecArguments,
    ComposeExportArguments, ComposeKillArguments, ComposePullArguments, ComposePushArguments,
    ComposeRemoveArguments, ComposeRestartArguments, ComposeServicesArguments, ComposeStartArguments,
    ComposeStopArguments, ComposeWaitArguments,
};
pub use show::{
    ComposeConfigArguments, ComposeEventsArguments, ComposeImagesArguments, ComposeListArguments,
    ComposeLogsArguments, ComposePortArguments, ComposePsArguments, ComposeStatsArguments,
    ComposeVersionArguments, ComposeVolumesArguments,
};
pub use up::{
    ComposeBuildArguments, ComposeDownArguments, ComposeMakeArguments, ComposePublishArguments,
    ComposeRunArguments, ComposeScaleArguments, ComposeUpArguments, ComposeWatchArguments,
};

use clap::{Args, Subcommand};

/// The arguments of `teu compose`, before its own command.
#[derive(Args, Clone, PartialEq, Debug)]
pub struct ComposeArguments {
    /// A Compose file; several are merged in order
    #[arg(short, long, value_name = "FILE")]
    pub file: Vec<String>,
    /// The project's name
    #[arg(short, long, value_name = "NAME")]
    pub project_name: Option<String>,
    /// Switch a profile on
    #[arg(long, value_name = "NAME")]
    pub profile: Vec<String>,
    /// Read variables for interpolation from a file
    #[arg(long, value_name = "FILE")]
    pub env_file: Vec<String>,
    /// The folder that relative paths start from
    #[arg(long, value_name = "DIR")]
    pub project_directory: Option<String>,
    /// Keep networks and volumes that no service uses
    #[arg(long)]
    pub all_resources: bool,
    /// Show what would be done, and do nothing
    #[arg(long, global = true)]
    pub dry_run: bool,
    /// Name containers as old Compose did, with `_`
    #[arg(long)]
    pub compatibility: bool,
    /// When to use colours: never, always or auto
    #[arg(long, value_name = "WHEN", value_parser = ["never", "always", "auto"])]
    pub ansi: Option<String>,
    /// How to show what is done: auto, tty, plain, json or quiet
    #[arg(long, value_name = "HOW", value_parser = ["auto", "tty", "plain", "json", "quiet"])]
    pub progress: Option<String>,
    /// Do at most so many things at a time
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    pub parallel: Option<i32>,
    /// Print the version
    #[arg(short, long, action = clap::ArgAction::Version)]
    pub version: Option<bool>,
    /// What to do.
    #[command(subcommand)]
    pub command: ComposeCommand,
}

/// What to do with a project.
#[derive(Subcommand, Clone, PartialEq, Debug)]
pub enum ComposeCommand {
    /// Check the files and print them in canonical form
    #[command(visible_alias = "convert")]
    Config(ComposeConfigArguments),
    /// List the projects that are there
    Ls(ComposeListArguments),
    /// Print the version
    Version(ComposeVersionArguments),
    /// Make and start containers
    Up(ComposeUpArguments),
    /// Make containers, and start none
    Create(ComposeMakeArguments),
    /// Change how many containers services have
    Scale(ComposeScaleArguments),
    /// Stop and remove containers and networks
    Down(ComposeDownArguments),
    /// Start containers that are there
    Start(ComposeStartArguments),
    /// Stop containers
    Stop(ComposeStopArguments),
    /// Stop and start containers
    Restart(ComposeRestartArguments),
    /// Freeze containers
    Pause(ComposeServicesArguments),
    /// Let frozen containers go on
    Unpause(ComposeServicesArguments),
    /// Send containers a signal
    Kill(ComposeKillArguments),
    /// Remove stopped containers
    Rm(ComposeRemoveArguments),
    /// List containers
    Ps(ComposePsArguments),
    /// Show what containers have written
    Logs(ComposeLogsArguments),
    /// Run a command in a service's container
    Exec(ComposeExecArguments),
    /// Run a command in a new container of a service
    Run(ComposeRunArguments),
    /// List volumes
    Volumes(ComposeVolumesArguments),
    /// Bring into containers what changes on this machine
    Watch(ComposeWatchArguments),
    /// Build images
    Build(ComposeBuildArguments),
    /// List the images of containers
    Images(ComposeImagesArguments),
    /// Show the processes of containers
    Top(ComposeServicesArguments),
    /// Show what containers use
    Stats(ComposeStatsArguments),
    /// Print the host port of a container's port
    Port(ComposePortArguments),
    /// Show what happens to containers
    Events(ComposeEventsArguments),
    /// Copy files between a container and the host
    Cp(ComposeCopyArguments),
    /// Wait until a service's containers have ended
    Wait(ComposeWaitArguments),
    /// Attach to a service's container
    Attach(ComposeAttachArguments),
    /// Make an image of a service's container
    Commit(ComposeCommitArguments),
    /// Write the files of a service's container as a tar archive
    Export(ComposeExportArguments),
    /// Put the project on a registry; not there in this version
    #[command(hide = true)]
    Publish(ComposePublishArguments),
    /// Pull images
    Pull(ComposePullArguments),
    /// Push images
    Push(ComposePushArguments),
}
