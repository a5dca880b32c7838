//! What a supervisor asks of the kernel and the C library beyond what nix and rustix offer safely: leaving its parent
//! and giving memory back.

use std::{fs, io};

/// Which side of a fork one is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fork {
    /// The old process; the new one's id.
    Parent(i32),
    /// The new process.
    Child,
}

/// Splits a single-threaded process in two. Refused when there are threads: the child would have only one of them, and
/// the locks of all.
pub fn fork_single_threaded() -> io::Result<Fork> {
    if fs::read_dir("/proc/self/task")?.count() != 1 {
        return Err(io::Error::other("a process with threads cannot be forked"));
    }
    // SAFETY: this is the only thread, so no lock can be held by one that the child lacks.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(Fork::Child),
        child => Ok(Fork::Parent(child)),
    }
}

/// Lets a program start with no signal blocked, whatever this process blocks for itself: the mask outlives an exec.
pub fn unblock_signals_in(command: &mut std::process::Command) {
    use std::os::unix::process::CommandExt as _;
    let unblock = || {
        let mut none = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: the set is initialized by the first call before the second reads it; both may be called after a fork.
        let result = unsafe {
            libc::sigemptyset(none.as_mut_ptr());
            libc::sigprocmask(libc::SIG_SETMASK, none.as_ptr(), std::ptr::null_mut())
        };
        if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    };
    // SAFETY: the closure neither allocates nor takes a lock, so that it may run between fork and exec.
    unsafe {
        command.pre_exec(unblock);
    }
}

/// Gives the heap's free pages back to the kernel.
pub fn trim_heap() {
    #[cfg(target_env = "gnu")]
    // SAFETY: the allocator may be asked to trim at any time; it touches free memory only.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Lets go of the pages of programs and libraries that this process has mapped and not changed. They stay in the page
/// cache, and come back one by one when they are executed or read again.
pub fn release_program_pages() {
    let Ok(text) = fs::read_to_string("/proc/self/smaps") else { return };
    for range in unchanged_mappings(&text) {
        // SAFETY: the mapping is private, backed by a file, not writable, and has no changed page, so that every page
        // dropped here reads the same when it is next touched.
        unsafe {
            libc::madvise(range.start as *mut libc::c_void, range.len(), libc::MADV_DONTNEED);
        }
    }
}

/// The address ranges of private read-only file mappings without a page of their own. Relocated data is read-only too,
/// but has been changed, which shows as anonymous memory.
fn unchanged_mappings(smaps: &str) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let mut current = None;
    for line in smaps.lines() {
        if let Some((range, qualifies)) = mapping_header(line) {
            current = qualifies.then_some(range);
        } else if let Some(size) = line.strip_prefix("Anonymous:") {
            let unchanged = size.trim().starts_with("0 kB");
            found.extend(current.take().filter(|_| unchanged));
        }
    }
    found
}

/// Reads `START-END PERMISSIONS OFFSET DEVICE INODE PATH`: the range, and whether it is read-only and of a file.
fn mapping_header(line: &str) -> Option<(std::ops::Range<usize>, bool)> {
    let mut fields = line.split_ascii_whitespace();
    let (start, end) = fields.next()?.split_once('-')?;
    let start = usize::from_str_radix(start, 16).ok()?;
    let end = usize::from_str_radix(end, 16).ok()?;
    let permissions = fields.next()?;
    let qualifies =
        matches!(permissions, "r-xp" | "r--p") && fields.nth(3).is_some_and(|path| path.starts_with('/'));
    Some((start..end, qualifies))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unchanged_read_only_file_mappings_are_released() {
        let smaps = "\
55d0-55d9 r--p 00000000 08:01 42 /usr/bin/x\nSize: 4 kB\nAnonymous:             0 kB\n\
55e0-55e9 r-xp 00001000 08:01 42 /usr/bin/x\nRss: 4 kB\nAnonymous:             0 kB\n\
55f0-55f9 r--p 00002000 08:01 42 /usr/bin/x\nAnonymous:             8 kB\n\
5600-5609 rw-p 00003000 08:01 42 /usr/bin/x\nAnonymous:             0 kB\n\
7f00-7f09 r--p 00000000 00:00 0 \nAnonymous:             0 kB\n\
7f10-7f19 r-xp 00000000 00:00 0 [vdso]\nAnonymous:             0 kB\n";
        assert_eq!(unchanged_mappings(smaps), [0x55d0..0x55d9, 0x55e0..0x55e9]);
    }

    #[test]
    fn a_process_goes_on_after_its_pages_were_released() {
        trim_heap();
        release_program_pages();
        assert_eq!("still here".len(), 10);
    }
}
