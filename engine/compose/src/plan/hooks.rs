//! What runs before the containers of a service are started.

use super::Action;
use super::builder::Builder;
use crate::model::{PreStart, Project, Service};

/// A container that is to be started.
pub(super) struct Pending {
    /// Which of the service's containers it is.
    pub number: u32,
    /// Its name.
    pub name: String,
    /// The steps that its start waits for.
    pub after: Vec<usize>,
}

/// Starts containers of a service after its `pre_start` hooks, in their order: one for the whole service runs before
/// the first of its containers and not if another runs already (`running`); one for each container in any case.
/// Tells the steps of the starts.
pub(super) fn start(
    project: Option<&Project>,
    name: &str,
    pending: Vec<Pending>,
    running: bool,
    builder: &mut Builder,
) -> Vec<usize> {
    let service: Option<&Service> = project.and_then(|project| project.services.get(name));
    let mut pending = pending;
    pending.sort_by_key(|one| one.number);
    for (index, hook) in service.iter().flat_map(|service| service.pre_start.iter().enumerate()) {
        let Some(project) = project else { break };
        let run = |number: u32, after: &[usize], builder: &mut Builder| {
            let action = Action::RunHook {
                service: name.to_owned(),
                index,
                number,
                name: hook_name(project, name, hook, index, number),
            };
            builder.add(action, after)
        };
        if hook.per_replica {
            for one in &mut pending {
                one.after = vec![run(one.number, &one.after, builder)];
            }
        } else if let Some(first) = pending.first().map(|one| one.number).filter(|_| !running) {
            let all: Vec<usize> = pending.iter().flat_map(|one| one.after.clone()).collect();
            let step = run(first, &all, builder);
            for one in &mut pending {
                one.after = vec![step];
            }
        }
    }
    let start = |one: Pending| {
        builder.add(Action::StartContainer { service: name.to_owned(), name: one.name }, &one.after)
    };
    pending.into_iter().map(start).collect()
}

/// The name of the container in which a hook runs.
pub(crate) fn hook_name(project: &Project, name: &str, hook: &PreStart, index: usize, number: u32) -> String {
    let parting = project.separator;
    let whole = format!("{}{parting}{name}{parting}pre_start{parting}{index}", project.name);
    if hook.per_replica { format!("{whole}{parting}{number}") } else { whole }
}
