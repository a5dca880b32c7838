//! Executing a program from memory that was laid out before the clone.

use crate::check;
use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

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

/// An empty file in memory that may be executed and sealed.
pub fn memory_file(name: &CStr) -> io::Result<OwnedFd> {
    /// Linux 6.3; without it that kernel warns, and where `vm.memfd_noexec` is 2 refuses.
    const MFD_EXEC: libc::c_uint = 0x10;
    let flags = libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING;
    let make = |flags: libc::c_uint| {
        // SAFETY: the name is a live string that ends with a zero.
        crate::check(unsafe { libc::syscall(libc::SYS_memfd_create, name.as_ptr(), flags) })
    };
    let fd = match make(flags | MFD_EXEC) {
        Err(error) if error.raw_os_error() == Some(libc::EINVAL) => make(flags)?,
        result => result?,
    };
    // SAFETY: the kernel returned a new descriptor that nobody else owns.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as RawFd) })
}
