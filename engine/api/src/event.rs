//! What the engine tells the user interface: owned snapshots and deltas, each complete in itself.

use crate::command::Command;
use crate::container::ContainerSnapshot;
use crate::details::{FileContent, FoundImage, ImageDetails, ImagePath, Processes, PruneRow};
use crate::error::Failure;
use crate::id::{ContainerId, SessionId};
use crate::image::ImageSnapshot;
use crate::network::NetworkSnapshot;
use crate::progress::TransferPart;
use crate::session::SessionSnapshot;
use crate::stack::{StackDetails, StackSource, TextFinding, WatchNews};
use crate::stats::{ContainerStats, StatsSample};
use crate::volume::VolumeSnapshot;
use std::collections::BTreeMap;

/// One event.
#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    /// Every container there is, sent at the start and whenever any of them changed.
    Containers(Vec<ContainerSnapshot>),
    /// Every image there is.
    Images(Vec<ImageSnapshot>),
    /// Every volume there is.
    Volumes(Vec<VolumeSnapshot>),
    /// Every network there is.
    Networks(Vec<NetworkSnapshot>),
    /// Resource use of the running containers, about once a second while it is watched.
    Stats(Vec<ContainerStats>),
    /// Resource use of the host, with `Stats`.
    HostStats(StatsSample),
    /// Sessions that can be attached to again, by container; sent at the start and when one begins or ends.
    Sessions(Vec<(ContainerId, SessionSnapshot)>),
    /// What happened to containers, images, volumes and networks, oldest first: at the start some of what happened before,
    /// then whatever comes.
    Journal(Vec<JournalEntry>),
    /// Lines of the log that is followed.
    Log {
        /// The request's ticket.
        ticket: u64,
        /// The lines, oldest first.
        lines: Vec<LogLine>,
        /// Lines that are missing before these, as they were rotated away before they could be read; `u64::MAX` where
        /// nobody could count them.
        dropped: u64,
    },
    /// Lines of several logs that are followed as one, oldest first, each with its request's ticket.
    MergedLog {
        /// The lines.
        lines: Vec<(u64, LogLine)>,
        /// Lines left out before these.
        dropped: u64,
    },
    /// Everything about a container or a network, as `inspect` shows it.
    Inspected {
        /// Its id, or its name for a network.
        id: String,
        /// The document, or why there is none.
        document: Result<serde_json::Value, Failure>,
    },
    /// The processes of a container.
    Processes {
        /// Which container.
        id: ContainerId,
        /// Its processes, or why they cannot be told.
        processes: Result<Processes, Failure>,
    },
    /// What an image is made of.
    ImageDetails {
        /// Its id.
        id: String,
        /// Its layers and history, or why they cannot be told.
        details: Result<ImageDetails, Failure>,
    },
    /// What a registry has.
    ImagesFound {
        /// The request's ticket.
        ticket: u64,
        /// What was found, or why nothing could be.
        found: Result<Vec<FoundImage>, Failure>,
    },
    /// A pull has come further.
    PullPart {
        /// The name that is pulled.
        name: String,
        /// How far.
        part: TransferPart,
    },
    /// A pull is over.
    PullEnded {
        /// The name that was pulled.
        name: String,
        /// What came of it, one line; or why it failed.
        outcome: Result<String, Failure>,
    },
    /// What a stack's files say.
    StackDetails {
        /// Its name.
        name: String,
        /// What is known.
        details: Result<StackDetails, Failure>,
    },
    /// A stack that has no containers at the moment, but files.
    StackKnown(StackSource),
    /// Something happened to a part of a stack that is being changed.
    StackStep {
        /// The stack's name.
        name: String,
        /// The part: a container, network or volume by name.
        part: String,
        /// What happens to it.
        what: String,
    },
    /// Files are watched for a stack, or no more, or were brought in.
    StackWatch {
        /// The stack's name.
        name: String,
        /// What there is to tell.
        news: WatchNews,
    },
    /// A stack's file.
    StackFile {
        /// Its path.
        path: String,
        /// Its text, or why it cannot be read.
        text: Result<String, Failure>,
    },
    /// What there is to know of a stack's file as it is being written.
    StackFindings {
        /// The request's ticket.
        ticket: u64,
        /// The findings, the gravest first.
        findings: Vec<TextFinding>,
    },
    /// A stack's file was written.
    StackFileSaved {
        /// Its path.
        path: String,
        /// What is in it now.
        text: String,
    },
    /// A file of an image.
    ImageFile {
        /// Which.
        from: ImagePath,
        /// What is in it, or why that cannot be told.
        content: Result<FileContent, Failure>,
    },
    /// A command was not carried out because something is in the way; the same one with leave to replace it.
    Occupied {
        /// What is in the way: one line.
        what: String,
        /// The command that replaces it.
        replacing: Box<Command>,
    },
    /// Bytes that a volume occupies.
    VolumeSize {
        /// Its name.
        name: String,
        /// Bytes; `None` where nobody can count them.
        bytes: Option<u64>,
    },
    /// What a prune would remove.
    PrunePlan(Vec<PruneRow>),
    /// Long work began or has come further.
    Task {
        /// What tells it from others.
        task: u64,
        /// What is being done, one line.
        title: String,
        /// How far it has come, one line; empty at the start.
        text: String,
    },
    /// Long work is over.
    TaskEnded {
        /// Which.
        task: u64,
        /// Why it failed; `None` when it did not.
        failure: Option<Failure>,
    },
    /// A session is attached; its output follows.
    SessionOpened {
        /// The request's ticket.
        ticket: u64,
        /// Whose session.
        id: ContainerId,
        /// Which session.
        session: SessionId,
        /// What runs in it.
        title: String,
    },
    /// Output of an attached session.
    SessionOutput {
        /// The attachment's ticket.
        ticket: u64,
        /// Raw terminal bytes.
        bytes: Vec<u8>,
    },
    /// An attachment is over.
    SessionClosed {
        /// The attachment's ticket.
        ticket: u64,
        /// The session's exit code; `None` when it goes on without us.
        exit_code: Option<i32>,
    },
    /// A command is being carried out, or its long work has come further.
    Progress {
        /// What is being done, one line.
        text: String,
    },
    /// A command was carried out.
    Done {
        /// What was done, one line.
        text: String,
    },
    /// A command failed.
    Failed {
        /// The ticket of the command that failed, if it had one.
        ticket: Option<u64>,
        /// Why.
        failure: Failure,
    },
}

/// Something that happened, as the engine's journal has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JournalEntry {
    /// Its number: later entries have larger ones.
    pub seq: i64,
    /// When: nanoseconds since the Unix epoch.
    pub at: i64,
    /// What it is about: `container`, `image`, `volume`, `network`.
    pub kind: String,
    /// What happened, in Docker's words.
    pub action: String,
    /// The id of what it happened to; a volume's name.
    pub id: String,
    /// What there is to say about it: names, labels, exit codes.
    pub attributes: BTreeMap<String, String>,
}

/// Which stream a log line came from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogStream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// One line of a log, without its line end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogLine {
    /// When it was written: nanoseconds since the Unix epoch.
    pub at: i64,
    /// From which stream.
    pub stream: LogStream,
    /// Its bytes as the container wrote them: may hold any byte but a line end.
    pub text: Vec<u8>,
}
