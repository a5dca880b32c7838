//! `teu compose down`.

use super::project::{self, Stack};
use crate::arguments::ComposeDownArguments;
use crate::commands::Outcome;
use teu_core::Engine;
use teu_core::stacks::Settings;
use teu_core::stacks::plan::{self, DownOptions, RemoveImages};

/// Takes a stack down.
pub fn run(engine: &Engine, stack: &Stack, arguments: &ComposeDownArguments) -> Outcome {
    let _lock = engine.lock_stack(&stack.name)?;
    let observed = engine.observe_stack(&stack.name, stack.project.as_ref())?;
    let options = DownOptions {
        services: arguments.services.clone(),
        volumes: arguments.volumes,
        images: match arguments.rmi.as_deref() {
            Some("all") => RemoveImages::All,
            Some(_) => RemoveImages::Local,
            None => RemoveImages::None,
        },
        remove_orphans: arguments.remove_orphans,
    };
    let plan = plan::down(stack.project.as_ref(), &observed, &options);
    project::warn(&plan.warnings);
    let settings = Settings { stop_timeout: arguments.timeout, ..stack.manner.settings(&stack.name) };
    let code = stack.manner.carry_out(engine, &plan, stack.project.as_ref(), &settings);
    engine.sweep_stack(&stack.name)?;
    Ok(code)
}
