//! The container of a `pre_start` hook.

use super::container::{ContainerRequest, container_request};
use crate::error::ComposeError;
use crate::labels;
use crate::model::Project;
use crate::plan::{container_name, hook_name};
use teu_api::container as api;

/// The container in which a service's hook of this index prepares the container of this number, which must be there:
/// its mounts are the hook's, too, where the hook has none of its own. What a container holds alone while it stands,
/// fixed addresses, the hook has not.
pub fn hook_request(
    project: &Project,
    name: &str,
    index: usize,
    number: u32,
) -> Result<ContainerRequest, ComposeError> {
    let missing = |what: String| ComposeError::new(what).missing();
    let service =
        project.services.get(name).ok_or_else(|| missing(format!("there is no service `{name}`")))?;
    let hook = service
        .pre_start
        .get(index)
        .ok_or_else(|| missing(format!("service `{name}` has no pre_start hook {index}")))?;
    let prepared = container_name(project, name, service, number);
    // Its container is asked for as the service's would be that says the same.
    let mut alone = project.clone();
    alone.services.insert(name.to_owned(), hook.container.clone());
    let mut request = container_request(&alone, name, number, true)?;
    let former = std::mem::replace(&mut request.name, hook_name(project, name, hook, index, number));
    let spec = &mut request.spec;
    spec.health_check = Some(api::HealthCheck { test: vec!["NONE".into()], ..Default::default() });
    spec.labels.remove(labels::CONTAINER_NUMBER);
    spec.labels.remove(labels::CONFIG_HASH);
    spec.labels.insert(labels::HOOK.into(), "pre_start".into());
    let host = &mut spec.host;
    host.volumes_from.push(prepared);
    for attachment in &mut host.networks {
        attachment.ipv4.clear();
        attachment.ipv6.clear();
        attachment.mac.clear();
        for alias in attachment.aliases.iter_mut().filter(|alias| **alias == former) {
            alias.clone_from(&request.name);
        }
    }
    Ok(request)
}
