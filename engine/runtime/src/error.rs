//! What can go wrong, told as: doing what, on what, why.

use std::fmt::{self, Write};
use std::path::Path;
use teu_api::error::is_commanding;
use teu_api::{Failure, FailureKind};

/// How a failure shows in an exit code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorClass {
    /// The container's command does not exist (127).
    CommandNotFound,
    /// The container's command exists but cannot be executed (126).
    NotExecutable,
    /// The bundle or the request is wrong.
    Invalid,
    /// There is no such container.
    NotFound,
    /// The container's state forbids it.
    Conflict,
    /// A hook of the bundle failed.
    Hook,
    /// This kernel or machine cannot do it.
    Unsupported,
    /// The kernel refused something.
    Kernel,
}

/// One failure of the runtime.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuntimeError {
    /// How it shows in an exit code.
    pub class: ErrorClass,
    /// What was being done, as an infinitive: "mount", "join cgroup".
    pub stage: &'static str,
    /// On what: a path, a name; may be empty.
    pub subject: String,
    /// Why not.
    pub reason: String,
    /// The kernel's error number, where it was the kernel.
    pub errno: Option<i32>,
}

/// The stage of the kernel's execve itself.
pub(crate) const EXEC: &str = "exec";

/// Result of the runtime.
pub type Result<T> = std::result::Result<T, RuntimeError>;

impl RuntimeError {
    /// A failed kernel call.
    pub fn kernel(stage: &'static str, subject: impl Into<String>, error: impl Into<std::io::Error>) -> Self {
        let error = error.into();
        let class = match error.raw_os_error() {
            Some(libc_errno::ENOSYS | libc_errno::EOPNOTSUPP) => ErrorClass::Unsupported,
            _ => ErrorClass::Kernel,
        };
        Self { class, stage, subject: subject.into(), errno: error.raw_os_error(), reason: plain(&error) }
    }

    /// A wrong bundle or request.
    pub fn invalid(subject: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            class: ErrorClass::Invalid,
            stage: "accept",
            subject: subject.into(),
            reason: reason.into(),
            errno: None,
        }
    }

    /// A failure of a given class.
    pub fn of(
        class: ErrorClass,
        stage: &'static str,
        subject: impl Into<String>,
        reason: impl Into<String>,
    ) -> Self {
        Self { class, stage, subject: subject.into(), reason: reason.into(), errno: None }
    }

    /// The exit code that Docker and shells use for this class: 127, 126, or 125.
    pub fn exit_code(&self) -> i32 {
        match self.class {
            ErrorClass::CommandNotFound => 127,
            ErrorClass::NotExecutable => 126,
            _ => 125,
        }
    }
}

/// Error numbers that are told apart here.
mod libc_errno {
    pub(super) const ENOSYS: i32 = nix::errno::Errno::ENOSYS as i32;
    pub(super) const EOPNOTSUPP: i32 = nix::errno::Errno::EOPNOTSUPP as i32;
}

/// The kernel's words without Rust's "(os error 2)".
pub(crate) fn plain(error: &std::io::Error) -> String {
    match error.raw_os_error() {
        Some(code) => nix::errno::Errno::from_raw(code).desc().to_string(),
        None => error.to_string(),
    }
}

impl fmt::Display for RuntimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (subject, reason) = (Line(&self.subject), Line(&self.reason));
        match self.class {
            // The kernel's own refusal, as of a script whose interpreter is missing, is not that of the search.
            ErrorClass::CommandNotFound | ErrorClass::NotExecutable if self.stage == EXEC => {
                write!(f, "exec {subject}: {reason}")
            }
            ErrorClass::CommandNotFound | ErrorClass::NotExecutable => {
                write!(f, "exec: \"{subject}\": {reason}")
            }
            ErrorClass::Invalid => write!(f, "{subject}: {reason}"),
            ErrorClass::NotFound | ErrorClass::Conflict => write!(f, "container {subject}: {reason}"),
            ErrorClass::Hook => write!(f, "error running {subject}: {reason}"),
            _ if self.subject.is_empty() => write!(f, "cannot {}: {reason}", self.stage),
            _ => write!(f, "cannot {} {subject}: {reason}", self.stage),
        }
    }
}

/// A part of an error as a part of one line: bundles are others' work, and what they hold neither forges lines of a log
/// nor commands a terminal.
struct Line<'a>(&'a str);

/// Most characters of a part.
const PART: usize = 280;

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, one) in self.0.chars().enumerate() {
            match one {
                _ if number == PART => return f.write_char('…'),
                one if is_commanding(one) => write!(f, "{}", one.escape_default())?,
                one => f.write_char(one)?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for RuntimeError {}

impl From<RuntimeError> for Failure {
    fn from(error: RuntimeError) -> Self {
        let kind = match error.class {
            ErrorClass::CommandNotFound => FailureKind::CommandNotFound,
            ErrorClass::NotExecutable => FailureKind::NotExecutable,
            ErrorClass::Invalid => FailureKind::Usage,
            ErrorClass::NotFound => FailureKind::NotFound,
            ErrorClass::Conflict => FailureKind::Conflict,
            ErrorClass::Unsupported => FailureKind::Unsupported,
            ErrorClass::Hook | ErrorClass::Kernel => FailureKind::Internal,
        };
        let failure = Failure::new(kind, error.to_string());
        match (error.class, error.errno) {
            (ErrorClass::CommandNotFound, _) => {
                failure.hint("check the command's spelling and the image's PATH")
            }
            (ErrorClass::NotExecutable, Some(8)) => {
                failure.hint("the file is no program for this machine, or a script without a #! line")
            }
            (ErrorClass::NotExecutable, _) => {
                failure.hint("make it executable in the image, or name its interpreter")
            }
            (ErrorClass::Kernel, Some(1 | 13)) => {
                failure.hint("this needs root or a capability that is missing here")
            }
            (ErrorClass::Kernel, Some(28)) => failure.hint("free some disk space or inodes"),
            _ => failure,
        }
    }
}

/// A path in an error's subject.
pub(crate) fn shown(path: &Path) -> String {
    path.display().to_string()
}
