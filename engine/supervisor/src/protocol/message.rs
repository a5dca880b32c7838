//! What clients ask and what supervisors answer.

use super::frame::{self, Frame, Kind};
use crate::{Result, SupervisorError};
use serde::{Deserialize, Serialize};
use teu_api::container::RestartPolicy;
use teu_api::session::{ExecSpec, SessionSnapshot, TerminalSize};
use teu_api::{Failure, SessionId};

/// One request. Bytes for standard input travel in frames of their own.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Request {
    /// Start the container's first process. Answered by `Started` or `StartFailed`; a running one answers `Started`.
    Start,
    /// Carry a session's streams on this connection. Answered by `Attached`; allowed before `Start`.
    Attach {
        /// Which session.
        session: SessionId,
        /// Whether bytes sent on this connection go to its standard input.
        stdin: bool,
        /// Whether its standard output is wanted; a terminal's output counts as standard output.
        stdout: bool,
        /// Whether its standard error is wanted.
        stderr: bool,
        /// Whether the last output comes first: a screenful of a terminal, the last lines of a pipe.
        replay: bool,
        /// Whether a client that lags is brought up to date by `Resync` and a replay instead of holding up the
        /// container until it has read everything.
        lossy: bool,
        /// The client's terminal.
        size: Option<TerminalSize>,
    },
    /// Execute a process in the container and attach to it. Answered by `ExecStarted`, then its streams and `Exited`.
    /// A process whose client goes away runs on. A client of a session with `keep` is attached as `lossy`.
    Exec(ExecSpec),
    /// The terminal has a new size; the last one who says so wins.
    Resize {
        /// Whose terminal.
        session: SessionId,
        /// The size.
        size: TerminalSize,
    },
    /// Send a signal. Answered by `Ok`.
    Signal {
        /// To which session's process.
        session: SessionId,
        /// The signal's number.
        signal: i32,
        /// Whether every process of the container gets it.
        all: bool,
    },
    /// No more standard input comes from this client.
    CloseStdin,
    /// Leave the session; it goes on. Answered by `Detached`.
    Detach,
    /// Stop the container: a signal, patience, SIGKILL. Answered by `Ok` once it has ended.
    Stop {
        /// The signal; `None` for the container's own.
        signal: Option<i32>,
        /// Seconds until SIGKILL; negative for never, `None` for the container's own.
        timeout: Option<i64>,
    },
    /// List the sessions that can be attached to. Answered by `Sessions`.
    Sessions,
    /// End an exec session: hang up its terminal, and its process group with it. Answered by `Ok`.
    CloseSession(SessionId),
    /// Tell when a session's process ends, now if it has. Answered by `Exited`.
    Wait(SessionId),
    /// Freeze all processes. Answered by `Ok`.
    Pause,
    /// Let them go on. Answered by `Ok`.
    Unpause,
    /// Follow another restart policy from now on. Answered by `Ok`.
    UpdateRestart(RestartPolicy),
    /// The container has a new name. Answered by `Ok`.
    Rename(String),
    /// The container is to be on these networks from now on. Answered by `Ok`.
    Networks(Box<teu_network::Setup>),
}

/// One answer or piece of news.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Message {
    /// The first process runs, and the database says so.
    Started {
        /// Its id on the host.
        pid: i32,
    },
    /// It could not be started; the supervisor is about to end.
    StartFailed(Failure),
    /// This connection carries the session's streams from now on.
    Attached {
        /// Which session.
        session: SessionId,
        /// Whether it has a terminal.
        tty: bool,
    },
    /// A process was executed; its streams follow.
    ExecStarted {
        /// The session's number.
        session: SessionId,
        /// The process's id on the host.
        pid: i32,
    },
    /// Bytes of standard output.
    #[serde(skip)]
    Stdout(Vec<u8>),
    /// Bytes of standard error.
    #[serde(skip)]
    Stderr(Vec<u8>),
    /// A lossy client lagged: output is missing here, and what follows is the session's last output.
    Resync {
        /// Which session.
        session: SessionId,
    },
    /// A session's process ended; all of its output came before.
    Exited {
        /// Which session.
        session: SessionId,
        /// Its exit code; 128 and the signal's number when a signal ended it.
        code: i32,
        /// The signal that ended it.
        signal: Option<i32>,
        /// Whether the kernel ended it for want of memory.
        oom: bool,
    },
    /// The client has left the session.
    Detached,
    /// The sessions there are.
    Sessions(Vec<SessionSnapshot>),
    /// The request failed.
    Failed(Failure),
    /// The request was carried out.
    Ok,
}

impl Request {
    /// The request as a frame.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) -> Result<()> {
        encode_control(self, out)
    }

    /// Reads a control frame's payload.
    pub(crate) fn decode(payload: &[u8]) -> Result<Self> {
        serde_json::from_slice(payload).map_err(|error| SupervisorError::Protocol(error.to_string()))
    }
}

impl Message {
    /// Appends the message's frame.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) -> Result<()> {
        match self {
            Self::Stdout(bytes) => frame::append(out, Kind::Stdout, bytes),
            Self::Stderr(bytes) => frame::append(out, Kind::Stderr, bytes),
            control => return encode_control(control, out),
        }
        Ok(())
    }

    /// Reads a frame.
    pub(crate) fn decode(frame: Frame) -> Result<Self> {
        match frame.kind {
            Kind::Stdout => Ok(Self::Stdout(frame.payload)),
            Kind::Stderr => Ok(Self::Stderr(frame.payload)),
            Kind::Control => serde_json::from_slice(&frame.payload)
                .map_err(|error| SupervisorError::Protocol(error.to_string())),
            Kind::Stdin => Err(SupervisorError::Protocol("a supervisor sends no standard input".to_owned())),
        }
    }
}

fn encode_control(value: &impl Serialize, out: &mut Vec<u8>) -> Result<()> {
    let text = serde_json::to_vec(value).map_err(|error| SupervisorError::Protocol(error.to_string()))?;
    if text.len() > frame::MAX_PAYLOAD {
        return Err(SupervisorError::Protocol(format!("a message of {} bytes is too long", text.len())));
    }
    frame::append(out, Kind::Control, &text);
    Ok(())
}
