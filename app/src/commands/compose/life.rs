//! `teu compose start`, `stop`, `restart`, `kill`, `pause`, `unpause` and `rm`.

use super::project::Stack;
use crate::arguments::{ComposeKillArguments, ComposeRemoveArguments, ComposeStartArguments};
use crate::commands::Outcome;
use crate::output::safe;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::time::Duration;
use teu_api::Failure;
use teu_core::Engine;
use teu_core::stacks::Settings;
use teu_core::stacks::plan::Life;

/// How something is to be done.
#[derive(Default)]
pub struct Asked<'a> {
    /// Seconds that containers have to stop.
    timeout: Option<i64>,
    /// The signal to send.
    signal: &'a str,
    wait: Wait,
}

impl Asked<'_> {
    /// Within so many seconds.
    pub fn within(timeout: Option<i64>) -> Self {
        Self { timeout, ..Self::default() }
    }
}

/// Whether a start waits until its containers run and are healthy.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Wait {
    #[default]
    No,
    Forever,
    AtMost(Duration),
}

/// Does something to the containers of services.
pub fn run(engine: &Engine, stack: &Stack, services: &[String], what: Life, asked: Asked<'_>) -> Outcome {
    let observed = engine.observe_stack(&stack.name, stack.project.as_ref())?;
    for service in services {
        if !observed.containers.iter().any(|container| container.service == *service) {
            return Err(Failure::not_found(format!("service {service} has no container"))
                .hint(format!("teu compose up {service}")));
        }
    }
    if what == Life::Start && observed.containers.iter().all(|container| container.one_off) {
        return Err(Failure::not_found(format!("project {} has no containers to start", stack.name))
            .hint("teu compose up -d"));
    }
    let settings = Settings {
        stop_timeout: asked.timeout,
        signal: asked.signal.to_owned(),
        ..stack.manner.settings(&stack.name)
    };
    stack.manner.carry_out(title(what), settings, |settings, tell| {
        let mut problems = engine.turn_stack(stack.project.as_ref(), services, what, settings, tell)?;
        if problems.is_empty() && asked.wait != Wait::No && !settings.dry_run {
            let timeout = if let Wait::AtMost(timeout) = asked.wait { Some(timeout) } else { None };
            let own = observed.containers.iter().map(|container| container.service.clone());
            let services = if services.is_empty() { own.collect() } else { services.to_vec() };
            problems.extend(engine.wait_stack(settings, &services, timeout, tell).err());
        }
        Ok(problems)
    })
}

/// What is being done, over the board.
fn title(what: Life) -> &'static str {
    match what {
        Life::Start => "start",
        Life::Stop => "stop",
        Life::Restart { .. } => "restart",
        Life::Kill => "kill",
        Life::Pause => "pause",
        Life::Unpause => "unpause",
        Life::Remove { .. } => "rm",
    }
}

/// Starts containers and, if asked, waits until they run and are healthy.
pub fn start(engine: &Engine, stack: &Stack, arguments: &ComposeStartArguments) -> Outcome {
    let wait = match arguments.wait_timeout {
        Some(seconds) => Wait::AtMost(Duration::from_secs(seconds)),
        None if arguments.wait => Wait::Forever,
        None => Wait::No,
    };
    run(engine, stack, &arguments.services, Life::Start, Asked { wait, ..Asked::default() })
}

/// Sends containers a signal; with the flag, those of services that are in no file as well.
pub fn kill(engine: &Engine, stack: &Stack, arguments: &ComposeKillArguments) -> Outcome {
    let mut services = arguments.services.clone();
    if services.is_empty()
        && !arguments.remove_orphans
        && let Some(project) = &stack.project
    {
        let containers = engine.stack_containers(&stack.name)?;
        services =
            containers.iter().map(|record| super::ps::service(&record.spec.labels).to_owned()).collect();
        services.retain(|name| project.services.contains_key(name) || project.disabled.contains_key(name));
        services.sort();
        services.dedup();
        if services.is_empty() {
            return Ok(0);
        }
    }
    let asked = Asked { signal: &arguments.signal, ..Asked::default() };
    run(engine, stack, &services, Life::Kill, asked)
}

/// Removes stopped containers, after asking where someone can answer.
pub fn remove(engine: &Engine, stack: &Stack, arguments: &ComposeRemoveArguments) -> Outcome {
    let observed = engine.observe_stack(&stack.name, stack.project.as_ref())?;
    let going = observed.containers.iter().filter(|container| {
        !container.one_off
            && (arguments.stop || !container.phase.is_alive())
            && (arguments.services.is_empty() || arguments.services.contains(&container.service))
    });
    let names: Vec<String> = going.map(|container| safe(&container.name).into_owned()).collect();
    if names.is_empty() {
        let _ = writeln!(io::stderr(), "No stopped containers");
        return Ok(0);
    }
    if !arguments.force && io::stdin().is_terminal() {
        let _ = write!(io::stderr(), "Going to remove {}\nAre you sure? [yN] ", names.join(", "));
        let mut answer = String::new();
        let _ = io::stdin().lock().read_line(&mut answer);
        if !matches!(answer.trim(), "y" | "Y" | "yes") {
            return Ok(0);
        }
    }
    let what = Life::Remove { stop: arguments.stop, volumes: arguments.volumes };
    run(engine, stack, &arguments.services, what, Asked::default())
}
