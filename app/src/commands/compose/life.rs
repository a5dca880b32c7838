//! `teu compose start`, `stop`, `restart`, `kill`, `pause`, `unpause` and `rm`.

use super::project::Stack;
use super::say;
use crate::arguments::ComposeRemoveArguments;
use crate::commands::Outcome;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use teu_api::Failure;
use teu_core::Engine;
use teu_core::stacks::Settings;
use teu_core::stacks::plan::{self, Life};

/// Does something to the containers of services.
pub fn run(
    engine: &Engine,
    stack: &Stack,
    services: &[String],
    what: Life,
    timeout: Option<i64>,
    signal: &str,
) -> Outcome {
    let observed = engine.observe_stack(&stack.name, stack.project.as_ref())?;
    for service in services {
        if !observed.containers.iter().any(|container| container.service == *service) {
            return Err(Failure::not_found(format!("service {service} has no container"))
                .hint(format!("teu compose up {service}")));
        }
    }
    let plan = plan::life(&observed, services, what);
    let settings = Settings {
        name: stack.name.clone(),
        stop_timeout: timeout,
        signal: signal.to_owned(),
        ..Settings::default()
    };
    let problems = engine.execute_plan(&plan, stack.project.as_ref(), &settings, &mut say::event);
    Ok(say::problems(&problems))
}

/// Removes stopped containers, after asking where someone can answer.
pub fn remove(engine: &Engine, stack: &Stack, arguments: &ComposeRemoveArguments) -> Outcome {
    if !arguments.force && io::stdin().is_terminal() {
        let _ = write!(io::stderr(), "Remove the containers of {}? [yN] ", stack.name);
        let mut answer = String::new();
        let _ = io::stdin().lock().read_line(&mut answer);
        if !matches!(answer.trim(), "y" | "Y" | "yes") {
            return Ok(0);
        }
    }
    let what = Life::Remove { stop: arguments.stop, volumes: arguments.volumes };
    run(engine, stack, &arguments.services, what, None, "")
}
