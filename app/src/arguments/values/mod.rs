//! The little languages inside flags: pure functions from a flag's text to the data it means.
//! Every error is one line that names the text; callers add which flag it was where that is not plain.

pub mod csv;
pub mod device;
pub mod duration;
pub mod environment;
pub mod hosts;
pub mod labels;
pub mod logging;
pub mod mount;
pub mod namespace;
pub mod network;
pub mod number;
pub mod port;
pub mod restart;
pub mod size;
pub mod timestamp;
pub mod ulimit;
pub mod volume;

use teu_api::Failure;

/// A usage failure with a hint.
pub(crate) fn wrong(message: impl Into<String>, hint: impl Into<String>) -> Failure {
    Failure::usage(message).hint(hint)
}

/// Keys that leave a session, found wrong before anything is made.
pub fn detach_keys(text: &str) -> Result<String, String> {
    let parsed = teu_core::detach_keys::DetachKeys::parse(text);
    parsed.map(|_| text.to_owned()).map_err(|failure| failure.message)
}

/// Reads a truth value as Go's `strconv.ParseBool` does.
pub fn boolean(text: &str) -> Result<bool, Failure> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(wrong(format!("invalid truth value {text:?}"), "write true or false")),
    }
}
