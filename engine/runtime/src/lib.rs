//! The OCI runtime: a bundle becomes a pure [`plan::Plan`], a plan becomes a process in its own namespaces.
//!
//! Purpose: create, start, exec into and measure containers, and the OCI command line on top of that.
//! Boundary: knows bundles, cgroups and processes; knows nothing of images, databases, supervisors or networks.
//!
//! # The child between clone and exec
//! A container's first process is a clone3 child of the caller. Whatever needs memory is laid out before the clone; the
//! child only makes system calls, so the caller may have other threads. The exceptions, which allocate in the child, are `tmpcopyup` mounts and startContainer hooks: use those
//! from single-threaded processes (the supervisor and `teu oci` are).
//!
//! # The host's binary (CVE-2019-5736)
//! Until its exec the child has this program as its `/proc/PID/exe`. It is not dumpable then, so that only a
//! process with CAP_SYS_PTRACE over the host's user namespace can open that link. An entry point or interpreter
//! that is `/proc/self/exe` makes the container run this program, and the link stays open to it; no check before
//! the exec can exclude that, as the container's files may change between the two. So the child of a process that runs
//! from the host's file executes a list of calls in sealed memory before it waits at its gate
//! ([`teu_sys::trampoline`]). Where others may see the child before that, in a pid namespace that is not its own, the
//! launching process must itself run from a read-only clone of its file's mount: see [`host_exe`].

pub mod cgroup;
mod error;
pub mod exec;
pub mod host_exe;
pub mod launch;
pub mod oci;
pub mod overlay;
pub mod plan;
pub mod seccomp;
pub mod tools;
pub mod user;

pub use cgroup::Cgroup;
pub use error::{ErrorClass, Result, RuntimeError};
pub use exec::{ExecRequest, exec};
pub use launch::{Console, CreateRequest, Created, Gate, RootSource, Running, can_leave_program, create};

/// The version of the runtime specification that this runtime implements.
pub const OCI_VERSION: &str = "1.2.1";
