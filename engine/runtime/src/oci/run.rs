//! `run`: create and start, and unless detached wait and clean up.

use super::cli::RunOptions;
use super::store::Store;
use super::{console, create, delete};
use crate::error::{Result, RuntimeError};
use crate::launch::{Gate, create as launch};
use std::os::fd::AsFd;
use teu_sys::process::wait_child;

pub(super) fn run(store: &Store, options: &RunOptions) -> Result<u8> {
    let bundle = create::open_bundle(store, &options.create)?;
    create::check_console(bundle.terminal, options.create.console_socket.as_deref(), options.detach)?;
    let signals = if options.detach { None } else { Some(console::signals()?) };
    let relayed = options.create.console_socket.is_none();
    let (_, lock) = store.reserve(&options.create.id, &bundle.spec)?;
    let mut terminal = None;
    let started = (|| {
        let mut created = launch(create::request(&options.create, &bundle, Gate::Pipe, relayed)?)?;
        match create::record(store, &options.create, &bundle, &mut created) {
            Ok(()) => {
                terminal = created.take_console();
                created.start()
            }
            Err(error) => {
                created.abort();
                Err(error)
            }
        }
    })();
    let running = match started {
        Ok(running) => running,
        Err(error) => {
            if let Some(master) = terminal {
                console::rest(&master);
            }
            let _ = store.remove(&options.create.id);
            return Err(error);
        }
    };
    drop(lock);
    let Some(signals) = signals else { return Ok(0) };
    let attended = console::attend(running.pidfd.as_fd(), terminal, &signals);
    let (code, _) =
        wait_child(running.pid).map_err(|error| RuntimeError::kernel("wait for", "the container", error))?;
    if !options.keep {
        let record = store.load(&options.create.id)?;
        delete::destroy(store, &record)?;
    }
    attended?;
    Ok(code as u8)
}
