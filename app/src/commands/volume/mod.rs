//! `teu volume …`.

mod create;
mod list;
mod prune;
mod remove;
mod transfer;

use super::{Outcome, inspect};
use crate::arguments::VolumeCommand;
use teu_core::Engine;

/// Carries out a command about volumes.
pub fn run(engine: &Engine, command: VolumeCommand) -> Outcome {
    match command {
        VolumeCommand::Create(arguments) => create::run(engine, &arguments),
        VolumeCommand::Export(arguments) => transfer::export(engine, &arguments),
        VolumeCommand::Import(arguments) => transfer::import(engine, &arguments),
        VolumeCommand::Inspect(mut arguments) => {
            arguments.kind = Some("volume".to_owned());
            inspect::run(engine, &arguments)
        }
        VolumeCommand::Ls(arguments) => list::run(engine, &arguments),
        VolumeCommand::Prune(arguments) => prune::run(engine, &arguments),
        VolumeCommand::Rm(arguments) => remove::run(engine, &arguments),
    }
}
