//! `start` and `run`: a supervisor is begun, and it begins the container.

use crate::engine::Engine;
use teu_api::session::TerminalSize;
use teu_api::{ContainerId, Failure, SessionId};
use teu_store::ContainerRecord;
use teu_supervisor::{Connection, Message, Request};

/// What the starter wants to see of the container.
#[derive(Clone, Debug, Default)]
pub struct Launch {
    /// Whether standard input is passed on.
    pub stdin: bool,
    /// Whether standard output is shown.
    pub stdout: bool,
    /// Whether standard error is shown.
    pub stderr: bool,
    /// The terminal's size, if there is one.
    pub size: Option<TerminalSize>,
}

impl Engine {
    /// Starts a container and leaves it alone. One that runs already is left as it is.
    pub fn start(&self, id: &ContainerId) -> Result<(), Failure> {
        let record = self.store().container(id)?;
        if record.state.status.is_live() {
            return Ok(());
        }
        let connection = self.launch(&record, None)?;
        drop(connection);
        Ok(())
    }

    /// Starts a container; with `attach` its output follows on the returned connection from the first byte on.
    pub fn launch(&self, record: &ContainerRecord, attach: Option<&Launch>) -> Result<Connection, Failure> {
        if record.state.status.is_live() {
            return Err(Failure::conflict(format!("container {} is already running", record.name))
                .hint(format!("teu attach {}", record.name)));
        }
        let directory = self.prepare(record)?;
        let mut connection = teu_supervisor::spawn(self.program(), &directory)?;
        if let Some(attach) = attach {
            connection.send(&Request::Attach {
                session: SessionId::MAIN,
                stdin: attach.stdin,
                stdout: attach.stdout,
                stderr: attach.stderr,
                replay: false,
                lossy: false,
                size: attach.size,
            })?;
        }
        connection.send(&Request::Start)?;
        loop {
            match connection.recv()? {
                Some(Message::Started { .. }) => return Ok(connection),
                Some(Message::StartFailed(failure) | Message::Failed(failure)) => return Err(failure),
                Some(_) => {}
                None => {
                    return Err(Failure::internal(format!(
                        "container {}: its supervisor ended before the container began",
                        record.name
                    ))
                    .hint("see supervisor.log in the container's folder"));
                }
            }
        }
    }

    /// Connects to a running container's supervisor.
    pub fn connect(&self, record: &ContainerRecord) -> Result<Connection, Failure> {
        if !record.state.status.is_live() {
            return Err(Failure::conflict(format!("container {} is not running", record.name))
                .hint(format!("teu start {}", record.name)));
        }
        Ok(Connection::connect(&self.store().paths().container_run(&record.id))?)
    }
}
