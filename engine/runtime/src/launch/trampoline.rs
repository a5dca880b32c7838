//! The end of a child's preparation in a program of its own: a few hundred bytes that wait at the gate, load the filter
//! and execute the container's program, in place of the child's copy of ours.
//!
//! From then on neither `/proc/PID/exe` nor the memory of the child has anything of the host's, so that a program which
//! was not itself executed from a read-only clone can launch containers (see [`crate::host_exe`]). Until then the child
//! must be out of sight: nobody of a container may be in its pid namespace yet. And what an exec takes from a process or
//! gives to it must not matter, as the container's program shall not be able to tell that there was one more.

use super::birth::Common;
use super::descriptors::lifted;
use super::wire::{At, Fault, Stage, Step, fault_frame, ready_frame};
use super::{CreateRequest, rights};
use crate::error::{ErrorClass, Result, RuntimeError};
use crate::plan::{MS_SHARED, Plan, ProcessPlan};
use crate::seccomp::{self, Program};
use oci_spec::runtime::{LinuxNamespaceType, Spec};
use std::ffi::CStr;
use std::os::fd::RawFd;
use teu_sys::exec::StringTable;
use teu_sys::trampoline::{Calls, Trampoline, is_available};
use teu_sys::{process, rlimit};

/// More than this program has open when it launches a container.
const OWN_DESCRIPTORS: u64 = 64;

/// What the child is called while it waits.
const NAME: &CStr = c"teu-init";

/// More than the trampoline has besides the strings that it hands on, in bytes.
const ROOM: u64 = 1 << 20;

/// Whether the first process of a container can leave the caller's program, its file and memory, before anybody of the
/// container sees it. Says so of what [`CreateRequest::leaves_program`] asks for, and refuses what no container can be
/// made of.
pub fn can_leave_program(spec: &Spec, preserve_fds: u32) -> Result<bool> {
    let plan = Plan::from_spec(spec)?;
    let is_plain = rustix::thread::capabilities_secure_bits().is_ok_and(|bits| bits.is_empty());
    let has = |resource: u32, least: u64| rlimit::get(resource).is_ok_and(|(soft, _)| soft >= least);
    // The file, and its descriptor among ours.
    let has_room = has(rlimit::FSIZE, room(&plan.process))
        && has(rlimit::NOFILE, Places::new(preserve_fds).end as u64 + OWN_DESCRIPTORS);
    Ok(suits(spec, &plan, preserve_fds) && is_plain && has_room && is_available())
}

/// Bytes that are more than enough for the trampoline: with fewer its exec may be the one that fails, before the start.
fn room(process: &ProcessPlan) -> u64 {
    let strings = process.arguments.iter().chain(&process.environment);
    ROOM + strings.map(|string| string.count_bytes() as u64 + 16).sum::<u64>()
}

/// Whether the configuration allows it.
fn suits(spec: &Spec, plan: &Plan, preserve_fds: u32) -> bool {
    let process = &plan.process;
    let hooks = spec.hooks().as_ref().and_then(|hooks| hooks.start_container().as_ref());
    let filter = spec.linux().as_ref().and_then(|linux| linux.seccomp().as_ref());
    let namespaces = &plan.namespaces;
    // Others in the pid namespace, or whoever sees a procfs of it, could look at the child before.
    namespaces.clone_flags & LinuxNamespaceType::Pid as u64 != 0
        && namespaces.new_mount
        && plan.final_propagation.is_none_or(|propagation| propagation & MS_SHARED == 0)
        // Its memory would be the user namespace's own from the exec on, whose root could change it while it waits.
        && !namespaces.has_user
        // Programs of the container that the waiting child starts beside itself.
        && hooks.is_none_or(Vec::is_empty)
        // An agent would have to decide on what the trampoline calls. Without no_new_privs loading needs a capability
        // that an exec may take away, and a process that gave it up before its last exec would gain rights by that.
        && filter.is_none_or(|filter| process.no_new_privileges && !seccomp::listens(filter))
        // The kernel takes a part of it back at an exec.
        && process.scheduling.personality.is_none()
        // Changed to at the next exec, which must be that of the container's program.
        && process.apparmor.is_none()
        && process.selinux.is_none()
        && rights::outlast_an_exec(process.uid, &process.capabilities)
        && process.rlimits.iter().all(|(resource, soft, _)| match *resource {
            rlimit::NOFILE => *soft >= Places::new(preserve_fds).end as u64,
            rlimit::AS | rlimit::DATA | rlimit::STACK => *soft >= room(process),
            _ => true,
        })
}

/// Lays out the calls of a container's child. Whoever asks for them counts on them, so that there is no other way.
pub(super) fn prepare(
    request: &CreateRequest<'_>,
    plan: &Plan,
    filter: Option<&Program>,
    has_fifo: bool,
    arguments: &StringTable,
    environment: &StringTable,
) -> Result<Trampoline> {
    if request.init || !suits(request.spec, plan, request.preserve_fds) {
        let reason = "its configuration does not let it leave the program that launches it";
        return Err(RuntimeError::of(
            ErrorClass::Conflict,
            "prepare",
            "the container's first process",
            reason,
        ));
    }
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
    calls.wait_for_byte(place.socket, answer(Stage::Gate, 1));
    if has_fifo {
        calls.close(place.socket, answer(Stage::Gate, 0));
        calls.wait_for_byte(place.gate, answer(Stage::Gate, 1));
    }
    if let Some(filter) = filter {
        calls.load_filter(&filter.instructions, filter.flags, answer(Stage::Seccomp, 0));
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
