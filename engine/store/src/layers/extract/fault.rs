//! Why an entry is not made.

use super::super::names::shown;
use rustix::io::Errno;
use std::io;

/// What is wrong with an entry: its content's fault, or the kernel's word.
pub enum Fault {
    /// The archive is made wrongly or to harm.
    Hostile(String),
    /// The kernel or the disk.
    Io(io::Error),
}

impl From<Errno> for Fault {
    fn from(error: Errno) -> Self {
        Self::Io(error.into())
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::InvalidData {
            Self::Hostile(error.to_string())
        } else {
            Self::Io(error)
        }
    }
}

impl From<&str> for Fault {
    fn from(why: &str) -> Self {
        Self::Hostile(why.to_owned())
    }
}

/// What it means that a folder on the way to an entry cannot be opened.
pub(super) fn passing_through(folder: &[u8], error: Errno) -> Fault {
    match error {
        Errno::LOOP | Errno::XDEV => {
            Fault::Hostile(format!("the name passes through a symbolic link in {}", shown(folder)))
        }
        Errno::NOTDIR => Fault::Hostile(format!(
            "the name passes through something that is no folder in {}",
            shown(folder)
        )),
        error => error.into(),
    }
}
