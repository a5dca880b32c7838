//! Commands that talk to registries.

use clap::Args;

/// `teu pull`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct PullArguments {
    /// Fetch every tag of the repository
    #[arg(short, long)]
    pub all_tags: bool,
    /// Choose the platform of an image for several
    #[arg(long, value_name = "PLATFORM")]
    pub platform: Option<String>,
    /// Print the image's name only
    #[arg(short, long)]
    pub quiet: bool,
    /// The image.
    #[arg(value_name = "NAME[:TAG|@DIGEST]", help = "The image")]
    pub image: String,
}

/// `teu push`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct PushArguments {
    /// Send every tag of the repository
    #[arg(short, long)]
    pub all_tags: bool,
    /// Choose the platform of an image for several
    #[arg(long, value_name = "PLATFORM")]
    pub platform: Option<String>,
    /// Print the image's name only
    #[arg(short, long)]
    pub quiet: bool,
    /// The image.
    #[arg(value_name = "NAME[:TAG]", help = "The image")]
    pub image: String,
}

/// `teu search`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct SearchArguments {
    /// Show only what a condition allows, as stars=3
    #[arg(short, long, value_name = "KEY=VALUE")]
    pub filter: Vec<String>,
    /// table, json, or a Go template
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Show at most this many
    #[arg(long, value_name = "N")]
    pub limit: Option<u32>,
    /// Do not shorten anything
    #[arg(long)]
    pub no_trunc: bool,
    /// What to look for.
    #[arg(value_name = "TERM", help = "What to look for")]
    pub term: String,
}

/// `teu login`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct LoginArguments {
    /// Name of the account
    #[arg(short, long, value_name = "NAME")]
    pub username: Option<String>,
    /// Password or token; better by standard input
    #[arg(short, long, value_name = "PASSWORD", conflicts_with = "password_stdin")]
    pub password: Option<String>,
    /// Read the password from standard input
    #[arg(long)]
    pub password_stdin: bool,
    /// The registry.
    #[arg(value_name = "SERVER", help = "The registry; the default one when left out")]
    pub server: Option<String>,
}

/// `teu logout`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct LogoutArguments {
    /// The registry.
    #[arg(value_name = "SERVER", help = "The registry; the default one when left out")]
    pub server: Option<String>,
}
