//! What can be done with images.

pub mod account;
mod archive;
pub mod artifact;
mod commit;
mod diff;
mod export;
mod fetch;
mod files;
mod from_template;
mod inspect;
mod list;
mod pull;
mod push;
pub(crate) mod stack;

pub use commit::CommitRequest;
pub use files::ImageFiles;
pub use from_template::{Debian, Template};
pub use pull::PulledImage;
pub use push::PushedImage;
pub use teu_store::{
    Change, ChangeKind, DiskUsage, HistoryEntry, ImagePart, ImageUsage, LabelCondition, LayerChanges, Loaded,
    PruneBuilds, PruneImages, PruneItem, PruneKind, PruneOutcome, PrunePlan, PruneRequest, PruneVolumes,
};
