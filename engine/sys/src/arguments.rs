//! What a process shows of itself in `/proc/PID/cmdline` and `/proc/PID/environ`.

use rustix::fs::{CWD, Mode, OFlags, fstatfs, openat};

/// `PROC_SUPER_MAGIC` of `<linux/magic.h>`.
const PROCFS: i64 = 0x9fa0;

/// Where this process's command line and environment lie. A forked child has them at the same place.
#[derive(Clone, Copy, Debug)]
pub struct Arguments {
    arguments: Range,
    environment: Range,
}

#[derive(Clone, Copy, Debug)]
struct Range {
    start: usize,
    length: usize,
}

impl Arguments {
    /// Asks `/proc/self/stat` of the calling process's own root; `None` without a procfs there. To be called where that is
    /// the host's: whoever decides what is mounted on `/proc` could name any place of this process's memory.
    pub fn find() -> Option<Self> {
        let [arguments, arguments_end, environment, environment_end] = ranges()?;
        let range = |start: usize, end: usize| {
            let length = end.checked_sub(start)?;
            (start != 0).then_some(Range { start, length })
        };
        Some(Self {
            arguments: range(arguments, arguments_end)?,
            environment: range(environment, environment_end)?,
        })
    }

    /// Puts a word in place of this process's command line, and nothing in place of its environment, which is empty from
    /// then on for this process as well. Makes no system call and allocates nothing.
    ///
    /// For a process with one thread, such as a forked child: another that reads its environment meanwhile would race.
    pub fn conceal(self, word: &[u8]) {
        let Self { arguments, environment } = self;
        // SAFETY: the kernel itself laid these two ranges out on this process's stack at its execve and told them of this
        // process or of the one that it is a copy of; nothing of Rust lies in them; every byte may be zero; and the caller
        // is the only thread.
        unsafe {
            std::ptr::write_bytes(arguments.start as *mut u8, 0, arguments.length);
            std::ptr::write_bytes(environment.start as *mut u8, 0, environment.length);
        }
        let shown = word.len().min(arguments.length.saturating_sub(1));
        // SAFETY: as above, and `shown` is less than the range's length.
        unsafe { std::ptr::copy_nonoverlapping(word.as_ptr(), arguments.start as *mut u8, shown) };
    }
}

/// Fields 48 to 51 of `/proc/self/stat` (proc_pid_stat(5)): where the command line and the environment lie.
fn ranges() -> Option<[usize; 4]> {
    let file = openat(CWD, c"/proc/self/stat", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).ok()?;
    if fstatfs(&file).ok()?.f_type as i64 != PROCFS {
        return None;
    }
    let mut buffer = [0; 2048];
    let read = rustix::io::read(&file, &mut buffer).ok()?;
    let text = std::str::from_utf8(buffer.get(..read)?).ok()?;
    // The name in parentheses may hold anything, also spaces and parentheses.
    let mut fields = text.rsplit_once(')')?.1.split_ascii_whitespace().skip(45);
    let mut found = [0; 4];
    for place in &mut found {
        *place = fields.next()?.parse().ok()?;
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::{Arguments, CWD, Mode, OFlags, openat, ranges};
    use crate::process::{CloneRequest, clone_child, wait_child};
    use std::ffi::CStr;

    #[test]
    fn the_ranges_are_this_processes_own() {
        let [arguments, end, environment, last] = ranges().unwrap();
        assert!(0 < arguments && arguments < end && environment <= last);
        let shown = std::fs::read("/proc/self/cmdline").unwrap();
        assert_eq!(shown.len(), end - arguments);
        assert_eq!(std::fs::read("/proc/self/environ").unwrap().len(), last - environment);
    }

    #[test]
    fn a_childs_words_are_concealed_and_its_parents_are_not() {
        let before = std::fs::read("/proc/self/cmdline").unwrap();
        let found = Arguments::find().unwrap();
        let child = clone_child(&CloneRequest::default(), || {
            found.conceal(b"word");
            let read = |path: &CStr, buffer: &mut [u8]| {
                let file = openat(CWD, path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).ok()?;
                rustix::io::read(&file, buffer).ok()
            };
            let mut line = [1; 4096];
            let shown = read(c"/proc/self/cmdline", &mut line).unwrap_or(0);
            let mut environment = [0; 4096];
            let left = read(c"/proc/self/environ", &mut environment).unwrap_or(4096);
            let is_word =
                line[..shown].strip_prefix(b"word").is_some_and(|rest| rest.iter().all(|byte| *byte == 0));
            i32::from(!is_word || environment[..left].iter().any(|byte| *byte != 0))
        });
        assert_eq!(wait_child(child.unwrap().pid).unwrap(), (0, 0));
        assert_eq!(std::fs::read("/proc/self/cmdline").unwrap(), before);
    }
}
