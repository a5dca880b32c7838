//! How far a transfer of an image has come: one vocabulary for bars, plain lines and the user interface.

use serde::{Deserialize, Serialize};

/// What is happening to one part of an image: a layer, a configuration or a manifest.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum TransferPhase {
    /// It waits for its turn, or for another process that fetches the same part.
    Waiting,
    /// Its bytes are coming in.
    Downloading,
    /// A failed attempt is tried again.
    Retrying,
    /// All bytes are here; their digest is checked and they are made durable.
    Verifying,
    /// It is being unpacked: `current` counts compressed bytes read.
    Extracting,
    /// It was here, or there, already.
    Exists,
    /// Its bytes are going out.
    Uploading,
    /// The registry took it over from another repository.
    Mounted,
    /// It is in place.
    Done,
}

/// The state of one part of a transfer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TransferPart {
    /// The part's short id: twelve hexadecimal digits of its digest.
    pub id: String,
    /// What is happening to it.
    pub phase: TransferPhase,
    /// Bytes done so far in this phase.
    pub current: u64,
    /// Bytes in all.
    pub total: u64,
}

/// One message about a transfer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum TransferEvent {
    /// Something to tell the user once: one line without control characters.
    Message(String),
    /// A part came further.
    Part(TransferPart),
}
