//! The end of a child's preparation in a program of its own: a few hundred bytes that wait at the gate, load the filter
//! and execute the container's program, in place of the child's copy of ours.
//!
//! From then on neither `/proc/PID/exe` nor the memory of the child has anything of the host's, so that a program which
//! was not itself executed from a read-only clone can launch containers (see [`crate::host_exe`]). Until then the child
//! must be out of sight: nobody of a container may be in its pid namespace yet.

use super::birth::Common;
use super::descriptors::lifted;
use super::wire::{At, Fault, Stage, Step, fault_frame, ready_frame};
use super::{CreateRequest, rights};
use crate::error::{Result, RuntimeError};
use crate::plan::Plan;
use crate::seccomp::{self, Program};
use oci_spec::runtime::{LinuxNamespaceType, Spec};
use std::ffi::CStr;
use std::os::fd::RawFd;
use teu_sys::exec::StringTable;
use teu_sys::process;
use teu_sys::trampoline::{Calls, Trampoline, is_available};

/// What the child is called while it waits.
const NAME: &CStr = c"teu-init";

/// Whether a container can be launched so, on this machine.
pub(crate) fn fits(spec: &Spec, plan: &Plan) -> bool {
    let hooks = spec.hooks().as_ref().and_then(|hooks| hooks.start_container().as_ref());
    let filter = spec.linux().as_ref().and_then(|linux| linux.seccomp().as_ref());
    // Others in the pid namespace could look at the child before.
    plan.namespaces.clone_flags & LinuxNamespaceType::Pid as u64 != 0
        // Programs of the container that the waiting child starts beside itself.
        && hooks.is_none_or(Vec::is_empty)
        // An agent would have to decide on the exec of the trampoline as well.
        && !filter.is_some_and(seccomp::listens)
        // The kernel takes a part of it back at an exec.
        && plan.process.scheduling.personality.is_none()
        && is_available()
}

/// Lays out the calls of a container's child.
pub(super) fn prepare(
    request: &CreateRequest<'_>,
    plan: &Plan,
    filter: Option<&Program>,
    has_fifo: bool,
    arguments: &StringTable,
    environment: &StringTable,
) -> Result<Trampoline> {
    let place = Places::new(request.preserve_fds);
    let answer = |stage: Stage, index: u32| fault_frame(Fault { stage, index, errno: 0 });
    let mut calls = Calls::told_through(if has_fifo { place.result } else { -1 }, place.socket);
    calls.become_undumpable(answer(Stage::Session, 5));
    calls.take_name(NAME, answer(Stage::Session, 6));
    calls.close_on_exec(place.socket, answer(Stage::Descriptors, 7));
    if has_fifo {
        calls.close_on_exec(place.gate, answer(Stage::Descriptors, 8));
        calls.close_on_exec(place.result, answer(Stage::Descriptors, 9));
    }
    calls.send(place.socket, &ready_frame(), answer(Stage::Gate, 0));
    if has_fifo {
        calls.close(place.socket, answer(Stage::Gate, 0));
        calls.wait_for_byte(place.gate, answer(Stage::Gate, 1));
    } else {
        calls.wait_for_byte(place.socket, answer(Stage::Gate, 1));
    }
    if let Some(filter) = filter {
        calls.load_filter(&filter.instructions, filter.flags, answer(Stage::Seccomp, 0));
        if rights::are_lost_at_exec(&plan.process, true) {
            let sets = rights::after_filter(&plan.process.capabilities);
            calls.set_capabilities(
                sets.effective.bits(),
                sets.permitted.bits(),
                sets.inheritable.bits(),
                answer(Stage::Capabilities, 5),
            );
        }
    }
    calls
        .finish(NAME, arguments, environment, answer(Stage::Exec, 0))
        .map_err(|error| RuntimeError::kernel("prepare", "the container's first process", error))?
        .at_descriptor(|file| lifted(file, request.preserve_fds))
}

/// The child's end, with everything parked: executes the list, which executes `path`.
pub(super) fn launch(common: &Common<'_>, trampoline: &Trampoline, path: &CStr) -> Step<()> {
    let place = Places::new(common.preserve_fds);
    process::keep_over_exec(place.socket);
    if common.fifo.is_some() {
        process::keep_over_exec(place.gate);
        process::keep_over_exec(place.result);
    }
    Err(trampoline.execute(process::parked(place.trampoline), path)).at(Stage::Session, 7)
}

/// The numbers at which a child parks what it needs until the exec: behind the standard and preserved ones.
pub(super) struct Places {
    pub socket: RawFd,
    pub gate: RawFd,
    pub result: RawFd,
    pub trampoline: RawFd,
    /// The first that is free again.
    pub end: RawFd,
}

impl Places {
    pub(super) fn new(preserve_fds: u32) -> Self {
        let socket = 3 + preserve_fds as RawFd;
        Self { socket, gate: socket + 1, result: socket + 2, trampoline: socket + 3, end: socket + 4 }
    }
}
