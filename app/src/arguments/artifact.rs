//! Commands about artifacts: what registries keep beside images.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `teu artifact …`
#[derive(Subcommand, Clone, PartialEq, Debug)]
#[command(defer = true)]
pub enum ArtifactCommand {
    /// Show a manifest as its registry has it
    Inspect(ArtifactInspectArguments),
    /// List the tags of a repository on its registry, and what each is
    #[command(visible_alias = "list")]
    Ls(ArtifactListArguments),
    /// Fetch an artifact's files into a folder
    Pull(ArtifactPullArguments),
}

/// `teu artifact inspect`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ArtifactInspectArguments {
    /// Whose manifest.
    #[arg(value_name = "NAME[:TAG|@DIGEST]", help = "An artifact or an image on a registry")]
    pub name: String,
}

/// `teu artifact ls`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ArtifactListArguments {
    /// table, json, or a Go template
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Do not shorten anything
    #[arg(long)]
    pub no_trunc: bool,
    /// Show digests only
    #[arg(short, long)]
    pub quiet: bool,
    /// The repository.
    #[arg(value_name = "NAME[:TAG]", help = "A repository on a registry, or one tag of it")]
    pub name: String,
}

/// `teu artifact pull`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ArtifactPullArguments {
    /// The folder that the files go to
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    pub output: PathBuf,
    /// Print the files' names only
    #[arg(short, long)]
    pub quiet: bool,
    /// The artifact.
    #[arg(value_name = "NAME[:TAG|@DIGEST]", help = "The artifact")]
    pub name: String,
}

/// `teu image referrers`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ImageReferrersArguments {
    /// Show only artifacts of this type
    #[arg(long, value_name = "TYPE")]
    pub artifact_type: Option<String>,
    /// table, json, or a Go template
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Do not shorten anything
    #[arg(long)]
    pub no_trunc: bool,
    /// Show digests only
    #[arg(short, long)]
    pub quiet: bool,
    /// The image.
    #[arg(value_name = "NAME[:TAG|@DIGEST]", help = "An image or an artifact on a registry")]
    pub name: String,
}
