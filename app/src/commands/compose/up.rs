//! `teu compose up`, `create` and `scale`.

use super::follow::{Follow, Look};
use super::project::{self, Stack};
use super::say;
use crate::arguments::{ComposeArguments, ComposeScaleArguments, ComposeUpArguments};
use crate::commands::{Outcome, now};
use std::collections::BTreeMap;
use std::time::Duration;
use teu_api::Failure;
use teu_core::stacks::plan::{self, Recreate, UpOptions};
use teu_core::stacks::{Project, Settings};
use teu_core::{Engine, Paths};

/// Brings a project up; with `start` unset, only makes its containers.
pub fn run(paths: Paths, arguments: &ComposeArguments, up: &ComposeUpArguments, start: bool) -> Outcome {
    if up.build {
        return Err(Failure::unsupported("building is not there yet in this version of teu")
            .hint("leave --build out to use the images that are here"));
    }
    let project = project::load(arguments, &up.services)?;
    let scale = up.scale.iter().map(|word| count(word)).collect::<Result<BTreeMap<_, _>, _>>()?;
    let recreate = match (up.force_recreate, up.no_recreate) {
        (true, _) => Recreate::Force,
        (_, true) => Recreate::Never,
        _ => Recreate::Diverged,
    };
    let options = UpOptions {
        services: up.services.clone(),
        no_deps: up.no_deps,
        scale,
        recreate,
        recreate_dependencies: if up.always_recreate_deps {
            Recreate::Force
        } else if up.no_recreate {
            Recreate::Never
        } else {
            Recreate::Diverged
        },
        remove_orphans: up.remove_orphans,
        start,
        renew_anonymous_volumes: up.renew_anon_volumes,
    };
    if let Some(service) = &up.exit_code_from {
        plan::select(&project, std::slice::from_ref(service), false)?;
    }
    let chosen: Vec<String> =
        plan::select(&project, &up.services, !up.no_deps)?.into_iter().map(str::to_owned).collect();
    let settings = Settings {
        name: project.name.clone(),
        stop_timeout: up.timeout,
        pull: up.pull.clone().filter(|policy| policy != "policy").unwrap_or_default(),
        ..Settings::default()
    };
    let engine = Engine::open(paths)?;
    let begun = now();
    let code = apply(&engine, &project, &chosen, &options, &settings)?;
    if code != 0 || !start {
        return Ok(code);
    }
    if up.wait {
        let timeout = up.wait_timeout.map(Duration::from_secs);
        return match engine.wait_stack(&project.name, &chosen, timeout) {
            Ok(()) => Ok(0),
            Err(problem) => Ok(say::problems(&[problem])),
        };
    }
    if up.detach {
        return Ok(0);
    }
    let stack = Stack { name: project.name.clone(), project: Some(project) };
    let look = Look { colours: !up.no_color, prefixes: !up.no_log_prefix, timestamps: up.timestamps };
    let records: Vec<_> = engine
        .stack_containers(&stack.name)?
        .into_iter()
        .filter(|record| chosen.iter().any(|service| *service == super::ps::service(&record.spec.labels)))
        .collect();
    Follow::new(&engine, &stack, records, look, Some(begun), None).attached(up)
}

/// Plans under the stack's lock, so that two at once do not both make what is missing, and carries it out.
pub fn apply(
    engine: &Engine,
    project: &Project,
    services: &[String],
    options: &UpOptions,
    settings: &Settings,
) -> Outcome {
    let _lock = engine.lock_stack(&project.name)?;
    let observed = engine.observe_stack(&project.name, Some(project))?;
    let plan = plan::up(project, &observed, options)?;
    // Everything that can be wrong with what is asked for is found out before anything is touched.
    for service in services {
        teu_core::stacks::container_request(project, service, 1, false)?;
    }
    let names: Vec<&str> = services.iter().map(String::as_str).collect();
    engine.check_stack_images(project, &names)?;
    project::warn(&plan.warnings);
    let problems = engine.execute_plan(&plan, Some(project), settings, &mut say::event);
    engine.sweep_stack(&project.name)?;
    Ok(say::problems(&problems))
}

/// Changes how many containers services have.
pub fn scale(paths: Paths, arguments: &ComposeArguments, scale: &ComposeScaleArguments) -> Outcome {
    let counts = scale.scale.iter().map(|word| count(word)).collect::<Result<BTreeMap<_, _>, _>>()?;
    let services: Vec<String> = counts.keys().cloned().collect();
    let project = project::load(arguments, &services)?;
    let options = UpOptions {
        services: services.clone(),
        no_deps: scale.no_deps,
        scale: counts,
        recreate: Recreate::Never,
        recreate_dependencies: Recreate::Never,
        ..UpOptions::default()
    };
    let settings = Settings { name: project.name.clone(), ..Settings::default() };
    let chosen: Vec<String> =
        plan::select(&project, &services, !scale.no_deps)?.into_iter().map(str::to_owned).collect();
    apply(&Engine::open(paths)?, &project, &chosen, &options, &settings)
}

/// `SERVICE=NUMBER`.
fn count(word: &str) -> Result<(String, u32), Failure> {
    word.split_once('=').and_then(|(name, number)| Some((name.to_owned(), number.parse().ok()?))).ok_or_else(
        || Failure::usage(format!("invalid scale '{word}'")).hint("write SERVICE=NUMBER, as in web=3"),
    )
}
