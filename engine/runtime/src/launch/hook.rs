//! Hooks: programs that run at points of a container's life with its state on standard input.

use super::birth::PreparedHook;
use super::wire::{At, Fault, Stage, Step};
use crate::error::{ErrorClass, Result, RuntimeError, plain, shown};
use crate::plan::{c_path, c_string};
use oci_spec::runtime::{Hook, Hooks, Spec};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{MemfdFlags, memfd_create};
use std::ffi::CString;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::process::{Command, Stdio};
use teu_sys::exec::{StringTable, execve};
use teu_sys::process::{CloneRequest, clone_child, pidfd_open, pidfd_send_signal, place_fd, wait_child};

/// Runs hooks in the caller's namespaces, one after another; the first failure ends it.
pub(crate) fn run_all(hooks: &[Hook], kind: &str, state: &[u8]) -> Result<()> {
    hooks.iter().enumerate().try_for_each(|(index, hook)| run(hook, kind, index, state))
}

/// Runs every hook, whatever the others come to, and gives the failures.
pub(crate) fn run_each(hooks: &[Hook], kind: &str, state: &[u8]) -> Vec<RuntimeError> {
    hooks.iter().enumerate().filter_map(|(index, hook)| run(hook, kind, index, state).err()).collect()
}

/// The failure of a hook, in the words that engines and suites know of runc.
fn failed(kind: &str, index: usize, path: &Path, reason: &str) -> RuntimeError {
    let reason = format!("{}: {reason}", shown(path));
    RuntimeError::of(ErrorClass::Hook, "run", format!("{kind} hook #{index}"), reason)
}

fn run(hook: &Hook, kind: &str, index: usize, state: &[u8]) -> Result<()> {
    let fail = |error: std::io::Error| failed(kind, index, hook.path(), &plain(&error));
    let mut command = Command::new(hook.path());
    if let Some(args) = hook.args() {
        use std::os::unix::process::CommandExt;
        if let Some((first, rest)) = args.split_first() {
            command.arg0(first).args(rest);
        }
    }
    if let Some(entries) = hook.env() {
        command.env_clear().envs(entries.iter().filter_map(|entry| entry.split_once('=')));
    }
    // No pipes: a state may be longer than one holds and never be read, a hook may say more than one holds, and leave a
    // process behind that never closes it.
    let told = state_file(state).map_err(|error| fail(error.into()))?;
    command.stdin(File::from(told)).stdout(Stdio::null());
    let said = memfd_create(c"hook", MemfdFlags::CLOEXEC).map_err(|error| fail(error.into()))?;
    command.stderr(File::from(said.try_clone().map_err(fail)?));
    let mut child = command.spawn().map_err(fail)?;
    let pidfd = pidfd_open(child.id() as i32).map_err(fail)?;
    if !ended_within(pidfd.as_fd(), milliseconds(hook)) {
        let _ = child.kill();
        let _ = child.wait();
        let reason = format!("took longer than its {} s", hook.timeout().unwrap_or(0));
        return Err(failed(kind, index, hook.path(), &reason));
    }
    let status = child.wait().map_err(fail)?;
    if status.success() {
        return Ok(());
    }
    let said = last_words(said.into());
    let reason = if said.is_empty() { status.to_string() } else { format!("{status}: {said}") };
    Err(failed(kind, index, hook.path(), &reason))
}

/// How long a hook may take.
fn milliseconds(hook: &Hook) -> Option<u64> {
    hook.timeout().and_then(|seconds| u64::try_from(seconds).ok()).map(|seconds| seconds.saturating_mul(1000))
}

/// A file of memory that holds a state, to be read from its beginning. Fit for a child that may not allocate.
fn state_file(mut state: &[u8]) -> rustix::io::Result<OwnedFd> {
    let file = memfd_create(c"state", MemfdFlags::CLOEXEC)?;
    while !state.is_empty() {
        let written = rustix::io::write(&file, state)?;
        state = &state[written..];
    }
    rustix::fs::seek(&file, rustix::fs::SeekFrom::Start(0))?;
    Ok(file)
}

/// The last line of a file, of which no more than its end is looked at.
fn last_words(mut file: File) -> String {
    let length = file.metadata().map_or(0, |found| found.len());
    let mut end = Vec::new();
    if file.seek(SeekFrom::Start(length.saturating_sub(2048))).is_ok() {
        let _ = file.take(2048).read_to_end(&mut end);
    }
    String::from_utf8_lossy(&end).lines().last().unwrap_or_default().to_string()
}

fn ended_within(pidfd: BorrowedFd<'_>, milliseconds: Option<u64>) -> bool {
    let limit = milliseconds.map(|ms| Timespec { tv_sec: (ms / 1000) as i64, tv_nsec: 0 });
    loop {
        match poll(&mut [PollFd::new(&pidfd, PollFlags::IN)], limit.as_ref()) {
            Ok(0) => return false,
            Ok(_) => return true,
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return true,
        }
    }
}

/// Lays out hooks that the child will run itself. One that names no environment gets the given one.
pub(super) fn prepare(
    hooks: Option<&[Hook]>,
    state: &[u8],
    environment: &[CString],
) -> Result<Vec<PreparedHook>> {
    hooks
        .unwrap_or_default()
        .iter()
        .map(|hook| {
            let strings = |list: &[String]| -> Result<Vec<_>> {
                list.iter().map(|text| c_string(text.as_bytes(), "hooks")).collect()
            };
            let path = c_path(hook.path(), "hooks")?;
            let arguments = match hook.args() {
                Some(args) if !args.is_empty() => strings(args)?,
                _ => vec![path.clone()],
            };
            Ok(PreparedHook {
                path,
                arguments: StringTable::new(arguments),
                environment: StringTable::new(match hook.env() {
                    Some(entries) => strings(entries)?,
                    None => environment.to_vec(),
                }),
                state: state.to_vec(),
                timeout: milliseconds(hook),
            })
        })
        .collect()
}

/// Hooks of the container's own process are told apart by their fault's index: those of the start are above this.
pub(super) const START: usize = 1000;

/// The failure of a hook that the child ran, by its fault's index.
pub(crate) fn failed_in_child(hooks: &Hooks, index: usize, reason: &str) -> RuntimeError {
    let (kind, list, index) = if index < START {
        ("createContainer", hooks.create_container(), index)
    } else {
        ("startContainer", hooks.start_container(), index - START)
    };
    let path = list.as_ref().and_then(|list| list.get(index)).map(|hook| hook.path().clone());
    failed(kind, index, &path.unwrap_or_default(), reason)
}

/// Runs one hook from within the container's first process; `restrict` is the last that it does before its exec.
pub(super) fn run_in_child(
    hook: &PreparedHook,
    index: usize,
    restrict: impl FnOnce() -> Step<()>,
) -> Step<()> {
    let told = state_file(&hook.state).at(Stage::Hook, index)?;
    let child = clone_child(&CloneRequest::default(), || {
        if place_fd(told.as_fd(), 0).is_err() || teu_sys::process::cloexec_from(3).is_err() {
            return 126;
        }
        if restrict().is_err() {
            return 126;
        }
        let _ = execve(&hook.path, &hook.arguments, &hook.environment);
        127
    })
    .at(Stage::Hook, index)?;
    drop(told);
    if !ended_within(child.pidfd.as_fd(), hook.timeout) {
        let _ = pidfd_send_signal(child.pidfd.as_fd(), 9);
    }
    match wait_child(child.pid).at(Stage::Hook, index)? {
        (0, _) => Ok(()),
        (code, _) => Err(Fault { stage: Stage::HookExit, index: index as u32, errno: code }),
    }
}

/// The state that hooks read, as the runtime specification describes it.
pub(crate) fn state_json(id: &str, bundle: &Path, spec: &Spec, pid: i32, status: &str) -> Vec<u8> {
    let mut state = serde_json::json!({
        "ociVersion": crate::OCI_VERSION,
        "id": id,
        "status": status,
        "bundle": bundle,
        "annotations": spec.annotations().clone().unwrap_or_default(),
    });
    if pid > 0 {
        state["pid"] = pid.into();
    }
    state.to_string().into_bytes()
}
