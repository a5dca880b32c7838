//! Stacks: what Compose files describe, brought up, watched over and taken down. A stack is found again by its
//! containers' labels alone, so nothing here is stored.

mod list;

pub use list::StackSummary;
pub use teu_compose::{
    ComposeError, LoadOptions, Project, Service, config_hash, json_to_yaml, labels, load, load_model, plan,
    to_json, to_yaml,
};
