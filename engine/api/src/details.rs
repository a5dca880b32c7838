//! What the user interface reads of one thing on demand: processes of a container, layers and history of an image.

use crate::id::ContainerId;

/// The processes of a running container, as ps(1) tells of them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Processes {
    /// The columns' titles.
    pub titles: Vec<String>,
    /// One row for each process.
    pub rows: Vec<Vec<String>>,
}

/// What an image is made of.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ImageDetails {
    /// Its layers, the lowest first.
    pub layers: Vec<LayerSummary>,
    /// How it was made, the last step first.
    pub history: Vec<HistoryStep>,
    /// Unpacked bytes that other images have too.
    pub shared: u64,
    /// Unpacked bytes that it has alone.
    pub unique: u64,
}

/// One layer of an image.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LayerSummary {
    /// The digest of its uncompressed archive, `sha256:…`.
    pub diff_id: String,
    /// What made it; empty when the image does not say.
    pub created_by: String,
    /// Bytes of its files.
    pub size: u64,
    /// Bytes of files in lower layers that it replaces or removes.
    pub wasted: u64,
    /// Paths that it adds.
    pub added: u64,
    /// Paths that it changes.
    pub modified: u64,
    /// Paths that it removes.
    pub removed: u64,
    /// The paths it touches, folders before what is in them.
    pub changes: Vec<LayerChange>,
    /// Paths left out of `changes` because there are too many.
    pub left_out: u64,
}

/// What a layer does to a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LayerChangeKind {
    /// It was not there before.
    Added,
    /// It was there, and is another.
    Modified,
    /// It is there no more.
    Removed,
}

/// A path that a layer touches.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LayerChange {
    /// The path without a leading slash.
    pub path: String,
    /// What is done to it.
    pub kind: LayerChangeKind,
    /// Whether it is a folder.
    pub folder: bool,
    /// Bytes of the file.
    pub size: u64,
    /// Its type and permissions, as stat(2) tells them.
    pub mode: u32,
    /// Its owner.
    pub uid: u32,
    /// Its group.
    pub gid: u32,
}

/// A path in an image.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImagePath {
    /// The image's id.
    pub image: String,
    /// Which layer's state of it, from 0 for the lowest.
    pub layer: usize,
    /// The path without a leading slash.
    pub path: String,
}

/// A file's content, as far as it was read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FileContent {
    /// Its first bytes; for a symbolic link the path it leads to.
    pub bytes: Vec<u8>,
    /// How many bytes it has in all.
    pub size: u64,
    /// Its type and permissions, as stat(2) tells them.
    pub mode: u32,
}

/// One step of an image's making.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct HistoryStep {
    /// When: nanoseconds since the Unix epoch; `None` when the image does not say.
    pub created_at: Option<i64>,
    /// What made it.
    pub created_by: String,
    /// What was said about it.
    pub comment: String,
    /// Bytes of its layer's files; 0 for a step that made none.
    pub size: u64,
}

/// What a prune is planned for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum PruneScope {
    /// All that is not in use.
    #[default]
    Everything,
    /// Containers that do not run.
    Containers,
    /// Images that no container stands on, and what interrupted pulls left.
    Images,
    /// Volumes that no container has.
    Volumes,
}

/// What kind of thing a prune removes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum PruneRowKind {
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

impl PruneRowKind {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::Volume => "volume",
            Self::Image => "image",
            Self::BuildStep => "build step",
            Self::BuildCache => "build cache",
            Self::Layer => "layer",
            Self::Blob => "blob",
        }
    }
}

/// One thing that a prune may remove.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PruneRow {
    /// What it is.
    pub kind: PruneRowKind,
    /// Its id, digest or name.
    pub id: String,
    /// Its names.
    pub names: Vec<String>,
    /// Why it may go: a few words.
    pub reason: String,
    /// Bytes that its removal frees; of an image those of its parts, whoever else needs them.
    pub bytes: u64,
    /// What an image is made of: a part is freed once all who need it are gone.
    pub parts: Vec<PrunePart>,
    /// The rows, by id, that must go for it to go: the containers that stand on an image.
    pub after: Vec<String>,
    /// Whether it holds what users made and nothing else does: a volume they named.
    pub precious: bool,
}

/// A repository that a registry knows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FoundImage {
    /// Its name, as it can be pulled.
    pub name: String,
    /// What its owner says about it: one line.
    pub description: String,
    /// How many people marked it.
    pub stars: u64,
    /// Whether it is one of Docker's own.
    pub official: bool,
}

/// A layer or blob of an image that a prune may remove.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PrunePart {
    /// Its digest, with its kind.
    pub id: String,
    /// Its bytes.
    pub bytes: u64,
    /// How many images, and containers that stay, need it.
    pub users: u32,
}

/// Whose details are wanted now; without one nothing is read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DetailRequest {
    /// Everything about a container, once; answered by `Inspected`.
    Container(ContainerId),
    /// A container's processes, once a second until another request comes; answered by `Processes`.
    Processes(ContainerId),
    /// An image's layers and history, once; answered by `ImageDetails`.
    Image(String),
    /// Bytes of a volume's files, once; answered by `VolumeSize`.
    Volume(String),
    /// Everything about a network, once; answered by `Inspected`.
    Network(String),
    /// What a stack's files say, once; answered by `StackDetails`.
    Stack(crate::stack::StackSource),
}
