//! `teu attach`.

use super::{Outcome, run};
use crate::arguments::AttachArguments;
use crate::interactive;
use teu_api::{Failure, SessionId};
use teu_core::Engine;

/// Carries a running container's streams on this terminal.
pub fn run(engine: &Engine, arguments: AttachArguments) -> Outcome {
    let record = engine.find(&arguments.container)?;
    if !record.state.status.is_live() {
        return Err(Failure::conflict("You cannot attach to a stopped container, start it first")
            .hint(format!("teu start -ai {}", record.name)));
    }
    let session = arguments.session.map_or(SessionId::MAIN, SessionId);
    let tty = if session == SessionId::MAIN {
        record.spec.tty
    } else {
        let sessions = engine.sessions(&record)?;
        let found = sessions.iter().find(|open| open.id == session);
        found
            .ok_or_else(|| {
                Failure::not_found(format!("No such session: {session} of container {}", record.name))
                    .hint("the interface lists open sessions under o")
            })?
            .tty
    };
    let stdin = !arguments.no_stdin && (session != SessionId::MAIN || record.spec.open_stdin);
    interactive::check_terminal(tty, stdin)?;
    let size = interactive::terminal_size().filter(|_| tty);
    let mut connection = engine.attach(&record, session, stdin, tty, false, size)?;
    super::record(engine, &record.event("attach"));
    let options = interactive::Options {
        session,
        tty,
        stdin,
        proxy_signals: arguments.sig_proxy,
        detach_keys: arguments.detach_keys,
    };
    run::foreground(&mut connection, &options)
}
