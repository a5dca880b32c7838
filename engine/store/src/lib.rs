//! The store: what teu knows and keeps.
//!
//! Purpose: content-addressed blobs in an OCI image layout, unpacked layers, and one SQLite database that is the
//! truth about containers, images, volumes and what happened to them. Many processes use it at once.
//! Boundary: synchronous, no network, nothing is ever executed. What images hold is hostile: names in a layer are
//! resolved by file descriptor only, and never become paths of the host.

mod archive;
pub mod blobs;
mod build;
mod commit;
mod containers;
mod database;
mod digest;
mod error;
mod events;
pub mod files;
pub mod from_host;
mod gc;
mod images;
pub mod import;
pub mod layers;
mod lock;
mod paths;
mod prune;
pub mod reference;
mod reserve;
mod staging;
mod store;
pub mod tar;
#[cfg(test)]
mod test_support;
mod volumes;

pub use archive::Loaded;
pub use blobs::{Blobs, Writer};
pub use build::{Assembly, BuildCache, BuildStep, BuildStepUsage, HistoryStep, NewLayer};
pub use commit::Commit;
pub use containers::{BUILD_LABEL, ContainerRecord, NewContainer};
pub use digest::{Digest, Hasher};
pub use error::StoreError;
pub use events::{EventKind, EventRecord, NewEvent, record_event};
pub use images::{
    Change, ChangeKind, Descriptor, HistoryEntry, ImageRecord, LayerChanges, LayerRecord, Manifest, NewImage,
    Removed,
};
pub use layers::{Layers, UnpackedLayer};
pub use lock::Lock;
pub use paths::Paths;
pub use prune::{
    DiskUsage, ImagePart, ImageUsage, LabelCondition, PruneBuilds, PruneImages, PruneItem, PruneKind,
    PruneOutcome, PrunePlan, PruneRequest, PruneVolumes, VolumeUsage,
};
pub use reference::Reference;
pub use staging::Staging;
pub use store::Store;
pub use volumes::{NewVolume, VolumeRecord};

/// What the store's operations give back.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
