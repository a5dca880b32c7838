//! What is prepared for a child before it exists. Borrowed from the parent's memory, of which the child has a copy.

use crate::plan::{Plan, ProcessPlan};
use crate::seccomp::Program;
use std::ffi::{CStr, CString};
use std::os::fd::{OwnedFd, RawFd};
use std::path::Path;
use teu_sys::exec::StringTable;
use teu_sys::trampoline::Trampoline;

/// Everything prepared for a new container. Borrowed from the parent's memory, of which the child has a copy.
pub(super) struct Birth<'a> {
    pub plan: &'a Plan,
    pub common: Common<'a>,
    /// The detached root mount.
    pub root: &'a OwnedFd,
    /// The root's own folder, where it is mounted when the mount namespace is not the container's own.
    pub root_path: &'a CStr,
    /// The bundle: where a relative source begins.
    pub bundle: &'a Path,
    /// Detached trees of bind mounts, by index of the plan's mounts.
    pub sources: &'a [Option<OwnedFd>],
    /// Detached clones of host devices, by index of the plan's devices.
    pub device_sources: &'a [Option<OwnedFd>],
    /// The host's `/proc/sys`, verified to be procfs.
    pub proc_sys: Option<&'a OwnedFd>,
    /// Namespaces to join: descriptor and kind.
    pub joins: &'a [(OwnedFd, u64)],
    /// Whether the cgroup mount is the unified one.
    pub cgroup_unified: bool,
    /// The container's cgroup directories on the host by controller, for a cgroup mount.
    pub cgroup_views: &'a [(CString, CString)],
    /// Whether the parent has something to do once the namespaces exist.
    pub parent_acts: bool,
    /// Use chroot in place of pivot_root (initramfs).
    pub no_pivot: bool,
    /// Where the host's procfs and sysfs are mounted, innermost first, when they would stay in the mount namespace.
    pub host_views: &'a [CString],
    /// The createContainer and startContainer hooks.
    pub create_hooks: &'a [PreparedHook],
    pub start_hooks: &'a [PreparedHook],
}

/// A hook that runs inside of the container's namespaces.
pub(crate) struct PreparedHook {
    pub path: CString,
    pub arguments: StringTable,
    pub environment: StringTable,
    /// The state for its standard input.
    pub state: Vec<u8>,
    /// Milliseconds.
    pub timeout: Option<u64>,
}

/// What new containers and exec sessions have in common.
pub(crate) struct Common<'a> {
    pub process: &'a ProcessPlan,
    pub arguments: &'a StringTable,
    pub environment: &'a StringTable,
    pub seccomp: Option<&'a Program>,
    /// Our end of the socket to the parent.
    pub socket: &'a OwnedFd,
    /// The parent's end, of which the child got a copy.
    pub parent_end: RawFd,
    /// v1 `tasks` files of the cgroups, opened by the parent.
    pub cgroup_tasks: &'a [OwnedFd],
    /// Standard input, output, error; ignored with a terminal.
    pub stdio: &'a [OwnedFd; 3],
    pub terminal: bool,
    /// Whether the terminal's output goes through another one.
    pub relayed: bool,
    pub console_size: Option<(u16, u16)>,
    pub preserve_fds: u32,
    pub keyring: Option<&'a CStr>,
    pub die_with_parent: bool,
    /// What the child executes before the program, so that it is ours no more while it waits.
    pub trampoline: Option<&'a Trampoline>,
    /// Whether a process of ours stays in front of the program, hands signals on and reaps orphans.
    pub init: bool,
    /// Where that process has the words that its maker was started with: they name folders of the host.
    pub words: Option<teu_sys::arguments::Arguments>,
    /// A fifo to wait at, and one to report through: in place of the socket.
    pub fifo: Option<(&'a OwnedFd, &'a OwnedFd)>,
    /// Empty for none: what to write to `/proc/self/attr/…/exec` and where.
    pub label: Option<(&'a OwnedFd, &'a [u8])>,
}
