//! Whether what refers to something finds it, and whether services wait for each other in a circle.

use crate::error::{ComposeError, did_you_mean};
use crate::model::{Project, Service};
use crate::reader::Reader;
use crate::yaml::{Node, Span};
use std::collections::BTreeMap;

/// Points at places of the merged tree.
struct Pointer<'a> {
    reader: &'a Reader<'a>,
    tree: &'a Node,
}

impl Pointer<'_> {
    /// An error at the nearest place that a path has in the files.
    fn error(&self, path: &[&str], message: impl Into<String>) -> ComposeError {
        let mut node = self.tree;
        let mut span = Span::default();
        for part in path {
            let next = match node.as_list() {
                Some(list) => list.iter().find(|item| {
                    item.text().as_deref() == Some(part)
                        || item.get("source").and_then(Node::as_str) == Some(part)
                }),
                None => node.get(part),
            };
            let Some(next) = next else { break };
            if next.place().line > 0 {
                span = next.place();
            }
            node = next;
        }
        self.reader.error(span, path, message)
    }
}

/// The first thing that does not fit together.
pub(crate) fn check(reader: &Reader<'_>, tree: &Node, project: &Project) -> Result<(), ComposeError> {
    let point = Pointer { reader, tree };
    for (name, service) in &project.services {
        if service.provider.is_none() {
            check_image(&point, name, service)?;
        }
        check_references(&point, name, service, project)?;
        check_limits(&point, name, service)?;
    }
    check_container_names(&point, project)?;
    check_circle(&point, project)
}

fn check_image(point: &Pointer<'_>, name: &str, service: &Service) -> Result<(), ComposeError> {
    let at = |key: &'static str| ["services", name, key];
    let Some(build) = &service.build else {
        if service.image.is_empty() {
            return Err(point
                .error(&["services", name], "the service has neither an image nor a build")
                .hint("set `image` or `build`"));
        }
        return Ok(());
    };
    if !build.dockerfile.is_empty() && !build.dockerfile_inline.is_empty() {
        return Err(point.error(&at("build"), "`dockerfile` and `dockerfile_inline` cannot both be set"));
    }
    for target in build.additional_contexts.values() {
        if let Some(other) = target.strip_prefix("service:")
            && other == name
        {
            return Err(point.error(&at("build"), "the build refers to its own service"));
        }
    }
    if !build.platforms.is_empty()
        && !service.platform.is_empty()
        && !build.platforms.contains(&service.platform)
    {
        return Err(
            point.error(&at("platform"), format!("`build.platforms` must include `{}`", service.platform))
        );
    }
    Ok(())
}

fn check_references(
    point: &Pointer<'_>,
    name: &str,
    service: &Service,
    project: &Project,
) -> Result<(), ComposeError> {
    let undefined = |key: &str, kind: &str, other: &str, known: Vec<&String>| {
        let hint = match did_you_mean(other, known.into_iter().map(String::as_str)) {
            hint if hint.is_empty() => format!("declare it under the top-level `{kind}s`"),
            hint => hint,
        };
        Err(point.error(&["services", name, key, other], format!("there is no {kind} `{other}`")).hint(hint))
    };
    if !service.network_mode.is_empty() && !service.networks.is_empty() {
        return Err(point
            .error(&["services", name, "network_mode"], "`network_mode` and `networks` exclude each other"));
    }
    for network in service.containers().flat_map(|container| container.networks.keys()) {
        if !project.networks.contains_key(network) {
            return undefined("networks", "network", network, project.networks.keys().collect());
        }
    }
    for (other, dependency) in &service.depends_on {
        if project.services.contains_key(other)
            || (!dependency.required && project.disabled.contains_key(other))
        {
            continue;
        }
        if project.disabled.contains_key(other) {
            let message = format!("the service `{other}` is needed, but none of its profiles is active");
            return Err(point
                .error(&["services", name, "depends_on", other], message)
                .hint("activate one with --profile"));
        }
        return undefined("depends_on", "service", other, project.services.keys().collect());
    }
    let mounts = service.containers().flat_map(|container| &container.volumes);
    for mount in mounts.filter(|mount| mount.kind == "volume" && !mount.source.is_empty()) {
        if !project.volumes.contains_key(&mount.source) {
            return undefined("volumes", "volume", &mount.source, project.volumes.keys().collect());
        }
    }
    let build_secrets = service.build.iter().flat_map(|build| &build.secrets);
    let secrets = service.containers().flat_map(|container| &container.secrets);
    for secret in secrets.chain(build_secrets) {
        if !project.secrets.contains_key(&secret.source) {
            return undefined("secrets", "secret", &secret.source, project.secrets.keys().collect());
        }
    }
    for config in service.containers().flat_map(|container| &container.configs) {
        if !project.configs.contains_key(&config.source) {
            return undefined("configs", "config", &config.source, project.configs.keys().collect());
        }
    }
    for model in service.containers().flat_map(|container| container.models.keys()) {
        if !project.models.contains_key(model) {
            return undefined("models", "model", model, project.models.keys().collect());
        }
    }
    Ok(())
}

fn check_limits(point: &Pointer<'_>, name: &str, service: &Service) -> Result<(), ComposeError> {
    if let Some(first) = service.healthcheck.as_ref().and_then(|check| check.test.first())
        && !matches!(first.as_str(), "CMD" | "CMD-SHELL" | "NONE")
    {
        return Err(point.error(
            &["services", name, "healthcheck", "test"],
            "the list must begin with CMD, CMD-SHELL or NONE",
        ));
    }
    let distinct = |key: &str, other: &str| {
        Err(point
            .error(&["services", name, key], format!("`{key}` and `deploy.{other}` contradict each other")))
    };
    if let Some(deploy) = &service.deploy {
        if service.scale.is_some() && deploy.replicas.is_some() && service.scale != deploy.replicas {
            return distinct("scale", "replicas");
        }
        if let Some(limits) = &deploy.resources.limits {
            if service.cpus != 0.0 && (limits.cpus - service.cpus).abs() > f32::EPSILON {
                return distinct("cpus", "resources.limits.cpus");
            }
            if !is_zero(&service.mem_limit) && limits.memory != service.mem_limit {
                return distinct("mem_limit", "resources.limits.memory");
            }
            if service.pids_limit != 0 && limits.pids != service.pids_limit {
                return distinct("pids_limit", "resources.limits.pids");
            }
        }
        if let Some(reservations) = &deploy.resources.reservations
            && !is_zero(&service.mem_reservation)
            && reservations.memory != service.mem_reservation
        {
            return distinct("mem_reservation", "resources.reservations.memory");
        }
        for request in deploy.resources.reservations.iter().flat_map(|reservations| &reservations.devices) {
            if request.capabilities.is_empty() && request.driver.is_empty() {
                let message = "a device reservation needs `capabilities` or a `driver`";
                return Err(point
                    .error(&["services", name, "deploy", "resources", "reservations", "devices"], message));
            }
            if request.count > 0 && !request.device_ids.is_empty() {
                return Err(point.error(
                    &["services", name, "deploy", "resources"],
                    "`count` and `device_ids` exclude each other",
                ));
            }
        }
    }
    if service.replicas() > 1 && !service.container_name.is_empty() {
        let message =
            format!("`container_name` allows one container, and {} are asked for", service.replicas());
        return Err(point.error(&["services", name, "container_name"], message));
    }
    for watch in service.develop.iter().flat_map(|develop| &develop.watch) {
        let needs_target = !matches!(watch.action.as_str(), "rebuild" | "restart");
        if needs_target && watch.target.is_empty() {
            return Err(point.error(
                &["services", name, "develop", "watch"],
                format!("the action `{}` needs a target", watch.action),
            ));
        }
    }
    Ok(())
}

fn is_zero(size: &str) -> bool {
    size.is_empty() || size == "0"
}

fn check_container_names(point: &Pointer<'_>, project: &Project) -> Result<(), ComposeError> {
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, service) in project.services.iter().filter(|(_, service)| !service.container_name.is_empty()) {
        if let Some(other) = taken.insert(&service.container_name, name) {
            let message =
                format!("the service `{other}` has the container name `{}` already", service.container_name);
            return Err(point.error(&["services", name, "container_name"], message));
        }
    }
    Ok(())
}

/// The way around a circle; of a long one its beginning and its end.
fn shortened(circle: &[&str]) -> String {
    if circle.len() <= CIRCLE_MAX {
        return circle.join(" -> ");
    }
    let (begin, end) = (&circle[..CIRCLE_MAX / 2], &circle[circle.len() - CIRCLE_MAX / 2..]);
    format!("{} -> … ({} more) -> {}", begin.join(" -> "), circle.len() - CIRCLE_MAX, end.join(" -> "))
}

/// The most services of a circle that a message names.
const CIRCLE_MAX: usize = 12;

/// Walks the dependencies depth first; a service met again on its own way is a circle.
fn check_circle(point: &Pointer<'_>, project: &Project) -> Result<(), ComposeError> {
    fn visit<'a>(
        project: &'a Project,
        name: &'a str,
        way: &mut Vec<&'a str>,
        done: &mut Vec<&'a str>,
    ) -> Option<Vec<&'a str>> {
        if done.contains(&name) {
            return None;
        }
        if let Some(start) = way.iter().position(|on_way| *on_way == name) {
            let mut circle = way[start..].to_vec();
            circle.push(name);
            return Some(circle);
        }
        way.push(name);
        for other in project.services.get(name)?.depends_on.keys() {
            if let Some(circle) = visit(project, other, way, done) {
                return Some(circle);
            }
        }
        way.pop();
        done.push(name);
        None
    }
    let mut done = Vec::new();
    for name in project.services.keys() {
        if let Some(circle) = visit(project, name, &mut Vec::new(), &mut done) {
            let message = format!("services depend on each other in a circle: {}", shortened(&circle));
            return Err(point.error(&["services", circle[0], "depends_on", circle[1]], message));
        }
    }
    Ok(())
}
