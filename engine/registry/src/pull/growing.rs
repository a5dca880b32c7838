//! A file that one side still writes while the other reads it already: download and unpacking overlap, and neither
//! holds more than one buffer in memory, whatever the layer's size.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt as _;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// How much of the file is there, shared by the two sides.
#[derive(Default)]
pub(super) struct Growing {
    state: Mutex<State>,
    grown: Condvar,
}

#[derive(Default)]
struct State {
    length: u64,
    end: End,
    reader_failed: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum End {
    /// More may come.
    #[default]
    Open,
    /// All bytes are there, and they are the right ones.
    Verified,
    /// They will never be.
    Failed,
}

impl Growing {
    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is plain numbers: a panic elsewhere cannot have left it half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the reader has given up.
    pub(super) fn reader_failed(&self) -> bool {
        self.lock().reader_failed
    }

    /// The reader gives up.
    pub(super) fn fail_reader(&self) {
        self.lock().reader_failed = true;
    }

    /// Whether the writer is done.
    pub(super) fn is_whole(&self) -> bool {
        self.lock().end == End::Verified
    }
}

/// The writing side. Dropped before the end is verified, it fails the reader, which therefore never takes half a
/// file for a whole one.
pub(super) struct Grower<'a>(pub(super) &'a Growing);

impl Grower<'_> {
    /// So many bytes are in the file now.
    pub(super) fn grew_to(&self, length: u64) {
        self.0.lock().length = length;
        self.0.grown.notify_all();
    }

    /// The file is whole and what it should be.
    pub(super) fn verified(&self) {
        self.0.lock().end = End::Verified;
        self.0.grown.notify_all();
    }
}

impl Drop for Grower<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        if state.end == End::Open {
            state.end = End::Failed;
        }
        drop(state);
        self.0.grown.notify_all();
    }
}

/// The reading side: waits for bytes, and reports its progress to a callback.
pub(super) struct Follower<'a, F> {
    pub(super) growing: &'a Growing,
    pub(super) file: File,
    pub(super) position: u64,
    pub(super) on_read: F,
}

impl<F: FnMut(u64) -> io::Result<()>> Read for Follower<'_, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = {
            let mut state = self.growing.lock();
            loop {
                if state.end == End::Failed {
                    return Err(io::Error::other("the download failed"));
                }
                if state.length > self.position {
                    break state.length - self.position;
                }
                if state.end == End::Verified || buffer.is_empty() {
                    return Ok(0);
                }
                state = self.growing.grown.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
        };
        let wanted = buffer.len().min(usize::try_from(available).unwrap_or(usize::MAX));
        let read = self.file.read_at(&mut buffer[..wanted], self.position)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.position += read as u64;
        (self.on_read)(self.position)?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn read_all(growing: &Growing, file: File) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        Follower { growing, file, position: 0, on_read: |_| Ok(()) }.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    #[test]
    fn a_reader_sees_everything_as_it_comes() {
        let mut file = tempfile::tempfile().unwrap();
        let growing = Growing::default();
        let other = file.try_clone().unwrap();
        std::thread::scope(|scope| {
            let reader = scope.spawn(|| read_all(&growing, other).unwrap());
            let grower = Grower(&growing);
            for n in 1..=100_u64 {
                file.write_all(&[n as u8; 10]).unwrap();
                grower.grew_to(n * 10);
            }
            grower.verified();
            let bytes = reader.join().unwrap();
            assert_eq!(bytes.len(), 1000);
            assert_eq!(bytes[995], 100);
        });
    }

    #[test]
    fn a_writer_that_gives_up_fails_the_reader() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"half").unwrap();
        let growing = Growing::default();
        std::thread::scope(|scope| {
            let reader = scope.spawn(|| read_all(&growing, file));
            let grower = Grower(&growing);
            grower.grew_to(4);
            drop(grower);
            assert!(reader.join().unwrap().is_err());
        });
    }
}
