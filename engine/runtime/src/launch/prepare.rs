//! From a plan to a container whose first process waits at its gate: first all that only looks and opens, then what
//! makes something.

use super::bear::{BIRTH, bear, died, reap, resume};
use super::birth::{Birth, Common};
use super::descriptors::{lifted, pair, stdio};
use super::detached::clone_host_tree;
use super::fault::subject;
use super::host_mount::HostMount;
use super::sources::{device_sources, label_file, proc_sys, sources};
use super::wire::{Message, hear};
use super::{Console, CreateRequest, Gate, RootSource, hook, idmap, seccomp_agent, trampoline};
use crate::cgroup::Cgroup;
use crate::error::{Result, RuntimeError, shown};
use crate::plan::{Plan, ProcessPlan, c_path, c_string};
use crate::seccomp;
use oci_spec::runtime::{Hooks, Linux, LinuxNamespaceType};
use rustix::fs::{Mode, OFlags};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ffi::CString;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::PoisonError;
use teu_sys::arguments::Arguments;
use teu_sys::exec::StringTable;
use teu_sys::process::Child;

/// A container whose first process waits.
#[derive(Debug)]
pub(super) struct Launched {
    pub child: Child,
    pub socket: OwnedFd,
    pub console: Option<OwnedFd>,
    pub state: Vec<u8>,
    pub hooks: Hooks,
    pub has_fifo: bool,
    pub host_mount: Option<HostMount>,
}

/// What was opened for a container. Nothing has been made: dropping it leaves no trace.
pub(super) struct Opened {
    root: OwnedFd,
    root_path: CString,
    host_mount: Option<HostMount>,
    sources: Vec<Option<OwnedFd>>,
    device_sources: Vec<Option<OwnedFd>>,
    proc_sys: Option<OwnedFd>,
    joins: Vec<(OwnedFd, u64)>,
    stdio: [OwnedFd; 3],
    fifo: Option<(OwnedFd, OwnedFd)>,
    label: Option<(OwnedFd, String)>,
}

/// Opens everything that a bundle names.
pub(super) fn open(request: &mut CreateRequest<'_>, plan: &Plan) -> Result<Opened> {
    let preserve = request.preserve_fds;
    let bundle =
        rustix::fs::open(request.bundle, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
            .map_err(|error| RuntimeError::kernel("open", shown(request.bundle), error))?;
    let shares_mounts = !plan.namespaces.isolates(LinuxNamespaceType::Mount);
    let source = std::mem::replace(&mut request.root, RootSource::Path("".into()));
    let (root, root_path) = match source {
        RootSource::Mount(_) if !plan.namespaces.new_mount => {
            let reason = "a root that is no folder needs a new mount namespace";
            return Err(RuntimeError::invalid("linux.namespaces", reason));
        }
        RootSource::Mount(mount) => (mount, "".into()),
        RootSource::Path(path) => {
            let root = clone_host_tree(bundle.as_fd(), path.as_path(), true)
                .map_err(|error| RuntimeError::kernel("open the root", shown(&path), error))?;
            (root, request.bundle.join(path))
        }
    };
    let host_mount = shares_mounts.then(|| HostMount::of(root.as_fd(), &root_path)).transpose()?;
    let joins = plan
        .namespaces
        .joins
        .iter()
        .map(|join| {
            let fd = rustix::fs::open(&join.path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
                .map_err(|error| RuntimeError::kernel("open namespace", shown(&join.path), error))?;
            Ok((fd, join.kind))
        })
        .collect::<Result<Vec<_>>>()?;
    let fifo = match std::mem::replace(&mut request.gate, Gate::Pipe) {
        Gate::Pipe => None,
        Gate::Fifo { gate, result } => Some((lifted(gate, preserve)?, lifted(result, preserve)?)),
    };
    Ok(Opened {
        root_path: c_path(&root_path, "root.path")?,
        host_mount,
        sources: sources(plan, bundle.as_fd(), request.bundle, &root_path)?,
        device_sources: device_sources(plan),
        proc_sys: if plan.sysctls.is_empty() { None } else { Some(proc_sys()?) },
        joins,
        stdio: stdio(std::mem::take(&mut request.stdio), preserve)?,
        fifo,
        label: label_file(&plan.process)?,
        root,
    })
}

/// Makes the first process in the cgroup and prepares it.
pub(super) fn launch(
    request: &CreateRequest<'_>,
    opened: Opened,
    plan: &Plan,
    linux: &Linux,
    filter: Option<&seccomp::Program>,
    cgroup: &Cgroup,
) -> Result<Launched> {
    let preserve = request.preserve_fds;
    let (ours, theirs) = pair(preserve)?;
    let keyring = (!request.no_new_keyring)
        .then(|| c_string(format!("_ses.{}", request.id).as_bytes(), "id"))
        .transpose()?;
    let tasks = cgroup.task_files()?;
    let arguments = StringTable::new(plan.process.arguments.clone());
    let environment = StringTable::new(environment(&plan.process, preserve, opened.root.as_fd())?);
    let hooks = request.spec.hooks().clone().unwrap_or_default();
    let state_of =
        |pid: i32, status: &str| hook::state_json(request.id, request.bundle, request.spec, pid, status);
    let inner_pid = i32::from(plan.namespaces.clone_flags & LinuxNamespaceType::Pid as u64 != 0);
    let create_hooks =
        hook::prepare(hooks.create_container().as_deref(), &state_of(inner_pid, "creating"), &[])?;
    let start_hooks = hook::prepare(
        hooks.start_container().as_deref(),
        &state_of(inner_pid, "created"),
        environment.strings(),
    )?;
    let outer_hooks = [(hooks.prestart(), "prestart"), (hooks.create_runtime(), "createRuntime")];
    let has_outer = outer_hooks.iter().any(|(list, _)| list.as_ref().is_some_and(|list| !list.is_empty()));
    let has_fifo = opened.fifo.is_some();
    let trampoline = if request.leaves_program {
        Some(trampoline::prepare(request, plan, filter, has_fifo, &arguments, &environment)?)
    } else {
        None
    };
    let cgroup_views = cgroup.views()?;
    let host_views = if request.no_pivot && plan.namespaces.new_mount { host_views()? } else { Vec::new() };
    let birth = Birth {
        plan,
        common: Common {
            process: &plan.process,
            arguments: &arguments,
            environment: &environment,
            seccomp: filter,
            socket: &theirs,
            parent_end: ours.as_raw_fd(),
            cgroup_tasks: &tasks,
            stdio: &opened.stdio,
            terminal: request.console != Console::None,
            relayed: request.console == Console::RelayedPty,
            console_size: plan.process.console_size,
            preserve_fds: preserve,
            keyring: keyring.as_deref(),
            die_with_parent: request.die_with_parent,
            trampoline: trampoline.as_ref(),
            init: request.init,
            words: if request.init { Arguments::find() } else { None },
            fifo: opened.fifo.as_ref().map(|(gate, result)| (gate, result)),
            label: opened.label.as_ref().map(|(file, text)| (file, text.as_bytes())),
        },
        root: &opened.root,
        root_path: &opened.root_path,
        bundle: request.bundle,
        sources: &opened.sources,
        device_sources: &opened.device_sources,
        proc_sys: opened.proc_sys.as_ref(),
        joins: &opened.joins,
        cgroup_unified: cgroup.is_unified(),
        cgroup_views: &cgroup_views,
        parent_acts: plan.namespaces.new_user || plan.namespaces.parent_sets_time() || has_outer,
        no_pivot: request.no_pivot,
        host_views: &host_views,
        create_hooks: &create_hooks,
        start_hooks: &start_hooks,
    };
    let guard = BIRTH.lock().unwrap_or_else(PoisonError::into_inner);
    let child = bear(plan, cgroup, &birth)?;
    drop(theirs);
    drop(guard);
    let program = String::from_utf8_lossy(plan.process.arguments[0].as_bytes()).into_owned();
    let finish = || -> Result<Option<OwnedFd>> {
        if let Some(score) = plan.process.oom_score_adj {
            set_oom_score(child.pid, score)?;
        }
        let mut console = None;
        loop {
            match hear(ours.as_fd())? {
                Some(Message::Namespaces) => {
                    write_maps(plan, child.pid)?;
                    if plan.namespaces.parent_sets_time() {
                        set_time_offsets(child.pid, &plan.namespaces.time_offsets)?;
                    }
                    for (list, name) in outer_hooks {
                        hook::run_all(
                            list.as_deref().unwrap_or_default(),
                            name,
                            &state_of(child.pid, "creating"),
                        )?;
                    }
                    resume(ours.as_fd())?;
                }
                Some(Message::Descriptor(master)) => console = Some(master),
                Some(Message::Listener(number)) => {
                    let listener = seccomp_agent::take_listener(&child, number)?;
                    if let Some(filter) = linux.seccomp() {
                        seccomp_agent::hand_over(
                            filter,
                            &listener,
                            child.pid,
                            &state_of(child.pid, "creating"),
                        )?;
                    }
                    resume(ours.as_fd())?;
                }
                Some(Message::Ready) => return Ok(console),
                Some(Message::Fault(fault)) => {
                    let of_hook = fault.of_hook(&hooks);
                    return Err(
                        of_hook.unwrap_or_else(|| fault.into_error(subject(plan, fault, cgroup), &program))
                    );
                }
                None => return Err(died(&child)),
            }
        }
    };
    match finish() {
        Ok(console) => {
            let state = state_of(child.pid, "running");
            Ok(Launched {
                child,
                socket: ours,
                console,
                state,
                hooks,
                has_fifo,
                host_mount: opened.host_mount,
            })
        }
        Err(error) => {
            reap(&child);
            if let Some(mount) = &opened.host_mount {
                // What failed is told first.
                let _ = mount.remove();
            }
            Err(error)
        }
    }
}

/// Where this mount namespace shows all of procfs and sysfs.
fn host_views() -> Result<Vec<CString>> {
    let table = std::fs::read_to_string("/proc/self/mountinfo")
        .map_err(|error| RuntimeError::kernel("read", "/proc/self/mountinfo", error))?;
    let of_kernel = |line: &&str| {
        line.split_once(" - ")
            .is_some_and(|(_, back)| matches!(back.split(' ').next(), Some("proc" | "sysfs")))
    };
    let mut points = table
        .lines()
        .filter(of_kernel)
        .filter_map(|line| line.split(' ').nth(4))
        .map(|point| c_path(&crate::cgroup::unescape(point), "mountinfo"))
        .collect::<Result<Vec<_>>>()?;
    points.sort_by_key(|point| std::cmp::Reverse(point.as_bytes().len()));
    Ok(points)
}

fn environment(process: &ProcessPlan, preserve_fds: u32, root: BorrowedFd<'_>) -> Result<Vec<CString>> {
    let mut entries = with_home(process, || crate::user::home(root, process.uid))?;
    if preserve_fds > 0 && entries.iter().any(|entry| entry.to_bytes().starts_with(b"LISTEN_FDS=")) {
        entries.push(c_string(b"LISTEN_PID=1", "process.env")?);
    }
    Ok(entries)
}

/// The environment, with the home folder that the container's passwd file names where it says nothing of one.
pub(crate) fn with_home(
    process: &ProcessPlan,
    home: impl FnOnce() -> Result<String>,
) -> Result<Vec<CString>> {
    let mut entries = last_of_each(&process.environment);
    if entries
        .iter()
        .any(|entry| entry.to_bytes().strip_prefix(b"HOME=").is_some_and(|home| !home.is_empty()))
    {
        return Ok(entries);
    }
    entries.retain(|entry| !entry.to_bytes().starts_with(b"HOME="));
    entries.push(c_string(format!("HOME={}", home()?).as_bytes(), "process.env")?);
    Ok(entries)
}

/// Of several entries with one name the last, where the first stood: what a program finds must not depend on the side
/// from which it looks.
fn last_of_each(entries: &[CString]) -> Vec<CString> {
    let mut kept: Vec<CString> = Vec::with_capacity(entries.len() + 1);
    let mut places = HashMap::with_capacity(entries.len());
    for entry in entries {
        let name = entry.to_bytes().split(|byte| *byte == b'=').next().unwrap_or_default();
        match places.entry(name) {
            Entry::Occupied(place) => kept[*place.get()] = entry.clone(),
            Entry::Vacant(place) => {
                place.insert(kept.len());
                kept.push(entry.clone());
            }
        }
    }
    kept
}

fn set_oom_score(pid: i32, score: i32) -> Result<()> {
    std::fs::write(format!("/proc/{pid}/oom_score_adj"), score.to_string())
        .map_err(|error| RuntimeError::kernel("set", format!("oom_score_adj to {score}"), error))
}

fn write_maps(plan: &Plan, pid: i32) -> Result<()> {
    if !plan.namespaces.new_user {
        return Ok(());
    }
    idmap::write(pid, &plan.namespaces.uid_map, &plan.namespaces.gid_map)
}

fn set_time_offsets(pid: i32, offsets: &str) -> Result<()> {
    std::fs::write(format!("/proc/{pid}/timens_offsets"), offsets)
        .map_err(|error| RuntimeError::kernel("set", "time offsets", error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_entry_of_a_name_holds() {
        let entries = [c"A=1", c"B=2", c"A=3", c"AB=4", c"A="].map(CString::from);
        assert_eq!(last_of_each(&entries), [c"A=", c"B=2", c"AB=4"].map(CString::from));
    }
}
