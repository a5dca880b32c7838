//! A program of a few hundred bytes that makes a fixed list of system calls and then executes another program.
//!
//! A process that is about to run a program of a container should not be found with a file of the host as its
//! `/proc/PID/exe`, nor with a copy of its maker's memory. To execute this first frees it from both: the file is in
//! memory, sealed, and holds nothing but the list. Executing it takes a fraction of a full program's start.
//!
//! It has no allocator, no library and no input but the path that it is started with; it cannot be more than a list of
//! calls that were known before. Each has an answer to give where it fails.

mod image;
#[cfg(target_arch = "x86_64")]
#[path = "x86_64.rs"]
mod machine;
#[cfg(not(target_arch = "x86_64"))]
#[path = "none.rs"]
mod machine;
#[cfg(test)]
mod tests;

use crate::exec::{StringTable, memory_file};
use crate::seccomp::Instruction;
use image::Image;
use std::ffi::{CStr, CString};
use std::io::{self, Write};
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd, RawFd};

/// What the file is called.
const NAME: &CStr = c"teu-init";

/// What is said about a call that failed: the error number is put into the last four bytes.
pub type Answer = [u8; 12];

/// The file of a list of calls, ready to be executed.
#[derive(Debug)]
pub struct Trampoline {
    file: OwnedFd,
    /// Its arguments, with a place for the path.
    name: CString,
}

/// A list in the making.
#[derive(Debug)]
pub struct Calls {
    image: Image,
}

/// Whether this machine's instructions are known here, and the kernel lets memory be executed as a file.
pub fn is_available() -> bool {
    !machine::code().is_empty() && memory_file(NAME).is_ok()
}

impl Calls {
    /// An empty list, whose failures are told through a pipe or fifo, and through a socket. Numbers that are not open are
    /// passed over.
    pub fn told_through(pipe: RawFd, socket: RawFd) -> Self {
        Self { image: Image::new(machine::code(), [pipe, socket]) }
    }

    /// Nobody may trace the process or follow its `/proc/PID/exe`.
    pub fn become_undumpable(&mut self, answer: Answer) {
        self.image.call(libc::SYS_prctl, [libc::PR_SET_DUMPABLE as u64, 0, 0, 0, 0, 0], 0, answer);
    }

    /// Gives the process a name.
    pub fn take_name(&mut self, name: &CStr, answer: Answer) {
        let name = self.image.put(name.to_bytes_with_nul());
        self.image.call(libc::SYS_prctl, [libc::PR_SET_NAME as u64, name, 0, 0, 0, 0], 0, answer);
    }

    /// Marks a descriptor close-on-exec: it came over one exec and shall not come over the next.
    pub fn close_on_exec(&mut self, fd: RawFd, answer: Answer) {
        let flags = [fd as u64, libc::F_SETFD as u64, libc::FD_CLOEXEC as u64, 0, 0, 0];
        self.image.call(libc::SYS_fcntl, flags, 0, answer);
    }

    /// Closes a descriptor.
    pub fn close(&mut self, fd: RawFd, answer: Answer) {
        self.image.call(libc::SYS_close, [fd as u64, 0, 0, 0, 0, 0], 0, answer);
    }

    /// Sends a message through a socket.
    pub fn send(&mut self, socket: RawFd, message: &[u8], answer: Answer) {
        let place = self.image.put(message);
        let (length, flags) = (message.len() as u64, libc::MSG_NOSIGNAL as u64);
        self.image.waiting_call(
            libc::SYS_sendto,
            [socket as u64, place, length, flags, 0, 0],
            length,
            answer,
        );
    }

    /// Waits for one byte; the end of the file is a failure (EPIPE).
    pub fn wait_for_byte(&mut self, fd: RawFd, answer: Answer) {
        let place = self.image.put(&[0]);
        self.image.waiting_call(libc::SYS_read, [fd as u64, place, 1, 0, 0, 0], 1, answer);
    }

    /// Loads a seccomp filter (`SECCOMP_FILTER_FLAG_*`), which holds what follows as well.
    pub fn load_filter(&mut self, program: &[Instruction], flags: u64, answer: Answer) {
        let bytes: Vec<u8> = program.iter().copied().flat_map(Instruction::bytes).collect();
        let filter = self.image.put(&bytes);
        // struct sock_fprog: a length of 16 bits, padding, a pointer.
        let mut head = (program.len() as u64).to_ne_bytes().to_vec();
        head.extend(filter.to_ne_bytes());
        let head = self.image.put(&head);
        let mode = u64::from(libc::SECCOMP_SET_MODE_FILTER);
        self.image.call(libc::SYS_seccomp, [mode, flags, head, 0, 0, 0], 0, answer);
    }

    /// Ends the list with the program that is executed, and writes the file. `name` is what the process is called until
    /// then; `answer` is for an exec that fails.
    pub fn finish(
        mut self,
        name: &CStr,
        arguments: &StringTable,
        environment: &StringTable,
        answer: Answer,
    ) -> io::Result<Trampoline> {
        let arguments = self.image.put_table(arguments.strings());
        let environment = self.image.put_table(environment.strings());
        // There is nothing behind it, so that to come back at all is a failure, whatever a filter answers.
        self.image.call(libc::SYS_execve, [image::PATH, arguments, environment, 0, 0, 0], 1, answer);
        let mut writer = std::fs::File::from(memory_file(NAME)?);
        writer.write_all(&self.image.finish()?)?;
        let file = OwnedFd::from(writer);
        let seals = libc::F_SEAL_WRITE | libc::F_SEAL_GROW | libc::F_SEAL_SHRINK | libc::F_SEAL_SEAL;
        rustix::fs::fcntl_add_seals(&file, rustix::fs::SealFlags::from_bits_retain(seals as u32))?;
        Ok(Trampoline { file, name: name.to_owned() })
    }
}

impl Trampoline {
    /// The file, which a child may move elsewhere.
    pub fn file(&self) -> &OwnedFd {
        &self.file
    }

    /// The same with its file at another descriptor.
    pub fn at_descriptor<E>(self, change: impl FnOnce(OwnedFd) -> Result<OwnedFd, E>) -> Result<Self, E> {
        Ok(Self { file: change(self.file)?, name: self.name })
    }

    /// Replaces the program of this process by the list, which executes `path` at its end; returns only the reason why
    /// that failed. `file` is [`Trampoline::file`], wherever it is now. Allocates nothing.
    pub fn execute(&self, file: BorrowedFd<'_>, path: &CStr) -> io::Error {
        let arguments = [self.name.as_ptr(), path.as_ptr(), std::ptr::null()];
        let environment = [std::ptr::null::<libc::c_char>()];
        // SAFETY: both tables end with a null pointer, their strings are alive, and the path is empty.
        let result = crate::check(unsafe {
            libc::syscall(
                libc::SYS_execveat,
                file.as_raw_fd(),
                c"".as_ptr(),
                arguments.as_ptr(),
                environment.as_ptr(),
                libc::AT_EMPTY_PATH,
            )
        });
        result.err().unwrap_or_else(io::Error::last_os_error)
    }
}
