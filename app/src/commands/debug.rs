//! `teu debug`.

use super::{Outcome, exec};
use crate::arguments::DebugArguments;
use std::io::IsTerminal as _;
use teu_api::session::ExecSpec;
use teu_core::Engine;

/// Opens a shell with this machine's tools in a running container, and hands back its exit code.
pub fn run(engine: &Engine, arguments: &DebugArguments) -> Outcome {
    let (name, command) = arguments
        .container_and_command
        .split_first()
        .map_or(("", &[][..]), |(name, rest)| (name.as_str(), rest));
    let record = engine.find(name)?;
    let args = match &arguments.command {
        Some(line) => ["sh", "-c", line].map(str::to_owned).to_vec(),
        None => command.to_vec(),
    };
    let tty = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let spec = ExecSpec {
        args,
        env: exec::variables(&arguments.env, &[])?,
        working_dir: arguments.workdir.clone(),
        user: arguments.user.clone(),
        tty,
        size: crate::interactive::terminal_size().filter(|_| tty),
        stdin: true,
        privileged: arguments.privileged,
        ..ExecSpec::default()
    };
    exec::carry(engine.debug(&record, spec), tty, true, None)
}
