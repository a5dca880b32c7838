//! Commands that build images.

use clap::{Args, Subcommand};

/// `teu build`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct BuildArguments {
    /// Add a line to /etc/hosts during the build
    #[arg(long, value_name = "NAME:IP")]
    pub add_host: Vec<String>,
    /// Let steps use what they could not otherwise: network.host
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    pub allow: Vec<String>,
    /// Attestations, which are not made
    #[arg(long, value_name = "ATTESTATION", hide = true)]
    pub attest: Vec<String>,
    /// Set a variable of the build
    #[arg(long, value_name = "NAME[=VALUE]")]
    pub build_arg: Vec<String>,
    /// Give a folder or an image under a name, as base=docker-image://alpine
    #[arg(long, value_name = "NAME=WHERE")]
    pub build_context: Vec<String>,
    /// Caches elsewhere, which are not asked
    #[arg(long, value_name = "CACHE", hide = true)]
    pub cache_from: Vec<String>,
    /// Caches elsewhere, which are not written
    #[arg(long, value_name = "CACHE", hide = true)]
    pub cache_to: Vec<String>,
    /// Put the steps' control groups below another
    #[arg(long, value_name = "GROUP")]
    pub cgroup_parent: Option<String>,
    /// No meaning any more
    #[arg(long, hide = true)]
    pub compress: bool,
    /// Limit the steps' CPU time in a period, in microseconds
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    pub cpu_period: Option<i64>,
    /// Limit the steps' CPU time, in microseconds of a period
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    pub cpu_quota: Option<i64>,
    /// The steps' relative CPU weight
    #[arg(short, long, value_name = "NUMBER", allow_negative_numbers = true)]
    pub cpu_shares: Option<i64>,
    /// CPUs that the steps run on
    #[arg(long, value_name = "CPUS")]
    pub cpuset_cpus: Option<String>,
    /// Memory nodes that the steps use
    #[arg(long, value_name = "NODES")]
    pub cpuset_mems: Option<String>,
    /// The Dockerfile: a path, or - for standard input
    #[arg(short, long, value_name = "FILE")]
    pub file: Option<String>,
    /// Write the image's id to a file
    #[arg(long, value_name = "FILE")]
    pub iidfile: Option<std::path::PathBuf>,
    /// No meaning on Linux
    #[arg(long, value_name = "HOW", hide = true)]
    pub isolation: Option<String>,
    /// Set a label on the image
    #[arg(long, value_name = "NAME=VALUE")]
    pub label: Vec<String>,
    /// Put the image into the store, which is done anyway
    #[arg(long)]
    pub load: bool,
    /// Limit the steps' memory
    #[arg(short, long, value_name = "BYTES")]
    pub memory: Option<String>,
    /// Limit the steps' memory and swap together; -1 for as much swap as there is
    #[arg(long, value_name = "BYTES", allow_hyphen_values = true)]
    pub memory_swap: Option<String>,
    /// Write what is known of the image to a file, as JSON
    #[arg(long, value_name = "FILE")]
    pub metadata_file: Option<std::path::PathBuf>,
    /// The network of steps: default, none or host
    #[arg(long, value_name = "MODE")]
    pub network: Option<String>,
    /// Take every step again
    #[arg(long)]
    pub no_cache: bool,
    /// Take the steps of these stages again
    #[arg(long, value_name = "STAGE", value_delimiter = ',')]
    pub no_cache_filter: Vec<String>,
    /// Write files instead, as type=local,dest=DIR or type=tar,dest=FILE, or the image, as type=oci,dest=FILE
    #[arg(short, long, value_name = "WHERE")]
    pub output: Option<String>,
    /// The platform of images that stages stand on
    #[arg(long, value_name = "PLATFORM")]
    pub platform: Option<String>,
    /// How progress is shown: auto, plain, tty or quiet
    #[arg(long, value_name = "HOW", default_value = "auto", value_parser = ["auto", "plain", "tty", "quiet"])]
    pub progress: String,
    /// Attestations, which are not made
    #[arg(long, value_name = "HOW", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide = true)]
    pub provenance: Option<String>,
    /// Pull images again that stages stand on
    #[arg(long)]
    pub pull: bool,
    /// Send the image to its registry afterwards
    #[arg(long)]
    pub push: bool,
    /// Print the image's id only
    #[arg(short, long)]
    pub quiet: bool,
    /// Remove the steps' containers, which is done anyway
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub rm: Option<bool>,
    /// Remove the steps' containers after failures too, which is done anyway
    #[arg(long)]
    pub force_rm: bool,
    /// Attestations, which are not made
    #[arg(long, value_name = "HOW", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide = true)]
    pub sbom: Option<String>,
    /// No meaning any more
    #[arg(long, value_name = "OPTION", hide = true)]
    pub security_opt: Vec<String>,
    /// Give a secret to steps that ask for it, as id=key,src=FILE or id=key,env=NAME
    #[arg(long, value_name = "SECRET")]
    pub secret: Vec<String>,
    /// No meaning any more
    #[arg(long, hide = true)]
    pub squash: bool,
    /// Let steps that ask for it use an SSH agent, as default or id=SOCKET
    #[arg(long, value_name = "AGENT")]
    pub ssh: Vec<String>,
    /// The size of the steps' /dev/shm
    #[arg(long, value_name = "BYTES")]
    pub shm_size: Option<String>,
    /// Name the image
    #[arg(short, long, value_name = "NAME[:TAG]")]
    pub tag: Vec<String>,
    /// Build this stage
    #[arg(long, value_name = "STAGE")]
    pub target: Option<String>,
    /// Limit what the steps' processes may use
    #[arg(long, value_name = "NAME=SOFT[:HARD]")]
    pub ulimit: Vec<String>,
    /// The build's files.
    #[arg(
        value_name = "PATH|-",
        help = "The folder whose files the build sees; - reads a Dockerfile or an archive"
    )]
    pub context: String,
}

/// `teu builder …`
#[derive(Subcommand, Clone, PartialEq, Debug)]
#[command(defer = true)]
pub enum BuilderCommand {
    /// Build an image from a Dockerfile
    Build(Box<BuildArguments>),
    /// Show the cache of builds
    Du,
    /// Remove the cache of builds
    Prune(BuilderPruneArguments),
}

/// `teu builder prune`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct BuilderPruneArguments {
    /// Remove steps that images have, and the folders that steps keep, too
    #[arg(short, long)]
    pub all: bool,
    /// Print what would be removed, and remove nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Prune only what a condition allows, as until=24h
    #[arg(long, value_name = "KEY=VALUE")]
    pub filter: Vec<String>,
    /// Do not ask
    #[arg(short, long)]
    pub force: bool,
}
