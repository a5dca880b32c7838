//! Executing a program from memory that was laid out before the clone.

use crate::check;
use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

/// Arguments or environment in the form that execve takes.
#[derive(Debug)]
pub struct StringTable {
    strings: Vec<CString>,
    pointers: Vec<*const libc::c_char>,
}

// SAFETY: the pointers point into the heap buffers of the strings beside them, which are never changed.
unsafe impl Send for StringTable {}
// SAFETY: as above: nothing is changed through a shared reference.
unsafe impl Sync for StringTable {}

impl StringTable {
    /// Lays out the strings.
    pub fn new(strings: Vec<CString>) -> Self {
        let mut pointers: Vec<_> = strings.iter().map(|string| string.as_ptr()).collect();
        pointers.push(std::ptr::null());
        Self { strings, pointers }
    }

    /// The strings.
    pub fn strings(&self) -> &[CString] {
        &self.strings
    }
}

/// Replaces the program of this process; returns only the reason why that failed.
pub fn execve(path: &CStr, arguments: &StringTable, environment: &StringTable) -> io::Error {
    // SAFETY: both tables end with a null pointer and their strings are alive.
    unsafe { libc::execve(path.as_ptr(), arguments.pointers.as_ptr(), environment.pointers.as_ptr()) };
    io::Error::last_os_error()
}

/// Replaces the program of this process by an open file; returns only the reason why that failed.
pub fn execveat(file: BorrowedFd<'_>, arguments: &StringTable, environment: &StringTable) -> io::Error {
    // SAFETY: both tables end with a null pointer and their strings are alive; the path is empty.
    let result = check(unsafe {
        libc::syscall(
            libc::SYS_execveat,
            file.as_raw_fd(),
            c"".as_ptr(),
            arguments.pointers.as_ptr(),
            environment.pointers.as_ptr(),
            libc::AT_EMPTY_PATH,
        )
    });
    result.err().unwrap_or_else(io::Error::last_os_error)
}
