//! `create` and `run`: everything that can be said about a new container.

mod conflicts;
mod health;
mod host;
mod image;
mod limits;
mod network;
mod process;
mod security;
mod spec;
mod storage;
#[cfg(test)]
mod tests;

pub use health::HealthOptions;
pub use host::HostOptions;
pub use image::ImageDefaults;
pub use limits::LimitOptions;
pub use network::NetworkOptions;
pub use process::ProcessOptions;
pub use security::SecurityOptions;
pub use spec::{Surroundings, to_spec, to_spec_in};
pub use storage::StorageOptions;

use clap::{ArgAction, Args, ValueEnum};

/// When the image is pulled.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum PullPolicy {
    /// Each time.
    Always,
    /// When it is not here.
    #[default]
    Missing,
    /// Never.
    Never,
}

/// The arguments of `teu create`, which are also those of `teu run`.
#[derive(Args, Clone, PartialEq, Debug, Default)]
#[command(disable_help_flag = true)]
pub struct CreateArguments {
    /// Give the container a name
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// When to pull the image: always, missing or never
    #[arg(long, value_name = "POLICY", value_enum, default_value = "missing", hide_possible_values = true)]
    pub pull: PullPolicy,
    /// Choose the platform of an image for several, as os[/arch[/variant]]
    #[arg(long, value_name = "PLATFORM")]
    pub platform: Option<String>,
    /// Do not show the progress of a pull
    #[arg(short, long)]
    pub quiet: bool,
    /// Write the container's id to this file
    #[arg(long, value_name = "FILE")]
    pub cidfile: Option<String>,
    /// Remove the container and its anonymous volumes when it ends
    #[arg(long)]
    pub rm: bool,
    /// The process.
    #[command(flatten)]
    pub process: ProcessOptions,
    /// How it stands on its host.
    #[command(flatten)]
    pub host: HostOptions,
    /// Networks, names and ports.
    #[command(flatten)]
    pub network: NetworkOptions,
    /// Mounts.
    #[command(flatten)]
    pub storage: StorageOptions,
    /// Rights.
    #[command(flatten)]
    pub security: SecurityOptions,
    /// Limits.
    #[command(flatten)]
    pub limits: LimitOptions,
    /// The health check.
    #[command(flatten)]
    pub health: HealthOptions,
    /// Show this help
    #[arg(long, action = ArgAction::HelpShort, help_heading = "Options")]
    pub help: Option<bool>,
    /// The image, then the command with its arguments.
    #[arg(value_name = "IMAGE [COMMAND] [ARG]", required = true, trailing_var_arg = true, num_args = 1.., help = "The image, the command to run in place of the image's own, and its arguments")]
    pub image_and_command: Vec<String>,
}

impl CreateArguments {
    /// The image as the user wrote it.
    pub fn image(&self) -> &str {
        self.image_and_command.first().map_or("", String::as_str)
    }

    /// The command that takes the place of the image's own; empty for none.
    pub fn command(&self) -> &[String] {
        self.image_and_command.get(1..).unwrap_or_default()
    }
}
