//! `build`: the steps of a Dockerfile are carried out on top of each other, and become an image.
//!
//! A step is named by what it depends on: the layers below it, its instruction with variables expanded, the content of
//! the files that it takes. A step that was taken before is not taken again; its layer is in the store. Steps that run
//! something run it in a container like any other, which is gone afterwards, however it ended.

mod add;
mod agent;
mod base;
mod context;
mod copy;
mod fetch;
mod git;
mod image;
mod inside;
mod layer;
mod mounts;
mod pack;
mod run;
mod secret;
mod stage;
mod state;
mod stubs;
mod tree;

use crate::engine::Engine;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::collections::BTreeMap;
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::PathBuf;
use std::sync::Arc;
use teu_api::Failure;
use teu_api::container::HostSpec;
use teu_api::progress::TransferEvent;
use teu_store::ImageRecord;

pub use agent::agent_socket;
pub use context::ContextFolder;
pub use fetch::is_address;
pub(crate) use run::end_killed_builds;
pub use secret::SecretSource;

/// Where the Dockerfile is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DockerfileSource {
    /// A path on this machine.
    File(PathBuf),
    /// A path in the context, which is not this machine's own: no link leads out of it.
    Context(String),
    /// Its text.
    Text(Vec<u8>),
}

/// What a build takes files from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ContextSource {
    /// Nothing.
    Nothing,
    /// A folder of this machine.
    Folder(PathBuf),
    /// A repository, an archive, or a Dockerfile alone, that is fetched.
    Address(String),
}

/// What to build.
#[derive(Clone, Debug)]
pub struct BuildRequest {
    /// Whose files the build sees.
    pub context: ContextSource,
    /// The Dockerfile.
    pub dockerfile: DockerfileSource,
    /// What the Dockerfile is called in messages.
    pub dockerfile_name: String,
    /// Names for the image.
    pub names: Vec<String>,
    /// Values of ARGs.
    pub arguments: BTreeMap<String, String>,
    /// The stage to build; empty for the last.
    pub target: String,
    /// Labels for the image.
    pub labels: BTreeMap<String, String>,
    /// Whether no step is taken from the cache.
    pub no_cache: bool,
    /// Stages whose steps are not taken from the cache.
    pub no_cache_stages: Vec<String>,
    /// Whether images that stages stand on are pulled again.
    pub pull: bool,
    /// `os/architecture[/variant]`; empty for this host's.
    pub platform: String,
    /// Folders, images and addresses by the names that the Dockerfile has for them.
    pub contexts: BTreeMap<String, String>,
    /// Secrets by id.
    pub secrets: BTreeMap<String, SecretSource>,
    /// Whether a step that asks for the host's network has it.
    pub allows_host_network: bool,
    /// Sockets of SSH agents by id.
    pub agents: BTreeMap<String, PathBuf>,
    /// How steps that run something stand on the host: their network, limits, names.
    pub host: HostSpec,
    /// Becomes readable when the build is to be given up.
    pub give_up: Option<Arc<OwnedFd>>,
}

impl BuildRequest {
    /// Whether the build is to be given up.
    fn is_given_up(&self) -> bool {
        self.give_up.as_ref().is_some_and(|fd| {
            let mut descriptors = [PollFd::new(fd.as_fd(), PollFlags::POLLIN)];
            poll(&mut descriptors, PollTimeout::ZERO).is_ok_and(|ready| ready > 0)
        })
    }
}

/// What happens during a build. Steps are numbered as they begin.
#[derive(Clone, PartialEq, Debug)]
pub enum BuildEvent {
    /// A step begins.
    Begun {
        /// Its number, from 1.
        step: usize,
        /// What it is, `[build 2/5] RUN make`.
        name: String,
    },
    /// A step's program has written something.
    Output {
        /// The step.
        step: usize,
        /// What it wrote.
        bytes: Vec<u8>,
    },
    /// An image is being pulled for a step.
    Transfer {
        /// The step.
        step: usize,
        /// How far it is.
        event: TransferEvent,
    },
    /// A step is done.
    Done {
        /// The step.
        step: usize,
        /// Whether it was done before.
        cached: bool,
    },
    /// A step failed, or was given up.
    Failed {
        /// The step.
        step: usize,
    },
    /// Something is likely a mistake.
    Warning(String),
}

/// What tells of a build.
pub type Tell<'a> = &'a (dyn Fn(BuildEvent) + Sync);

impl Engine {
    /// Builds an image. Blocks; must not be called on a thread of an asynchronous runtime.
    pub fn build(&self, request: &BuildRequest, tell: Tell<'_>) -> Result<ImageRecord, Failure> {
        run::remove_leftovers(self, tell)?;
        stage::Builder::new(self, request, tell)?.build()
    }
}
