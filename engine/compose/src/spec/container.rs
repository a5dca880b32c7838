//! One container of a service.

use super::host::host_spec;
use super::mounts::{FileContent, mounts};
use crate::canonical::duration;
use crate::error::ComposeError;
use crate::labels;
use crate::model::{HealthCheck, Project, Service};
use crate::plan::container_name;
use crate::render::config_hash;
use std::collections::BTreeMap;
use teu_api::container as api;

/// A container as the engine is asked for it, before it is joined with what its image says.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ContainerRequest {
    /// Its name.
    pub name: String,
    /// What it is. `entrypoint` and `command` are empty here, and `env` holds the service's own variables only.
    pub spec: api::ContainerSpec,
    /// The program; `None` for the image's, empty for none.
    pub entrypoint: Option<Vec<String>>,
    /// The arguments; `None` for the image's, empty for none.
    pub command: Option<Vec<String>>,
    /// Secrets and configs that are no files on the host: to be written into the container before its start.
    pub files: Vec<FileContent>,
}

/// One container of a service, by the service's name and the container's number.
pub fn container_request(
    project: &Project,
    name: &str,
    number: u32,
    one_off: bool,
) -> Result<ContainerRequest, ComposeError> {
    let service = project
        .services
        .get(name)
        .ok_or_else(|| ComposeError::new(format!("there is no service `{name}`")).missing())?;
    let (mounts, files) = mounts(project, name, service)?;
    let mut host = host_spec(project, name, service, number)?;
    host.mounts = mounts;
    let spec = api::ContainerSpec {
        image: project.image_of(name),
        env: service
            .environment
            .iter()
            .filter_map(|(name, value)| Some(format!("{name}={}", value.as_ref()?)))
            .collect(),
        working_dir: service.working_dir.clone(),
        user: service.user.clone(),
        hostname: service.hostname.clone(),
        domainname: service.domainname.clone(),
        tty: service.tty,
        open_stdin: service.stdin_open,
        labels: labels(project, name, service, number, one_off),
        annotations: service.annotations.clone(),
        stop_signal: service.stop_signal.clone(),
        stop_timeout: service
            .stop_grace_period
            .as_deref()
            .and_then(duration::parse)
            .map(|nanoseconds| (nanoseconds + 999_999_999) / 1_000_000_000),
        exposed_ports: service
            .expose
            .iter()
            .map(|port| if port.contains('/') { port.clone() } else { format!("{port}/tcp") })
            .collect(),
        health_check: service.healthcheck.as_ref().map(health_check),
        host,
        ..api::ContainerSpec::default()
    };
    Ok(ContainerRequest {
        name: container_name(project, name, service, number),
        spec,
        entrypoint: service.entrypoint.clone(),
        command: service.command.clone(),
        files,
    })
}

fn labels(
    project: &Project,
    name: &str,
    service: &Service,
    number: u32,
    one_off: bool,
) -> BTreeMap<String, String> {
    let mut all = service.labels.clone();
    let depends_on: Vec<String> = service
        .depends_on
        .iter()
        .map(|(other, dependency)| format!("{other}:{}:{}", dependency.condition, dependency.restart))
        .collect();
    let files: Vec<String> = project.files.iter().map(|path| path.display().to_string()).collect();
    for (key, value) in [
        (labels::PROJECT, project.name.clone()),
        (labels::SERVICE, name.to_owned()),
        (labels::CONTAINER_NUMBER, number.to_string()),
        (labels::ONE_OFF, if one_off { "True" } else { "False" }.to_owned()),
        (labels::CONFIG_HASH, config_hash(service)),
        (labels::DEPENDS_ON, depends_on.join(",")),
        (labels::WORKING_DIR, project.directory.display().to_string()),
        (labels::CONFIG_FILES, files.join(",")),
        (labels::VERSION, env!("CARGO_PKG_VERSION").to_owned()),
    ] {
        all.insert(key.to_owned(), value);
    }
    all
}

fn health_check(check: &HealthCheck) -> api::HealthCheck {
    let nanoseconds = |text: &Option<String>| text.as_deref().and_then(duration::parse).unwrap_or_default();
    api::HealthCheck {
        test: if check.disable { vec!["NONE".into()] } else { check.test.clone() },
        interval: nanoseconds(&check.interval),
        timeout: nanoseconds(&check.timeout),
        retries: check.retries.and_then(|retries| u32::try_from(retries).ok()).unwrap_or_default(),
        start_period: nanoseconds(&check.start_period),
        start_interval: nanoseconds(&check.start_interval),
    }
}
