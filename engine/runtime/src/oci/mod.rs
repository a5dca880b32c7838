//! The OCI command line: `teu oci create|start|state|…` with the conventions of runc, so that other engines can use
//! this runtime and conformance suites can drive it.

mod cli;
mod console;
mod create;
mod delete;
mod events;
mod exec;
mod features;
mod kill;
mod list;
mod pause;
mod ps;
mod read;
mod report;
mod run;
mod spec;
mod start;
mod state;
mod store;
mod sub_cgroup;
mod update;

use crate::error::{Result, RuntimeError};
use crate::host_exe;
use clap::Parser;
use cli::{Cli, Command};
use report::Log;
use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;
use store::Store;

/// Runs one command; `arguments` are those after `oci`. Commands that launch processes may execute the whole program
/// again from a file that nobody can write, so this must be called before anything else has an effect.
pub fn main(arguments: Vec<OsString>) -> ExitCode {
    let named = std::iter::once(OsString::from("teu oci")).chain(arguments);
    let cli = match Cli::try_parse_from(named) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::from(error.use_stderr()));
        }
    };
    match execute(&cli) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            Log::new(&cli).failure(&error);
            // As runc: other engines tell by the words whether a program was not found.
            ExitCode::from(if matches!(cli.command, Command::Exec(_)) { 255 } else { 1 })
        }
    }
}

fn execute(cli: &Cli) -> Result<u8> {
    let store = Store::new(cli.root.clone(), cli.systemd_cgroup, Log::new(cli));
    store.log.debug(format_args!("process {}: {:?}", std::process::id(), cli.command));
    match &cli.command {
        Command::Create(options) => create::create(&store, options).map(|()| 0),
        Command::Start { id } => start::start(&store, id).map(|()| 0),
        Command::State { id } => state::state(&store, id).map(|()| 0),
        Command::Kill { all, id, signal } => kill::kill(&store, id, signal, *all).map(|()| 0),
        Command::Delete { force, id } => delete::delete(&store, id, *force).map(|()| 0),
        Command::Run(options) => run::run(&store, options),
        Command::Exec(options) => {
            host_exe::protect()?;
            exec::exec(&store, options)
        }
        Command::Ps { format, id, arguments } => ps::ps(&store, id, *format, arguments).map(|()| 0),
        Command::List { format, quiet } => list::list(&store, *format, *quiet).map(|()| 0),
        Command::Pause { id } => pause::pause(&store, id).map(|()| 0),
        Command::Resume { id } => pause::resume(&store, id).map(|()| 0),
        Command::Update(options) => update::update(&store, options).map(|()| 0),
        Command::Events { stats, interval, id } => events::events(&store, id, *stats, interval).map(|()| 0),
        Command::Spec { rootless, bundle } => spec::spec(bundle.as_deref(), *rootless).map(|()| 0),
        Command::Features => features::features().map(|()| 0),
    }
}

/// Prints one line to standard output; a reader that went away is no failure.
fn say(line: &str) -> Result<()> {
    match writeln!(std::io::stdout(), "{line}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(RuntimeError::kernel("write", "standard output", error))
        }
        _ => Ok(()),
    }
}
