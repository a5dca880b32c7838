//! What whoever owns a name server or a relay polls for it.

use std::os::fd::BorrowedFd;

/// What a descriptor is polled for.
#[derive(Clone, Copy, Debug)]
pub struct Interest<'a> {
    /// The descriptor.
    pub fd: BorrowedFd<'a>,
    /// Whether for reading.
    pub read: bool,
    /// Whether for writing.
    pub write: bool,
}

impl<'a> Interest<'a> {
    /// For reading alone.
    pub fn reading(fd: BorrowedFd<'a>) -> Self {
        Self { fd, read: true, write: false }
    }
}
