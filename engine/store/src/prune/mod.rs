//! Pruning and disk use: first a plan that says exactly what would go and what that frees, then exactly that.

mod apply;
mod plan;
mod usage;

#[cfg(test)]
mod tests;

use std::fmt;

pub(crate) use usage::folder_size;
pub use usage::{DiskUsage, ImagePart, ImageUsage, VolumeUsage};

/// What kind of thing a plan removes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PruneKind {
    /// A container that does not run.
    Container,
    /// A volume that no container has.
    Volume,
    /// An image that no container stands on.
    Image,
    /// A step in the cache of builds.
    BuildStep,
    /// A folder that steps of builds keep.
    BuildCache,
    /// An unpacked layer that no image names.
    Layer,
    /// A blob that no image names.
    Blob,
}

impl fmt::Display for PruneKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Container => "container",
            Self::Volume => "volume",
            Self::Image => "image",
            Self::BuildStep => "build step",
            Self::BuildCache => "build cache",
            Self::Layer => "layer",
            Self::Blob => "blob",
        })
    }
}

/// Which images to plan for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum PruneImages {
    /// None.
    #[default]
    None,
    /// Those without a name.
    Dangling,
    /// All that no container stands on.
    Unused,
}

/// Which volumes to plan for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum PruneVolumes {
    /// None.
    #[default]
    None,
    /// Those that were made for one container.
    Anonymous,
    /// All that no container has.
    Unused,
}

/// What of the cache of builds to plan for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum PruneBuilds {
    /// Nothing.
    #[default]
    None,
    /// Steps whose layers no image has.
    Unused,
    /// All steps, and the folders that steps keep.
    All,
}

/// A condition on labels.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LabelCondition {
    /// The label's name.
    pub name: String,
    /// Its value; none for any.
    pub value: Option<String>,
    /// Whether the condition holds where the label does not fit (`label!=`).
    pub negated: bool,
}

/// What to plan for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PruneRequest {
    /// Whether containers that do not run go.
    pub containers: bool,
    /// Which images go.
    pub images: PruneImages,
    /// Which volumes go.
    pub volumes: PruneVolumes,
    /// What goes of the cache of builds.
    pub builds: PruneBuilds,
    /// Whether layers and blobs go that nothing names: what interrupted pulls and forced removals left.
    pub content: bool,
    /// Only what was made before: nanoseconds since the Unix epoch. It does not apply to volumes and content.
    pub until: Option<i64>,
    /// Only what fulfils all of these.
    pub labels: Vec<LabelCondition>,
}

/// One thing that goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PruneItem {
    /// What it is.
    pub kind: PruneKind,
    /// Its id, digest or name.
    pub id: String,
    /// Its names.
    pub names: Vec<String>,
    /// Why it may go: a few words.
    pub reason: String,
    /// Bytes that its removal frees: for images what no other image or container shares, counted once.
    pub bytes: u64,
}

/// What goes, and what that frees.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PrunePlan {
    /// The things, in the order of their removal.
    pub items: Vec<PruneItem>,
    /// Bytes in all.
    pub total: u64,
}

/// What became of a plan.
#[derive(Debug, Default)]
pub struct PruneOutcome {
    /// What is gone.
    pub removed: Vec<PruneItem>,
    /// Bytes that this freed.
    pub total: u64,
    /// What stayed, and why: most often because it came into use after it was planned.
    pub kept: Vec<(PruneItem, crate::StoreError)>,
}
