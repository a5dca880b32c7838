//! What is left of a project for those who use it: the enabled services, with what their files say, and what they use.

use crate::dotenv;
use crate::error::ComposeError;
use crate::load::LoadOptions;
use crate::model::{Project, Service};
use crate::reader::Reader;
use std::collections::BTreeMap;
use std::path::Path;

/// Parts the services whose profiles are active from the others.
pub(crate) fn apply_profiles(project: &mut Project, options: &LoadOptions) {
    let mut active = options.profiles.clone();
    if active.is_empty() {
        let listed = project.environment.get("COMPOSE_PROFILES").map_or("", String::as_str);
        active = listed
            .split(',')
            .map(|profile| profile.trim().to_owned())
            .filter(|profile| !profile.is_empty())
            .collect();
    }
    let is_enabled = |service: &Service, active: &[String]| {
        service.profiles.is_empty()
            || active.iter().any(|active| active == "*" || service.profiles.contains(active))
    };
    for service in options.services.iter().filter_map(|name| project.services.get(name)) {
        if !is_enabled(service, &active) {
            active.extend(service.profiles.iter().cloned());
        }
    }
    let enabled = |service: &Service| is_enabled(service, &active);
    let (on, off) =
        std::mem::take(&mut project.services).into_iter().partition(|(_, service)| enabled(service));
    (project.services, project.disabled) = (on, off);
}

/// Reads the environment and label files that services name; what the service says itself wins.
pub(crate) fn read_service_files(project: &mut Project, reader: &Reader<'_>) -> Result<(), ComposeError> {
    let (directory, outside) = (project.directory.clone(), project.environment.clone());
    for (name, service) in &mut project.services {
        let hooks = service.pre_start.iter_mut().map(|hook| &mut hook.container);
        for container in hooks {
            read_files(name, container, &directory, &outside, reader)?;
        }
        read_files(name, service, &directory, &outside, reader)?;
    }
    Ok(())
}

fn read_files(
    name: &str,
    service: &mut Service,
    directory: &Path,
    outside: &BTreeMap<String, String>,
    reader: &Reader<'_>,
) -> Result<(), ComposeError> {
    let own = service.environment.clone();
    let lookup = |name: &str| outside.get(name).cloned().or_else(|| own.get(name).cloned().flatten());
    let mut found = BTreeMap::new();
    for file in std::mem::take(&mut service.env_file) {
        let path = crate::paths::join(directory, &file.path);
        let text = match reader.files.read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !file.required => continue,
            Err(error) => {
                let failed =
                    ComposeError::new(format!("cannot read the environment file {}: {error}", file.path));
                return Err(failed.at(format!("services.{name}.env_file")).missing());
            }
        };
        match file.format.as_str() {
            "" => dotenv::parse(&text, &mut found, &lookup)
                .map_err(|error| reader.dotenv_error(&path, &error))?,
            "raw" => dotenv::parse_raw(&text, &mut found, &lookup),
            other => {
                let failed = ComposeError::new(format!("there is no environment file format `{other}`"));
                return Err(failed
                    .at(format!("services.{name}.env_file"))
                    .hint("leave it out, or use `raw`"));
            }
        }
    }
    service.environment = found.into_iter().map(|(name, value)| (name, Some(value))).chain(own).collect();

    let mut labels = BTreeMap::new();
    for file in std::mem::take(&mut service.label_file) {
        let path = crate::paths::join(directory, &file);
        let text = reader.files.read(&path).map_err(|error| {
            ComposeError::new(format!("cannot read the label file {file}: {error}"))
                .at(format!("services.{name}.label_file"))
                .missing()
        })?;
        dotenv::parse(&text, &mut labels, &|_| None).map_err(|error| reader.dotenv_error(&path, &error))?;
    }
    labels.extend(std::mem::take(&mut service.labels));
    service.labels = labels;
    Ok(())
}

/// Drops what no enabled service uses.
pub(crate) fn drop_unused(project: &mut Project) {
    let services: Vec<&Service> = project.services.values().flat_map(Service::containers).collect();
    project.networks.retain(|key, _| services.iter().any(|service| service.networks.contains_key(key)));
    project.volumes.retain(|key, _| {
        services
            .iter()
            .any(|service| service.volumes.iter().any(|mount| mount.kind == "volume" && mount.source == *key))
    });
    project.secrets.retain(|key, _| {
        let build = |service: &Service| {
            service
                .build
                .as_ref()
                .is_some_and(|build| build.secrets.iter().any(|secret| secret.source == *key))
        };
        services
            .iter()
            .any(|service| service.secrets.iter().any(|secret| secret.source == *key) || build(service))
    });
    project.configs.retain(|key, _| {
        services.iter().any(|service| service.configs.iter().any(|config| config.source == *key))
    });
    project.models.retain(|key, _| services.iter().any(|service| service.models.contains_key(key)));
}
