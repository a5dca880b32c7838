//! Images of services that are built: what a `build` section asks of the builder.

use super::execute::{Problem, Settings, StackEvent};
use crate::build::{
    BuildEvent, BuildRequest, ContextSource, DockerfileSource, SecretSource, agent_socket, is_address,
};
use crate::engine::Engine;
use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::Mutex;
use teu_api::Failure;
use teu_api::container::{HostSpec, NetworkMode};
use teu_api::event::{LogLine, LogStream};
use teu_compose::Project;
use teu_compose::model::{Build, SshKey};

/// Lines of a step that are shown when it fails.
const LAST_WORDS: usize = 20;

/// How a service's image is built, as its section says.
pub fn build_request(project: &Project, name: &str) -> Result<BuildRequest, Failure> {
    let refused = |why: String, hint: &str| Failure::unsupported(format!("service {name}: {why}")).hint(hint);
    let Some((service, build)) =
        project.services.get(name).and_then(|service| Some((service, service.build.as_ref()?)))
    else {
        return Err(Failure::usage(format!("service {name} has no build section")));
    };
    if build.privileged {
        return Err(refused("steps cannot be privileged".to_owned(), "leave build.privileged out"));
    }
    if build.platforms.len() > 1 {
        return Err(refused("an image is built for one platform".to_owned(), "name one in build.platforms"));
    }
    let folder = project.directory.join(&build.context);
    let file = if build.dockerfile.is_empty() { "Dockerfile" } else { &build.dockerfile };
    let mut dockerfile_name = file.rsplit('/').next().unwrap_or(file).to_owned();
    let (context, mut dockerfile) = if is_address(&build.context) {
        (ContextSource::Address(build.context.clone()), DockerfileSource::Context(file.to_owned()))
    } else {
        (ContextSource::Folder(folder.clone()), DockerfileSource::File(folder.join(file)))
    };
    if !build.dockerfile_inline.is_empty() {
        dockerfile = DockerfileSource::Text(build.dockerfile_inline.clone().into_bytes());
        "dockerfile_inline".clone_into(&mut dockerfile_name);
    }
    let named = build.args.iter().filter_map(|(key, value)| {
        let value = value.clone().or_else(|| project.environment.get(key).cloned())?;
        Some((key.clone(), value))
    });
    let context_of = |(key, place): (&String, &String)| {
        let place = match place.strip_prefix("service:") {
            Some(other) => format!("docker-image://{}", project.image_of(other)),
            None if place.contains("://") || is_address(place) => place.clone(),
            None => project.directory.join(place).to_string_lossy().into_owned(),
        };
        (key.clone(), place)
    };
    Ok(BuildRequest {
        context,
        dockerfile,
        dockerfile_name,
        names: std::iter::once(project.image_of(name)).chain(build.tags.iter().cloned()).collect(),
        arguments: named.collect(),
        target: build.target.clone(),
        labels: build.labels.clone(),
        no_cache: build.no_cache,
        no_cache_stages: build.no_cache_filter.clone(),
        pull: build.pull,
        platform: build.platforms.first().cloned().unwrap_or_else(|| service.platform.clone()),
        contexts: build.additional_contexts.iter().map(context_of).collect(),
        secrets: secrets(project, name, build)?,
        allows_host_network: build.network == "host"
            || build.entitlements.iter().any(|one| one == "network.host"),
        agents: agents(project, build)?,
        host: host(name, build)?,
        give_up: None,
    })
}

fn secrets(project: &Project, name: &str, build: &Build) -> Result<BTreeMap<String, SecretSource>, Failure> {
    let mut all = BTreeMap::new();
    for reference in &build.secrets {
        let unknown = || Failure::usage(format!("service {name}: there is no secret {}", reference.source));
        let secret = project.secrets.get(&reference.source).ok_or_else(unknown)?;
        let source = if let Some(value) = &secret.value {
            SecretSource::Content(value.clone().into_bytes())
        } else if secret.environment.is_empty() {
            SecretSource::File(project.directory.join(&secret.file))
        } else {
            SecretSource::Variable(secret.environment.clone())
        };
        let id = if reference.target.is_empty() { &reference.source } else { &reference.target };
        all.insert(id.rsplit('/').next().unwrap_or(id).to_owned(), source);
    }
    Ok(all)
}

fn agents(project: &Project, build: &Build) -> Result<BTreeMap<String, PathBuf>, Failure> {
    let one = |key: &SshKey| {
        let path = if key.path.is_empty() { PathBuf::new() } else { project.directory.join(&key.path) };
        Ok((key.id.clone(), agent_socket(&key.id, &path)?))
    };
    build.ssh.iter().map(one).collect()
}

fn host(name: &str, build: &Build) -> Result<HostSpec, Failure> {
    let network = match build.network.as_str() {
        "" | "default" | "bridge" => NetworkMode::Default,
        "none" => NetworkMode::None,
        "host" => NetworkMode::Host,
        other => {
            return Err(Failure::unsupported(format!(
                "service {name}: a build cannot use the network {other}"
            ))
            .hint("build.network is default, none or host"));
        }
    };
    let mut host = HostSpec {
        network,
        extra_hosts: build.extra_hosts.iter().map(|line| line.replacen('=', ":", 1)).collect(),
        shm_size: build.shm_size.parse().unwrap_or_default(),
        ..HostSpec::default()
    };
    host.resources.ulimits = teu_compose::ulimits(&build.ulimits);
    Ok(host)
}

/// The services to build, each after those whose images it takes files from: the named ones that have a `build`
/// section, or all for none named.
pub fn build_order(project: &Project, named: &[&str]) -> Vec<String> {
    fn add(project: &Project, name: &str, order: &mut Vec<String>, way: &mut Vec<String>) {
        let Some(build) = project.services.get(name).and_then(|service| service.build.as_ref()) else {
            return;
        };
        if order.iter().any(|one| one == name) || way.iter().any(|one| one == name) {
            return;
        }
        way.push(name.to_owned());
        for other in build.additional_contexts.values().filter_map(|place| place.strip_prefix("service:")) {
            add(project, other, order, way);
        }
        way.pop();
        order.push(name.to_owned());
    }
    let mut order = Vec::new();
    let all: Vec<&str> = project.services.keys().map(String::as_str).collect();
    for name in if named.is_empty() { &all } else { named } {
        add(project, name, &mut order, &mut Vec::new());
    }
    order
}

impl Engine {
    /// Refuses what cannot be built for want of its files, before anything is begun.
    pub(super) fn check_stack_builds(&self, project: &Project, services: &[&str]) -> Result<(), Failure> {
        for name in services {
            let Some(service) = project.services.get(*name) else { continue };
            let must = service.image.is_empty() || service.pull_policy == "build";
            if service.build.is_none() || !must || self.store().find_image(&project.image_of(name)).is_ok() {
                continue;
            }
            let request = build_request(project, name)?;
            let ContextSource::Folder(folder) = request.context else { continue };
            let mut needs = vec![folder];
            if let DockerfileSource::File(path) = request.dockerfile {
                needs.push(path);
            }
            if let Some(missing) = needs.iter().find(|path| !path.exists()) {
                return Err(Failure::not_found(format!(
                    "service {name}: its image is to be built, and {} is not there",
                    missing.display()
                ))
                .hint("see build.context and build.dockerfile"));
            }
        }
        Ok(())
    }
}

/// Builds a service's image as a part of bringing its stack up. One that is given up is no failure.
pub(super) fn build(
    engine: &Engine,
    project: &Project,
    name: &str,
    settings: &Settings,
    send: &(dyn Fn(StackEvent) + Sync),
) -> Result<(), Problem> {
    let image = project.image_of(name);
    let mut request = build_request(project, name)?;
    request.give_up.clone_from(&settings.give_up);
    let last = Mutex::new(VecDeque::new());
    send(StackEvent::new("Image", &image, "Building"));
    let built = engine.build(&request, &|event| {
        let Ok(mut last) = last.lock() else { return };
        match event {
            BuildEvent::Begun { .. } => last.clear(),
            BuildEvent::Output { bytes, .. } => {
                last.extend(String::from_utf8_lossy(&bytes).lines().map(str::to_owned));
                let surplus = last.len().saturating_sub(LAST_WORDS);
                last.drain(..surplus);
            }
            _ => {}
        }
    });
    match built {
        Ok(_) => send(StackEvent::new("Image", &image, "Built")),
        Err(_) if settings.is_given_up() => {}
        Err(failure) => {
            send(StackEvent::new("Image", &image, "Error"));
            let lines = last.into_inner().unwrap_or_default();
            let line = |text: String| LogLine { at: 0, stream: LogStream::Stdout, text: text.into_bytes() };
            return Err(Problem {
                failure: Failure { message: format!("service {name}: {}", failure.message), ..failure },
                container: image,
                log: lines.into_iter().map(line).collect(),
            });
        }
    }
    Ok(())
}
