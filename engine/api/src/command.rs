//! What the user interface asks of the engine. Commands are fire-and-forget: answers come back as events.

use crate::details::{DetailRequest, ImagePath, PruneRow, PruneScope};
use crate::id::{ContainerId, SessionId};
use crate::session::TerminalSize;
use crate::stack::{StackRequest, StackSource};

/// One request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Start a container.
    Start(ContainerId),
    /// Ask it to stop, and kill it after its stop timeout.
    Stop(ContainerId),
    /// Stop and start it.
    Restart(ContainerId),
    /// Send it a signal.
    Kill {
        /// Which container.
        id: ContainerId,
        /// The signal's name, `SIGKILL`.
        signal: String,
    },
    /// Freeze it.
    Pause(ContainerId),
    /// Let it go on.
    Unpause(ContainerId),
    /// Remove it, running or not when `force` is set.
    Remove {
        /// Which container.
        id: ContainerId,
        /// Whether a running one is killed first.
        force: bool,
    },
    /// Follow a container's log; ends the log followed before. `None` follows nothing.
    FollowLog(Option<LogRequest>),
    /// Follow several logs as one, in the order of their times; ends the log followed before.
    FollowLogs(Vec<LogRequest>),
    /// Read what a detail tab shows, while it is looked at; ends the reading before. `None` reads nothing.
    WatchDetail(Option<DetailRequest>),
    /// Read a file of an image; answered by `ImageFile`.
    ReadImageFile(ImagePath),
    /// Copy a file or a folder out of an image; answered by `Done`, `Failed`, or `Occupied` where something is in its
    /// place and `overwrite` is unset.
    ExtractImagePath {
        /// What.
        from: ImagePath,
        /// Where to: a path on this host, relative to the working folder.
        to: String,
        /// Whether what is there may be replaced.
        overwrite: bool,
    },
    /// Look for images in a registry; answered by `ImagesFound`.
    SearchImages {
        /// What the names must have in them; it may begin with a registry's host.
        term: String,
        /// The key that ties the answer to the request.
        ticket: u64,
    },
    /// Do something to a stack; answered by `StackStep`s and `Done` or `Failed`.
    Stack(StackRequest),
    /// Read a stack's file; answered by `StackFile`.
    ReadStackFile(String),
    /// Check a stack's file as it is being written; answered by `StackFindings`.
    CheckStackFile {
        /// The stack it belongs to.
        source: StackSource,
        /// Which of its files.
        path: String,
        /// The text as it is now.
        text: String,
        /// The key that ties the answer to the request.
        ticket: u64,
    },
    /// Write a stack's file in one step; answered by `StackFileSaved` or `Failed`.
    SaveStackFile {
        /// Which file.
        path: String,
        /// What goes in.
        text: String,
        /// What was read from it: another text there now is not overwritten. `None` writes in any case.
        before: Option<String>,
    },
    /// Plan a prune without changing anything; answered by `PrunePlan`.
    PlanPrune(PruneScope),
    /// Remove exactly these, unless they came into use meanwhile.
    ApplyPrune(Vec<PruneRow>),
    /// Open a shell in a running container; answered by `SessionOpened` or `Failed`.
    OpenShell {
        /// Which container.
        id: ContainerId,
        /// The pane's size.
        size: TerminalSize,
        /// The key that ties the answer to the request.
        ticket: u64,
        /// Whether it is to be a shell with tools of the host, whatever the container holds.
        debug: bool,
    },
    /// Attach to a session that exists, or to the first process.
    AttachSession {
        /// Which container.
        id: ContainerId,
        /// Which session.
        session: SessionId,
        /// The pane's size.
        size: TerminalSize,
        /// The key that ties the answer to the request.
        ticket: u64,
    },
    /// Bytes typed into an attached session.
    SessionInput {
        /// The ticket of the attachment.
        ticket: u64,
        /// What was typed.
        bytes: Vec<u8>,
    },
    /// The pane has a new size.
    SessionResize {
        /// The ticket of the attachment.
        ticket: u64,
        /// The new size.
        size: TerminalSize,
    },
    /// Leave a session; it goes on.
    SessionDetach {
        /// The ticket of the attachment.
        ticket: u64,
    },
    /// End a session: hang up its terminal.
    SessionClose {
        /// Which container.
        id: ContainerId,
        /// Which session.
        session: SessionId,
    },
    /// Remove an image by one of its names or by its id; `force` also untags one that containers use.
    RemoveImage {
        /// Its name or id.
        reference: String,
        /// Whether it goes though it is in use or has further names.
        force: bool,
    },
    /// Remove a volume by name.
    RemoveVolume(String),
    /// Remove a network by name.
    RemoveNetwork(String),
    /// Pull an image by name; shows as a task, answered by `PullPart`s and `PullEnded`.
    Pull(String),
    /// Make an image of a root file system's archive; shows as a task.
    Import {
        /// The archive's path.
        path: String,
        /// The image's name; empty for none.
        name: String,
    },
    /// End long work as soon as it can, by the number that its events carry.
    CancelTask(u64),
    /// Bring the demo up.
    DemoUp,
    /// Take the demo down.
    DemoDown,
    /// Whether samples of resource use are wanted now; without them nothing is read.
    WatchStats(bool),
}

/// Which part of which log to follow.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogRequest {
    /// Whose log.
    pub id: ContainerId,
    /// The key that ties lines to the request.
    pub ticket: u64,
    /// How many lines from the end to begin with; `None` for all that there are.
    pub tail: Option<usize>,
    /// Nothing before this time: nanoseconds since the Unix epoch.
    pub since: Option<i64>,
    /// Nothing after this time: nanoseconds since the Unix epoch. Then the log is not followed on.
    pub until: Option<i64>,
}
