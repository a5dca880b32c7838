//! Taking long work back: asked for on one thread, heeded on another.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use teu_api::Failure;

/// Whether a piece of work is to end as soon as it can.
#[derive(Clone, Default)]
pub struct Cancel {
    asked: Arc<AtomicBool>,
    heeded: Arc<AtomicBool>,
}

impl Cancel {
    /// Asks; says whether the work is of the kind that looks here.
    pub fn ask(&self) -> bool {
        self.asked.store(true, Ordering::Relaxed);
        self.heeded.load(Ordering::Relaxed)
    }

    /// Says that the work looks here from now on.
    pub fn heed(&self) {
        self.heeded.store(true, Ordering::Relaxed);
    }

    /// Whether the work is to end.
    pub fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Fails when the work is to end.
    pub fn check(&self) -> Result<(), Failure> {
        if self.is_asked() { Err(Failure::cancelled("cancelled")) } else { Ok(()) }
    }
}

/// A reader that fails when the work is to end.
pub struct Reader<R>(pub R, pub Cancel);

impl<R: std::io::Read> std::io::Read for Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.1.is_asked() {
            return Err(std::io::Error::other("cancelled"));
        }
        self.0.read(buffer)
    }
}
