//! `teu run`.

use super::{Outcome, complain, create, run_code, say};
use crate::arguments::RunArguments;
use crate::interactive::{self, Ending};
use teu_api::{ContainerId, Failure, SessionId};
use teu_core::{Connection, Engine, Launch};

/// Makes a container and starts it; in the foreground, carries its streams and hands back its exit code.
pub fn run(engine: &Engine, arguments: &RunArguments) -> Outcome {
    let process = &arguments.create.process;
    if !arguments.detach {
        let stdin = process.interactive
            && (process.attach.is_empty()
                || process.attach.iter().any(|name| name.eq_ignore_ascii_case("stdin")));
        interactive::check_terminal(process.tty, stdin)?;
    }
    let image = create::image(engine, &arguments.create)?;
    let environment = |name: &str| std::env::var(name).ok();
    let (spec, name) = crate::arguments::run::to_spec(arguments, &environment, &image)?;
    let (tty, auto_remove) = (spec.tty, spec.host.auto_remove);
    let attached = |name: &str| spec.attach.iter().any(|stream| stream == name);
    let launch = Launch {
        stdin: spec.open_stdin && attached("stdin"),
        stdout: attached("stdout"),
        stderr: attached("stderr"),
        size: interactive::terminal_size().filter(|_| tty),
    };
    let id = create::create(engine, &arguments.create, name.as_deref(), spec)?;
    let record = engine.store().container(&id)?;
    let mut connection = match engine.launch(&record, (!arguments.detach).then_some(&launch)) {
        Ok(connection) => connection,
        Err(failure) => {
            if auto_remove {
                undo(engine, &id);
            }
            complain(&failure);
            return Ok(run_code(&failure));
        }
    };
    super::network::warn_of_obstacles_to(&record.spec.host.network);
    if arguments.detach {
        drop(connection);
        say(id.as_str())?;
        return Ok(0);
    }
    let options = interactive::Options {
        session: SessionId::MAIN,
        tty,
        stdin: launch.stdin,
        proxy_signals: arguments.sig_proxy,
        detach_keys: arguments.detach_keys.clone(),
    };
    foreground(&mut connection, &options)
}

/// Carries the first process's streams until it ends or is left.
pub fn foreground(connection: &mut Connection, options: &interactive::Options) -> Outcome {
    match interactive::carry(connection, options)? {
        Ending::Exited(code) => {
            // The supervisor closes the connection when all is written down, and with --rm removed.
            while let Ok(Some(_)) = connection.recv() {}
            Ok(code as u8)
        }
        Ending::Detached => Ok(0),
        Ending::Lost => Err(Failure::internal("the container's supervisor was killed")
            .hint("teu ps -a shows what became of it")),
    }
}

/// Takes a container away again that could not be started. That it failed is said already.
fn undo(engine: &Engine, id: &ContainerId) {
    let _ = engine.remove(id, true, true);
}
