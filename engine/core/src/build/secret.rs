//! Secrets of a build: they are seen by the steps that ask for them, and are in no layer, no name of a step and no log.

use std::path::PathBuf;
use teu_api::Failure;

/// The most bytes that a secret may have, as with BuildKit.
const LARGEST: u64 = 500 << 10;

/// Where a secret comes from.
#[derive(Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// It is known already.
    Content(Vec<u8>),
    /// A file.
    File(PathBuf),
    /// A variable of the builder's environment.
    Variable(String),
}

impl std::fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Content(_) => f.write_str("Content"),
            Self::File(path) => write!(f, "File({})", path.display()),
            Self::Variable(name) => write!(f, "Variable({name})"),
        }
    }
}

impl SecretSource {
    /// The secret itself.
    pub(super) fn read(&self, id: &str) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Content(content) => Ok(content.clone()),
            Self::File(path) => {
                let failed = |error: std::io::Error| {
                    Failure::usage(format!("secret {id}: cannot read {}: {error}", path.display()))
                };
                let length = std::fs::metadata(path).map_err(failed)?.len();
                if length > LARGEST {
                    return Err(Failure::usage(format!(
                        "secret {id} is too big: {length} bytes, and at most {LARGEST} are allowed"
                    )));
                }
                std::fs::read(path).map_err(failed)
            }
            Self::Variable(name) => std::env::var_os(name)
                .map(std::os::unix::ffi::OsStringExt::into_vec)
                .ok_or_else(|| Failure::usage(format!("secret {id}: the variable {name} is not set"))),
        }
    }
}
