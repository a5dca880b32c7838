//! Scheduling policy, I/O priority, CPU affinity, execution domain.

use crate::check;
use std::io;

/// What `sched_setattr` takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SchedulingAttributes {
    /// `SCHED_*`.
    pub policy: u32,
    /// `SCHED_FLAG_*`.
    pub flags: u64,
    /// Nice value, for the time-sharing policies.
    pub nice: i32,
    /// Static priority, for the real-time policies.
    pub priority: u32,
    /// Deadline policy: run time in nanoseconds.
    pub runtime: u64,
    /// Deadline policy: relative deadline in nanoseconds.
    pub deadline: u64,
    /// Deadline policy: period in nanoseconds.
    pub period: u64,
}

/// Sets the scheduling policy of the calling thread.
pub fn set_attributes(attributes: &SchedulingAttributes) -> io::Result<()> {
    // SAFETY: sched_attr is plain old data for which zeroes mean "not asked".
    let mut raw: libc::sched_attr = unsafe { std::mem::zeroed() };
    raw.size = size_of::<libc::sched_attr>() as u32;
    raw.sched_policy = attributes.policy;
    raw.sched_flags = attributes.flags;
    raw.sched_nice = attributes.nice;
    raw.sched_priority = attributes.priority;
    raw.sched_runtime = attributes.runtime;
    raw.sched_deadline = attributes.deadline;
    raw.sched_period = attributes.period;
    // SAFETY: the structure is live and carries its own size.
    check(unsafe { libc::syscall(libc::SYS_sched_setattr, 0, &raw mut raw, 0) })?;
    Ok(())
}

/// Sets the I/O priority of the calling thread: class 1 real time, 2 best effort, 3 idle; level 0 to 7.
pub fn set_io_priority(class: u16, level: u16) -> io::Result<()> {
    const IOPRIO_WHO_PROCESS: libc::c_int = 1;
    let value = (i32::from(class) << 13) | i32::from(level);
    // SAFETY: integers only.
    check(unsafe { libc::syscall(libc::SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, value) })?;
    Ok(())
}

/// Limits the calling thread to the CPUs of a bit mask, lowest first.
pub fn set_affinity(mask: &[u64]) -> io::Result<()> {
    // SAFETY: the mask is live for the length passed.
    check(unsafe {
        libc::syscall(libc::SYS_sched_setaffinity, 0, std::mem::size_of_val(mask), mask.as_ptr())
    })?;
    Ok(())
}

/// Sets the execution domain (`PER_*`).
pub fn set_personality(domain: u64) -> io::Result<()> {
    // SAFETY: integers only.
    check(i64::from(unsafe { libc::personality(domain as libc::c_ulong) }))?;
    Ok(())
}
