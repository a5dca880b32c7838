//! The file of a trampoline: an ELF program of one page of code and some of data, at fixed addresses.
//!
//! Fixed addresses spare it everything that a program does to itself before its first line. Nothing hostile reaches
//! it, so that there is no use in making them hard to guess.

use std::ffi::CString;
use std::io;
use std::os::fd::RawFd;

const PAGE: u64 = 4096;
/// Where programs without a place of their own traditionally are; above every `vm.mmap_min_addr` in use.
const CODE: u64 = 0x40_0000;
/// The page after the code. The machine's code knows it, and the layout of [`Image::call`].
pub(super) const DATA: u64 = CODE + PAGE;
/// ELF header and three program headers.
const HEADERS: usize = 64 + 3 * 56;
/// Bytes of one call: its number, six arguments, the least good result, the answer, whether it is tried again.
pub(super) const CALL: usize = 80;
/// Room for the two descriptors and the calls; what they point to comes after.
const TABLE: usize = 16 + 24 * CALL;
/// An argument that stands for the path.
pub(super) const PATH: u64 = u64::MAX;

/// A file in the making.
#[derive(Debug)]
pub(super) struct Image {
    code: &'static [u8],
    table: Vec<u8>,
    data: Vec<u8>,
}

impl Image {
    /// An empty list, with the two descriptors through which failures are told.
    pub(super) fn new(code: &'static [u8], told_through: [RawFd; 2]) -> Self {
        let table = told_through.iter().flat_map(|fd| i64::from(*fd).to_ne_bytes()).collect();
        Self { code, table, data: Vec::new() }
    }

    /// Puts bytes into the data, aligned for any type; gives their address.
    pub(super) fn put(&mut self, bytes: &[u8]) -> u64 {
        self.data.resize(self.data.len().next_multiple_of(16), 0);
        let address = DATA + (TABLE + self.data.len()) as u64;
        self.data.extend(bytes);
        address
    }

    /// Puts strings and the table of pointers to them that execve takes; gives the table's address.
    pub(super) fn put_table(&mut self, strings: &[CString]) -> u64 {
        let mut pointers = Vec::with_capacity(8 * strings.len() + 8);
        for string in strings {
            let address = DATA + (TABLE + self.data.len()) as u64;
            self.data.extend(string.as_bytes_with_nul());
            pointers.extend(address.to_ne_bytes());
        }
        pointers.extend(0u64.to_ne_bytes());
        self.put(&pointers)
    }

    /// Adds a call. A result below `least` is a failure.
    pub(super) fn call(&mut self, number: i64, arguments: [u64; 6], least: u64, answer: super::Answer) {
        self.table.extend(number.to_ne_bytes());
        self.table.extend(arguments.iter().flat_map(|argument| argument.to_ne_bytes()));
        self.table.extend(least.to_ne_bytes());
        self.table.extend(answer);
        self.table.extend(word(0));
    }

    /// Adds a call that waits: it is made again when a signal interrupts it.
    pub(super) fn waiting_call(
        &mut self,
        number: i64,
        arguments: [u64; 6],
        least: u64,
        answer: super::Answer,
    ) {
        self.call(number, arguments, least, answer);
        let last = self.table.len() - 4;
        self.table[last..].copy_from_slice(&word(1));
    }

    /// The whole file.
    pub(super) fn finish(mut self) -> io::Result<Vec<u8>> {
        if self.table.len() > TABLE || HEADERS + self.code.len() > PAGE as usize || self.code.is_empty() {
            return Err(io::ErrorKind::Unsupported.into());
        }
        self.table.resize(TABLE, 0);
        let length = (TABLE + self.data.len()) as u64;
        let text = (HEADERS + self.code.len()) as u64;
        let mut file = Vec::with_capacity(PAGE as usize + length as usize);
        file.extend(b"\x7fELF");
        // 64 bits, this machine's byte order, version 1, no particular system.
        file.extend([2, if cfg!(target_endian = "little") { 1 } else { 2 }, 1, 0]);
        file.extend([0; 8]);
        file.extend(half(2)); // ET_EXEC
        file.extend(half(if cfg!(target_arch = "x86_64") { 62 } else { 183 }));
        file.extend(word(1));
        file.extend(long(CODE + HEADERS as u64)); // entry
        file.extend(long(64)); // program headers
        file.extend(long(0)); // no section headers
        file.extend(word(0));
        file.extend([64, 56, 3, 64, 0, 0].into_iter().flat_map(half));
        file.extend(segment(1, 5, 0, CODE, text)); // PT_LOAD, read and execute
        file.extend(segment(1, 6, PAGE, DATA, length)); // PT_LOAD, read and write
        file.extend(segment(0x6474_e551, 6, 0, 0, 0)); // PT_GNU_STACK, not executable
        file.extend(self.code);
        file.resize(PAGE as usize, 0);
        file.extend(self.table);
        file.extend(self.data);
        Ok(file)
    }
}

/// A program header.
fn segment(kind: u32, flags: u32, offset: u64, address: u64, length: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(56);
    bytes.extend(word(kind));
    bytes.extend(word(flags));
    bytes.extend([offset, address, address, length, length, PAGE].into_iter().flat_map(long));
    bytes
}

fn half(value: u16) -> [u8; 2] {
    value.to_ne_bytes()
}

fn word(value: u32) -> [u8; 4] {
    value.to_ne_bytes()
}

fn long(value: u64) -> [u8; 8] {
    value.to_ne_bytes()
}
