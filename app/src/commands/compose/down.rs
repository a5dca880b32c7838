//! `teu compose down`.

use super::project::{Stack, is_set};
use crate::arguments::ComposeDownArguments;
use crate::commands::Outcome;
use std::collections::BTreeMap;
use teu_core::Engine;
use teu_core::stacks::Settings;
use teu_core::stacks::plan::{DownOptions, RemoveImages};

/// Takes a stack down.
pub fn run(engine: &Engine, stack: &Stack, arguments: &ComposeDownArguments) -> Outcome {
    let none = BTreeMap::new();
    let environment = stack.project.as_ref().map_or(&none, |project| &project.environment);
    let options = DownOptions {
        services: arguments.services.clone(),
        volumes: arguments.volumes,
        images: match arguments.rmi.as_deref() {
            Some("all") => RemoveImages::All,
            Some(_) => RemoveImages::Local,
            None => RemoveImages::None,
        },
        remove_orphans: arguments.remove_orphans || is_set(environment, "COMPOSE_REMOVE_ORPHANS"),
        ignore_orphans: is_set(environment, "COMPOSE_IGNORE_ORPHANS"),
    };
    let settings = Settings { stop_timeout: arguments.timeout, ..stack.manner.settings(&stack.name) };
    stack.manner.carry_out("down", settings, |settings, tell| {
        engine.lower_stack(stack.project.as_ref(), &options, settings, tell)
    })
}
