//! `exec`: another process in a running container.

use super::cli::ExecOptions;
use super::report::Log;
use super::store::{Status, Store, replace};
use super::{console, create, read, sub_cgroup};
use crate::error::{ErrorClass, Result, RuntimeError};
use crate::exec::{ExecRequest, exec as launch};
use crate::launch::hook::state_json;
use oci_spec::runtime::{Capability, Process, Spec};
use std::os::fd::AsFd;
use std::str::FromStr;
use teu_sys::process::wait_child;

pub(super) fn exec(store: &Store, options: &ExecOptions) -> Result<u8> {
    let record = store.load(&options.id)?;
    match store.status(&record) {
        Status::Running | Status::Created => {}
        Status::Paused if options.ignore_paused => {}
        Status::Paused => {
            let reason = "cannot exec in a paused container (use --ignore-paused to override)";
            return Err(RuntimeError::of(ErrorClass::Conflict, "enter", &options.id, reason));
        }
        status @ Status::Stopped => {
            let reason = format!("cannot be entered: it is {}", status.name());
            return Err(RuntimeError::of(ErrorClass::Conflict, "enter", &options.id, reason));
        }
    }
    let spec = store.spec(&options.id)?;
    let process = process(options, &spec, &store.log)?;
    let terminal = process.terminal().unwrap_or(false);
    create::check_console(terminal, options.console_socket.as_deref(), options.detach)?;
    let signals = if options.detach { None } else { Some(console::signals()?) };
    let (cgroup, named) = sub_cgroup::open(&options.cgroup, &record.cgroup)?;
    let mut request = ExecRequest::new(record.pid, process, cgroup);
    request.only_in_cgroup = named;
    request.seccomp = spec.linux().as_ref().and_then(|linux| linux.seccomp().clone());
    request.personality = spec.linux().as_ref().and_then(|linux| linux.personality().clone());
    request.state = Some(state_json(&record.id, &record.bundle, &spec, record.pid, "running"));
    request.console = create::console_kind(terminal, options.console_socket.is_none());
    request.stdio = create::own_stdio()?;
    request.preserve_fds = options.preserve_fds;
    let running = launch(request)?;
    store.log.debug(format_args!("process {} has executed its program", running.pid));
    if let Some(path) = &options.pid_file {
        replace(path, running.pid.to_string().as_bytes())?;
    }
    if let Some(socket) = &options.pidfd_socket {
        console::send(socket, running.pidfd.as_fd(), "pidfd")?;
    }
    let mut master = running.console;
    if let Some(socket) = &options.console_socket
        && let Some(master) = master.take()
    {
        console::send(socket, master.as_fd(), "/dev/ptmx")?;
    }
    let Some(signals) = signals else { return Ok(0) };
    let attended = console::attend(running.pidfd.as_fd(), master, &signals);
    let (code, _) =
        wait_child(running.pid).map_err(|error| RuntimeError::kernel("wait for", "the process", error))?;
    attended?;
    Ok(code as u8)
}

/// The process from its file, or the container's own with what the flags change.
fn process(options: &ExecOptions, spec: &Spec, log: &Log) -> Result<Process> {
    if let Some(path) = &options.process {
        return read::process(path, log);
    }
    let mut process = spec.process().clone().unwrap_or_default();
    if options.command.is_empty() {
        return Err(RuntimeError::invalid("exec", "a command or --process is needed"));
    }
    process.set_args(Some(options.command.clone()));
    process.set_terminal(Some(options.tty));
    if let Some(cwd) = &options.cwd {
        process.set_cwd(cwd.clone());
    }
    let mut environment = process.env().clone().unwrap_or_default();
    environment.extend(options.env.iter().cloned());
    process.set_env(Some(environment));
    if let Some(label) = &options.process_label {
        process.set_selinux_label(Some(label.clone()));
    }
    if let Some(profile) = &options.apparmor {
        process.set_apparmor_profile(Some(profile.clone()));
    }
    if options.no_new_privs {
        process.set_no_new_privileges(Some(true));
    }
    let mut user = process.user().clone();
    if let Some(text) = &options.user {
        let wrong = || RuntimeError::invalid(format!("--user {text}"), "is not uid[:gid]");
        let (uid, gid) = text.split_once(':').map_or((text.as_str(), None), |(uid, gid)| (uid, Some(gid)));
        user.set_uid(uid.parse().map_err(|_| wrong())?);
        if let Some(gid) = gid {
            user.set_gid(gid.parse().map_err(|_| wrong())?);
        }
    }
    if !options.additional_gids.is_empty() {
        user.set_additional_gids(Some(options.additional_gids.clone()));
    }
    process.set_user(user);
    if !options.cap.is_empty() {
        let mut sets = process.capabilities().clone().unwrap_or_default();
        let add = |set: &Option<oci_spec::runtime::Capabilities>| -> Result<_> {
            let mut set = set.clone().unwrap_or_default();
            for name in &options.cap {
                let short = name.to_ascii_uppercase();
                let short = short.strip_prefix("CAP_").unwrap_or(&short);
                let capability = Capability::from_str(short)
                    .map_err(|_| RuntimeError::invalid(format!("--cap {name}"), "is unknown"))?;
                set.insert(capability);
            }
            Ok(Some(set))
        };
        // Ambient ones are added where the container has any, as they need the inheritable ones.
        sets.set_bounding(add(sets.bounding())?);
        sets.set_effective(add(sets.effective())?);
        sets.set_permitted(add(sets.permitted())?);
        if sets.inheritable().as_ref().is_some_and(|set| !set.is_empty()) {
            sets.set_ambient(add(sets.ambient())?);
        }
        process.set_capabilities(Some(sets));
    }
    Ok(process)
}
