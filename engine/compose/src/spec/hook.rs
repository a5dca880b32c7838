//! The container of a `pre_start` hook.

use super::container::{ContainerRequest, container_request};
use crate::error::ComposeError;
use crate::labels;
use crate::model::Project;
use crate::plan::{container_name, hook_name};
use teu_api::container as api;

/// The container in which a service's hook of this index prepares the container of this number, which must be there:
/// its volumes are mounted. It is as the service's own, but for what belongs to the service alone: published ports,
/// fixed addresses, the entry point, the health check and being started again.
pub fn hook_request(
    project: &Project,
    name: &str,
    index: usize,
    number: u32,
) -> Result<ContainerRequest, ComposeError> {
    let mut request = container_request(project, name, number, true)?;
    let service = &project.services[name];
    let hook = service.pre_start.get(index).ok_or_else(|| {
        ComposeError::new(format!("service `{name}` has no pre_start hook {index}")).missing()
    })?;
    let prepared = container_name(project, name, service, number);
    request.name = hook_name(project, name, hook, index, number);
    request.entrypoint = None;
    request.command.clone_from(&hook.command);
    // They are among the mounts of the container that is prepared.
    request.files.clear();
    let spec = &mut request.spec;
    for (own, service) in [
        (&hook.image, &mut spec.image),
        (&hook.user, &mut spec.user),
        (&hook.working_dir, &mut spec.working_dir),
    ] {
        if !own.is_empty() {
            service.clone_from(own);
        }
    }
    spec.env.retain(|entry| {
        let name = entry.split('=').next().unwrap_or_default();
        !hook.environment.contains_key(name)
    });
    spec.env.extend(
        hook.environment.iter().filter_map(|(name, value)| Some(format!("{name}={}", value.as_ref()?))),
    );
    spec.tty = false;
    spec.open_stdin = false;
    spec.exposed_ports.clear();
    spec.health_check = Some(api::HealthCheck { test: vec!["NONE".into()], ..Default::default() });
    spec.labels.remove(labels::CONTAINER_NUMBER);
    spec.labels.remove(labels::CONFIG_HASH);
    spec.labels.insert(labels::HOOK.into(), "pre_start".into());
    let host = &mut spec.host;
    host.privileged |= hook.privileged;
    host.restart = api::RestartPolicy::No;
    host.ports.clear();
    host.mounts.clear();
    host.volumes_from = vec![prepared.clone()];
    for attachment in &mut host.networks {
        attachment.ipv4.clear();
        attachment.ipv6.clear();
        attachment.mac.clear();
        for alias in attachment.aliases.iter_mut().filter(|alias| **alias == prepared) {
            alias.clone_from(&request.name);
        }
    }
    Ok(request)
}
