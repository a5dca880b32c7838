//! `teu exec`.

use super::{Outcome, complain};
use crate::arguments::ExecArguments;
use crate::arguments::values::environment;
use crate::interactive::{self, Ending};
use teu_api::session::ExecSpec;
use teu_api::{Failure, FailureKind};
use teu_core::{Engine, Exec};

/// Executes a program in a running container and hands back its exit code.
pub fn run(engine: &Engine, arguments: &ExecArguments) -> Outcome {
    let stdin = arguments.interactive && !arguments.detach;
    if !arguments.detach {
        interactive::check_terminal(arguments.tty, stdin)?;
    }
    let record = engine.find(arguments.container())?;
    let spec = ExecSpec {
        args: arguments.command().to_vec(),
        env: variables(&arguments.env, &arguments.env_file)?,
        working_dir: arguments.workdir.clone(),
        user: arguments.user.clone(),
        tty: arguments.tty,
        size: interactive::terminal_size().filter(|_| arguments.tty),
        stdin,
        privileged: arguments.privileged,
        keep: false,
        detach_keys: None,
        tools: Vec::new(),
    };
    let exec = engine.exec(&record, spec);
    if arguments.detach && exec.is_ok() {
        return Ok(0);
    }
    carry(exec, arguments.tty, stdin, arguments.detach_keys.clone())
}

/// Carries a process that was begun, or says why it was not; hands back its exit code.
pub(super) fn carry(
    exec: Result<Exec, Failure>,
    tty: bool,
    stdin: bool,
    detach_keys: Option<String>,
) -> Outcome {
    let mut exec = match exec {
        Ok(exec) => exec,
        Err(failure) => {
            complain(&failure);
            return Ok(match failure.kind {
                // What the container cannot do at all, as Docker has it.
                FailureKind::Conflict | FailureKind::NotFound => 1,
                FailureKind::CommandNotFound => 127,
                _ => 126,
            });
        }
    };
    let options =
        interactive::Options { session: exec.session, tty, stdin, proxy_signals: false, detach_keys };
    match interactive::carry(&mut exec.connection, &options)? {
        Ending::Exited(code) => Ok(code as u8),
        Ending::Detached => Ok(0),
        // The container ended, and took this process with it.
        Ending::Lost => Ok(137),
    }
}

/// The variables asked for: files first, so that single ones win.
pub(super) fn variables(single: &[String], files: &[String]) -> Result<Vec<String>, Failure> {
    let lookup = |name: &str| std::env::var(name).ok();
    let mut all = Vec::new();
    for path in files {
        let content = std::fs::read_to_string(path).map_err(|error| {
            Failure::usage(format!("--env-file {path}: {error}")).hint("name a file that can be read")
        })?;
        for entry in environment::file(path, &content, &lookup)? {
            environment::set(&mut all, entry);
        }
    }
    for text in single {
        if let Some(entry) = environment::variable(text, &lookup)? {
            environment::set(&mut all, entry);
        }
    }
    Ok(all)
}
