//! `teu network …`.

mod connect;
mod create;
mod list;
mod prune;
mod remove;

use super::{Outcome, inspect};
use crate::arguments::NetworkCommand;
use teu_core::Engine;

/// Carries out a command about networks.
pub fn run(engine: &Engine, command: NetworkCommand) -> Outcome {
    match command {
        NetworkCommand::Connect(arguments) => connect::connect(engine, arguments),
        NetworkCommand::Create(arguments) => create::run(engine, &arguments),
        NetworkCommand::Disconnect(arguments) => connect::disconnect(engine, &arguments),
        NetworkCommand::Inspect(mut arguments) => {
            arguments.kind = Some("network".to_owned());
            inspect::run(engine, &arguments)
        }
        NetworkCommand::Ls(arguments) => list::run(engine, &arguments),
        NetworkCommand::Prune(arguments) => prune::run(engine, &arguments),
        NetworkCommand::Rm(arguments) => remove::run(engine, &arguments),
    }
}
