//! What a process shows of itself in `/proc/PID/cmdline` and `/proc/PID/environ`.

use rustix::fs::{CWD, Mode, OFlags, fstatfs, openat};

/// `PROC_SUPER_MAGIC` of `<linux/magic.h>`.
const PROCFS: i64 = 0x9fa0;

/// Puts a word in place of this process's command line, and nothing in place of its environment. Without a real procfs
/// nobody sees either, and nothing is done. Allocates nothing, so that a forked child may call it; the environment is
/// empty from then on for this process as well.
pub fn conceal(word: &[u8]) {
    let Some([arguments_start, arguments_end, environment_start, environment_end]) = ranges() else { return };
    if arguments_start == 0 || arguments_end < arguments_start || environment_end < environment_start {
        return;
    }
    let length = arguments_end - arguments_start;
    // SAFETY: the kernel itself laid these two ranges out on this process's stack at its execve, tells them of this very
    // process (the file was opened on a procfs), and nothing of Rust lies in them; every byte may be zero.
    unsafe {
        std::ptr::write_bytes(arguments_start as *mut u8, 0, length);
        std::ptr::write_bytes(environment_start as *mut u8, 0, environment_end - environment_start);
    }
    let shown = word.len().min(length.saturating_sub(1));
    // SAFETY: as above, and `shown` is less than the range's length.
    unsafe { std::ptr::copy_nonoverlapping(word.as_ptr(), arguments_start as *mut u8, shown) };
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
    use super::ranges;

    #[test]
    fn the_ranges_are_this_processes_own() {
        let [arguments, end, environment, last] = ranges().unwrap();
        assert!(0 < arguments && arguments < end && environment <= last);
        let shown = std::fs::read("/proc/self/cmdline").unwrap();
        assert_eq!(shown.len(), end - arguments);
        assert_eq!(std::fs::read("/proc/self/environ").unwrap().len(), last - environment);
    }
}
