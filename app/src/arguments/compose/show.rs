//! Showing what there is.

use clap::Args;

/// `teu compose config`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeConfigArguments {
    /// yaml, as it is usually, or json
    #[arg(long, value_name = "FORMAT", value_parser = ["yaml", "json"])]
    pub format: Option<String>,
    /// Print the services' names, one a line
    #[arg(long)]
    pub services: bool,
    /// With --services: only what matches, as profile=NAME or label=NAME=VALUE
    #[arg(long, value_name = "FILTER")]
    pub filter: Vec<String>,
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
    /// Do not read the environment files of services
    #[arg(long)]
    pub no_env_resolution: bool,
    /// Print the models' names, one a line
    #[arg(long)]
    pub models: bool,
    /// Pin images to the digests that their registries know them by now
    #[arg(long)]
    pub resolve_image_digests: bool,
    /// Print only the services' images, pinned so: a file to lay over the others
    #[arg(long)]
    pub lock_image_digests: bool,
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

/// `teu compose ps`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposePsArguments {
    /// Show stopped containers, too
    #[arg(short, long)]
    pub all: bool,
    /// Print ids only
    #[arg(short, long)]
    pub quiet: bool,
    /// Print the services' names only
    #[arg(long)]
    pub services: bool,
    /// table, json, or a template
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Only containers in this state
    #[arg(long, value_name = "STATE")]
    pub status: Vec<String>,
    /// Only what matches, as status=STATE
    #[arg(long, value_name = "FILTER")]
    pub filter: Vec<String>,
    /// Cut nothing short
    #[arg(long)]
    pub no_trunc: bool,
    /// Show containers of services that are in no file, too
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_value = "true", default_missing_value = "true", require_equals = true, action = clap::ArgAction::Set)]
    pub orphans: bool,
    /// The services.
    #[arg(value_name = "SERVICE", help = "Services; all when none is named")]
    pub only: Vec<String>,
}

/// `teu compose logs`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeLogsArguments {
    /// Go on with what is written from now on
    #[arg(short, long)]
    pub follow: bool,
    /// Show this many lines from the end, or all
    #[arg(short = 'n', long, value_name = "N", allow_negative_numbers = true)]
    pub tail: Option<String>,
    /// Show lines since a moment, as 2026-01-02T03:04:05Z or 10m
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Show lines until a moment
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Show when each line was written
    #[arg(short, long)]
    pub timestamps: bool,
    /// Show no colours
    #[arg(long)]
    pub no_color: bool,
    /// Show no names before lines
    #[arg(long)]
    pub no_log_prefix: bool,
    /// Which of the service's containers
    #[arg(long, value_name = "NUMBER", default_value_t = 0, hide_default_value = true)]
    pub index: u32,
    /// The services.
    #[arg(value_name = "SERVICE", help = "Services; all when none is named")]
    pub services: Vec<String>,
}

/// `teu compose images`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeImagesArguments {
    /// table or json
    #[arg(long, value_name = "FORMAT", value_parser = ["table", "json"], default_value = "table")]
    pub format: String,
    /// Print ids only
    #[arg(short, long)]
    pub quiet: bool,
    /// The services.
    #[arg(value_name = "SERVICE", help = "Services; all when none is named")]
    pub services: Vec<String>,
}

/// `teu compose volumes`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeVolumesArguments {
    /// table, json, or a template
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Print the names only
    #[arg(short, long)]
    pub quiet: bool,
    /// The services.
    #[arg(value_name = "SERVICE", help = "Services; all when none is named")]
    pub services: Vec<String>,
}

/// `teu compose stats`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeStatsArguments {
    /// Print once
    #[arg(long)]
    pub no_stream: bool,
    /// table, json, or a template
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Show stopped containers, too
    #[arg(short, long)]
    pub all: bool,
    /// Cut nothing short
    #[arg(long)]
    pub no_trunc: bool,
    /// The services.
    #[arg(value_name = "SERVICE", help = "Services; all when none is named")]
    pub services: Vec<String>,
}

/// `teu compose port`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposePortArguments {
    /// Which of the service's containers
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub index: u32,
    /// tcp or udp
    #[arg(long, value_name = "PROTOCOL", default_value = "tcp")]
    pub protocol: String,
    /// The service.
    #[arg(value_name = "SERVICE", help = "The service")]
    pub service: String,
    /// The container's port.
    #[arg(value_name = "PORT", help = "The container's port")]
    pub port: String,
}

/// `teu compose events`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeEventsArguments {
    /// Print events as JSON, one a line
    #[arg(long)]
    pub json: bool,
    /// Show events since a moment
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Show events until a moment
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// The services.
    #[arg(value_name = "SERVICE", help = "Services; all when none is named")]
    pub services: Vec<String>,
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
