//! `commit`.

use crate::engine::Engine;
use serde_json::{Map, Value};
use teu_api::Failure;
use teu_api::container::Status;
use teu_store::{Commit, ContainerRecord, ImageRecord};

/// What a container's configuration hands on to an image made of it.
const HANDED_ON: [&str; 10] = [
    "Cmd",
    "Entrypoint",
    "Env",
    "ExposedPorts",
    "Healthcheck",
    "Labels",
    "StopSignal",
    "User",
    "Volumes",
    "WorkingDir",
];

/// How an image is made of a container.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CommitRequest {
    /// The image's name; none leaves it without one.
    pub name: Option<String>,
    /// Instructions as in a Dockerfile.
    pub changes: Vec<String>,
    /// Who made it.
    pub author: String,
    /// What it is about.
    pub message: String,
    /// Whether a running container is frozen meanwhile.
    pub pause: bool,
}

impl Engine {
    /// Makes an image of a container's changes.
    pub fn commit(&self, record: &ContainerRecord, request: CommitRequest) -> Result<ImageRecord, Failure> {
        let upper = self.store().paths().container(&record.id).join("upper");
        std::fs::create_dir_all(&upper)
            .map_err(|error| Failure::internal(format!("cannot open {}: {error}", upper.display())))?;
        let mut config = Map::new();
        if let Value::Object(own) = &mut self.inspect(record)?["Config"] {
            for key in HANDED_ON {
                if let Some(value) = own.remove(key).filter(|value| !value.is_null()) {
                    config.insert(key.to_owned(), value);
                }
            }
        }
        let commit = Commit {
            upper,
            base: (!record.spec.image_id.is_empty()).then(|| record.spec.image_id.clone()),
            name: request.name,
            config: Some(Value::Object(config)),
            changes: request.changes,
            author: request.author,
            message: request.message,
            created_by: record.spec.args().join(" "),
        };
        let freeze = request.pause && record.state.status == Status::Running;
        if freeze {
            self.pause(&record.id)?;
        }
        let made = self.store().commit_image(&commit);
        let thawed = if freeze { self.unpause(&record.id) } else { Ok(()) };
        let image = made?;
        thawed?;
        Ok(image)
    }
}
