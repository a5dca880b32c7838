//! `teu compose run`: a container of a service for one command.

use super::manner::Manner;
use super::project;
use crate::arguments::values::{environment, port, volume};
use crate::arguments::{ComposeArguments, ComposeRunArguments};
use crate::commands::run::foreground;
use crate::commands::{Outcome, complain, run_code, say};
use crate::interactive;
use std::io::{self, IsTerminal as _};
use teu_api::container::RestartPolicy;
use teu_api::{Failure, SessionId};
use teu_core::stacks::plan::{self, UpOptions};
use teu_core::stacks::{ContainerRequest, Project, Settings, container_request};
use teu_core::{Engine, Launch, Paths};

/// Runs a command in a new container of a service, after what it depends on is up.
pub fn run(paths: Paths, arguments: &ComposeArguments, run: &ComposeRunArguments) -> Outcome {
    let (service, command) = (&run.service, run.command.as_slice());
    let project = project::load(arguments, std::slice::from_ref(service))?;
    let manner = Manner::of(arguments, &project.environment)?.quiet(run.quiet).quiet_pulls(run.quiet_pull);
    manner.refuse_dry_run("run")?;
    plan::select(&project, std::slice::from_ref(service), false)?;
    let engine = Engine::open(paths)?;
    if run.build {
        super::build::anew(&engine, &project, &[service.as_str()], manner)?;
    }
    let settings = Settings {
        pull: run.pull.clone().filter(|policy| policy != "policy").unwrap_or_default(),
        ..manner.settings(&project.name)
    };
    let options = UpOptions {
        services: vec![service.clone()],
        no_deps: run.no_deps,
        remove_orphans: run.remove_orphans || project::is_set(&project.environment, "COMPOSE_REMOVE_ORPHANS"),
        ignore_orphans: project::is_set(&project.environment, "COMPOSE_IGNORE_ORPHANS"),
        ground_of: Some(service.clone()),
        ..UpOptions::default()
    };
    let code = manner.carry_out("run", settings, |settings, tell| {
        engine.raise_stack(&project, &options, settings, tell)
    })?;
    if code != 0 {
        return Ok(code);
    }
    let tty = !run.no_tty
        && run.tty.unwrap_or(true)
        && !run.detach
        && io::stdin().is_terminal()
        && io::stdout().is_terminal();
    let request = request(&project, service, command, run, tty)?;
    let id = engine.create_requested(&project.name, request, None)?;
    let record = engine.store().container(&id)?;
    let launch = Launch {
        stdin: !run.detach && run.interactive,
        stdout: true,
        stderr: true,
        size: interactive::terminal_size().filter(|_| tty),
    };
    let mut connection = match engine.launch(&record, (!run.detach).then_some(&launch)) {
        Ok(connection) => connection,
        Err(failure) => {
            if run.rm {
                // That it could not be started is told below.
                let _ = engine.remove(&id, true, true);
            }
            complain(&failure);
            return Ok(run_code(&failure));
        }
    };
    if run.detach {
        say(&record.name)?;
        return Ok(0);
    }
    let options = interactive::Options {
        session: SessionId::MAIN,
        tty,
        stdin: run.interactive,
        proxy_signals: true,
        detach_keys: None,
    };
    foreground(&mut connection, &options)
}

fn request(
    project: &Project,
    service: &str,
    command: &[String],
    run: &ComposeRunArguments,
    tty: bool,
) -> Result<ContainerRequest, Failure> {
    let mut request = container_request(project, service, 1, true)?;
    let random: u64 = {
        use std::hash::{BuildHasher as _, Hasher as _};
        // Seeded by the kernel's random bytes.
        std::hash::RandomState::new().build_hasher().finish()
    };
    request.name = run
        .name
        .clone()
        .unwrap_or_else(|| format!("{}-{service}-run-{:012x}", project.name, random & 0xffff_ffff_ffff));
    if !command.is_empty() {
        request.command = Some(command.to_vec());
    }
    if let Some(program) = &run.entrypoint {
        request.entrypoint = Some(program.split_whitespace().map(str::to_owned).collect());
        if command.is_empty() {
            request.command = Some(Vec::new());
        }
    }
    let spec = &mut request.spec;
    let here = std::env::current_dir().map_err(|error| {
        Failure::usage(format!("the current folder cannot be read: {error}"))
            .hint("change to one that exists")
    })?;
    let own = |name: &str| std::env::var(name).ok();
    for path in &run.env_from_file {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::usage(format!("cannot read {path}: {error}")).hint("check the path"))?;
        for entry in environment::file(path, &text, &own)? {
            environment::set(&mut spec.env, entry);
        }
    }
    for text in &run.env {
        match environment::variable(text, &own)? {
            Some(entry) => environment::set(&mut spec.env, entry),
            // A name that has no value here is taken away, as Docker Compose does.
            None => spec.env.retain(|other| other.split('=').next() != Some(text)),
        }
    }
    for label in &run.label {
        let (name, value) = label.split_once('=').unwrap_or((label, ""));
        spec.labels.insert(name.to_owned(), value.to_owned());
    }
    if let Some(user) = &run.user {
        spec.user.clone_from(user);
    }
    if let Some(folder) = &run.workdir {
        spec.working_dir.clone_from(folder);
    }
    spec.tty = tty;
    spec.open_stdin = !run.detach && run.interactive;
    spec.stdin_once = spec.open_stdin;
    spec.health_check = None;
    spec.host.restart = RestartPolicy::No;
    spec.host.auto_remove = run.rm;
    if !run.service_ports {
        spec.host.ports.clear();
    }
    for text in &run.publish {
        spec.host.ports.extend(port::publish(text)?);
    }
    let home = own("HOME");
    for text in &run.volume {
        let mount = volume::volume(text, &here, home.as_deref())?;
        spec.host.mounts.retain(|other| other.target.trim_end_matches('/') != mount.target);
        spec.host.mounts.push(mount);
    }
    for right in &run.cap_add {
        spec.host.cap_drop.retain(|other| other != right);
        spec.host.cap_add.push(right.clone());
    }
    for right in &run.cap_drop {
        spec.host.cap_add.retain(|other| other != right);
        spec.host.cap_drop.push(right.clone());
    }
    // It has its service's networks, but unless asked does not answer to its service's name.
    for network in spec.host.networks.iter_mut().filter(|_| !run.use_aliases) {
        network.aliases.clear();
    }
    Ok(request)
}
