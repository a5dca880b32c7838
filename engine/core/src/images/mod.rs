//! What can be done with images.

pub mod account;
mod archive;
mod commit;
mod diff;
mod export;
mod inspect;
mod list;
mod pull;
mod push;

pub use commit::CommitRequest;
pub use pull::PulledImage;
pub use push::PushedImage;
pub use teu_store::{
    Change, ChangeKind, DiskUsage, HistoryEntry, ImageUsage, LabelCondition, LayerChanges, Loaded,
    PruneImages, PruneItem, PruneKind, PruneOutcome, PrunePlan, PruneRequest, PruneVolumes,
};
