//! Stacks: what Compose files describe, brought up, watched over and taken down. A stack is found again by its
//! containers' labels alone, so nothing here is stored.

mod build;
mod change;
mod check;
mod create;
mod execute;
mod files;
mod hooks;
mod image;
mod list;
mod observe;
mod perform;
mod ports;
mod wait;
mod watch;

pub use build::{build_order, build_request};
pub use change::Listener;
pub use check::{environment, validate};
pub use execute::{Problem, Settings, StackEvent};
pub use list::StackSummary;
pub use teu_compose::{
    ComposeError, ContainerRequest, Finding, LoadOptions, Position, Project, Service, Severity, config_hash,
    container_request, json_to_yaml, labels, load, load_model, plan, switch, to_json, to_yaml,
};
pub use watch::{Brought, StackWatch, Turn};
