//! Reading a stream and storing it at the same time.

use crate::Writer;
use std::io::{self, Read, Write as _};

/// How many of a stream's first bytes are remembered: enough to tell its compression.
const START: usize = 8;

/// Passes a stream on and writes what passes to a blob.
pub struct Tee<R> {
    reader: R,
    writer: Writer,
    start: Vec<u8>,
}

impl<R: Read> Tee<R> {
    pub fn new(reader: R, writer: Writer) -> Self {
        Self { reader, writer, start: Vec::with_capacity(START) }
    }

    /// The stream's first bytes, and the blob.
    pub fn into_parts(self) -> (Vec<u8>, Writer) {
        (self.start, self.writer)
    }
}

impl<R: Read> Read for Tee<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        let missing = (START - self.start.len()).min(count);
        self.start.extend_from_slice(&buffer[..missing]);
        self.writer.write_all(&buffer[..count])?;
        Ok(count)
    }
}
