//! From a request to a container whose first process waits at its gate, and from there to a running one.

mod bear;
mod birth;
mod cgroup_view;
mod child;
mod copy_up;
mod descriptors;
pub(crate) mod detached;
mod fault;
mod gate;
pub(crate) mod hook;
mod host_mount;
mod identity;
mod idmap;
mod init;
mod mounts;
mod prepare;
mod rights;
pub(crate) mod root;
mod seccomp_agent;
mod sources;
mod terminal;
mod trampoline;
pub(crate) mod wire;

pub(crate) use bear::{BIRTH, died, reap, reopen, resume};
pub(crate) use birth::Common;
pub(crate) use child::begin;
pub(crate) use descriptors::{lifted, pair, stdio};
pub(crate) use gate::launch;
pub(crate) use host_mount::HostMount;
pub(crate) use identity::become_user;
pub(crate) use prepare::with_home;
pub(crate) use seccomp_agent::{hand_over, take_listener};
pub(crate) use sources::label_file;
pub(crate) use terminal::terminal_from;
pub use trampoline::can_leave_program;

use crate::cgroup::{Cgroup, DEFAULT_PARENT};
use crate::error::{ErrorClass, Result, RuntimeError};
use crate::plan::Plan;
use crate::seccomp;
use oci_spec::runtime::Spec;
use prepare::Launched;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use wire::{Message, hear, let_go};

/// Where the root file system comes from.
#[derive(Debug)]
pub enum RootSource {
    /// A directory; relative to the bundle when it is not absolute.
    Path(PathBuf),
    /// A detached mount, such as [`crate::overlay::mount`] makes.
    Mount(OwnedFd),
}

/// Whether the process gets a terminal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Console {
    /// The descriptors of the request.
    None,
    /// A new terminal of the container's own devpts; its master comes back.
    Pty,
    /// As [`Console::Pty`], for a caller that copies its output to another terminal: that one adds the carriage
    /// returns.
    RelayedPty,
}

/// What holds the prepared process back from executing.
#[derive(Debug)]
pub enum Gate {
    /// [`Created::start`] of the same process releases it.
    Pipe,
    /// Any process releases it by writing one byte to the first fifo; a fault comes back through the second, which
    /// is at its end when the program runs.
    Fifo {
        /// Opened for reading and writing.
        gate: OwnedFd,
        /// Opened for reading and writing.
        result: OwnedFd,
    },
}

/// What to create.
#[derive(Debug)]
pub struct CreateRequest<'a> {
    /// The container's id.
    pub id: &'a str,
    /// The bundle's directory.
    pub bundle: &'a Path,
    /// The configuration.
    pub spec: &'a Spec,
    /// The root file system.
    pub root: RootSource,
    /// Terminal or not.
    pub console: Console,
    /// Columns and rows of the terminal; `None` takes `process.consoleSize`.
    pub console_size: Option<(u16, u16)>,
    /// Standard input, output and error without a terminal; `None` is the null device.
    pub stdio: [Option<OwnedFd>; 3],
    /// How many descriptors from 3 on the process keeps.
    pub preserve_fds: u32,
    /// What releases it.
    pub gate: Gate,
    /// chroot in place of pivot_root, for hosts that run from an initramfs. Weaker.
    pub no_pivot: bool,
    /// Keep the session keyring of the caller.
    pub no_new_keyring: bool,
    /// Kill the container's first process when the calling thread ends.
    pub die_with_parent: bool,
    /// Let a small init stay as the first process: it hands signals on to the program and reaps orphans.
    pub init: bool,
    /// Let the first process leave the caller's program before it waits: for a caller that does not run from a read-only
    /// clone of its file. An error where that cannot be (see [`can_leave_program`]).
    pub leaves_program: bool,
}

impl<'a> CreateRequest<'a> {
    /// A request with the defaults: no terminal, null descriptors, a pipe as gate.
    pub fn new(id: &'a str, bundle: &'a Path, spec: &'a Spec, root: RootSource) -> Self {
        Self {
            id,
            bundle,
            spec,
            root,
            console: Console::None,
            console_size: None,
            stdio: [None, None, None],
            preserve_fds: 0,
            gate: Gate::Pipe,
            no_pivot: false,
            no_new_keyring: false,
            die_with_parent: false,
            init: false,
            leaves_program: false,
        }
    }
}

/// A container whose first process is prepared and waits. Dropping it without start or abort leaves it waiting
/// (its gate's end of file then ends it, unless the gate is a fifo).
#[derive(Debug)]
pub struct Created {
    launched: Launched,
    cgroup: Cgroup,
    program: String,
}

/// A process that has executed its program. It is a child of the caller, who must wait for it.
#[derive(Debug)]
pub struct Running {
    /// Its id as the caller sees it.
    pub pid: i32,
    /// A descriptor of the process: readable once it has ended.
    pub pidfd: OwnedFd,
    /// The master side of its terminal.
    pub console: Option<OwnedFd>,
    /// Its cgroup.
    pub cgroup: Cgroup,
}

/// Where a container's control group is: where its configuration says, or at a place of ours.
pub(crate) fn cgroup_path(spec: &Spec, id: &str) -> PathBuf {
    let named = spec.linux().as_ref().and_then(|linux| linux.cgroups_path().clone());
    named.unwrap_or_else(|| Path::new(DEFAULT_PARENT).join(id))
}

/// Prepares a container; its first process waits before its exec. Whatever can be refused is refused before
/// anything is made.
pub fn create(mut request: CreateRequest<'_>) -> Result<Created> {
    let mut plan = Plan::from_spec(request.spec)?;
    if request.console_size.is_some() {
        plan.process.console_size = request.console_size;
    }
    let linux = request.spec.linux().clone().unwrap_or_default();
    let filter = linux.seccomp().as_ref().map(seccomp::compile).transpose()?;
    let path = cgroup_path(request.spec, request.id);
    let opened = prepare::open(&mut request, &plan)?;
    let cgroup = Cgroup::create(&path, linux.resources().as_ref(), plan.is_for_systemd())?;
    match prepare::launch(&request, opened, &plan, &linux, filter.as_ref(), &cgroup) {
        Ok(launched) => {
            let program = String::from_utf8_lossy(plan.process.arguments[0].as_bytes()).into_owned();
            Ok(Created { launched, cgroup, program })
        }
        Err(error) => {
            // What failed is told; a cgroup that cannot be removed now would hide that.
            let _ = cgroup.kill_all();
            let _ = cgroup.delete();
            Err(error)
        }
    }
}

impl Created {
    /// The first process's id as the caller sees it.
    pub fn pid(&self) -> i32 {
        self.launched.child.pid
    }

    /// A descriptor of the first process.
    pub fn pidfd(&self) -> BorrowedFd<'_> {
        self.launched.child.pidfd.as_fd()
    }

    /// The master side of the terminal, once.
    pub fn take_console(&mut self) -> Option<OwnedFd> {
        self.launched.console.take()
    }

    /// The container's cgroup.
    pub fn cgroup(&self) -> &Cgroup {
        &self.cgroup
    }

    /// The root's mount, where it is in the caller's mount namespace: whoever removes the container removes it.
    pub(crate) fn host_mount(&self) -> Option<&HostMount> {
        self.launched.host_mount.as_ref()
    }

    /// Releases the gate and waits until the program is executed. On failure nothing is left: the process is
    /// reaped and the cgroup removed.
    pub fn start(self) -> Result<Running> {
        if self.launched.has_fifo {
            let reason = "it waits at a fifo; write to that";
            return Err(RuntimeError::of(ErrorClass::Conflict, "start", self.program, reason));
        }
        match self.release() {
            Ok(()) => {
                let Self { launched: Launched { child, console, .. }, cgroup, .. } = self;
                Ok(Running { pid: child.pid, pidfd: child.pidfd, console, cgroup })
            }
            Err(error) => {
                self.abort();
                Err(error)
            }
        }
    }

    fn release(&self) -> Result<()> {
        let socket = self.launched.socket.as_fd();
        let released = let_go(socket);
        match hear(socket)? {
            // A poststart hook that fails ends the container.
            None if released.is_ok() => {
                let hooks = self.launched.hooks.poststart().as_deref().unwrap_or_default();
                hook::run_all(hooks, "poststart", &self.launched.state)
            }
            Some(Message::Fault(fault)) => Err(fault.after_gate(&self.launched.hooks, &self.program)),
            _ => Err(died(&self.launched.child)),
        }
    }

    /// Ends the waiting process and removes the cgroup.
    pub fn abort(self) {
        reap(&self.launched.child);
        let _ = self.cgroup.kill_all();
        let _ = self.cgroup.delete();
        if let Some(mount) = &self.launched.host_mount {
            let _ = mount.remove();
        }
    }

    /// Leaves the process waiting at its fifo and gives its id and cgroup: the caller ends, another starts it. Until then
    /// the caller's end is the end of the process, so that none is left that nobody knows of.
    pub fn leave(self) -> (i32, Cgroup) {
        if self.launched.has_fifo {
            // One that is gone is found so by whoever wants to start it.
            let _ = let_go(self.launched.socket.as_fd());
        }
        (self.launched.child.pid, self.cgroup)
    }
}
