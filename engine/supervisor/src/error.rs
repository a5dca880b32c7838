//! What can go wrong between a client and a supervisor, and inside one.

use std::io;
use std::path::{Path, PathBuf};
use teu_api::{Failure, FailureKind};

/// A failure of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SupervisorError {
    /// A file or folder.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// What was tried: a verb.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A kernel call that is not about a path.
    #[error("cannot {action}: {source}")]
    System {
        /// What was tried: a verb and its object.
        action: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// A configuration that cannot be used.
    #[error("{}: {reason}", path.display())]
    Config {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// No supervisor listens there.
    #[error("the container is not running")]
    NotRunning,
    /// Another supervisor has the container.
    #[error("the container is already running")]
    AlreadyRunning,
    /// The supervisor ended before it answered.
    #[error("the container's supervisor ended before it answered; see {}", log.display())]
    Gone {
        /// Where it may have said why.
        log: PathBuf,
    },
    /// The other side broke the protocol.
    #[error("protocol error: {0}")]
    Protocol(String),
    /// The supervisor refused, and said why.
    #[error("{0}")]
    Refused(Failure),
}

impl From<SupervisorError> for Failure {
    fn from(error: SupervisorError) -> Self {
        match error {
            SupervisorError::Refused(failure) => failure,
            SupervisorError::NotRunning | SupervisorError::AlreadyRunning => {
                Self::conflict(error.to_string())
            }
            SupervisorError::File { ref source, .. } | SupervisorError::System { ref source, .. } => {
                let message = error.to_string();
                match source.kind() {
                    io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::internal(message)
                        .hint("free some disk space, for example with `teu system prune`"),
                    io::ErrorKind::PermissionDenied => {
                        Self::internal(message).hint("run as the user who made the container, or as root")
                    }
                    _ => Self::internal(message),
                }
            }
            other => Self::new(FailureKind::Internal, other.to_string()),
        }
    }
}

/// Says what was tried when a kernel call failed.
pub(crate) trait Context<T> {
    /// On a path.
    fn context(self, action: &'static str, path: &Path) -> Result<T, SupervisorError>;
    /// On something that has no path.
    fn doing(self, action: &'static str) -> Result<T, SupervisorError>;
}

impl<T, E: Into<io::Error>> Context<T> for Result<T, E> {
    fn context(self, action: &'static str, path: &Path) -> Result<T, SupervisorError> {
        self.map_err(|error| SupervisorError::File { action, path: path.to_owned(), source: error.into() })
    }

    fn doing(self, action: &'static str) -> Result<T, SupervisorError> {
        self.map_err(|error| SupervisorError::System { action, source: error.into() })
    }
}
