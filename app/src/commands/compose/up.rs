//! `teu compose up`, `create` and `scale`.

use super::build;
use super::ears::Ears;
use super::follow::{Follow, Look};
use super::manner::Manner;
use super::project::{self, Stack};
use super::watch;
use crate::arguments::{ComposeArguments, ComposeScaleArguments, ComposeUpArguments};
use crate::commands::{Outcome, complain, now};
use std::collections::BTreeMap;
use std::io;
use std::os::fd::AsFd as _;
use std::thread;
use std::time::Duration;
use teu_api::Failure;
use teu_core::stacks::plan::{self, Recreate, UpOptions};
use teu_core::stacks::{Listener, Problem, Project, Settings};
use teu_core::{Engine, Paths};

/// Brings a project up, or only makes its containers.
pub fn run(paths: Paths, arguments: &ComposeArguments, up: &ComposeUpArguments) -> Outcome {
    bring(paths, arguments, up, project::load(arguments, &up.make.services)?)
}

/// The same with a project that is loaded already.
pub fn bring(
    paths: Paths,
    arguments: &ComposeArguments,
    up: &ComposeUpArguments,
    project: Project,
) -> Outcome {
    let start = !up.no_start;
    let manner = Manner::of(arguments, &project.environment)?.quiet_pulls(up.make.quiet_pull);
    let is_set = |name| project::is_set(&project.environment, name);
    let scale = up.make.scale.iter().map(|word| count(word)).collect::<Result<BTreeMap<_, _>, _>>()?;
    let recreate = match (up.make.force_recreate, up.make.no_recreate) {
        (true, _) => Recreate::Force,
        (_, true) => Recreate::Never,
        _ => Recreate::Diverged,
    };
    let options = UpOptions {
        services: up.make.services.clone(),
        no_deps: up.no_deps,
        scale,
        recreate,
        recreate_dependencies: if up.always_recreate_deps {
            Recreate::Force
        } else if up.make.no_recreate {
            Recreate::Never
        } else {
            Recreate::Diverged
        },
        remove_orphans: up.make.remove_orphans || is_set("COMPOSE_REMOVE_ORPHANS"),
        ignore_orphans: is_set("COMPOSE_IGNORE_ORPHANS"),
        start,
        renew_anonymous_volumes: up.renew_anon_volumes,
        ground_of: None,
    };
    if let Some(service) = &up.exit_code_from {
        plan::select(&project, std::slice::from_ref(service), false)?;
    }
    let chosen: Vec<String> =
        plan::select(&project, &up.make.services, !up.no_deps)?.into_iter().map(str::to_owned).collect();
    let settings = Settings {
        stop_timeout: up.timeout,
        pull: up.make.pull.clone().filter(|policy| policy != "policy").unwrap_or_default(),
        ..manner.settings(&project.name)
    };
    let engine = Engine::open(paths.clone())?;
    // What cannot be watched starts nothing.
    let mut files = up.watch.then(|| engine.watch_stack(&project, &up.make.services)).transpose()?;
    if up.make.build && !manner.is_dry() {
        let chosen: Vec<&str> = chosen.iter().map(String::as_str).collect();
        build::anew(&engine, &project, &chosen, manner)?;
    }
    let begun = now();
    let title = if start { "up" } else { "create" };
    // Who is to be shown the output stays, and stops in good order what has been started.
    let stays = start && !up.detach && !up.wait && !manner.dry_run;
    let change = |settings: &Settings, tell: Listener<'_>| -> Result<Vec<Problem>, Failure> {
        let mut problems = engine.raise_stack(&project, &options, settings, tell)?;
        if problems.is_empty() && up.wait && start && !settings.dry_run {
            let timeout = up.wait_timeout.map(Duration::from_secs);
            problems.extend(engine.wait_stack(settings, &chosen, timeout, tell).err());
        }
        Ok(problems)
    };
    if !stays {
        return manner.carry_out(title, settings, change);
    }
    let done = manner.show(title, 3, settings, change)?;
    if done.code != 0 && done.interrupts == 0 {
        return Ok(done.code);
    }
    let shown = attached(&project, up, &chosen)?;
    let menu =
        up.menu.or_else(|| teu_core::stacks::switch(&project.environment, "COMPOSE_MENU")).unwrap_or(true);
    // Before there are threads, so that signals reach no other.
    let ears = Ears::new(menu && done.interrupts == 0)?;
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
        // What an interruption kept from being started has nothing to say.
        .filter(|record| done.interrupts == 0 || record.state.status.is_live())
        .collect();
    let mut follow = Follow::new(&engine, &stack, records, look, Some(begun), None);
    follow.mute(|service| !shown.iter().any(|name| name == service));
    let Some(files) = files.as_mut().filter(|_| done.interrupts == 0) else {
        return follow.attached(up, done.interrupts, ears);
    };
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
        let outcome = follow.attached(up, 0, ears);
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
    } else if up.make.services.is_empty() || up.attach_dependencies {
        chosen.to_vec()
    } else {
        up.make.services.clone()
    };
    shown.retain(|name| {
        let wants = project.services.get(name).and_then(|service| service.attach).unwrap_or(true);
        (wants || up.attach.contains(name)) && !up.no_attach.contains(name)
    });
    Ok(shown)
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
    let manner = Manner::of(arguments, &project.environment)?;
    let engine = Engine::open(paths)?;
    manner.carry_out("scale", manner.settings(&project.name), |settings, tell| {
        engine.raise_stack(&project, &options, settings, tell)
    })
}

/// `SERVICE=NUMBER`.
fn count(word: &str) -> Result<(String, u32), Failure> {
    word.split_once('=').and_then(|(name, number)| Some((name.to_owned(), number.parse().ok()?))).ok_or_else(
        || Failure::usage(format!("invalid scale '{word}'")).hint("write SERVICE=NUMBER, as in web=3"),
    )
}
