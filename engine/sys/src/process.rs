//! New processes: clone3 with namespace flags, pidfds, descriptor ranges.

use crate::check;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Resets every handled signal to its default in the child (`<linux/sched.h>`, Linux 5.5).
const CLONE_CLEAR_SIGHAND: u64 = 0x1_0000_0000;
/// Starts the child inside a cgroup v2 directory (Linux 5.7).
const CLONE_INTO_CGROUP: u64 = 0x2_0000_0000;
/// The time namespace flag; unshare only, because a clone would freeze the offsets at once.
pub const CLONE_NEWTIME: u64 = 0x80;

/// What a child is born with.
#[derive(Default)]
pub struct CloneRequest<'a> {
    /// Namespace flags (`CLONE_NEW*`) and `CLONE_PARENT`.
    pub flags: u64,
    /// A cgroup v2 directory that the child is born in.
    pub into_cgroup: Option<BorrowedFd<'a>>,
}

/// A child process that has not been waited for.
#[derive(Debug)]
pub struct Child {
    /// Its process id as the caller sees it.
    pub pid: i32,
    /// A descriptor that stays valid when the id is reused.
    pub pidfd: OwnedFd,
}

/// Runs `body` in a new process and ends that process with the returned code.
///
/// The child has a copy of the caller's memory and of the calling thread alone: locks that other threads held stay
/// locked for ever. `body` therefore must not allocate, print or take locks when the caller may have other threads.
/// Signal handlers of the caller are reset in the child before it runs.
pub fn clone_child(request: &CloneRequest<'_>, body: impl FnOnce() -> i32) -> io::Result<Child> {
    let mut pidfd: RawFd = -1;
    // SAFETY: clone_args is plain old data for which all zeroes means "nothing asked".
    let mut args: libc::clone_args = unsafe { std::mem::zeroed() };
    args.flags = request.flags | CLONE_CLEAR_SIGHAND | libc::CLONE_PIDFD as u64;
    args.pidfd = (&raw mut pidfd) as u64;
    // With CLONE_PARENT the kernel takes the signal of the caller's own birth and refuses another.
    args.exit_signal = if request.flags & libc::CLONE_PARENT as u64 == 0 { libc::SIGCHLD as u64 } else { 0 };
    if let Some(cgroup) = request.into_cgroup {
        args.flags |= CLONE_INTO_CGROUP;
        args.cgroup = cgroup.as_raw_fd() as u64;
    }
    // SAFETY: without CLONE_VM the child has its own copy of the stack and returns here exactly as from fork;
    // `args` outlives the call and has the size that is passed.
    let pid =
        check(unsafe { libc::syscall(libc::SYS_clone3, &raw mut args, size_of::<libc::clone_args>()) })?;
    if pid == 0 {
        // A panic must not unwind into frames that belong to the parent's flow.
        let code = catch_unwind(AssertUnwindSafe(body)).unwrap_or(255);
        exit_now(code);
    }
    // SAFETY: the kernel stored a new descriptor that nobody else owns.
    let pidfd = unsafe { OwnedFd::from_raw_fd(pidfd) };
    Ok(Child { pid: pid as i32, pidfd })
}

/// Splits a process that is about to execute a program; gives the new one's id, and 0 in the new one. By the oldest of
/// the calls, since a seccomp filter that is loaded by then may refuse clone3.
///
/// The new process has a copy of the calling thread alone: it must not allocate, print or take locks when there were
/// other threads.
pub fn fork_once_more() -> io::Result<i32> {
    let flags = libc::SIGCHLD as libc::c_ulong;
    // SAFETY: without CLONE_VM the child has its own copy of the stack and returns here exactly as from fork; every
    // other argument is null whatever its order on this machine.
    let pid = check(unsafe { libc::syscall(libc::SYS_clone, flags, 0_usize, 0_usize, 0_usize, 0_usize) })?;
    Ok(pid as i32)
}

/// Ends the process at once: no destructors, no exit handlers.
pub fn exit_now(code: i32) -> ! {
    // SAFETY: _exit never returns and touches no memory of ours.
    unsafe { libc::_exit(code) }
}

/// A descriptor for a process that exists.
pub fn pidfd_open(pid: i32) -> io::Result<OwnedFd> {
    // SAFETY: no pointers are passed.
    let fd = check(unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) })?;
    // SAFETY: the kernel returned a new descriptor that nobody else owns.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as RawFd) })
}

/// Copies a descriptor out of another process (needs ptrace rights over it).
pub fn pidfd_getfd(pidfd: BorrowedFd<'_>, fd: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: no pointers are passed.
    let fd = check(unsafe { libc::syscall(libc::SYS_pidfd_getfd, pidfd.as_raw_fd(), fd, 0) })?;
    // SAFETY: the kernel returned a new descriptor that nobody else owns.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as RawFd) })
}

/// Sends a signal through a pidfd, so that a reused process id is never hit.
pub fn pidfd_send_signal(pidfd: BorrowedFd<'_>, signal: i32) -> io::Result<()> {
    // SAFETY: a null siginfo pointer is documented as "as kill would".
    check(unsafe {
        libc::syscall(
            libc::SYS_pidfd_send_signal,
            pidfd.as_raw_fd(),
            signal,
            std::ptr::null::<libc::siginfo_t>(),
            0,
        )
    })?;
    Ok(())
}

/// Marks every descriptor from `first` on close-on-exec.
pub fn cloexec_from(first: u32) -> io::Result<()> {
    // SAFETY: no pointers are passed; descriptors stay open.
    check(unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, libc::CLOSE_RANGE_CLOEXEC) })?;
    Ok(())
}

/// Closes every descriptor from `first` on. What owned them must not be used again, so this is for a child that
/// only executes or ends afterwards.
pub fn close_from(first: u32) -> io::Result<()> {
    // SAFETY: no pointers are passed.
    check(unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, 0) })?;
    Ok(())
}

/// Closes one descriptor by number in a child, where the owning value is a copy of the parent's.
pub fn close_copy(fd: RawFd) {
    // SAFETY: integers only; the owner in this process is never dropped, since the child execs or ends.
    unsafe { libc::close(fd) };
}

/// Duplicates `from` onto the number `to`, marked close-on-exec.
pub fn park_fd(from: BorrowedFd<'_>, to: RawFd) -> io::Result<()> {
    // SAFETY: integers only; the caller gives up whatever `to` was.
    check(i64::from(unsafe { libc::dup3(from.as_raw_fd(), to, libc::O_CLOEXEC) }))?;
    Ok(())
}

/// A view of a descriptor number that the caller has just parked.
pub fn parked(fd: RawFd) -> BorrowedFd<'static> {
    // SAFETY: the caller placed an open descriptor at this number and does not close it before exec or exit.
    unsafe { BorrowedFd::borrow_raw(fd) }
}

/// Duplicates `from` onto the number `to`, which stays open over an exec. Equal numbers only lose close-on-exec.
pub fn place_fd(from: BorrowedFd<'_>, to: RawFd) -> io::Result<()> {
    if from.as_raw_fd() == to {
        // SAFETY: fcntl with integers only.
        check(i64::from(unsafe { libc::fcntl(to, libc::F_SETFD, 0) }))?;
    } else {
        // SAFETY: dup2 with integers only; the caller gives up whatever `to` was.
        check(i64::from(unsafe { libc::dup2(from.as_raw_fd(), to) }))?;
    }
    Ok(())
}

/// Clears close-on-exec on a descriptor by number; a closed number is left alone.
pub fn keep_over_exec(fd: RawFd) {
    // SAFETY: fcntl with integers only; failure means that the number is not open.
    unsafe { libc::fcntl(fd, libc::F_SETFD, 0) };
}

/// Whether a descriptor number is open.
pub fn is_open(fd: RawFd) -> bool {
    // SAFETY: fcntl with integers only.
    unsafe { libc::fcntl(fd, libc::F_GETFD) >= 0 }
}

/// Leaves namespaces of the calling thread for new ones (`CLONE_NEW*`).
pub fn unshare(flags: u64) -> io::Result<()> {
    // SAFETY: no pointers; the flags passed are namespaces, never CLONE_FILES or CLONE_VM.
    check(unsafe {
        libc::syscall(libc::SYS_unshare, flags & !(libc::CLONE_FILES as u64 | libc::CLONE_VM as u64))
    })?;
    Ok(())
}

/// Joins a namespace by descriptor: a namespace file (`kind` one flag or 0), or a pidfd (`kind` several flags).
pub fn setns(fd: BorrowedFd<'_>, kind: u64) -> io::Result<()> {
    // SAFETY: no pointers are passed.
    check(unsafe { libc::syscall(libc::SYS_setns, fd.as_raw_fd(), kind as libc::c_int) })?;
    Ok(())
}

/// Makes the process (not) dumpable: a non-dumpable one cannot be traced and its `/proc` files belong to root.
pub fn set_dumpable(on: bool) -> io::Result<()> {
    // SAFETY: integers only.
    check(i64::from(unsafe { libc::prctl(libc::PR_SET_DUMPABLE, libc::c_ulong::from(on), 0, 0, 0) }))?;
    Ok(())
}

/// Asks for a signal when the thread that created this process ends; 0 takes it back.
pub fn set_parent_death_signal(signal: i32) -> io::Result<()> {
    // SAFETY: integers only.
    check(i64::from(unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, signal as libc::c_ulong, 0, 0, 0) }))?;
    Ok(())
}

/// Makes orphaned descendants children of this process.
pub fn set_child_subreaper(on: bool) -> io::Result<()> {
    // SAFETY: integers only.
    check(i64::from(unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, libc::c_ulong::from(on), 0, 0, 0) }))?;
    Ok(())
}

/// Sets the NIS domain name of the UTS namespace.
pub fn set_domain_name(name: &[u8]) -> io::Result<()> {
    // SAFETY: the pointer and length describe one live slice.
    check(i64::from(unsafe { libc::setdomainname(name.as_ptr().cast(), name.len()) }))?;
    Ok(())
}

/// Whether the current directory lies below the current root: the kernel says "(unreachable)" otherwise.
pub fn cwd_is_reachable() -> io::Result<bool> {
    let mut buffer = [0u8; libc::PATH_MAX as usize];
    // SAFETY: the buffer is writable for the length passed. The raw call is used since libc's may allocate.
    check(unsafe { libc::syscall(libc::SYS_getcwd, buffer.as_mut_ptr(), buffer.len()) })?;
    Ok(buffer[0] == b'/')
}

/// Waits until a child has ended and gives `(exit code, 0)` or `(128 + signal, signal)`.
pub fn wait_child(pid: i32) -> io::Result<(i32, i32)> {
    let mut status = 0;
    loop {
        // SAFETY: `status` is writable.
        match check(i64::from(unsafe { libc::waitpid(pid, &raw mut status, 0) })) {
            Ok(_) => break,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    if libc::WIFSIGNALED(status) {
        let signal = libc::WTERMSIG(status);
        Ok((128 + signal, signal))
    } else {
        Ok((libc::WEXITSTATUS(status), 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsFd;

    #[test]
    fn a_child_runs_its_body_and_its_code_comes_back() {
        let child = clone_child(&CloneRequest::default(), || 7).unwrap();
        assert_eq!(wait_child(child.pid).unwrap(), (7, 0));
    }

    #[test]
    fn a_panicking_child_does_not_unwind_into_the_parent() {
        let child = clone_child(&CloneRequest::default(), || {
            std::panic::set_hook(Box::new(|_| {}));
            panic!("expected")
        })
        .unwrap();
        assert_eq!(wait_child(child.pid).unwrap(), (255, 0));
    }

    #[test]
    fn a_signal_reaches_the_process_behind_the_pidfd() {
        let child = clone_child(&CloneRequest::default(), || {
            std::thread::sleep(std::time::Duration::from_secs(30));
            0
        })
        .unwrap();
        pidfd_send_signal(child.pidfd.as_fd(), libc::SIGKILL).unwrap();
        assert_eq!(wait_child(child.pid).unwrap(), (137, libc::SIGKILL));
    }
}
