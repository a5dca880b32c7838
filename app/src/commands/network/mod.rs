//! `teu network …`.

mod connect;
mod create;
mod list;
mod prune;
mod remove;

use super::{Outcome, inspect, warn};
use crate::arguments::NetworkCommand;
use teu_api::container::NetworkMode;
use teu_core::{Engine, firewall_obstacles};

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

/// Warns of other firewalls that drop what the containers of a network send and get.
pub fn warn_of_obstacles(ipv6: bool) {
    // Where the rules cannot be read there is nothing to tell.
    for line in firewall_obstacles(ipv6).unwrap_or_default() {
        warn(&line);
    }
}

/// Warns of them where a container has a network that they are about.
pub fn warn_of_obstacles_to(mode: &NetworkMode) {
    if matches!(mode, NetworkMode::Default | NetworkMode::Named) {
        warn_of_obstacles(false);
    }
}
