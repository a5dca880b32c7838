//! One session: a process, its streams, and the last it said.

use crate::config::SupervisorConfig;
use crate::launch::{Process, Streams};
use crate::log::now;
use crate::ring::Ring;
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::io::Errno;
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::pty::OpenptFlags;
use rustix::termios::Winsize;
use std::collections::VecDeque;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};
use teu_api::event::LogStream;
use teu_api::session::{ExecSpec, SessionSnapshot, TerminalSize};
use teu_api::{Failure, SessionId};

/// How long a kept session that ended waits for someone to ask how.
const KEEP_EXIT: Duration = Duration::from_mins(1);

/// How a process ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Exit {
    /// Its exit code; 128 and the signal's number when a signal ended it.
    pub code: i32,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Whether the kernel ended it for want of memory.
    pub oom: bool,
}

/// A process's name on the host.
#[derive(Debug)]
pub struct Running {
    /// Its id.
    pub pid: i32,
    /// A descriptor that names it for certain.
    pub pidfd: OwnedFd,
}

/// Our ends of a process's streams.
#[derive(Debug, Default)]
struct OurEnds {
    stdin: Option<OwnedFd>,
    stdout: Option<OwnedFd>,
    stderr: Option<OwnedFd>,
    terminal: Option<OwnedFd>,
    /// The other side of the terminal, held open while the process lives: an init that closes its console to open it
    /// again must not look like one that ended.
    console: Option<OwnedFd>,
}

/// One session.
#[derive(Debug)]
pub struct Session {
    /// The program and its arguments.
    pub args: Vec<String>,
    /// Whether it has a terminal.
    pub tty: bool,
    /// The process while it lives.
    pub process: Option<Running>,
    /// How it ended.
    pub exit: Option<Exit>,
    /// Whether it is kept when no client is attached and after its end, until someone asked how it ended.
    pub keep: bool,
    /// Whether it is a health check's, which nobody sees.
    pub hidden: bool,
    /// Whether someone was told how it ended.
    pub told: bool,
    /// The last it said.
    pub ring: Ring,
    ended_at: Option<Instant>,
    open_stdin: bool,
    size: Option<TerminalSize>,
    started_at: i64,
    ends: OurEnds,
    input: VecDeque<u8>,
    /// Whether input is closed once the queue is written.
    input_ends: bool,
}

impl Session {
    /// The session of the container's first process, before it is started.
    pub fn main(config: &SupervisorConfig) -> Self {
        let mut session = Self::new(Vec::new(), config.tty, config.open_stdin, config.console_size);
        session.keep = true;
        session
    }

    /// The session of an executed process, before it is started.
    pub fn exec(spec: &ExecSpec) -> Self {
        let mut session = Self::new(spec.args.clone(), spec.tty, spec.stdin, spec.size);
        session.keep = spec.keep;
        session
    }

    fn new(args: Vec<String>, tty: bool, open_stdin: bool, size: Option<TerminalSize>) -> Self {
        Self {
            args,
            tty,
            process: None,
            exit: None,
            keep: false,
            hidden: false,
            told: false,
            ended_at: None,
            ring: Ring::new(tty),
            open_stdin,
            size,
            started_at: 0,
            ends: OurEnds::default(),
            input: VecDeque::new(),
            input_ends: false,
        }
    }

    /// Makes the streams for a process. Our ends take effect at once, so that input can be queued.
    pub fn make_streams(&mut self) -> Result<Streams, Failure> {
        self.ends = OurEnds::default();
        if self.tty {
            return Ok(Streams::Terminal(self.size));
        }
        let pipe = || {
            pipe_with(PipeFlags::CLOEXEC).map_err(|errno| {
                Failure::internal(format!("cannot make a pipe: {}", std::io::Error::from(errno)))
            })
        };
        let stdin = if self.open_stdin {
            let (theirs, ours) = pipe()?;
            self.ends.stdin = Some(without_blocking(ours)?);
            Some(theirs)
        } else {
            None
        };
        let (ours, stdout) = pipe()?;
        self.ends.stdout = Some(without_blocking(ours)?);
        let (ours, stderr) = pipe()?;
        self.ends.stderr = Some(without_blocking(ours)?);
        Ok(Streams::Pipes([stdin, Some(stdout), Some(stderr)]))
    }

    /// The process runs.
    pub fn started(&mut self, process: Process) -> Result<(), Failure> {
        self.exit = None;
        self.started_at = now();
        self.process = Some(Running { pid: process.pid, pidfd: process.pidfd });
        if let Some(terminal) = process.terminal {
            let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
            self.ends.console = rustix::pty::ioctl_tiocgptpeer(&terminal, flags).ok();
            self.ends.terminal = Some(without_blocking(terminal)?);
            if let Some(size) = self.size {
                self.resize(size);
            }
        }
        if !self.open_stdin {
            self.input.clear();
        }
        Ok(())
    }

    /// The process has ended: from here on its streams end where they are empty.
    pub fn ended(&mut self, exit: Exit) {
        self.process = None;
        self.exit = Some(exit);
        self.ended_at = Some(Instant::now());
        self.ends.console = None;
        self.ends.stdin = None;
        self.input.clear();
        self.input_ends = false;
    }

    /// Closes all streams; whoever still holds a terminal of this session is hung up.
    pub fn close(&mut self) {
        self.ends = OurEnds::default();
    }

    /// Streams that may still give output.
    pub fn outputs(&self) -> impl Iterator<Item = (LogStream, BorrowedFd<'_>)> {
        let stdout = self.ends.terminal.as_ref().or(self.ends.stdout.as_ref());
        let stderr = self.ends.stderr.as_ref();
        let stdout = stdout.map(|fd| (LogStream::Stdout, fd.as_fd()));
        stdout.into_iter().chain(stderr.map(|fd| (LogStream::Stderr, fd.as_fd())))
    }

    /// Reads output: `Some(0)` at its end, `None` when there is none now.
    pub fn read(&mut self, stream: LogStream, buffer: &mut [u8]) -> Option<usize> {
        let end = match stream {
            LogStream::Stdout if self.ends.terminal.is_some() => &mut self.ends.terminal,
            LogStream::Stdout => &mut self.ends.stdout,
            LogStream::Stderr => &mut self.ends.stderr,
        };
        let Some(fd) = end else { return Some(0) };
        match rustix::io::read(fd, buffer) {
            Err(Errno::AGAIN | Errno::INTR) => None,
            // A terminal whose other side nobody holds any more reads as EIO.
            Ok(0) | Err(_) => {
                *end = None;
                Some(0)
            }
            Ok(length) => Some(length),
        }
    }

    /// Queues input. What a session without standard input is sent is dropped.
    pub fn queue_input(&mut self, bytes: &[u8]) {
        let takes = self.open_stdin && !self.input_ends && (self.process.is_some() || self.started_at == 0);
        if takes && (self.tty || self.started_at == 0 || self.ends.stdin.is_some()) {
            self.input.extend(bytes);
        }
    }

    /// Closes input once what is queued is written. A terminal has no end of input: that is typed.
    pub fn end_input(&mut self) {
        if !self.tty {
            self.input_ends = true;
        }
    }

    /// Bytes queued.
    pub fn queued_input(&self) -> usize {
        self.input.len()
    }

    /// Whether there is something to do as soon as the process takes input.
    pub fn has_input(&self) -> bool {
        self.process.is_some() && (!self.input.is_empty() || self.input_ends)
    }

    /// The descriptor that takes input.
    pub fn input(&self) -> Option<BorrowedFd<'_>> {
        self.ends.terminal.as_ref().or(self.ends.stdin.as_ref()).map(OwnedFd::as_fd)
    }

    /// Writes queued input as far as the process takes it.
    pub fn write_input(&mut self) {
        while !self.input.is_empty() {
            let Some(fd) = self.ends.terminal.as_ref().or(self.ends.stdin.as_ref()) else {
                self.input.clear();
                break;
            };
            let (piece, _) = self.input.as_slices();
            match rustix::io::write(fd, piece) {
                Ok(length) => drop(self.input.drain(..length)),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return,
                // Nobody reads any more.
                Err(_) => {
                    self.ends.stdin = None;
                    self.input.clear();
                }
            }
        }
        self.input.shrink_to(0);
        if self.input_ends {
            self.ends.stdin = None;
            self.input_ends = false;
        }
    }

    /// Gives the terminal a size, now or when it is made.
    pub fn resize(&mut self, size: TerminalSize) {
        self.size = Some(size);
        if let Some(terminal) = &self.ends.terminal {
            let size = Winsize { ws_row: size.rows, ws_col: size.columns, ws_xpixel: 0, ws_ypixel: 0 };
            // It fails only for what is no terminal.
            let _ = rustix::termios::tcsetwinsize(terminal, size);
        }
    }

    /// Whether nothing is lost when it is forgotten. One that is kept waits a while for someone to ask how it ended.
    pub fn is_finished(&self) -> bool {
        let waited = self.ended_at.is_some_and(|at| at.elapsed() >= KEEP_EXIT);
        let silent = self.ends.terminal.is_none() && self.ends.stdout.is_none() && self.ends.stderr.is_none();
        self.process.is_none() && self.exit.is_some() && ((silent && (self.told || !self.keep)) || waited)
    }

    /// What others see of it.
    pub fn snapshot(&self, id: SessionId, clients: u32) -> SessionSnapshot {
        SessionSnapshot {
            id,
            args: self.args.clone(),
            tty: self.tty,
            pid: self.process.as_ref().map_or(0, |process| process.pid),
            clients,
            started_at: self.started_at,
            exit_code: self.exit.map(|exit| exit.code),
        }
    }
}

fn without_blocking(fd: OwnedFd) -> Result<OwnedFd, Failure> {
    fcntl_getfl(&fd).and_then(|flags| fcntl_setfl(&fd, flags | OFlags::NONBLOCK)).map_err(|errno| {
        Failure::internal(format!("cannot prepare a stream: {}", std::io::Error::from(errno)))
    })?;
    Ok(fd)
}
