//! Starting, stopping and the like of containers that are there.

use super::builder::Builder;
use super::hooks::{self, Pending};
use super::{Action, Observed, ObservedContainer, Phase, Plan};
use crate::model::Project;
use std::collections::BTreeMap;

/// What is to happen to containers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Life {
    /// Start what does not run, dependencies first.
    Start,
    /// Stop what runs, dependents first.
    Stop,
    /// Stop and start all, dependencies first.
    Restart {
        /// Whether containers that want to be restarted with what they depend on are restarted, too.
        dependents: bool,
    },
    /// Send what runs a signal.
    Kill,
    /// Freeze what runs.
    Pause,
    /// Thaw what is frozen.
    Unpause,
    /// Remove what does not run.
    Remove {
        /// Whether what runs is stopped first.
        stop: bool,
        /// Whether anonymous volumes go, too.
        volumes: bool,
    },
}

/// The steps; of `services`, or of all for none named. Hooks before a start are known from the project alone.
pub fn life(project: Option<&Project>, observed: &Observed, services: &[String], what: Life) -> Plan {
    let mut builder = Builder::default();
    let mut services = services.to_vec();
    if what == (Life::Restart { dependents: true }) && !services.is_empty() {
        add_dependents(observed, &mut services);
    }
    let named = |container: &&ObservedContainer| {
        !container.one_off && (services.is_empty() || services.contains(&container.service))
    };
    let chosen: Vec<&ObservedContainer> = observed.containers.iter().filter(named).collect();
    let dependents_first = matches!(what, Life::Stop | Life::Remove { .. });
    let mut done: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for service in ordered(&chosen, dependents_first) {
        let after: Vec<usize> = chosen
            .iter()
            .filter(|other| {
                if dependents_first {
                    other.depends_on.iter().any(|needed| needed == service)
                } else {
                    chosen.iter().any(|own| own.service == service && own.depends_on.contains(&other.service))
                }
            })
            .filter_map(|other| done.get(other.service.as_str()))
            .flatten()
            .copied()
            .collect();
        let mut steps = Vec::new();
        let own = || chosen.iter().filter(|container| container.service == service);
        if what == Life::Start {
            let pending = own().filter(|container| !container.phase.is_alive()).map(|container| Pending {
                number: container.number,
                name: container.name.clone(),
                after: after.clone(),
            });
            let running = own().any(|container| container.phase.is_alive());
            steps.extend(hooks::start(project, service, pending.collect(), running, &mut builder));
        }
        for container in own() {
            steps.extend(step(container, what, &after, &mut builder));
        }
        done.insert(service, steps);
    }
    builder.plan
}

/// Adds the services that are restarted with one of these, with one of those, and so on.
fn add_dependents(observed: &Observed, services: &mut Vec<String>) {
    loop {
        let next = observed.containers.iter().find(|container| {
            !services.contains(&container.service)
                && container.restarts_with.iter().any(|other| services.contains(other))
        });
        let Some(next) = next else { return };
        services.push(next.service.clone());
    }
}

fn step(container: &ObservedContainer, what: Life, after: &[usize], builder: &mut Builder) -> Option<usize> {
    let (service, id, name) = (container.service.clone(), container.id.clone(), container.name.clone());
    let alive = container.phase.is_alive();
    let action = match what {
        Life::Stop if alive => Action::StopContainer { service, id, name },
        Life::Restart { .. } => Action::RestartContainer { service, id, name },
        Life::Kill if alive => Action::KillContainer { id, name },
        Life::Pause if container.phase == Phase::Running => Action::PauseContainer { id, name },
        Life::Unpause if container.phase == Phase::Paused => Action::UnpauseContainer { id, name },
        Life::Remove { stop, volumes } if stop || !alive => {
            return Some(builder.remove(container, volumes, after));
        }
        _ => return None,
    };
    Some(builder.add(action, after))
}

/// The services of containers, each after those it depends on, or the other way round.
fn ordered<'a>(chosen: &[&'a ObservedContainer], dependents_first: bool) -> Vec<&'a str> {
    fn visit<'a>(
        chosen: &[&'a ObservedContainer],
        service: &'a str,
        order: &mut Vec<&'a str>,
        met: &mut Vec<&'a str>,
    ) {
        if met.contains(&service) {
            return;
        }
        met.push(service);
        for container in chosen.iter().filter(|container| container.service == service) {
            for other in &container.depends_on {
                if chosen.iter().any(|container| container.service == *other) {
                    visit(chosen, other, order, met);
                }
            }
        }
        order.push(service);
    }
    let (mut order, mut met) = (Vec::new(), Vec::new());
    for container in chosen {
        visit(chosen, &container.service, &mut order, &mut met);
    }
    if dependents_first {
        order.reverse();
    }
    order
}
