//! From what a project asks for and what there is to the steps between: plain data, carried out elsewhere.

mod builder;
mod down;
mod drift;
mod hooks;
mod life;
mod observed;
mod up;

pub use down::{DownOptions, RemoveImages, down};
pub use drift::{Change, Drift, ServiceDrift, drift};
pub(crate) use hooks::hook_name;
pub use life::{Life, life};
pub use observed::{Observed, ObservedContainer, ObservedNetwork, ObservedVolume, Phase};
pub(crate) use up::container_name;
pub use up::{Recreate, UpOptions, up};

use crate::error::ComposeError;
use crate::model::Project;

/// What a service waits for in another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Condition {
    /// Its containers run.
    Started,
    /// Its containers are healthy.
    Healthy,
    /// Its containers ended with exit code 0.
    Completed,
}

impl Condition {
    /// The condition that a word of the specification means.
    pub fn parse(word: &str) -> Self {
        match word {
            "service_healthy" => Self::Healthy,
            "service_completed_successfully" => Self::Completed,
            _ => Self::Started,
        }
    }
}

/// One thing to do. Containers are named; those that are still to be made have no id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Action {
    /// Make sure that a service's image is there, by its pull policy.
    EnsureImage {
        /// The service.
        service: String,
    },
    /// Check that a network made elsewhere is there.
    ExpectNetwork {
        /// Its name.
        name: String,
    },
    /// Check that a volume made elsewhere is there.
    ExpectVolume {
        /// Its name.
        name: String,
    },
    /// Make a network.
    CreateNetwork {
        /// Its key in the project.
        key: String,
        /// Its name.
        name: String,
    },
    /// Remove a network.
    RemoveNetwork {
        /// Its name.
        name: String,
    },
    /// Make a volume.
    CreateVolume {
        /// Its key in the project.
        key: String,
        /// Its name.
        name: String,
    },
    /// Remove a volume.
    RemoveVolume {
        /// Its name.
        name: String,
    },
    /// Rename a container out of the way of its successor.
    RenameContainer {
        /// Its id.
        id: String,
        /// Its new name.
        name: String,
    },
    /// Make a container.
    CreateContainer {
        /// Its service.
        service: String,
        /// Which of the service's containers it is.
        number: u32,
        /// Its name.
        name: String,
        /// The container whose anonymous volumes it takes over, by id.
        inherit_from: Option<String>,
    },
    /// Run a service's `pre_start` hook to its end, in a container that is gone afterwards.
    RunHook {
        /// The service.
        service: String,
        /// Which of its hooks.
        index: usize,
        /// The number of the container that it prepares.
        number: u32,
        /// The name of the hook's container.
        name: String,
    },
    /// Start a container.
    StartContainer {
        /// Its service; empty for one that is in no file any more.
        service: String,
        /// Its name.
        name: String,
    },
    /// Stop a container, running its `pre_stop` hooks first.
    StopContainer {
        /// Its service.
        service: String,
        /// Its id.
        id: String,
        /// Its name.
        name: String,
    },
    /// Stop and start a container.
    RestartContainer {
        /// Its service.
        service: String,
        /// Its id.
        id: String,
        /// Its name.
        name: String,
    },
    /// Send a container a signal.
    KillContainer {
        /// Its id.
        id: String,
        /// Its name.
        name: String,
    },
    /// Freeze a container.
    PauseContainer {
        /// Its id.
        id: String,
        /// Its name.
        name: String,
    },
    /// Thaw a container.
    UnpauseContainer {
        /// Its id.
        id: String,
        /// Its name.
        name: String,
    },
    /// Remove a container.
    RemoveContainer {
        /// Its id.
        id: String,
        /// Its name.
        name: String,
        /// Whether its anonymous volumes go with it.
        volumes: bool,
    },
    /// Wait until a service is as another needs it.
    WaitFor {
        /// The service.
        service: String,
        /// How it must be.
        condition: Condition,
        /// Whether it is an error if it never is.
        required: bool,
    },
    /// Remove an image.
    RemoveImage {
        /// Its name.
        image: String,
    },
    /// Pull an image.
    PullImage {
        /// Its name.
        image: String,
        /// Its platform; empty for this machine's.
        platform: String,
    },
    /// Push an image.
    PushImage {
        /// Its name.
        image: String,
    },
}

impl Action {
    /// What it is about and what is about to happen, as a kind, a name and a word; `None` for what is not told.
    pub fn told(&self) -> Option<(&'static str, &str, &'static str)> {
        Some(match self {
            Self::EnsureImage { .. } | Self::ExpectNetwork { .. } | Self::ExpectVolume { .. } => return None,
            Self::CreateNetwork { name, .. } => ("Network", name, "Creating"),
            Self::RemoveNetwork { name } => ("Network", name, "Removing"),
            Self::CreateVolume { name, .. } => ("Volume", name, "Creating"),
            Self::RemoveVolume { name } => ("Volume", name, "Removing"),
            Self::RenameContainer { name, .. } => ("Container", name, "Renaming"),
            Self::CreateContainer { name, .. } => ("Container", name, "Creating"),
            Self::RunHook { name, .. } => ("Container", name, "Starting"),
            Self::StartContainer { name, .. } => ("Container", name, "Starting"),
            Self::StopContainer { name, .. } => ("Container", name, "Stopping"),
            Self::RestartContainer { name, .. } => ("Container", name, "Restarting"),
            Self::KillContainer { name, .. } => ("Container", name, "Killing"),
            Self::PauseContainer { name, .. } => ("Container", name, "Pausing"),
            Self::UnpauseContainer { name, .. } => ("Container", name, "Unpausing"),
            Self::RemoveContainer { name, .. } => ("Container", name, "Removing"),
            Self::WaitFor { service, .. } => ("Service", service, "Waiting"),
            Self::RemoveImage { image } => ("Image", image, "Removing"),
            Self::PullImage { image, .. } => ("Image", image, "Pulling"),
            Self::PushImage { image } => ("Image", image, "Pushing"),
        })
    }
}

/// One step of a plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// What to do.
    pub action: Action,
    /// The steps, by index, that must have succeeded before; always smaller than the step's own. Steps without such a bond
    /// may be carried out at the same time.
    pub after: Vec<usize>,
}

/// What to do, in an order that works.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Plan {
    /// The steps.
    pub steps: Vec<Step>,
    /// What the user should know: containers of services that are in no file any more, volumes that differ.
    pub warnings: Vec<String>,
}

impl Plan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

/// The services that a command is about: those named and, with `dependencies`, what they need; all for none named.
pub fn select<'a>(
    project: &'a Project,
    named: &[String],
    dependencies: bool,
) -> Result<Vec<&'a str>, ComposeError> {
    let order = project.service_order();
    if named.is_empty() {
        return Ok(order);
    }
    let mut chosen: Vec<&str> = Vec::new();
    let mut rest: Vec<&str> = Vec::new();
    for name in named {
        let Some((name, _)) = project.services.get_key_value(name) else {
            let hint = crate::error::did_you_mean(name, project.services.keys().map(String::as_str));
            return Err(ComposeError::new(format!("there is no service `{name}`")).hint(hint).missing());
        };
        rest.push(name);
    }
    while let Some(name) = rest.pop() {
        if chosen.contains(&name) {
            continue;
        }
        chosen.push(name);
        if dependencies && let Some(service) = project.services.get(name) {
            rest.extend(
                service
                    .depends_on
                    .keys()
                    .filter(|other| project.services.contains_key(*other))
                    .map(String::as_str),
            );
        }
    }
    Ok(order.into_iter().filter(|name| chosen.contains(name)).collect())
}
