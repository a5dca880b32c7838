//! Commands that are those of containers, with a service's name in place of the container's.

use super::project::Stack;
use super::ps::service;
use crate::arguments::{
    self, ComposeAttachArguments, ComposeCopyArguments, ComposeDownArguments, ComposeEventsArguments,
    ComposeExecArguments, ComposePortArguments, ComposeStatsArguments, ComposeWaitArguments,
};
use crate::commands::dispatch::with_engine;
use crate::commands::{Outcome, say};
use std::ffi::OsString;
use std::io::{self, IsTerminal as _};
use teu_api::Failure;
use teu_core::stacks::labels;
use teu_core::{ContainerRecord, Engine};

/// Carries out the container command of these words.
fn relay(engine: &Engine, words: Vec<String>) -> Outcome {
    let all = std::iter::once("teu".to_owned()).chain(words).map(OsString::from);
    let cli = arguments::parse(all).map_err(|usage| Failure::usage(usage.text.trim_end().to_owned()))?;
    match cli.command {
        Some(command) => with_engine(engine, command),
        None => Ok(0),
    }
}

fn words<const N: usize>(all: [&str; N]) -> Vec<String> {
    all.map(str::to_owned).to_vec()
}

/// A service's container by its number.
fn container(engine: &Engine, stack: &Stack, name: &str, number: u32) -> Result<ContainerRecord, Failure> {
    let mut found = engine.stack_containers(&stack.name)?;
    found.retain(|record| {
        let label = |key: &str| record.spec.labels.get(key).map_or("", String::as_str);
        service(&record.spec.labels) == name
            && label(labels::CONTAINER_NUMBER) == number.to_string()
            && !label(labels::ONE_OFF).eq_ignore_ascii_case("true")
    });
    found.into_iter().next().ok_or_else(|| {
        Failure::not_found(format!("service {name} has no container {number}"))
            .hint(format!("teu compose up -d {name}"))
    })
}

/// The live containers of services.
fn live(engine: &Engine, stack: &Stack, services: &[String]) -> Result<Vec<ContainerRecord>, Failure> {
    let mut found = engine.stack_containers(&stack.name)?;
    found.retain(|record| {
        let own = service(&record.spec.labels);
        record.state.status.is_live() && (services.is_empty() || services.iter().any(|name| name == own))
    });
    Ok(found)
}

/// Executes a program in a service's container, with a terminal where there is one.
pub fn exec(engine: &Engine, stack: &Stack, arguments: &ComposeExecArguments) -> Outcome {
    let record = container(engine, stack, &arguments.service, arguments.index)?;
    let mut all = words(["exec"]);
    if arguments.detach {
        all.push("-d".to_owned());
    } else {
        if arguments.interactive {
            all.push("-i".to_owned());
        }
        let terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
        if !arguments.no_tty && arguments.tty.unwrap_or(true) && terminal {
            all.push("-t".to_owned());
        }
    }
    for variable in &arguments.env {
        all.extend(["-e".to_owned(), variable.clone()]);
    }
    for (flag, value) in [("-u", &arguments.user), ("-w", &arguments.workdir)] {
        if let Some(value) = value {
            all.extend([flag.to_owned(), value.clone()]);
        }
    }
    if arguments.privileged {
        all.push("--privileged".to_owned());
    }
    all.push(record.name);
    all.extend(arguments.command.iter().cloned());
    relay(engine, all)
}

/// Shows the processes of containers, each under its name.
pub fn top(engine: &Engine, stack: &Stack, services: &[String]) -> Outcome {
    for record in live(engine, stack, services)? {
        say(&record.name)?;
        relay(engine, vec!["top".to_owned(), record.name])?;
        say("")?;
    }
    Ok(0)
}

/// Shows what containers use.
pub fn stats(engine: &Engine, stack: &Stack, arguments: &ComposeStatsArguments) -> Outcome {
    let mut containers = engine.stack_containers(&stack.name)?;
    containers.retain(|record| {
        let own = service(&record.spec.labels);
        (arguments.all || record.state.status.is_live())
            && (arguments.services.is_empty() || arguments.services.iter().any(|name| name == own))
    });
    if containers.is_empty() {
        return Ok(0);
    }
    let mut all = words(["stats"]);
    for (flag, set) in [("--all", arguments.all), ("--no-trunc", arguments.no_trunc)] {
        if set {
            all.push(flag.to_owned());
        }
    }
    if arguments.no_stream {
        all.push("--no-stream".to_owned());
    }
    if let Some(format) = &arguments.format {
        all.extend(["--format".to_owned(), format.clone()]);
    }
    all.extend(containers.into_iter().map(|record| record.name));
    relay(engine, all)
}

/// Prints where a container's port is published.
pub fn port(engine: &Engine, stack: &Stack, arguments: &ComposePortArguments) -> Outcome {
    let record = container(engine, stack, &arguments.service, arguments.index)?;
    relay(engine, vec!["port".to_owned(), record.name, format!("{}/{}", arguments.port, arguments.protocol)])
}

/// Shows what happens to a stack's containers.
pub fn events(engine: &Engine, stack: &Stack, arguments: &ComposeEventsArguments) -> Outcome {
    let mut all = words(["events", "--filter"]);
    all.push(format!("label={}={}", labels::PROJECT, stack.name));
    if arguments.json {
        all.extend(words(["--format", "json"]));
    }
    for (flag, value) in [("--since", &arguments.since), ("--until", &arguments.until)] {
        if let Some(value) = value {
            all.extend([flag.to_owned(), value.clone()]);
        }
    }
    relay(engine, all)
}

/// Copies files between a service's container and the host.
pub fn copy(engine: &Engine, stack: &Stack, arguments: &ComposeCopyArguments) -> Outcome {
    let place = |text: &String| match text.split_once(':') {
        // A path may hold a colon, too.
        Some((name, path)) if !name.is_empty() && !name.contains('/') => {
            Ok(format!("{}:{path}", container(engine, stack, name, arguments.index)?.name))
        }
        _ => Ok::<String, Failure>(text.clone()),
    };
    let mut all = words(["cp"]);
    for (flag, set) in [("-a", arguments.archive), ("-L", arguments.follow_link)] {
        if set {
            all.push(flag.to_owned());
        }
    }
    all.extend([place(&arguments.source)?, place(&arguments.target)?]);
    relay(engine, all)
}

/// Waits for containers and prints their exit codes; hands back the first one's.
pub fn wait(engine: &Engine, stack: &Stack, arguments: &ComposeWaitArguments) -> Outcome {
    let mut first = None;
    for record in engine.stack_containers(&stack.name)? {
        if arguments.services.iter().any(|name| name == service(&record.spec.labels)) {
            let code = engine.wait(&record.id)?;
            say(&code.to_string())?;
            first.get_or_insert(code);
            if arguments.down_project {
                break;
            }
        }
    }
    let code =
        first.ok_or_else(|| Failure::not_found("no container to wait for").hint("teu compose up -d"))?;
    if arguments.down_project {
        super::down::run(engine, stack, &ComposeDownArguments::default())?;
    }
    Ok(code as u8)
}

/// Attaches to a service's container.
pub fn attach(engine: &Engine, stack: &Stack, arguments: &ComposeAttachArguments) -> Outcome {
    let record = container(engine, stack, &arguments.service, arguments.index)?;
    let mut all = words(["attach"]);
    if arguments.no_stdin {
        all.push("--no-stdin".to_owned());
    }
    if let Some(keys) = &arguments.detach_keys {
        all.extend(["--detach-keys".to_owned(), keys.clone()]);
    }
    all.push(record.name);
    relay(engine, all)
}
