//! Loading a seccomp filter.

use crate::check;
use std::io;
use std::os::fd::RawFd;

/// One instruction of a classic BPF program (`struct sock_filter`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Instruction {
    /// Operation.
    pub code: u16,
    /// Instructions to skip when the comparison holds.
    pub jump_true: u8,
    /// Instructions to skip when it does not.
    pub jump_false: u8,
    /// Operand.
    pub operand: u32,
}

impl Instruction {
    /// Its bytes as the kernel reads them.
    pub(crate) fn bytes(self) -> [u8; 8] {
        let (code, operand) = (self.code.to_ne_bytes(), self.operand.to_ne_bytes());
        let [operand0, operand1, operand2, operand3] = operand;
        [code[0], code[1], self.jump_true, self.jump_false, operand0, operand1, operand2, operand3]
    }
}

/// Installs the filter on the calling thread (`SECCOMP_FILTER_FLAG_*`). Gives the listener's descriptor number when
/// `SECCOMP_FILTER_FLAG_NEW_LISTENER` was asked: a number, because the process that uses it is another one.
pub fn load(program: &[Instruction], flags: u64) -> io::Result<Option<RawFd>> {
    let filter = libc::sock_fprog { len: program.len() as u16, filter: program.as_ptr().cast_mut().cast() };
    // SAFETY: Instruction has sock_filter's layout; the kernel copies the program during the call.
    let value = check(unsafe {
        libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, flags, &raw const filter)
    })?;
    Ok((flags & libc::SECCOMP_FILTER_FLAG_NEW_LISTENER != 0).then_some(value as RawFd))
}

/// Whether the kernel knows an action (`SECCOMP_RET_*`).
pub fn action_available(action: u32) -> bool {
    // SAFETY: the pointer is to a live u32, which is what this operation reads.
    check(unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_GET_ACTION_AVAIL, 0, &raw const action) })
        .is_ok()
}
