//! What can go wrong between here and a registry, and how a user reads it.

use std::path::PathBuf;
use teu_api::Failure;
use teu_store::{Digest, StoreError};

/// A failed request. Every text in it has been made printable.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// Not a name that a registry accepts.
    #[error("invalid reference \"{0}\": {1}")]
    InvalidName(String, &'static str),
    /// No connection, or it broke for good.
    #[error("cannot reach registry {host}: {cause}")]
    Connect {
        /// Which registry.
        host: String,
        /// The innermost reason.
        cause: String,
    },
    /// The registry's certificate is not trusted.
    #[error("registry {host} is not trusted: {cause}")]
    Untrusted {
        /// Which registry.
        host: String,
        /// The verifier's reason.
        cause: String,
    },
    /// The registry wants credentials, or other ones.
    #[error("access to {what} denied: {detail}")]
    Denied {
        /// What was asked for.
        what: String,
        /// The registry's words.
        detail: String,
    },
    /// A login was refused.
    #[error("login to {host} refused: {detail}")]
    LoginRefused {
        /// Which registry.
        host: String,
        /// The registry's words.
        detail: String,
    },
    /// No such repository, tag, manifest or blob.
    #[error("{what} not found: {detail}")]
    NotFound {
        /// What was asked for.
        what: String,
        /// The registry's words.
        detail: String,
    },
    /// Too many requests, even after waiting.
    #[error("registry {host} refuses {what}: too many requests ({detail})")]
    RateLimited {
        /// Which registry.
        host: String,
        /// What was asked for.
        what: String,
        /// The registry's words.
        detail: String,
    },
    /// An answer that was not expected.
    #[error("registry {host} answered {status} to {what}: {detail}")]
    Status {
        /// Which registry.
        host: String,
        /// The HTTP status code.
        status: u16,
        /// What was asked for.
        what: String,
        /// The registry's words.
        detail: String,
    },
    /// An answer that cannot be read.
    #[error("bad answer from {host} to {what}: {detail}")]
    BadAnswer {
        /// Which registry.
        host: String,
        /// What was asked for.
        what: String,
        /// What is wrong with it.
        detail: String,
    },
    /// Content whose digest is not the one promised.
    #[error("digest of {what} is wrong: expected {expected}, received {received}")]
    DigestMismatch {
        /// Which content.
        what: String,
        /// The digest promised.
        expected: Digest,
        /// The digest of what came.
        received: Digest,
    },
    /// Content whose length is not the one promised.
    #[error("length of {what} is wrong: expected {expected} bytes, registry sends {received}")]
    LengthMismatch {
        /// Which content.
        what: String,
        /// The length promised, in bytes.
        expected: u64,
        /// The length of what came, in bytes.
        received: u64,
    },
    /// Content larger than is accepted.
    #[error("{what} is too large: more than {limit} bytes")]
    TooLarge {
        /// Which content.
        what: String,
        /// The limit, in bytes.
        limit: u64,
    },
    /// A manifest that contradicts itself or cannot be read.
    #[error("invalid manifest of {what}: {detail}")]
    InvalidManifest {
        /// Whose manifest.
        what: String,
        /// What is wrong with it.
        detail: String,
    },
    /// A manifest of a kind that is not supported.
    #[error("{what} has media type {media_type}, which is not supported")]
    UnsupportedMediaType {
        /// What has it.
        what: String,
        /// The media type.
        media_type: String,
    },
    /// Not an image, where only images are kept.
    #[error("{what} is an artifact of type {kind}, not an image")]
    Artifact {
        /// What was asked for.
        what: String,
        /// What kind of artifact it is.
        kind: String,
    },
    /// An image, where only artifacts are fetched.
    #[error("{what} is an image, not an artifact")]
    NoArtifact {
        /// What was asked for.
        what: String,
    },
    /// No image for the platform in the index.
    #[error("no image for platform {platform} in {what}; it has {available}")]
    NoPlatform {
        /// Whose index.
        what: String,
        /// The platform wanted.
        platform: String,
        /// The platforms there are.
        available: String,
    },
    /// A configuration file that cannot be used.
    #[error("cannot use {}: {detail}", path.display())]
    Settings {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// A credential helper that does not do its work.
    #[error("credential helper {name}: {detail}")]
    Helper {
        /// The helper's program.
        name: String,
        /// Its words, or what is wrong.
        detail: String,
    },
    /// A file that cannot be fetched.
    #[error("cannot fetch {address}: {detail}")]
    Fetch {
        /// Its address, without a password.
        address: String,
        /// Why.
        detail: String,
    },
    /// The store, or whatever else holds the content, refuses.
    #[error("{0}")]
    Store(Failure),
    /// The user wants no more of it.
    #[error("cancelled")]
    Cancelled,
}

/// What every fallible function here returns.
pub type Result<T, E = RegistryError> = std::result::Result<T, E>;

impl From<Failure> for RegistryError {
    fn from(failure: Failure) -> Self {
        Self::Store(failure)
    }
}

impl From<StoreError> for RegistryError {
    fn from(error: StoreError) -> Self {
        Self::Store(error.into())
    }
}

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Self {
        let text = error.to_string();
        match error {
            RegistryError::InvalidName(..) => Self::usage(text),
            RegistryError::NotFound { .. } | RegistryError::NoPlatform { .. } => Self::not_found(text),
            RegistryError::Denied { .. } => {
                Self::internal(text).hint("the repository does not exist or needs `teu login`")
            }
            RegistryError::LoginRefused { .. } => Self::internal(text),
            RegistryError::Untrusted { host, .. } => Self::internal(text).hint(format!(
                "put its CA at /etc/docker/certs.d/{host}/ca.crt, or list the registry as insecure in registries.toml"
            )),
            RegistryError::RateLimited { .. } => Self::internal(text).hint("log in, or try again later"),
            RegistryError::UnsupportedMediaType { .. } => Self::unsupported(text),
            RegistryError::Artifact { what, .. } => {
                Self::unsupported(text).hint(format!("teu artifact pull {what} fetches its files"))
            }
            RegistryError::NoArtifact { what } => {
                Self::usage(text).hint(format!("teu pull {what} fetches it"))
            }
            RegistryError::Store(failure) => failure,
            RegistryError::Cancelled => Self::cancelled(text),
            _ => Self::internal(text),
        }
    }
}
