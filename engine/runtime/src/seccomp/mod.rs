//! Seccomp filters: a configuration becomes a classic BPF program.
//!
//! For each architecture the numbers are cut into intervals with one outcome each, found by binary search: about
//! eight comparisons for any call. Calls that are decided without looking at arguments are recognised by the kernel
//! when the filter is loaded and cost nothing afterwards (its action bitmap).

mod compile;
mod syscalls;

pub use compile::compile;

use oci_spec::runtime::{LinuxSeccomp, LinuxSeccompAction};
use teu_sys::seccomp::Instruction;

/// `SECCOMP_FILTER_FLAG_NEW_LISTENER`.
const NEW_LISTENER: u64 = 8;

/// Whether an agent of the host decides on calls of this filter.
pub(crate) fn listens(filter: &LinuxSeccomp) -> bool {
    let asks = |action: LinuxSeccompAction| action == LinuxSeccompAction::ScmpActNotify;
    let calls = filter.syscalls().as_deref().unwrap_or_default();
    asks(filter.default_action()) || calls.iter().any(|call| asks(call.action()))
}

/// A compiled filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Instructions.
    pub instructions: Vec<Instruction>,
    /// `SECCOMP_FILTER_FLAG_*`.
    pub flags: u64,
}

impl Program {
    /// Whether a listener comes with it.
    pub(crate) fn listens(&self) -> bool {
        self.flags & NEW_LISTENER != 0
    }

    /// Loads the filter into the calling thread; gives the listener's descriptor number where there is one.
    pub(crate) fn load(&self) -> std::io::Result<Option<i32>> {
        teu_sys::seccomp::load(&self.instructions, self.flags)
    }
}
