//! `teu compose up`, `create` and `scale`.

use super::follow::{Follow, Look};
use super::manner::Manner;
use super::project::{self, Stack};
use super::{say, watch};
use crate::arguments::{ComposeArguments, ComposeScaleArguments, ComposeUpArguments};
use crate::commands::{Outcome, complain, now};
use std::collections::BTreeMap;
use std::io;
use std::os::fd::AsFd as _;
use std::thread;
use std::time::Duration;
use teu_api::Failure;
use teu_core::stacks::plan::{self, Recreate, UpOptions};
use teu_core::stacks::{Project, Settings};
use teu_core::{Engine, Paths};

/// Brings a project up; with `start` unset, only makes its containers.
pub fn run(paths: Paths, arguments: &ComposeArguments, up: &ComposeUpArguments, start: bool) -> Outcome {
    let manner = Manner::of(arguments).quiet_pulls(up.quiet_pull);
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
        stop_timeout: up.timeout,
        pull: up.pull.clone().filter(|policy| policy != "policy").unwrap_or_default(),
        ..manner.settings(&project.name)
    };
    let engine = Engine::open(paths.clone())?;
    // What cannot be watched starts nothing.
    let mut files = up.watch.then(|| engine.watch_stack(&project, &up.services)).transpose()?;
    let begun = now();
    let code = apply(&engine, &project, &chosen, &options, &settings, manner)?;
    if code != 0 || !start || manner.dry_run {
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
    let shown = attached(&project, up, &chosen)?;
    let stack = Stack { name: project.name.clone(), project: Some(project), manner };
    let look = Look {
        colours: !up.no_color && manner.coloured(),
        prefixes: !up.no_log_prefix,
        timestamps: up.timestamps,
    };
    let records: Vec<_> = engine
        .stack_containers(&stack.name)?
        .into_iter()
        .filter(|record| chosen.iter().any(|service| *service == super::ps::service(&record.spec.labels)))
        .collect();
    let mut follow = Follow::new(&engine, &stack, records, look, Some(begun), None);
    follow.mute(|service| !shown.iter().any(|name| name == service));
    let Some(files) = &mut files else { return follow.attached(up) };
    project::warn(&files.warnings);
    let (end, ends) =
        io::pipe().map_err(|error| Failure::internal(format!("cannot make a pipe: {error}")))?;
    thread::scope(|scope| {
        scope.spawn(|| {
            let followed = Engine::open(paths)
                .and_then(|engine| watch::follow(&engine, &stack.name, files, end.as_fd(), manner));
            if let Err(failure) = followed {
                complain(&failure);
            }
        });
        let outcome = follow.attached(up);
        // That the pipe is closed ends the watch.
        drop(ends);
        outcome
    })
}

/// The services whose output is shown.
fn attached(project: &Project, up: &ComposeUpArguments, chosen: &[String]) -> Result<Vec<String>, Failure> {
    plan::select(project, &up.attach, false)?;
    plan::select(project, &up.no_attach, false)?;
    let mut shown = if !up.attach.is_empty() {
        up.attach.clone()
    } else if up.services.is_empty() || up.attach_dependencies {
        chosen.to_vec()
    } else {
        up.services.clone()
    };
    shown.retain(|name| {
        let wants = project.services.get(name).and_then(|service| service.attach).unwrap_or(true);
        (wants || up.attach.contains(name)) && !up.no_attach.contains(name)
    });
    Ok(shown)
}

/// Plans under the stack's lock, so that two at once do not both make what is missing, and carries it out.
pub fn apply(
    engine: &Engine,
    project: &Project,
    services: &[String],
    options: &UpOptions,
    settings: &Settings,
    manner: Manner,
) -> Outcome {
    let _lock = engine.lock_stack(&project.name)?;
    let observed = engine.observe_stack(&project.name, Some(project))?;
    let plan = plan::up(project, &observed, options)?;
    // Everything that can be wrong with what is asked for is found out before anything is touched.
    for service in services {
        teu_core::stacks::container_request(project, service, 1, false)
            .map_err(|error| project.located(error))?;
    }
    let names: Vec<&str> = services.iter().map(String::as_str).collect();
    engine.check_stack_images(project, &names)?;
    engine.check_stack_ports(project, &names, &options.scale)?;
    project::warn(&plan.warnings);
    let code = manner.carry_out(engine, &plan, Some(project), settings);
    engine.sweep_stack(&project.name)?;
    Ok(code)
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
    let manner = Manner::of(arguments);
    let settings = manner.settings(&project.name);
    let chosen: Vec<String> =
        plan::select(&project, &services, !scale.no_deps)?.into_iter().map(str::to_owned).collect();
    apply(&Engine::open(paths)?, &project, &chosen, &options, &settings, manner)
}

/// `SERVICE=NUMBER`.
fn count(word: &str) -> Result<(String, u32), Failure> {
    word.split_once('=').and_then(|(name, number)| Some((name.to_owned(), number.parse().ok()?))).ok_or_else(
        || Failure::usage(format!("invalid scale '{word}'")).hint("write SERVICE=NUMBER, as in web=3"),
    )
}
