//! `teu compose pull` and `push`.

use super::manner::Manner;
use super::project;
use crate::arguments::{ComposeArguments, ComposePullArguments, ComposePushArguments};
use crate::commands::Outcome;
use std::collections::BTreeSet;
use teu_core::stacks::Project;
use teu_core::stacks::plan::{self, Action, Plan, Step};
use teu_core::{Engine, Paths};

/// Pulls the images of services.
pub fn pull(paths: Paths, arguments: &ComposeArguments, pull: &ComposePullArguments) -> Outcome {
    let project = project::load(arguments, &pull.services)?;
    let services = plan::select(&project, &pull.services, pull.include_deps)?;
    let engine = Engine::open(paths)?;
    let mut images = images(&project, &services, pull.ignore_buildable);
    images.extend(services.iter().filter_map(|name| project.services.get(*name)).flat_map(|service| {
        service.hook_images().into_iter().map(|image| (image.to_owned(), service.platform.clone()))
    }));
    images.retain(|(image, _)| {
        pull.policy.as_deref() != Some("missing") || engine.store().find_image(image).is_err()
    });
    let actions = images.into_iter().map(|(image, platform)| Action::PullImage { image, platform });
    carry_out(&engine, arguments, &project, "pull", pull.quiet, actions.collect())
        .map(|code| if pull.ignore_pull_failures && code == 1 { 0 } else { code })
}

/// Pushes the images of services.
pub fn push(paths: Paths, arguments: &ComposeArguments, push: &ComposePushArguments) -> Outcome {
    let project = project::load(arguments, &push.services)?;
    let services = plan::select(&project, &push.services, push.include_deps)?;
    let names: BTreeSet<String> =
        images(&project, &services, false).into_iter().map(|(image, _)| image).collect();
    let actions = names.into_iter().map(|image| Action::PushImage { image });
    carry_out(&Engine::open(paths)?, arguments, &project, "push", push.quiet, actions.collect())
        .map(|code| if push.ignore_push_failures && code == 1 { 0 } else { code })
}

/// The images of services and their platforms; those that only a build makes are in no registry.
fn images(project: &Project, services: &[&str], ignore_buildable: bool) -> BTreeSet<(String, String)> {
    let services = services.iter().filter_map(|name| project.services.get(*name));
    services
        .filter(|service| !ignore_buildable || service.build.is_none())
        .filter(|service| !service.image.is_empty())
        .map(|service| (service.image.clone(), service.platform.clone()))
        .collect()
}

fn carry_out(
    engine: &Engine,
    arguments: &ComposeArguments,
    project: &Project,
    title: &str,
    quiet: bool,
    actions: Vec<Action>,
) -> Outcome {
    let manner = Manner::of(arguments, &project.environment)?.quiet(quiet);
    let steps = actions.into_iter().map(|action| Step { action, after: Vec::new() });
    let plan = Plan { steps: steps.collect(), warnings: Vec::new() };
    manner.carry_out(title, manner.settings(&project.name), |settings, tell| {
        Ok(engine.execute_plan(&plan, Some(project), settings, tell))
    })
}
