//! Commands about volumes.

use super::container::InspectArguments;
use clap::{Args, Subcommand};

/// `teu volume …`
#[derive(Subcommand, Clone, PartialEq, Debug)]
#[command(defer = true)]
pub enum VolumeCommand {
    /// Make a volume
    Create(VolumeCreateArguments),
    /// Write a volume's content as a tar archive
    Export(VolumeExportArguments),
    /// Fill a volume from a tar archive
    Import(VolumeImportArguments),
    /// Show everything about volumes
    Inspect(InspectArguments),
    /// List volumes
    #[command(visible_alias = "list")]
    Ls(VolumeListArguments),
    /// Remove unused volumes
    Prune(VolumePruneArguments),
    /// Remove volumes
    #[command(visible_alias = "remove")]
    Rm(VolumeRemoveArguments),
}

/// `teu volume create`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct VolumeCreateArguments {
    /// The driver
    #[arg(short, long, value_name = "DRIVER", default_value = "local")]
    pub driver: String,
    /// Set a label
    #[arg(long, value_name = "KEY[=VALUE]")]
    pub label: Vec<String>,
    /// Set an option of the driver
    #[arg(short, long, value_name = "KEY=VALUE")]
    pub opt: Vec<String>,
    /// Its name.
    #[arg(value_name = "VOLUME", help = "Its name; one is made up when left out")]
    pub name: Option<String>,
}

/// `teu volume ls`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct VolumeListArguments {
    /// Show only what a condition allows, as dangling=true
    #[arg(short, long, value_name = "KEY=VALUE")]
    pub filter: Vec<String>,
    /// table, json, or a Go template
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Show names only
    #[arg(short, long)]
    pub quiet: bool,
}

/// `teu volume rm`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct VolumeRemoveArguments {
    /// Do not fail on one that is not there
    #[arg(short, long)]
    pub force: bool,
    /// The volumes.
    #[arg(value_name = "VOLUME", required = true, help = "Volumes, by name")]
    pub volumes: Vec<String>,
}

/// `teu volume prune`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct VolumePruneArguments {
    /// Remove named volumes too, not only anonymous ones
    #[arg(short, long)]
    pub all: bool,
    /// Do not ask
    #[arg(short, long)]
    pub force: bool,
    /// Print what would be removed, and remove nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Prune only what a condition allows, as label=temporary
    #[arg(long, value_name = "KEY=VALUE")]
    pub filter: Vec<String>,
}

/// `teu volume export`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct VolumeExportArguments {
    /// Write to this file in place of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<String>,
    /// The volume.
    #[arg(value_name = "VOLUME", help = "A volume, by name")]
    pub volume: String,
}

/// `teu volume import`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct VolumeImportArguments {
    /// The volume.
    #[arg(value_name = "VOLUME", help = "A volume, by name")]
    pub volume: String,
    /// The archive.
    #[arg(value_name = "FILE|-", default_value = "-", help = "A tar archive, or - for standard input")]
    pub file: String,
}
