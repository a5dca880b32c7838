//! `run`: create, start and attach.

use super::create::{self, CreateArguments, ImageDefaults};
use super::values::wrong;
use clap::Args;
use teu_api::Failure;
use teu_api::container::ContainerSpec;

/// The arguments of `teu run`.
#[derive(Args, Clone, PartialEq, Debug, Default)]
#[command(disable_help_flag = true)]
pub struct RunArguments {
    /// Leave the container in the background and print its id
    #[arg(short, long)]
    pub detach: bool,
    /// Keys that leave an attached container, as ctrl-p,ctrl-q
    #[arg(long, value_name = "KEYS", value_parser = super::values::detach_keys)]
    pub detach_keys: Option<String>,
    /// Whether signals are handed on to the container's process
    #[arg(long, value_name = "BOOL", default_value_t = true, default_missing_value = "true", num_args = 0..=1, require_equals = true, action = clap::ArgAction::Set)]
    pub sig_proxy: bool,
    /// What is common with `create`.
    #[command(flatten)]
    pub create: CreateArguments,
}

/// As [`create::to_spec`], and a detached container is attached to nothing.
pub fn to_spec(
    arguments: &RunArguments,
    env: &dyn Fn(&str) -> Option<String>,
    image: &ImageDefaults,
) -> Result<(ContainerSpec, Option<String>), Failure> {
    if arguments.detach && !arguments.create.process.attach.is_empty() {
        return Err(wrong(
            "conflicting options: cannot specify both --attach and --detach",
            "leave one of them out",
        ));
    }
    let (mut spec, name) = create::to_spec(&arguments.create, env, image)?;
    if arguments.detach {
        spec.attach.clear();
        spec.stdin_once = false;
    }
    Ok((spec, name))
}
