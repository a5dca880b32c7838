//! `create`: everything but the program itself; the first process waits at a fifo.

use super::cli::CreateOptions;
use super::console;
use super::report::Log;
use super::store::{Record, Store, process_start, replace};
use crate::error::{Result, RuntimeError, shown};
use crate::host_exe::{is_protected, protect};
use crate::launch::{Console, CreateRequest, Created, Gate, RootSource, can_leave_program, create as launch};
use oci_spec::runtime::{Capabilities, Capability, Spec};
use rustix::fs::{Mode, OFlags};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

pub(super) fn create(store: &Store, options: &CreateOptions) -> Result<()> {
    let bundle = open_bundle(store, options)?;
    let (folder, _lock) = store.reserve(&options.id, &bundle.spec)?;
    let result = prepare(store, options, &bundle, &folder);
    if result.is_err() {
        let _ = store.remove(&options.id);
    }
    result
}

/// A bundle that was read.
pub(super) struct Bundle {
    pub path: PathBuf,
    pub spec: Spec,
    pub rootfs: PathBuf,
    pub terminal: bool,
    /// Whether its first process leaves our program, because that was not started again from a file that nobody can write.
    pub leaves_program: bool,
}

/// Reads and checks the bundle; nothing has been made yet. Where its first process would be found with our program's
/// file, this starts again from one that nobody can write: before anything is told, and before what can be read but once.
pub(super) fn open_bundle(store: &Store, options: &CreateOptions) -> Result<Bundle> {
    let given = options.bundle.clone().unwrap_or_else(|| PathBuf::from("."));
    let path = std::fs::canonicalize(&given)
        .map_err(|error| RuntimeError::kernel("open bundle", shown(&given), error))?;
    let configuration = path.join("config.json");
    if !configuration.is_file() {
        protect()?;
    }
    let (mut spec, unknown) = super::read::spec(&configuration)?;
    if store.systemd_cgroup
        && let Some(linux) = spec.linux_mut()
        && let Some(scope) = linux.cgroups_path().as_ref().and_then(|path| scope(&path.to_string_lossy()))
    {
        linux.set_cgroups_path(Some(scope));
    }
    strip_root(&mut spec, &path);
    crate::plan::validate(&spec)?;
    let leaves_program = can_leave_program(&spec, options.preserve_fds)? && !is_protected();
    if !leaves_program {
        protect()?;
    }
    store.log.debug(format_args!("bundle {} is valid", path.display()));
    super::read::warn_of_unknown(&unknown, &store.log);
    warn_of_ambient(&spec, &store.log);
    let rootfs = spec.root().as_ref().map(|root| path.join(root.path())).unwrap_or_default();
    if !rootfs.is_dir() {
        return Err(RuntimeError::invalid(format!("root.path {}", rootfs.display()), "is no directory"));
    }
    let terminal = spec.process().as_ref().and_then(oci_spec::runtime::Process::terminal).unwrap_or(false);
    Ok(Bundle { path, spec, rootfs, terminal, leaves_program })
}

/// A destination may be given as the host sees it, below the root's own path: a convention of runc.
fn strip_root(spec: &mut Spec, bundle: &Path) {
    let Some(root) = spec.root().as_ref().map(|root| crate::plan::clean(&bundle.join(root.path()))) else {
        return;
    };
    if root == Path::new("/") {
        return;
    }
    for mount in spec.mounts_mut().iter_mut().flatten() {
        if let Ok(inside) = crate::plan::clean(mount.destination()).strip_prefix(&root) {
            let inside = Path::new("/").join(inside);
            mount.set_destination(inside);
        }
    }
}

/// A capability that is not both permitted and inheritable cannot be ambient: it is left out, as runc does.
fn warn_of_ambient(spec: &Spec, log: &Log) {
    let Some(sets) = spec.process().as_ref().and_then(|process| process.capabilities().as_ref()) else {
        return;
    };
    let has =
        |set: &Option<Capabilities>, one: &Capability| set.as_ref().is_some_and(|set| set.contains(one));
    let left_out = |one: &&Capability| !has(sets.permitted(), one) || !has(sets.inheritable(), one);
    let mut names: Vec<String> =
        sets.ambient().iter().flatten().filter(left_out).map(Capability::to_string).collect();
    names.sort();
    for name in names {
        log.warn(format_args!(
            "can't raise ambient capability CAP_{name}: it is not permitted and inheritable"
        ));
    }
}

/// The directory that systemd would use for `slice:prefix:name`; nested slices have dashes in their names.
fn scope(text: &str) -> Option<PathBuf> {
    let mut parts = text.splitn(3, ':');
    let (slice, prefix, name) = (parts.next()?, parts.next()?, parts.next()?);
    let slice = if slice.is_empty() { "system.slice" } else { slice };
    let mut path = PathBuf::from("/");
    let stem = slice.strip_suffix(".slice").unwrap_or(slice);
    let mut whole = String::new();
    for part in stem.split('-').filter(|part| !part.is_empty()) {
        whole = if whole.is_empty() { part.to_string() } else { format!("{whole}-{part}") };
        path.push(format!("{whole}.slice"));
    }
    if Path::new(name).extension().is_some_and(|extension| extension == "slice") {
        path.push(name);
    } else {
        path.push(if prefix.is_empty() { format!("{name}.scope") } else { format!("{prefix}-{name}.scope") });
    }
    Some(path)
}

fn prepare(store: &Store, options: &CreateOptions, bundle: &Bundle, folder: &Path) -> Result<()> {
    check_console(bundle.terminal, options.console_socket.as_deref(), true)?;
    let gate =
        Gate::Fifo { gate: fifo(&folder.join("exec.fifo"))?, result: fifo(&folder.join("result.fifo"))? };
    let mut created = launch(request(options, bundle, gate, false)?)?;
    let recorded = record(store, options, bundle, &mut created);
    match recorded {
        Ok(()) => {
            created.leave();
            Ok(())
        }
        Err(error) => {
            created.abort();
            Err(error)
        }
    }
}

/// A terminal needs a receiver, and a receiver a terminal.
pub(super) fn check_console(terminal: bool, socket: Option<&Path>, detached: bool) -> Result<()> {
    match (terminal, socket) {
        (true, None) if detached => Err(RuntimeError::invalid(
            "process.terminal",
            "needs --console-socket when nobody waits for the process",
        )),
        (false, Some(_)) => Err(RuntimeError::invalid("--console-socket", "needs process.terminal")),
        _ => Ok(()),
    }
}

/// The request for a bundle; standard descriptors are our own.
pub(super) fn request<'a>(
    options: &'a CreateOptions,
    bundle: &'a Bundle,
    gate: Gate,
    relayed: bool,
) -> Result<CreateRequest<'a>> {
    let mut request =
        CreateRequest::new(&options.id, &bundle.path, &bundle.spec, RootSource::Path(bundle.rootfs.clone()));
    request.console = console_kind(bundle.terminal, relayed);
    request.stdio = own_stdio()?;
    request.preserve_fds = options.preserve_fds;
    request.gate = gate;
    request.no_pivot = options.no_pivot;
    request.no_new_keyring = options.no_new_keyring;
    request.leaves_program = bundle.leaves_program;
    Ok(request)
}

/// Which terminal a process gets.
pub(super) fn console_kind(terminal: bool, relayed: bool) -> Console {
    match (terminal, relayed) {
        (false, _) => Console::None,
        (true, false) => Console::Pty,
        (true, true) => Console::RelayedPty,
    }
}

/// Copies of our standard descriptors.
pub(super) fn own_stdio() -> Result<[Option<OwnedFd>; 3]> {
    let fail = |error: std::io::Error| RuntimeError::kernel("copy", "standard descriptors", error);
    Ok([
        Some(std::io::stdin().as_fd().try_clone_to_owned().map_err(fail)?),
        Some(std::io::stdout().as_fd().try_clone_to_owned().map_err(fail)?),
        Some(std::io::stderr().as_fd().try_clone_to_owned().map_err(fail)?),
    ])
}

/// Hands out terminal and process id and remembers the container.
pub(super) fn record(
    store: &Store,
    options: &CreateOptions,
    bundle: &Bundle,
    created: &mut Created,
) -> Result<()> {
    let pid = created.pid();
    store.log.debug(format_args!("container {}: process {pid} waits at its gate", options.id));
    let record = Record {
        id: options.id.clone(),
        pid,
        pid_start: process_start(pid).unwrap_or(0),
        bundle: bundle.path.clone(),
        rootfs: bundle.rootfs.clone(),
        created: jiff::Timestamp::now().to_string(),
        cgroup: created.cgroup().path().to_path_buf(),
        host_mount: created.host_mount().cloned(),
    };
    store.save(&record, &bundle.spec)?;
    if let Some(socket) = &options.console_socket
        && let Some(master) = created.take_console()
    {
        console::send(socket, master.as_fd(), "/dev/ptmx")?;
    }
    if let Some(socket) = &options.pidfd_socket {
        console::send(socket, created.pidfd(), "pidfd")?;
    }
    if let Some(path) = &options.pid_file {
        replace(path, pid.to_string().as_bytes())?;
    }
    Ok(())
}

/// Makes a fifo and opens it for both directions, which does not wait for another side.
fn fifo(path: &Path) -> Result<OwnedFd> {
    let fail = |error: rustix::io::Errno| RuntimeError::kernel("make fifo", shown(path), error);
    rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, Mode::from_raw_mode(0o600), 0)
        .map_err(fail)?;
    rustix::fs::open(path, OFlags::RDWR | OFlags::CLOEXEC, Mode::empty()).map_err(fail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systemd_names_become_paths() {
        assert_eq!(scope("a-b.slice:teu:x"), Some(PathBuf::from("/a.slice/a-b.slice/teu-x.scope")));
        assert_eq!(scope(":teu:x"), Some(PathBuf::from("/system.slice/teu-x.scope")));
        assert_eq!(scope("/plain"), None);
    }
}
