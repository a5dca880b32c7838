//! Commands that are those of containers, with a service's name in place of the container's.

use super::project::Stack;
use super::ps::service;
use crate::arguments::{
    self, ComposeAttachArguments, ComposeCommitArguments, ComposeCopyArguments, ComposeExecArguments,
    ComposeExportArguments, ComposePortArguments, ComposeStatsArguments,
};
use crate::commands::Outcome;
use crate::commands::dispatch::with_engine;
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
    numbered(engine, stack, name, number, false)
}

/// The same; with `one_off`, those that `run` made count, too.
fn numbered(
    engine: &Engine,
    stack: &Stack,
    name: &str,
    number: u32,
    one_off: bool,
) -> Result<ContainerRecord, Failure> {
    let mut found = engine.stack_containers(&stack.name)?;
    let is_one_off = |record: &ContainerRecord| {
        record.spec.labels.get(labels::ONE_OFF).is_some_and(|word| word.eq_ignore_ascii_case("true"))
    };
    found.retain(|record| {
        let label = |key: &str| record.spec.labels.get(key).map_or("", String::as_str);
        service(&record.spec.labels) == name
            && label(labels::CONTAINER_NUMBER) == number.to_string()
            && (one_off || !is_one_off(record))
    });
    found.sort_by_key(is_one_off);
    found.into_iter().next().ok_or_else(|| {
        Failure::not_found(format!("service {name} has no container {number}"))
            .hint(format!("teu compose up -d {name}"))
    })
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

/// Copies files between a service's container and the host.
pub fn copy(engine: &Engine, stack: &Stack, arguments: &ComposeCopyArguments) -> Outcome {
    let place = |text: &String| match text.split_once(':') {
        // A path may hold a colon, too.
        Some((name, path)) if !name.is_empty() && !name.contains('/') => {
            Ok(format!("{}:{path}", numbered(engine, stack, name, arguments.index, arguments.all)?.name))
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

/// Attaches to a service's container.
pub fn attach(engine: &Engine, stack: &Stack, arguments: &ComposeAttachArguments) -> Outcome {
    let record = container(engine, stack, &arguments.service, arguments.index)?;
    let mut all = words(["attach"]);
    if arguments.no_stdin {
        all.push("--no-stdin".to_owned());
    }
    all.push(format!("--sig-proxy={}", arguments.sig_proxy));
    if let Some(keys) = &arguments.detach_keys {
        all.extend(["--detach-keys".to_owned(), keys.clone()]);
    }
    all.push(record.name);
    relay(engine, all)
}

/// Makes an image of a service's container.
pub fn commit(engine: &Engine, stack: &Stack, arguments: &ComposeCommitArguments) -> Outcome {
    let record = container(engine, stack, &arguments.service, arguments.index)?;
    let mut all = vec!["commit".to_owned(), format!("--pause={}", arguments.pause)];
    let changes = arguments.change.iter().map(|change| ("--change", change));
    let flags = arguments.author.iter().map(|author| ("--author", author)).chain(changes);
    for (flag, value) in flags.chain(arguments.message.iter().map(|message| ("--message", message))) {
        all.push(format!("{flag}={value}"));
    }
    all.push(record.name);
    all.extend(arguments.image.clone());
    relay(engine, all)
}

/// Writes the files of a service's container as a tar archive.
pub fn export(engine: &Engine, stack: &Stack, arguments: &ComposeExportArguments) -> Outcome {
    let record = container(engine, stack, &arguments.service, arguments.index)?;
    let mut all = words(["export"]);
    all.extend(arguments.output.iter().map(|path| format!("--output={path}")));
    all.push(record.name);
    relay(engine, all)
}
