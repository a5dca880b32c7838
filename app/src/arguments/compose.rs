//! `teu compose …`

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
}

/// `teu compose ls`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeListArguments {
    /// Show stopped projects, too
    #[arg(short, long)]
    pub all: bool,
    /// Only those whose name holds this text, as name=TEXT
    #[arg(long, value_name = "FILTER")]
    pub filter: Vec<String>,
    /// table or json
    #[arg(long, value_name = "FORMAT", value_parser = ["table", "json"], default_value = "table")]
    pub format: String,
    /// Print the names only
    #[arg(short, long)]
    pub quiet: bool,
}

/// `teu compose version`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeVersionArguments {
    /// pretty or json
    #[arg(short, long, value_name = "FORMAT", value_parser = ["pretty", "json"], default_value = "pretty")]
    pub format: String,
    /// Print the number alone
    #[arg(long)]
    pub short: bool,
}

/// `teu compose config`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeConfigArguments {
    /// yaml or json
    #[arg(long, value_name = "FORMAT", value_parser = ["yaml", "json"], default_value = "yaml")]
    pub format: String,
    /// Print the services' names, one a line
    #[arg(long)]
    pub services: bool,
    /// Print the images' names, one a line
    #[arg(long)]
    pub images: bool,
    /// Print the hash of a service's configuration; * for all
    #[arg(long, value_name = "SERVICE")]
    pub hash: Option<String>,
    /// Print the volumes' names, one a line
    #[arg(long)]
    pub volumes: bool,
    /// Print the networks' names, one a line
    #[arg(long)]
    pub networks: bool,
    /// Print the profiles' names, one a line
    #[arg(long)]
    pub profiles: bool,
    /// Print the variables and their defaults
    #[arg(long)]
    pub variables: bool,
    /// Print the environment used for interpolation
    #[arg(long)]
    pub environment: bool,
    /// Leave variables as they are written
    #[arg(long)]
    pub no_interpolate: bool,
    /// Leave short forms as they are written
    #[arg(long)]
    pub no_normalize: bool,
    /// Leave relative paths as they are written
    #[arg(long)]
    pub no_path_resolution: bool,
    /// Do not check that references between parts hold
    #[arg(long)]
    pub no_consistency: bool,
    /// Write to this file in place of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<String>,
    /// Check only, and print nothing
    #[arg(short, long)]
    pub quiet: bool,
    /// The services.
    #[arg(value_name = "SERVICE", help = "Services; all when none is named")]
    pub only: Vec<String>,
}
