//! Stacks: what Compose files describe, as the user interface shows and changes them.

use crate::error::Failure;

/// What is known of a stack beside its containers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StackDetails {
    /// Where it comes from.
    pub source: StackSource,
    /// Its services in an order in which they can be started; those of the containers alone where the files cannot be
    /// read.
    pub services: Vec<StackService>,
    /// What differs between files and reality beside services, one line each.
    pub drift: Vec<String>,
    /// What the user should know, one line each.
    pub warnings: Vec<String>,
    /// Why the files cannot be read, if they cannot.
    pub problem: Option<Failure>,
}

/// The files that a stack comes from.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StackSource {
    /// Its name.
    pub name: String,
    /// Its files, absolute, the main one first.
    pub files: Vec<String>,
    /// The folder that relative paths start from.
    pub directory: String,
}

/// One service.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StackService {
    /// Its name.
    pub name: String,
    /// Its image.
    pub image: String,
    /// How many containers it should have.
    pub wanted: u32,
    /// What it needs: the service, and how it must be.
    pub needs: Vec<(String, Need)>,
    /// Whether its image is built from source here.
    pub built: bool,
    /// Whether it says which of this machine's files are to be brought into it as they change.
    pub watches: bool,
    /// What differs between file and reality, one line each.
    pub drift: Vec<String>,
}

/// How a service must be for another one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Need {
    /// Its containers run.
    #[default]
    Started,
    /// Its containers are healthy.
    Healthy,
    /// Its containers ended with exit code 0.
    Completed,
}

/// Something that is done to a stack.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StackRequest {
    /// Which.
    pub source: StackSource,
    /// Which services; all for none.
    pub services: Vec<String>,
    /// What is done.
    pub deed: StackDeed,
}

/// What is done to a stack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StackDeed {
    /// Everything is made and started as the files say.
    Up,
    /// Containers and networks are removed; volumes where that is asked for.
    Down {
        /// Whether volumes go, too.
        volumes: bool,
    },
    /// Containers are stopped, dependents first.
    Stop,
    /// Containers are restarted in order.
    Restart,
    /// The service gets so many containers.
    Scale(u32),
    /// Changed files are brought into services that ask for it, until that is cancelled.
    Watch,
}

impl StackDeed {
    /// What is being done, before the stack's name.
    pub fn doing(self) -> &'static str {
        match self {
            Self::Up => "bringing up",
            Self::Down { .. } => "taking down",
            Self::Stop => "stopping",
            Self::Restart => "restarting",
            Self::Scale(_) => "scaling",
            Self::Watch => "watching",
        }
    }
}

/// What there is to tell of files that are watched for a stack.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum WatchNews {
    /// They are watched from now on, as work of that number.
    Begun {
        /// The work's number, to cancel it by.
        task: u64,
        /// The services they are watched for.
        services: Vec<String>,
        /// What the user should know, one line each.
        warnings: Vec<String>,
    },
    /// A change was brought in.
    Brought {
        /// Into which service.
        service: String,
        /// Which files, as paths from the stack's folder.
        files: Vec<String>,
        /// Whether the service was restarted.
        restarted: bool,
    },
    /// A change could not be brought in; the next one is tried all the same.
    Failed(Failure),
    /// They are watched no more.
    Ended,
}

/// Something about a text that its author should know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TextFinding {
    /// The line, from 1; 0 for the whole.
    pub line: usize,
    /// The column in characters, from 1; 0 for the whole line.
    pub column: usize,
    /// Whether the text cannot be used as it is.
    pub grave: bool,
    /// What it is, one line.
    pub message: String,
}
