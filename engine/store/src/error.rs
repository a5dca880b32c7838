//! What can go wrong, worded for whoever typed the command.

use std::io;
use std::path::Path;
use teu_api::{Failure, FailureKind};

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The thing named does not exist.
    #[error("No such {kind}: {name}")]
    NotFound {
        /// `container`, `image`, `volume`, …
        kind: &'static str,
        /// What was asked for.
        name: String,
    },
    /// A prefix of an id fits more than one thing.
    #[error("Multiple IDs found with provided prefix: {0}")]
    Ambiguous(String),
    /// A container's name is another's already.
    #[error(
        "Conflict. The container name \"/{name}\" is already in use by container \"{by}\". You have to remove (or rename) that container to be able to reuse that name."
    )]
    NameTaken {
        /// The name.
        name: String,
        /// The id of the container that has it.
        by: String,
    },
    /// The state does not allow it.
    #[error("{message}")]
    Conflict {
        /// What is in the way.
        message: String,
        /// What the user can do.
        hint: String,
    },
    /// The request is wrong.
    #[error("{message}")]
    Invalid {
        /// What is wrong with it.
        message: String,
        /// What the user can do.
        hint: String,
    },
    /// Content that is not what it claims to be, or that must not be: an image or archive made wrongly or to harm.
    #[error("{what}: {why}")]
    Hostile {
        /// Which content.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// This build or host cannot do it.
    #[error("{0}")]
    Unsupported(String),
    /// The kernel or the disk.
    #[error("{what}: {source}")]
    Io {
        /// What was being done, on what.
        what: String,
        /// Why it failed.
        source: io::Error,
    },
    /// The database.
    #[error("{what}: {source}")]
    Database {
        /// What was being done.
        what: String,
        /// Why it failed.
        source: rusqlite::Error,
    },
}

impl StoreError {
    pub(crate) fn not_found(kind: &'static str, name: impl Into<String>) -> Self {
        Self::NotFound { kind, name: name.into() }
    }

    pub(crate) fn invalid(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Invalid { message: message.into(), hint: hint.into() }
    }

    pub(crate) fn conflict(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Conflict { message: message.into(), hint: hint.into() }
    }

    pub(crate) fn hostile(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Hostile { what: what.into(), why: why.into() }
    }

    /// Whether the thing named does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }

    /// Whether the disk, or the user's share of it, is full.
    pub fn is_full(&self) -> bool {
        match self {
            Self::Io { source, .. } => {
                matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
            }
            Self::Database { source, .. } => {
                source.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull)
            }
            _ => false,
        }
    }

    /// Whether a container's name is another's already.
    pub fn is_name_taken(&self) -> bool {
        matches!(self, Self::NameTaken { .. })
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let message = error.to_string();
        if error.is_full() {
            return Self::internal(message)
                .hint("free some space: teu system prune --dry-run shows what could go");
        }
        let (kind, hint) = match error {
            StoreError::NotFound { kind, .. } => {
                let hint = match kind {
                    "container" => "teu ps -a lists containers",
                    "image" => "teu images lists images; teu pull fetches one",
                    "volume" => "teu volume ls lists volumes",
                    _ => "check the name",
                };
                (FailureKind::NotFound, hint.to_owned())
            }
            StoreError::Ambiguous(_) => (FailureKind::Usage, "type more digits of the id".to_owned()),
            StoreError::NameTaken { .. } => return Self::conflict(message),
            StoreError::Conflict { hint, .. } => (FailureKind::Conflict, hint),
            StoreError::Invalid { hint, .. } => (FailureKind::Usage, hint),
            StoreError::Hostile { .. } => (
                FailureKind::Internal,
                "the content is damaged or made to harm; nothing of it was kept".to_owned(),
            ),
            StoreError::Unsupported(_) => return Self::unsupported(message),
            StoreError::Io { source, .. } => match source.kind() {
                io::ErrorKind::PermissionDenied => (
                    FailureKind::Internal,
                    "run as root, or choose another state folder with --root".to_owned(),
                ),
                _ => return Self::internal(message),
            },
            StoreError::Database { .. } => return Self::internal(message),
        };
        Self::new(kind, message).hint(hint)
    }
}

/// Says what was being done when the kernel refused.
pub(crate) trait IoContext<T> {
    /// What was being done.
    fn context(self, what: impl FnOnce() -> String) -> Result<T, StoreError>;

    /// A verb and the path that it failed on: `cannot open /x`.
    fn on(self, verb: &str, path: &Path) -> Result<T, StoreError>
    where
        Self: Sized,
    {
        self.context(|| format!("cannot {verb} {}", path.display()))
    }
}

impl<T, E: Into<io::Error>> IoContext<T> for Result<T, E> {
    fn context(self, what: impl FnOnce() -> String) -> Result<T, StoreError> {
        self.map_err(|error| StoreError::Io { what: what(), source: error.into() })
    }
}

/// Says what was being done when the database refused.
pub(crate) trait DatabaseContext<T> {
    /// What was being done.
    fn database(self, what: &str) -> Result<T, StoreError>;
}

impl<T> DatabaseContext<T> for rusqlite::Result<T> {
    fn database(self, what: &str) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::Database { what: format!("database: cannot {what}"), source })
    }
}
