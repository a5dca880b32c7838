//! The Compose Specification: files become a typed project, and a project and what there is become a plan.
//!
//! Pure but for reading files through [`Files`]: nothing here knows the engine. Semantics are those of Docker Compose.

mod canonical;
mod consistency;
mod defaults;
mod dotenv;
mod error;
mod extends;
mod files;
mod include;
pub mod labels;
mod load;
mod loader;
mod merge;
pub mod model;
mod paths;
mod pattern;
pub mod plan;
mod promote;
mod reader;
mod render;
mod rules;
mod schema;
mod select;
mod spec;
mod start;
mod template;
mod unique;
mod validate;
mod yaml;

pub use error::{ComposeError, Position};
pub use files::{Disk, Files};
pub use load::{LoadOptions, load, load_from, load_model, switch};
pub use model::{Project, Service};
pub use pattern::Patterns;
pub use render::{config_hash, json_to_yaml, resource_hash, to_json, to_yaml};
pub use spec::{
    ContainerRequest, FileContent, VolumeRequest, container_request, hook_request, network_request, ulimits,
    volume_request,
};
pub use template::Variable;
pub use validate::{Finding, Severity, validate};
