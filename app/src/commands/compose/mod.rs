//! `teu compose …`: what each of its commands does. One command, one file.

mod config;
mod ls;
mod project;
mod version;

use super::Outcome;
use crate::arguments::{ComposeArguments, ComposeCommand};
use teu_core::{Engine, Paths};

/// Carries out a command on a project. What needs no engine opens none.
pub fn run(paths: Paths, arguments: &ComposeArguments) -> Outcome {
    match &arguments.command {
        ComposeCommand::Config(config) => config::run(arguments, config),
        ComposeCommand::Version(version) => version::run(version),
        ComposeCommand::Ls(list) => ls::run(&Engine::open(paths)?, list),
    }
}
