//! `create`: a container is a row in the database until it is started.

use super::limits;
use crate::engine::Engine;
use crate::names;
use teu_api::container::ContainerSpec;
use teu_api::id::is_valid_name;
use teu_api::{ContainerId, Failure};
use teu_store::NewContainer;

/// How many generated names are tried before giving up.
const ATTEMPTS: u32 = 32;

impl Engine {
    /// Makes a container. Its image's layers are filled in here; `name` is made up where there is none.
    pub fn create(&self, name: Option<&str>, mut spec: ContainerSpec) -> Result<ContainerId, Failure> {
        if let Some(name) = name.map(|name| name.trim_start_matches('/')).filter(|name| !is_valid_name(name))
        {
            return Err(Failure::usage(format!(
                "Invalid container name ({}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed",
                name.escape_debug()
            ))
            .hint("choose another --name"));
        }
        let image = self.store().find_image(&spec.image)?;
        spec.layers = self.store().image_layers(&image.id)?;
        spec.image_id = image.id;
        if spec.args().is_empty() {
            return Err(Failure::usage(format!("no command specified: the image {} names none", spec.image))
                .hint("write the command after the image's name"));
        }
        limits::check(&spec.host.resources)?;
        spec.init_system = self.init_system(&spec)?;
        if spec.stop_signal.is_empty()
            && let Some(signal) = super::init_system::stop_signal(spec.init_system)
        {
            signal.clone_into(&mut spec.stop_signal);
        }
        for link in &mut spec.host.links {
            if let Some((container, name)) = link.split_once(':') {
                *link = format!("{}:{name}", self.find(container)?.name);
            }
        }
        self.name_volumes(&mut spec)?;
        let id = new_id()?;
        self.insert(&id, name, spec)?;
        self.furnish(&id).inspect_err(|_| {
            // What cannot have its volumes is not made at all. That it failed is told already.
            let _ = self.store().remove_container(&id, true);
        })?;
        Ok(id)
    }

    /// Makes a container's volumes and gives new ones their first content.
    fn furnish(&self, id: &ContainerId) -> Result<(), Failure> {
        let record = self.store().container(id)?;
        self.make_volumes(&record.spec)?;
        self.copy_up(&record)
    }

    fn insert(&self, id: &ContainerId, name: Option<&str>, spec: ContainerSpec) -> Result<(), Failure> {
        if let Some(name) = name {
            let name = name.trim_start_matches('/').to_owned();
            self.store().insert_container(&NewContainer { id: id.clone(), name, spec })?;
            return Ok(());
        }
        let mut last = None;
        for attempt in 0..ATTEMPTS {
            let seed = u64::from_ne_bytes(random_bytes()?);
            let name = names::generate(seed, attempt);
            match self.store().insert_container(&NewContainer { id: id.clone(), name, spec: spec.clone() }) {
                Ok(()) => return Ok(()),
                Err(error) if error.is_name_taken() => last = Some(error),
                Err(error) => return Err(error.into()),
            }
        }
        Err(last.map_or_else(|| Failure::internal("no name is free"), Into::into))
    }
}

/// An id that no container has.
pub(crate) fn new_id() -> Result<ContainerId, Failure> {
    Ok(ContainerId::from_bytes(random_bytes()?))
}

/// Random bytes from the kernel.
fn random_bytes<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    let mut filled = 0;
    while filled < N {
        filled += rustix::rand::getrandom(&mut bytes[filled..], rustix::rand::GetRandomFlags::empty())
            .map_err(|error| Failure::internal(format!("cannot get random bytes: {error}")))?;
    }
    Ok(bytes)
}
