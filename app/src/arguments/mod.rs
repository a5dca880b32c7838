//! What users type: every command with Docker's names and flags, and the little languages inside the flags.
//!
//! Pure: nothing here touches the engine. [`parse()`] turns words into a [`Cli`]; a wrong word is one line.

mod artifact;
mod build;
mod command;
mod compose;
mod container;
pub mod create;
mod image;
mod network;
mod parse;
mod registry;
pub mod run;
mod system;
pub mod values;
mod volume;

pub use artifact::{
    ArtifactCommand, ArtifactInspectArguments, ArtifactListArguments, ArtifactPullArguments,
    ImageReferrersArguments,
};
pub use build::{BuildArguments, BuilderCommand, BuilderPruneArguments};
pub use command::{Cli, Command, GlobalOptions};
pub use compose::{
    ComposeArguments, ComposeAttachArguments, ComposeBuildArguments, ComposeCommand, ComposeCommitArguments,
    ComposeConfigArguments, ComposeCopyArguments, ComposeDownArguments, ComposeEventsArguments,
    ComposeExecArguments, ComposeExportArguments, ComposeImagesArguments, ComposeKillArguments,
    ComposeListArguments, ComposeLogsArguments, ComposeMakeArguments, ComposePortArguments,
    ComposePsArguments, ComposePublishArguments, ComposePullArguments, ComposePushArguments,
    ComposeRemoveArguments, ComposeRestartArguments, ComposeRunArguments, ComposeScaleArguments,
    ComposeServicesArguments, ComposeStartArguments, ComposeStatsArguments, ComposeStopArguments,
    ComposeUpArguments, ComposeVersionArguments, ComposeVolumesArguments, ComposeWaitArguments,
    ComposeWatchArguments,
};
pub use container::{
    AttachArguments, CommitArguments, ContainerCommand, CopyArguments, DebugArguments, DiffArguments,
    ExecArguments, ExportArguments, InspectArguments, KillArguments, ListArguments, LogsArguments,
    PortArguments, PruneArguments, RemoveArguments, RenameArguments, StartArguments, StatsArguments,
    StopArguments, TopArguments, UpdateArguments, WaitArguments,
};
pub use create::{CreateArguments, ImageDefaults, PullPolicy};
pub use image::{
    FromHostArguments, FromTemplateArguments, HistoryArguments, ImageCatArguments, ImageCommand,
    ImageDiffArguments, ImageExtractArguments, ImageLayersArguments, ImageListArguments, ImagePruneArguments,
    ImageRemoveArguments, ImportArguments, LoadArguments, SaveArguments, TagArguments, Template,
};
pub use network::{
    NetworkCommand, NetworkConnectArguments, NetworkCreateArguments, NetworkDisconnectArguments,
    NetworkListArguments, NetworkRemoveArguments,
};
pub use parse::{UsageError, parse, whole};
pub use registry::{LoginArguments, LogoutArguments, PullArguments, PushArguments, SearchArguments};
pub use run::RunArguments;
pub use system::{
    CompletionArguments, DemoArguments, DiskUsageArguments, DynamicCompletionArguments, EventsArguments,
    FormatArguments, ManArguments, OciArguments, Shell, SupervisorArguments, SystemCommand,
    SystemPruneArguments,
};
pub use volume::{
    VolumeCommand, VolumeCreateArguments, VolumeExportArguments, VolumeImportArguments, VolumeListArguments,
    VolumePruneArguments, VolumeRemoveArguments,
};
