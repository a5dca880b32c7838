//! `teu start`.

use super::{NOT_STARTED, Outcome, complain, run, run_code, say};
use crate::arguments::StartArguments;
use crate::interactive;
use teu_api::{Failure, SessionId};
use teu_core::{Engine, Launch};

/// Starts containers and prints their names, or starts one and carries its streams.
pub fn run(engine: &Engine, arguments: StartArguments) -> Outcome {
    if !arguments.attach && !arguments.interactive {
        return super::each(&arguments.containers, |name| {
            let record = engine.find(name)?;
            engine.start(&record.id)?;
            super::network::warn_of_obstacles_to(&record.spec.host.network);
            say(name)
        });
    }
    let [name] = arguments.containers.as_slice() else {
        return Err(Failure::usage("you cannot start and attach multiple containers at once")
            .hint("name one, or leave out -a and -i"));
    };
    let record = engine.find(name)?;
    let tty = record.spec.tty;
    let stdin = arguments.interactive && record.spec.open_stdin;
    interactive::check_terminal(tty, stdin)?;
    let launch =
        Launch { stdin, stdout: true, stderr: true, size: interactive::terminal_size().filter(|_| tty) };
    let options = interactive::Options {
        session: SessionId::MAIN,
        tty,
        stdin,
        proxy_signals: true,
        detach_keys: arguments.detach_keys,
    };
    match engine.launch(&record, Some(&launch)) {
        Ok(mut connection) => run::foreground(&mut connection, &options),
        Err(failure) => {
            complain(&failure);
            let code = run_code(&failure);
            Ok(if code == NOT_STARTED { 1 } else { code })
        }
    }
}
