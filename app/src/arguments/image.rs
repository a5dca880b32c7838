//! Commands about images.

use super::artifact::ImageReferrersArguments;
use super::build::BuildArguments;
use super::container::InspectArguments;
use super::registry::{PullArguments, PushArguments};
use clap::{Args, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

/// `teu image …`
#[derive(Subcommand, Clone, PartialEq, Debug)]
#[command(defer = true)]
pub enum ImageCommand {
    /// Build an image from a Dockerfile
    Build(Box<BuildArguments>),
    /// Print a file of an image
    Cat(ImageCatArguments),
    /// Show what differs between two images
    Diff(ImageDiffArguments),
    /// Copy files out of an image
    Extract(ImageExtractArguments),
    /// Make an image of programs of this machine, with the libraries that they need
    FromHost(FromHostArguments),
    /// Make an image of a distribution's packages
    FromTemplate(FromTemplateArguments),
    /// Show how an image was made
    History(HistoryArguments),
    /// Make an image of a tar archive
    Import(ImportArguments),
    /// Show everything about images
    Inspect(InspectArguments),
    /// Show the files of each layer
    Layers(ImageLayersArguments),
    /// Read images from an archive
    Load(LoadArguments),
    /// List images
    #[command(visible_alias = "list")]
    Ls(ImageListArguments),
    /// Remove unused images
    Prune(ImagePruneArguments),
    /// Fetch an image from a registry
    Pull(PullArguments),
    /// Send an image to a registry
    Push(PushArguments),
    /// List what refers to an image on its registry: signatures, attestations
    Referrers(ImageReferrersArguments),
    /// Remove images
    #[command(visible_alias = "remove")]
    Rm(ImageRemoveArguments),
    /// Write images to an archive
    Save(SaveArguments),
    /// Give an image a further name
    Tag(TagArguments),
}

/// `teu images`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ImageListArguments {
    /// Show intermediate images too
    #[arg(short, long)]
    pub all: bool,
    /// Show digests
    #[arg(long)]
    pub digests: bool,
    /// Show only what a condition allows, as dangling=true
    #[arg(short, long, value_name = "KEY=VALUE")]
    pub filter: Vec<String>,
    /// table, json, or a Go template
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Do not shorten anything
    #[arg(long)]
    pub no_trunc: bool,
    /// Show ids only
    #[arg(short, long)]
    pub quiet: bool,
    /// Show images for several platforms as trees
    #[arg(long)]
    pub tree: bool,
    /// The repository.
    #[arg(
        value_name = "REPOSITORY[:TAG]",
        help = "Show this repository only; * and ? stand for any text and letter"
    )]
    pub reference: Option<String>,
}

/// `teu rmi`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ImageRemoveArguments {
    /// Remove even with several names or stopped containers
    #[arg(short, long)]
    pub force: bool,
    /// Keep untagged parents
    #[arg(long)]
    pub no_prune: bool,
    /// The images.
    #[arg(value_name = "IMAGE", required = true, help = "Images, by name or id")]
    pub images: Vec<String>,
}

/// `teu import`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ImportArguments {
    /// Apply a Dockerfile instruction to the image
    #[arg(short, long, value_name = "INSTRUCTION")]
    pub change: Vec<String>,
    /// What it is about
    #[arg(short, long, value_name = "TEXT")]
    pub message: Option<String>,
    /// Its platform, as os[/arch[/variant]]
    #[arg(long, value_name = "PLATFORM")]
    pub platform: Option<String>,
    /// The archive.
    #[arg(
        value_name = "FILE|URL|-",
        help = "A tar archive of a root file system, its address, or - for standard input"
    )]
    pub file: String,
    /// The image's name.
    #[arg(value_name = "REPOSITORY[:TAG]", help = "The image's name")]
    pub reference: Option<String>,
}

/// `teu image from-host`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct FromHostArguments {
    /// The image's name
    #[arg(short, long, value_name = "NAME[:TAG]", required = true)]
    pub tag: String,
    /// Add the machine's certificates
    #[arg(long)]
    pub ca_certificates: bool,
    /// Add a file or folder, as SOURCE[:TARGET]
    #[arg(long, value_name = "PATH")]
    pub add: Vec<String>,
    /// The command that containers run
    #[arg(long, value_name = "COMMAND")]
    pub cmd: Option<String>,
    /// The entry point of containers
    #[arg(long, value_name = "PROGRAM")]
    pub entrypoint: Option<String>,
    /// Set a variable
    #[arg(short, long, value_name = "NAME=VALUE")]
    pub env: Vec<String>,
    /// Set a label
    #[arg(long, value_name = "KEY=VALUE")]
    pub label: Vec<String>,
    /// Expose a port
    #[arg(long, value_name = "PORT")]
    pub expose: Vec<String>,
    /// Run as this user
    #[arg(short, long, value_name = "USER")]
    pub user: Option<String>,
    /// Start in this folder
    #[arg(short, long, value_name = "DIR")]
    pub workdir: Option<String>,
    /// The programs.
    #[arg(value_name = "PROGRAM", required = true, help = "Programs, by path or as the shell finds them")]
    pub programs: Vec<String>,
}

/// What an image can be made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Template {
    /// Debian with systemd.
    Debian,
    /// Busybox with its init.
    Busybox,
}

/// `teu image from-template`
#[derive(Args, Clone, PartialEq, Debug)]
pub struct FromTemplateArguments {
    /// The image's name
    #[arg(short, long, value_name = "NAME[:TAG]")]
    pub tag: Option<String>,
    /// Debian's release; without it this machine's own, or stable
    #[arg(long, value_name = "NAME")]
    pub suite: Option<String>,
    /// Fetch packages from here
    #[arg(long, value_name = "URL")]
    pub mirror: Option<String>,
    /// Do not show the progress
    #[arg(short, long)]
    pub quiet: bool,
    /// Add packages; for busybox programs of this machine
    #[arg(long, value_name = "PACKAGE", value_delimiter = ',')]
    pub include: Vec<String>,
    /// Which template.
    #[arg(value_name = "TEMPLATE", value_enum, help = "What to make it of")]
    pub template: Template,
}

/// `teu history`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct HistoryArguments {
    /// table, json, or a Go template
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Whether sizes and times are rounded for people
    #[arg(short = 'H', long, value_name = "BOOL", default_value_t = true, default_missing_value = "true", num_args = 0..=1, require_equals = true, action = clap::ArgAction::Set)]
    pub human: bool,
    /// Do not shorten anything
    #[arg(long)]
    pub no_trunc: bool,
    /// Show ids only
    #[arg(short, long)]
    pub quiet: bool,
    /// The image.
    #[arg(value_name = "IMAGE", help = "An image, by name or id")]
    pub image: String,
}

/// `teu tag`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct TagArguments {
    /// The image.
    #[arg(value_name = "SOURCE_IMAGE[:TAG]", help = "An image, by name or id")]
    pub source: String,
    /// Its further name.
    #[arg(value_name = "TARGET_IMAGE[:TAG]", help = "Its further name")]
    pub target: String,
}

/// `teu save`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct SaveArguments {
    /// Write to this file in place of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<String>,
    /// The archive's format: docker or oci
    #[arg(long, value_name = "FORMAT", value_parser = ["docker", "oci"], default_value = "docker")]
    pub format: String,
    /// Choose the platform of an image for several
    #[arg(long, value_name = "PLATFORM")]
    pub platform: Option<String>,
    /// The images.
    #[arg(value_name = "IMAGE", required = true, help = "Images, by name or id")]
    pub images: Vec<String>,
}

/// `teu load`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct LoadArguments {
    /// Read from this file or OCI layout folder in place of standard input
    #[arg(short, long, value_name = "FILE")]
    pub input: Option<String>,
    /// Choose the platform of an image for several
    #[arg(long, value_name = "PLATFORM")]
    pub platform: Option<String>,
    /// Do not show progress
    #[arg(short, long)]
    pub quiet: bool,
}

/// `teu image prune`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ImagePruneArguments {
    /// Remove all images that no container uses, not only untagged ones
    #[arg(short, long)]
    pub all: bool,
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

/// `teu image layers`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ImageLayersArguments {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// The image.
    #[arg(value_name = "IMAGE", help = "An image, by name or id")]
    pub image: String,
}

/// `teu image diff`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ImageDiffArguments {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// One image.
    #[arg(value_name = "IMAGE", help = "An image, by name or id")]
    pub first: String,
    /// The other.
    #[arg(value_name = "OTHER", help = "The image to compare it with")]
    pub second: String,
}

/// `teu image cat`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ImageCatArguments {
    /// The file as this layer has it: a number from 1 for the lowest, or a digest
    #[arg(short, long, value_name = "LAYER")]
    pub layer: Option<String>,
    /// The image.
    #[arg(value_name = "IMAGE", help = "An image, by name or id")]
    pub image: String,
    /// The file.
    #[arg(value_name = "PATH", help = "The file's path in the image")]
    pub path: OsString,
}

/// `teu image extract`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ImageExtractArguments {
    /// Keep owner and group
    #[arg(short, long)]
    pub archive: bool,
    /// Copy what a link in the source points at
    #[arg(short = 'L', long)]
    pub follow_link: bool,
    /// Only what this layer has: a number from 1 for the lowest, or a digest
    #[arg(short, long, value_name = "LAYER")]
    pub layer: Option<String>,
    /// Do not say what was copied
    #[arg(short, long)]
    pub quiet: bool,
    /// The image.
    #[arg(value_name = "IMAGE", help = "An image, by name or id")]
    pub image: String,
    /// What to copy.
    #[arg(value_name = "PATH", help = "A file or folder in the image")]
    pub path: OsString,
    /// Where to.
    #[arg(
        value_name = "TARGET",
        default_value = ".",
        help = "A path here, or - for a tar archive on standard output"
    )]
    pub target: PathBuf,
}
