//! `attach` and `exec`: sessions with a container's processes.

use crate::engine::Engine;
use teu_api::container::Status;
use teu_api::session::{ExecSpec, SessionSnapshot, TerminalSize};
use teu_api::{Failure, SessionId};
use teu_store::ContainerRecord;
use teu_supervisor::{Connection, Message, Request};

/// A process that was begun in a container, with the connection its output comes on.
pub struct Exec {
    /// Its session.
    pub session: SessionId,
    /// Its process id on the host.
    pub pid: i32,
    /// The connection.
    pub connection: Connection,
}

impl Engine {
    /// Attaches to a session of a running container; its last output is shown again where `replay` is set.
    pub fn attach(
        &self,
        record: &ContainerRecord,
        session: SessionId,
        stdin: bool,
        replay: bool,
        lossy: bool,
        size: Option<TerminalSize>,
    ) -> Result<Connection, Failure> {
        if record.state.status == Status::Paused {
            return Err(Failure::conflict("You cannot attach to a paused container, unpause it first")
                .hint(format!("teu unpause {}", record.name)));
        }
        let mut connection = self.connect(record)?;
        connection.send(&Request::Attach {
            session,
            stdin,
            stdout: true,
            stderr: true,
            replay,
            lossy,
            size,
        })?;
        loop {
            match connection.recv()? {
                Some(Message::Attached { .. }) => return Ok(connection),
                Some(Message::Failed(failure)) => return Err(failure),
                Some(_) => {}
                None => return Err(Failure::conflict(format!("container {} has just ended", record.name))),
            }
        }
    }

    /// Begins a process in a running container.
    pub fn exec(&self, record: &ContainerRecord, spec: ExecSpec) -> Result<Exec, Failure> {
        if record.state.status == Status::Paused {
            return Err(Failure::conflict(format!(
                "Container {} is paused, unpause the container before exec",
                record.name
            ))
            .hint(format!("teu unpause {}", record.name)));
        }
        let mut connection = self.connect(record)?;
        connection.send(&Request::Exec(spec))?;
        loop {
            match connection.recv()? {
                Some(Message::ExecStarted { session, pid }) => return Ok(Exec { session, pid, connection }),
                Some(Message::Failed(failure) | Message::StartFailed(failure)) => return Err(failure),
                Some(_) => {}
                None => return Err(Failure::conflict(format!("container {} has just ended", record.name))),
            }
        }
    }

    /// The sessions of a running container, its first process among them.
    pub fn sessions(&self, record: &ContainerRecord) -> Result<Vec<SessionSnapshot>, Failure> {
        let mut connection = self.connect(record)?;
        connection.send(&Request::Sessions)?;
        loop {
            match connection.recv()? {
                Some(Message::Sessions(sessions)) => return Ok(sessions),
                Some(Message::Failed(failure)) => return Err(failure),
                Some(_) => {}
                None => return Ok(Vec::new()),
            }
        }
    }

    /// Hangs a session up.
    pub fn close_session(&self, record: &ContainerRecord, session: SessionId) -> Result<(), Failure> {
        self.connect(record)?.request(&Request::CloseSession(session))?;
        Ok(())
    }
}
