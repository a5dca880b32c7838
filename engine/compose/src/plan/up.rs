//! The way to a running project.

use super::builder::Builder;
use super::drift::differs;
use super::hooks::{self, Pending};
use super::{Action, Condition, Observed, ObservedContainer, Plan, select};
use crate::error::ComposeError;
use crate::model::{Project, Service};
use crate::render::config_hash;
use std::collections::{BTreeMap, BTreeSet};

/// Which containers are made anew.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Recreate {
    /// Those whose configuration or image changed.
    #[default]
    Diverged,
    /// All.
    Force,
    /// None.
    Never,
}

/// How to bring a project up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UpOptions {
    /// The services; none for all.
    pub services: Vec<String>,
    /// Whether what they depend on is left alone.
    pub no_deps: bool,
    /// How many containers, by service.
    pub scale: BTreeMap<String, u32>,
    /// Which containers are made anew.
    pub recreate: Recreate,
    /// The same for services that were not named but are needed.
    pub recreate_dependencies: Recreate,
    /// Whether containers of services that are in no file go.
    pub remove_orphans: bool,
    /// Whether nothing is said of those that stay.
    pub ignore_orphans: bool,
    /// Whether containers are started, too.
    pub start: bool,
    /// Whether anonymous volumes are made anew instead of being taken over.
    pub renew_anonymous_volumes: bool,
    /// The service that only gets what its containers stand on: networks, volumes, its image, and unless refused
    /// its dependencies. Its own containers are left as they are.
    pub ground_of: Option<String>,
}

impl Default for UpOptions {
    fn default() -> Self {
        Self {
            services: Vec::new(),
            no_deps: false,
            scale: BTreeMap::new(),
            recreate: Recreate::Diverged,
            recreate_dependencies: Recreate::Diverged,
            remove_orphans: false,
            ignore_orphans: false,
            start: true,
            renew_anonymous_volumes: false,
            ground_of: None,
        }
    }
}

/// What has been planned for the services so far.
#[derive(Default)]
struct Planned<'a> {
    /// The steps after which all containers of a service are there and, if asked for, started.
    ready: BTreeMap<&'a str, Vec<usize>>,
    /// Services of which a container is made anew.
    renewed: BTreeSet<&'a str>,
}

/// The steps that bring a project up.
pub fn up(project: &Project, observed: &Observed, options: &UpOptions) -> Result<Plan, ComposeError> {
    let mut builder = Builder::default();
    if let Some(service) = options.scale.keys().find(|service| !project.services.contains_key(*service)) {
        return Err(ComposeError::new(format!("there is no service `{service}` to scale")).missing());
    }
    let services = select(project, &options.services, !options.no_deps)?;
    orphans(project, observed, options, &mut builder);
    let (networks, cleared) = networks(project, observed, options, &services, &mut builder);
    let volumes = volumes(project, observed, &services, &mut builder);
    let mut planned = Planned::default();
    for name in services {
        let Some(service) = project.services.get(name) else { continue };
        if service.provider.is_some() {
            planned.ready.insert(name, Vec::new());
            continue;
        }
        let attached = service.containers().flat_map(|container| container.networks.keys());
        let mut ground: Vec<usize> = attached.filter_map(|key| networks.get(key.as_str()).copied()).collect();
        if options.ground_of.as_deref() == Some(name) {
            builder.add(Action::EnsureImage { service: name.to_owned() }, &[]);
            wait_for_dependencies(project, service, options, &mut builder, &planned);
            continue;
        }
        let mounts = service.containers().flat_map(|container| &container.volumes);
        ground.extend(mounts.filter_map(|mount| volumes.get(mount.source.as_str()).copied()));
        plan_service(
            project,
            observed,
            options,
            name,
            service,
            &ground,
            &cleared,
            &mut builder,
            &mut planned,
        )?;
    }
    Ok(builder.plan)
}

/// Containers of services that are in no file: removed, or told of.
fn orphans(project: &Project, observed: &Observed, options: &UpOptions, builder: &mut Builder) {
    let known =
        |service: &str| project.services.contains_key(service) || project.disabled.contains_key(service);
    let orphans: Vec<&ObservedContainer> = observed
        .containers
        .iter()
        .filter(|container| !container.one_off && !known(&container.service))
        .collect();
    if options.remove_orphans {
        for orphan in orphans {
            builder.remove(orphan, false, &[]);
        }
    } else if !orphans.is_empty() && !options.ignore_orphans {
        let names: Vec<&str> = orphans.iter().map(|orphan| orphan.name.as_str()).collect();
        builder.plan.warnings.push(format!(
            "there are containers of services that are in no file: {}; --remove-orphans removes them",
            names.join(", ")
        ));
    }
}

/// Makes the networks that are missing, and anew those that changed. Tells the step of each, and the containers that had to
/// go because a network cannot change under them.
fn networks<'a>(
    project: &'a Project,
    observed: &'a Observed,
    options: &UpOptions,
    services: &[&str],
    builder: &mut Builder,
) -> (BTreeMap<&'a str, usize>, BTreeSet<&'a str>) {
    let (mut steps, mut cleared) = (BTreeMap::new(), BTreeSet::new());
    let used = |key: &str| {
        services
            .iter()
            .filter_map(|name| project.services.get(*name))
            .flat_map(Service::containers)
            .any(|container| container.networks.contains_key(key))
    };
    for (key, network) in project.networks.iter().filter(|(key, _)| used(key)) {
        let standing = observed.networks.iter().find(|standing| standing.name == network.name);
        let create = Action::CreateNetwork { key: key.clone(), name: network.name.clone() };
        match standing {
            None if network.external => {
                steps.insert(
                    key.as_str(),
                    builder.add(Action::ExpectNetwork { name: network.name.clone() }, &[]),
                );
            }
            None => {
                steps.insert(key.as_str(), builder.add(create, &[]));
            }
            // What stands on it is not torn down for the sake of one more container.
            Some(_) if options.ground_of.is_some() => {}
            Some(standing) if !network.external && differs(&standing.config_hash, network) => {
                let on_it = |container: &&ObservedContainer| {
                    project
                        .services
                        .get(&container.service)
                        .is_some_and(|service| service.networks.contains_key(key))
                        && !container.one_off
                };
                let mut removed = Vec::new();
                for container in observed.containers.iter().filter(on_it) {
                    if cleared.insert(container.id.as_str()) {
                        removed.push(builder.remove(container, false, &[]));
                    }
                }
                let gone = builder.add(Action::RemoveNetwork { name: network.name.clone() }, &removed);
                steps.insert(key.as_str(), builder.add(create, &[gone]));
            }
            Some(_) => {}
        }
    }
    (steps, cleared)
}

/// Makes the volumes that are missing; one that differs is told of, for its content cannot be made anew.
fn volumes<'a>(
    project: &'a Project,
    observed: &Observed,
    services: &[&str],
    builder: &mut Builder,
) -> BTreeMap<&'a str, usize> {
    let mut steps = BTreeMap::new();
    let mounts = |key: &str| {
        let services = services.iter().filter_map(|name| project.services.get(*name));
        services
            .flat_map(Service::containers)
            .flat_map(|container| &container.volumes)
            .any(|mount| mount.kind == "volume" && mount.source == key)
    };
    for (key, volume) in project.volumes.iter().filter(|(key, _)| mounts(key)) {
        match observed.volumes.iter().find(|standing| standing.name == volume.name) {
            None if volume.external => {
                steps.insert(
                    key.as_str(),
                    builder.add(Action::ExpectVolume { name: volume.name.clone() }, &[]),
                );
            }
            None => {
                let action = Action::CreateVolume { key: key.clone(), name: volume.name.clone() };
                steps.insert(key.as_str(), builder.add(action, &[]));
            }
            Some(standing) if !volume.external && differs(&standing.config_hash, volume) => {
                builder.plan.warnings.push(format!(
                    "the volume {} was made from another configuration and is kept as it is; remove it to have it made anew",
                    volume.name
                ));
            }
            Some(_) => {}
        }
    }
    steps
}

#[allow(clippy::too_many_arguments, reason = "one call, and each is a part of the picture")]
fn plan_service<'a>(
    project: &'a Project,
    observed: &Observed,
    options: &UpOptions,
    name: &'a str,
    service: &'a Service,
    ground: &[usize],
    cleared: &BTreeSet<&str>,
    builder: &mut Builder,
    planned: &mut Planned<'a>,
) -> Result<(), ComposeError> {
    let wanted = options.scale.get(name).copied().unwrap_or_else(|| service.replicas());
    if wanted > 1 && !service.container_name.is_empty() {
        return Err(ComposeError::new(format!(
            "`container_name` allows one container, and {wanted} are asked for"
        ))
        .at(format!("services.{name}")));
    }
    let hash = config_hash(service);
    let named = options.services.is_empty() || options.services.iter().any(|other| other == name);
    let recreate = if named { options.recreate } else { options.recreate_dependencies };
    // A container in another's namespace cannot outlive it.
    let shares_renewed = shared_services(service).iter().any(|other| planned.renewed.contains(other));
    let image = observed.image_ids.get(name);
    let diverged = |container: &ObservedContainer| match recreate {
        Recreate::Force => true,
        Recreate::Never => false,
        Recreate::Diverged => shares_renewed || container.change(&hash, image).is_some(),
    };
    let mut standing: Vec<&ObservedContainer> =
        observed.of(name).into_iter().filter(|container| !cleared.contains(container.id.as_str())).collect();
    let had_any = observed.of(name).len() > standing.len();
    if had_any {
        planned.renewed.insert(name);
    }
    // What is up to date stays, then what has the lowest number; the rest goes.
    standing.sort_by_key(|container| (diverged(container), container.number));
    let surplus = standing.split_off(standing.len().min(wanted as usize));
    for container in &surplus {
        builder.remove(container, true, &[]);
    }
    standing.sort_by_key(|container| container.number);

    let missing = wanted.saturating_sub(standing.len() as u32);
    let renews = standing.iter().any(|container| diverged(container));
    let mut before_create = ground.to_vec();
    let prepares = options.start
        && !service.pre_start.is_empty()
        && standing.iter().any(|container| !container.phase.is_alive());
    if missing > 0 || renews || prepares {
        before_create.push(builder.add(Action::EnsureImage { service: name.to_owned() }, &[]));
    }
    let before_start = wait_for_dependencies(project, service, options, builder, planned);
    let restarts = service
        .depends_on
        .iter()
        .any(|(other, dependency)| dependency.restart && planned.renewed.contains(other.as_str()));
    let mut ready = Vec::new();
    let before_start: Vec<usize> = before_start
        .into_iter()
        .chain(observed.left_by_hooks(name).map(|left| builder.remove(left, true, &[])))
        .collect();
    let mut pending = Vec::new();
    let mut running = false;
    let mut start = |number: u32, container: &str, mut after: Vec<usize>| {
        after.extend(&before_start);
        pending.push(Pending { number, name: container.to_owned(), after });
    };

    for container in &standing {
        if diverged(container) {
            planned.renewed.insert(name);
            let stopped = builder.stop(container, &before_create);
            let short = container.id.get(..12).unwrap_or(&container.id);
            let aside = Action::RenameContainer {
                id: container.id.clone(),
                name: format!("{short}_{}", container.name),
            };
            let aside = builder.add(aside, &stopped);
            let create = Action::CreateContainer {
                service: name.to_owned(),
                number: container.number,
                name: container_name(project, name, service, container.number),
                inherit_from: (!options.renew_anonymous_volumes).then(|| container.id.clone()),
            };
            let created = builder.add(create, &[before_create.clone(), vec![aside]].concat());
            let remove = Action::RemoveContainer {
                id: container.id.clone(),
                name: container.name.clone(),
                volumes: options.renew_anonymous_volumes,
            };
            let removed = builder.add(remove, &[created]);
            if options.start {
                let new = container_name(project, name, service, container.number);
                start(container.number, &new, vec![removed]);
            } else {
                ready.push(removed);
            }
        } else if !options.start || (container.phase.is_alive() && !restarts) {
            running |= container.phase.is_alive();
            if container.phase == super::Phase::Paused && options.start {
                ready.push(builder.add(
                    Action::UnpauseContainer { id: container.id.clone(), name: container.name.clone() },
                    &before_start,
                ));
            }
        } else if container.phase.is_alive() {
            running = true;
            let restart = Action::RestartContainer {
                service: name.to_owned(),
                id: container.id.clone(),
                name: container.name.clone(),
            };
            ready.push(builder.add(restart, &before_start));
        } else {
            start(container.number, &container.name, before_create.clone());
        }
    }
    let next = observed.of(name).last().map_or(0, |container| container.number) + 1;
    let next = if standing.is_empty() && surplus.is_empty() { 1 } else { next };
    for number in next..next + missing {
        let container = container_name(project, name, service, number);
        let create = Action::CreateContainer {
            service: name.to_owned(),
            number,
            name: container.clone(),
            inherit_from: None,
        };
        let created = builder.add(create, &before_create);
        if options.start {
            start(number, &container, vec![created]);
        } else {
            ready.push(created);
        }
    }
    ready.extend(hooks::start(Some(project), name, pending, running, builder));
    planned.ready.insert(name, ready);
    Ok(())
}

/// The steps that a service's start waits for.
fn wait_for_dependencies(
    project: &Project,
    service: &Service,
    options: &UpOptions,
    builder: &mut Builder,
    planned: &Planned<'_>,
) -> Vec<usize> {
    if !options.start || options.no_deps {
        return Vec::new();
    }
    let mut waits = Vec::new();
    for (other, dependency) in &service.depends_on {
        let Some(after) = planned.ready.get(other.as_str()) else { continue };
        if project.services.get(other).is_some_and(|other| other.provider.is_some()) {
            continue;
        }
        let action = Action::WaitFor {
            service: other.clone(),
            condition: Condition::parse(&dependency.condition),
            required: dependency.required,
        };
        let known = builder.plan.steps.iter().position(|step| step.action == action);
        waits.push(known.unwrap_or_else(|| builder.add(action, after)));
    }
    waits
}

/// The services whose namespaces or volumes a service uses.
fn shared_services(service: &Service) -> Vec<&str> {
    let modes = [&service.network_mode, &service.ipc, &service.pid, &service.uts, &service.cgroup];
    let mut shared: Vec<&str> = modes.into_iter().filter_map(|mode| mode.strip_prefix("service:")).collect();
    let volumes = service.volumes_from.iter().filter(|source| !source.starts_with("container:"));
    shared.extend(volumes.filter_map(|source| source.split(':').next()));
    shared
}

/// The name of one of a service's containers.
pub(crate) fn container_name(project: &Project, name: &str, service: &Service, number: u32) -> String {
    if service.container_name.is_empty() {
        let parting = project.separator;
        format!("{}{parting}{name}{parting}{number}", project.name)
    } else {
        service.container_name.clone()
    }
}
