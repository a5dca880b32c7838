//! The seam to what makes processes: our own runtime, another OCI runtime's program, or plain processes in tests.

mod bundle;
mod console_socket;
mod external;
mod native;
mod working_dir;

use crate::config::SupervisorConfig;
use std::os::fd::OwnedFd;
use teu_api::Failure;
use teu_api::session::{ExecSpec, TerminalSize};

/// What a process gets as its standard streams.
#[derive(Debug)]
pub enum Streams {
    /// A terminal of its own, with a first size.
    Terminal(Option<TerminalSize>),
    /// These ends of pipes; nothing is the null device.
    Pipes([Option<OwnedFd>; 3]),
}

/// A process that runs.
#[derive(Debug)]
pub struct Process {
    /// Its id on the host.
    pub pid: i32,
    /// A descriptor that names it for certain.
    pub pidfd: OwnedFd,
    /// The controlling side of its terminal, if it has one.
    pub terminal: Option<OwnedFd>,
}

/// What is done to a container's surroundings, by the id of its first process, before that executes its program.
pub type Preparation<'a> = dyn FnMut(i32) -> Result<(), Failure> + 'a;

/// Makes and rules the processes of one container. All of them become the caller's children, which waits for them.
pub trait Launcher {
    /// Starts the first process. `while_it_prepares` is called once while the new process makes its surroundings ready;
    /// when it fails, nothing is started.
    fn start(
        &mut self,
        config: &SupervisorConfig,
        streams: Streams,
        while_it_prepares: &mut Preparation<'_>,
    ) -> Result<Process, Failure>;

    /// Executes a process inside the container.
    fn exec(
        &mut self,
        config: &SupervisorConfig,
        spec: &ExecSpec,
        streams: Streams,
    ) -> Result<Process, Failure>;

    /// Sends a signal to every process of the container.
    fn signal_all(&mut self, signal: i32) -> Result<(), Failure>;

    /// Freezes or thaws every process.
    fn freeze(&mut self, frozen: bool) -> Result<(), Failure>;

    /// Whether the kernel killed one of them for want of memory since the start.
    fn out_of_memory(&mut self) -> bool;

    /// Kills what is left and removes what the start made. Every failure is told, and none stops it.
    fn clean_up(&mut self) -> Vec<Failure>;

    /// Gives back memory that is not needed while nothing happens.
    fn settle(&mut self) {}
}

/// The launcher that a container asks for.
pub fn for_config(config: &SupervisorConfig) -> Box<dyn Launcher> {
    match &config.runtime {
        Some(program) => Box::new(external::External::new(program, config)),
        None => Box::new(native::Native::default()),
    }
}
