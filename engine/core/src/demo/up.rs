//! `demo`: images from this host's programs, and four containers that are worth watching.

use super::{CONTAINERS, DemoContainer, PROGRAMS};
use crate::engine::Engine;
use teu_api::Failure;
use teu_store::from_host::FromHost;

impl Engine {
    /// Brings the demo up; what is up already is left alone. `say` is told each step, and ends it there when it fails.
    pub fn demo_up(&self, say: &mut dyn FnMut(&str) -> Result<(), Failure>) -> Result<(), Failure> {
        self.demo_images(say)?;
        for container in &CONTAINERS {
            self.demo_container(container, say)?;
        }
        Ok(())
    }

    fn demo_images(&self, say: &mut dyn FnMut(&str) -> Result<(), Failure>) -> Result<(), Failure> {
        let missing: Vec<&str> = CONTAINERS
            .iter()
            .map(|container| container.image)
            .filter(|image| self.store().find_image(image).is_err())
            .collect();
        let Some((first, others)) = missing.split_first() else { return Ok(()) };
        say(&format!("building {first} from this host's programs"))?;
        let image = self.store().image_from_host(&FromHost {
            name: (*first).to_owned(),
            programs: PROGRAMS.iter().map(|program| (*program).to_owned()).collect(),
            skip_missing: true,
            ..FromHost::default()
        })?;
        for other in others {
            self.store().tag_image(&image.id, other)?;
        }
        Ok(())
    }

    fn demo_container(
        &self,
        container: &DemoContainer,
        say: &mut dyn FnMut(&str) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let id = match self.find(container.name) {
            Ok(record) if !record.spec.labels.contains_key(super::LABEL) => {
                return Err(Failure::conflict(format!(
                    "a container named {} exists that is not the demo's",
                    container.name
                ))
                .hint("rename it first: teu rename"));
            }
            Ok(record) => record.id,
            Err(_) => self.create(Some(container.name), container.spec())?,
        };
        say(&format!("starting {}", container.name))?;
        self.start(&id)
    }
}
