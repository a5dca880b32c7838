//! Taking long work back: asked for on one thread, heeded on another.

use nix::sys::eventfd::{EfdFlags, EventFd};
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use teu_api::Failure;

/// Whether a piece of work is to end as soon as it can.
#[derive(Clone, Default)]
pub struct Cancel {
    asked: Arc<AtomicBool>,
    heeded: Arc<AtomicBool>,
    endless: Arc<AtomicBool>,
    /// Rung when it is asked, for work that waits.
    bell: Arc<OnceLock<Arc<OwnedFd>>>,
}

impl Cancel {
    /// Asks; says whether the work is of the kind that looks here.
    pub fn ask(&self) -> bool {
        self.asked.store(true, Ordering::SeqCst);
        if let Some(bell) = self.bell.get() {
            ring(bell);
        }
        self.heeded.load(Ordering::Relaxed)
    }

    /// Says that the work looks here from now on.
    pub fn heed(&self) {
        self.heeded.store(true, Ordering::Relaxed);
    }

    /// Whether the work is to end.
    pub fn is_asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }

    /// Says that the work goes on until it is to end.
    pub fn set_endless(&self) {
        self.endless.store(true, Ordering::Relaxed);
    }

    /// Whether the work goes on until it is to end.
    pub fn is_endless(&self) -> bool {
        self.endless.load(Ordering::Relaxed)
    }

    /// What becomes readable when the work is to end, and stays so.
    pub fn bell(&self) -> Result<Arc<OwnedFd>, Failure> {
        if self.bell.get().is_none() {
            let bell = EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)
                .map_err(|errno| Failure::internal(format!("cannot make an eventfd: {errno}")))?;
            let _ = self.bell.set(Arc::new(bell.into()));
        }
        let bell = self.bell.get().ok_or_else(|| Failure::internal("the eventfd is gone"))?;
        // Whoever asked before there was a bell could not ring it.
        if self.is_asked() {
            ring(bell);
        }
        Ok(bell.clone())
    }

    /// Fails when the work is to end.
    pub fn check(&self) -> Result<(), Failure> {
        if self.is_asked() { Err(Failure::cancelled("cancelled")) } else { Ok(()) }
    }
}

/// Adds to the eventfd's count; it is full only where it was rung before.
fn ring(bell: &OwnedFd) {
    let _ = nix::unistd::write(bell, &1_u64.to_ne_bytes());
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
