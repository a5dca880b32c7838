//! The way to nothing left.

use super::builder::Builder;
use super::{Action, Observed, ObservedContainer, Plan};
use crate::model::Project;
use std::collections::BTreeMap;

/// Which images go, too.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum RemoveImages {
    /// None.
    #[default]
    None,
    /// Those that have no name in the file.
    Local,
    /// All.
    All,
}

/// How to take a project down.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DownOptions {
    /// The services; none for all.
    pub services: Vec<String>,
    /// Whether volumes go, too.
    pub volumes: bool,
    /// Which images go, too.
    pub images: RemoveImages,
    /// Whether containers of services that are in no file go.
    pub remove_orphans: bool,
    /// Whether nothing is said of those that stay.
    pub ignore_orphans: bool,
}

/// The steps that take a project down. Without a file, what there is tells what belongs together.
pub fn down(project: Option<&Project>, observed: &Observed, options: &DownOptions) -> Plan {
    let mut builder = Builder::default();
    let in_file = |service: &str| {
        project.is_none_or(|project| {
            project.services.contains_key(service) || project.disabled.contains_key(service)
        })
    };
    let named =
        |service: &str| options.services.is_empty() || options.services.iter().any(|other| other == service);
    let (going, orphans): (Vec<&ObservedContainer>, Vec<&ObservedContainer>) = observed
        .containers
        .iter()
        .partition(|container| in_file(&container.service) || options.remove_orphans);
    if !orphans.is_empty() && !options.ignore_orphans {
        let names: Vec<&str> = orphans.iter().map(|orphan| orphan.name.as_str()).collect();
        builder.plan.warnings.push(format!(
            "there are containers of services that are in no file: {}; --remove-orphans removes them",
            names.join(", ")
        ));
    }
    let going: Vec<&ObservedContainer> =
        going.into_iter().filter(|container| named(&container.service)).collect();
    let removed = remove_in_order(&going, options.volumes, &mut builder);
    if !options.services.is_empty() {
        return builder.plan;
    }
    for network in observed.networks.iter().filter(|network| {
        !is_external(project, network, |project, name| {
            project.networks.values().any(|network| network.external && network.name == name)
        })
    }) {
        builder.add(Action::RemoveNetwork { name: network.name.clone() }, &removed);
    }
    if options.volumes {
        for volume in &observed.volumes {
            let external = project.is_some_and(|project| {
                project.volumes.values().any(|other| other.external && other.name == volume.name)
            });
            if !external && !volume.key.is_empty() {
                builder.add(Action::RemoveVolume { name: volume.name.clone() }, &removed);
            }
        }
    }
    if let Some(project) = project
        && options.images != RemoveImages::None
    {
        let mut images: Vec<String> = project
            .services
            .iter()
            .filter(|(_, service)| options.images == RemoveImages::All || service.image.is_empty())
            .map(|(name, _)| project.image_of(name))
            .collect();
        images.sort();
        images.dedup();
        for image in images {
            builder.add(Action::RemoveImage { image }, &removed);
        }
    }
    builder.plan
}

fn is_external(
    project: Option<&Project>,
    network: &super::ObservedNetwork,
    external: impl Fn(&Project, &str) -> bool,
) -> bool {
    network.key.is_empty() || project.is_some_and(|project| external(project, &network.name))
}

/// Removes containers, each after those of the services that depend on it.
fn remove_in_order(going: &[&ObservedContainer], volumes: bool, builder: &mut Builder) -> Vec<usize> {
    let mut done: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut left: Vec<&str> = going.iter().map(|container| container.service.as_str()).collect();
    left.sort_unstable();
    left.dedup();
    while !left.is_empty() {
        let is_needed = |service: &str| {
            let needs = |container: &&&ObservedContainer| {
                container.service != service && container.depends_on.iter().any(|other| other == service)
            };
            going.iter().filter(needs).any(|container| left.contains(&container.service.as_str()))
        };
        // Labels may tell of a circle that a file could not: then any is as good as another.
        let next = left.iter().position(|service| !is_needed(service)).unwrap_or(0);
        let service = left.remove(next);
        let dependents =
            going.iter().filter(|container| container.depends_on.iter().any(|other| other == service));
        let after: Vec<usize> = dependents
            .filter_map(|container| done.get(container.service.as_str()))
            .flatten()
            .copied()
            .collect();
        let mut steps = Vec::new();
        for container in going.iter().filter(|container| container.service == service) {
            steps.push(builder.remove(container, volumes, &after));
        }
        done.insert(service, steps);
    }
    done.into_values().flatten().collect()
}
