//! A service's image: made sure of by its pull policy, and joined with what the service asks for.

use super::build;
use super::execute::{Problem, Settings, StackEvent};
use crate::engine::Engine;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Mutex;
use teu_api::Failure;
use teu_api::container::{ContainerSpec, HealthCheck, MountKind, MountSpec};
use teu_api::progress::{TransferEvent, TransferPhase};
use teu_compose::{ContainerRequest, Project, Service};
use teu_registry::Progress;

/// Makes sure that a service's image is there, and those of its hooks.
pub fn ensure(
    engine: &Engine,
    project: &Project,
    name: &str,
    settings: &Settings,
    send: &(dyn Fn(StackEvent) + Sync),
) -> Result<(), Problem> {
    ensure_own(engine, project, name, settings, send)?;
    let Some(service) = project.services.get(name) else { return Ok(()) };
    let mut hooks = service.hook_images().into_iter();
    Ok(hooks.try_for_each(|image| ensure_one(engine, name, service, image, settings, send))?)
}

/// Where its section says how, an image that is not here and cannot be pulled is built.
fn ensure_own(
    engine: &Engine,
    project: &Project,
    name: &str,
    settings: &Settings,
    send: &(dyn Fn(StackEvent) + Sync),
) -> Result<(), Problem> {
    let Some(service) = project.services.get(name) else { return Ok(()) };
    let image = project.image_of(name);
    let here = || engine.store().find_image(&image).is_ok();
    let build = || build::build(engine, project, name, settings, send);
    if service.build.is_none() {
        return Ok(ensure_one(engine, name, service, &image, settings, send)?);
    }
    if service.pull_policy == "build" && settings.pull.is_empty() {
        return build();
    }
    if service.image.is_empty() {
        return if here() { Ok(()) } else { build() };
    }
    match ensure_one(engine, name, service, &image, settings, send) {
        Err(_) if !here() && !settings.is_given_up() => build(),
        made => Ok(made?),
    }
}

/// Makes sure of one image of a service, by the service's pull policy.
fn ensure_one(
    engine: &Engine,
    name: &str,
    service: &Service,
    image: &str,
    settings: &Settings,
    send: &(dyn Fn(StackEvent) + Sync),
) -> Result<(), Failure> {
    let here = engine.store().find_image(image).is_ok();
    let own = if service.pull_policy.is_empty() { "missing" } else { service.pull_policy.as_str() };
    let policy = if settings.pull.is_empty() { own } else { settings.pull.as_str() };
    match policy {
        "never" if !here => {
            return Err(Failure::not_found(format!("service {name}: the image {image} is not here"))
                .hint("its pull policy is never"));
        }
        "never" => return Ok(()),
        "always" => {}
        _ if here => return Ok(()),
        _ => {}
    }
    let platform = (!service.platform.is_empty()).then_some(service.platform.as_str());
    pull(engine, image, platform, settings, send)
        .map_err(|failure| Failure { message: format!("service {name}: {}", failure.message), ..failure })
}

/// Pulls an image, telling how far it has come. One that is given up is no failure.
pub fn pull(
    engine: &Engine,
    image: &str,
    platform: Option<&str>,
    settings: &Settings,
    send: &(dyn Fn(StackEvent) + Sync),
) -> Result<(), Failure> {
    transfer(image, ("Pulling", "Pulled"), settings, send, &|progress| {
        engine.pull(image, platform, progress).map(drop)
    })
}

/// Pushes an image, telling how far it has come. One that is given up is no failure.
pub fn push(
    engine: &Engine,
    image: &str,
    settings: &Settings,
    send: &(dyn Fn(StackEvent) + Sync),
) -> Result<(), Failure> {
    transfer(image, ("Pushing", "Pushed"), settings, send, &|progress| {
        engine.push(image, None, progress).map(drop)
    })
}

fn transfer(
    image: &str,
    (during, after): (&'static str, &'static str),
    settings: &Settings,
    send: &(dyn Fn(StackEvent) + Sync),
    work: &dyn Fn(&dyn Progress) -> Result<(), Failure>,
) -> Result<(), Failure> {
    send(StackEvent::new("Image", image, during));
    let known = Mutex::new(BTreeMap::new());
    match work(&Parts { image, during, settings, send, known }) {
        Ok(()) => send(StackEvent::new("Image", image, after)),
        Err(_) if settings.is_given_up() => {}
        Err(failure) => {
            send(StackEvent::new("Image", image, "Error"));
            return Err(failure);
        }
    }
    Ok(())
}

/// The bytes of an image's parts, added up.
struct Parts<'a> {
    image: &'a str,
    during: &'static str,
    settings: &'a Settings,
    send: &'a (dyn Fn(StackEvent) + Sync),
    known: Mutex<BTreeMap<String, (u64, u64)>>,
}

impl Progress for Parts<'_> {
    fn report(&self, event: TransferEvent) {
        let (TransferEvent::Part(part), Ok(mut parts)) = (event, self.known.lock()) else { return };
        let known = parts.entry(part.id).or_default();
        *known = match part.phase {
            TransferPhase::Downloading | TransferPhase::Uploading => {
                (part.current.min(part.total), part.total)
            }
            TransferPhase::Waiting | TransferPhase::Retrying => (0, part.total.max(known.1)),
            _ => (known.1, known.1),
        };
        let bytes = parts.values().fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
        (self.send)(StackEvent { bytes: Some(bytes), ..StackEvent::new("Image", self.image, self.during) });
    }

    fn is_cancelled(&self) -> bool {
        self.settings.is_given_up()
    }
}

/// Joins what a service asks for with what its image says: the service wins.
pub fn join(engine: &Engine, request: ContainerRequest) -> Result<ContainerSpec, Failure> {
    let mut spec = request.spec;
    let image = engine.store().find_image(&spec.image)?;
    let document = engine.store().image_config_json(&image.id)?;
    let config = &document["config"];
    // Fields of a wrong type count as missing: the document is a stranger's.
    let text = |key: &str| config[key].as_str().unwrap_or_default().to_owned();
    let keys = |key: &str| -> Vec<String> {
        config[key].as_object().map(|map| map.keys().cloned().collect()).unwrap_or_default()
    };
    spec.image_id = image.id;
    // An entry point of the service's own drops the image's command with its entry point.
    spec.command = match (&request.entrypoint, request.command) {
        (_, Some(command)) => command,
        (Some(_), None) => Vec::new(),
        (None, None) => words(&config["Cmd"]),
    };
    spec.entrypoint = request.entrypoint.unwrap_or_else(|| words(&config["Entrypoint"]));
    let name = |entry: &str| entry.split('=').next().unwrap_or_default().to_owned();
    let mut env = words(&config["Env"]);
    env.retain(|entry| spec.env.iter().all(|own| name(own) != name(entry)));
    env.append(&mut spec.env);
    spec.env = env;
    for (field, key) in [
        (&mut spec.working_dir, "WorkingDir"),
        (&mut spec.user, "User"),
        (&mut spec.stop_signal, "StopSignal"),
    ] {
        if field.is_empty() {
            *field = text(key);
        }
    }
    for (label, value) in config["Labels"].as_object().into_iter().flatten() {
        if let Some(value) = value.as_str() {
            spec.labels.entry(label.clone()).or_insert_with(|| value.to_owned());
        }
    }
    spec.labels.insert(teu_compose::labels::IMAGE.to_owned(), spec.image_id.clone());
    let published =
        spec.host.ports.iter().map(|port| format!("{}/{}", port.container_port, port.protocol.word()));
    for port in published.chain(keys("ExposedPorts")).collect::<Vec<_>>() {
        if !spec.exposed_ports.contains(&port) {
            spec.exposed_ports.push(port);
        }
    }
    spec.volumes = keys("Volumes");
    for target in spec.volumes.iter().filter(|target| target.starts_with('/')) {
        let taken = |mount: &MountSpec| mount.target.trim_end_matches('/') == target.trim_end_matches('/');
        if !spec.host.mounts.iter().any(taken) {
            spec.host.mounts.push(MountSpec {
                kind: MountKind::Volume,
                target: target.clone(),
                anonymous: true,
                ..MountSpec::default()
            });
        }
    }
    spec.health_check = join_health(spec.health_check, &config["Healthcheck"]);
    Ok(spec)
}

fn join_health(own: Option<HealthCheck>, value: &Value) -> Option<HealthCheck> {
    let number = |key: &str| value[key].as_i64().unwrap_or_default();
    let image = value.is_object().then(|| HealthCheck {
        test: words(&value["Test"]),
        interval: number("Interval"),
        timeout: number("Timeout"),
        retries: u32::try_from(number("Retries")).unwrap_or_default(),
        start_period: number("StartPeriod"),
        start_interval: number("StartInterval"),
    });
    let (Some(mut check), Some(image)) = (own.clone(), image.clone()) else { return own.or(image) };
    if check.test.is_empty() {
        check.test = image.test;
    }
    let or = |own: i64, other: i64| if own == 0 { other } else { own };
    check.interval = or(check.interval, image.interval);
    check.timeout = or(check.timeout, image.timeout);
    check.start_period = or(check.start_period, image.start_period);
    check.start_interval = or(check.start_interval, image.start_interval);
    if check.retries == 0 {
        check.retries = image.retries;
    }
    Some(check)
}

/// A list of strings; a lone string counts as a list of one, as old images have it.
fn words(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect(),
        Value::String(word) if !word.is_empty() => vec![word.clone()],
        _ => Vec::new(),
    }
}
