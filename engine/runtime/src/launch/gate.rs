//! The end of a child's preparation: it waits at its gate, loads its filter and executes.
//!
//! A filter may refuse any call, also those that are needed here. So it is loaded last: after it come only giving up
//! the right that loading needed, with an init the fork, and the exec. One with a listener has to come before the gate, as
//! its creator is gone after it: what is called in between, the agent decides on.

use super::birth::{Common, PreparedHook};
use super::hook;
use super::rights;
use super::trampoline::{self, Places};
use super::wire::{At, Fault, Message, Stage, Step, fault_frame, tell, wait_for_parent};
use crate::seccomp::Program;
use rustix::io::Errno;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use teu_sys::exec::execve;
use teu_sys::process;
use teu_sys::trampoline::Trampoline;

/// Waits at the gate and executes; returns only why that failed. A failure after the gate is told by the caller.
pub(crate) fn launch(common: &Common<'_>, found: usize, start_hooks: &[PreparedHook]) -> Fault {
    match wait_and_execute(common, found, start_hooks) {
        Ok(()) => Fault { stage: Stage::Exec, index: 0, errno: Errno::NOENT.raw_os_error() },
        Err(fault) => {
            if let Some((_, result)) = common.fifo {
                let parked = process::parked(Places::new(common.preserve_fds).result);
                let target = if process::is_open(parked.as_raw_fd()) { parked } else { result.as_fd() };
                let _ = rustix::io::write(target, &fault_frame(fault));
            }
            // Where the parked copy is the only one left, the original number is closed.
            let socket = process::parked(Places::new(common.preserve_fds).socket);
            let _ = tell(socket, &Message::Fault(fault));
            fault
        }
    }
}

fn wait_and_execute(common: &Common<'_>, found: usize, start_hooks: &[PreparedHook]) -> Step<()> {
    // Everything but the standard and preserved descriptors goes before the wait, which may be long: a created
    // container must not keep its creator's files and sockets open.
    let place = park(common)?;
    if let Some(list) = common.trampoline {
        return trampoline::launch(common, list, &common.process.candidates[found]);
    }
    let socket = process::parked(place.socket);
    let (early, late) = match common.seccomp {
        Some(program) if program.listens() => (Some(program), None),
        late => (None, late),
    };
    if let Some(program) = early {
        load(common, program, socket)?;
    }
    tell(socket, &Message::Ready).at(Stage::Gate, 0)?;
    if let Some(words) = common.words {
        // While the parent is at work; of our memory alone, so that no filter has a say.
        words.conceal(b"teu-init");
    }
    wait_for_parent(socket).at(Stage::Gate, 1)?;
    if common.fifo.is_some() {
        process::close_copy(place.socket);
        wait_at_fifo(process::parked(place.gate))?;
    }
    for (index, prepared) in start_hooks.iter().enumerate() {
        // A hook of the container's own is held by the same filter.
        let restrict = || late.map_or(Ok(()), |program| load(common, program, socket));
        hook::run_in_child(prepared, hook::START + index, restrict)?;
    }
    if let Some(program) = late {
        load(common, program, socket)?;
    }
    if common.init {
        super::init::stay_behind(common.terminal).at(Stage::Session, 4)?;
    }
    let error = execve(&common.process.candidates[found], common.arguments, common.environment);
    Err(error).at(Stage::Exec, 0)
}

/// Keeps the standard and preserved descriptors and what the child itself needs; closes the rest.
fn park(common: &Common<'_>) -> Step<Places> {
    let place = Places::new(common.preserve_fds);
    let own = [
        (Some(common.socket), place.socket),
        (common.fifo.map(|(gate, _)| gate), place.gate),
        (common.fifo.map(|(_, result)| result), place.result),
        (common.trampoline.map(Trampoline::file), place.trampoline),
    ];
    for (index, (fd, number)) in own.into_iter().enumerate() {
        match fd {
            Some(fd) => process::park_fd(fd.as_fd(), number).at(Stage::Descriptors, 3 + index)?,
            None => process::close_copy(number),
        }
    }
    process::close_from(place.end as u32).at(Stage::Descriptors, 7)?;
    for number in 3..place.socket {
        process::keep_over_exec(number);
    }
    Ok(place)
}

fn wait_at_fifo(gate: BorrowedFd<'_>) -> Step<()> {
    let mut byte = [0u8; 1];
    loop {
        match rustix::io::read(gate, &mut byte) {
            Ok(1) => return Ok(()),
            Ok(_) => return Err(Errno::PIPE).at(Stage::Gate, 1),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error).at(Stage::Gate, 1),
        }
    }
}

/// Loads the filter, gives up what only that needed, and hands its listener over where it has one.
fn load(common: &Common<'_>, program: &Program, socket: BorrowedFd<'_>) -> Step<()> {
    let listener = program.load().at(Stage::Seccomp, 0)?;
    rights::settle(common.process)?;
    if let Some(listener) = listener {
        tell(socket, &Message::Listener(listener)).at(Stage::Seccomp, 1)?;
        wait_for_parent(socket).at(Stage::Seccomp, 2)?;
        process::close_copy(listener);
    }
    Ok(())
}
