//! `RUN`: a step in a container of its own.

use super::mounts::Prepared;
use super::stage::Builder;
use super::state::State;
use super::stubs::Stubs;
use super::{BuildEvent, Tell};
use crate::containers::{Launch, new_id};
use crate::engine::Engine;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::os::fd::AsFd as _;
use teu_api::container::{ContainerSpec, LogDriver, NetworkMode};
use teu_api::{ContainerId, Failure, FailureKind};
use teu_build::{CommandLine, Heredoc, MountType, Run};
use teu_store::{BUILD_LABEL, ContainerRecord, Lock, NewContainer, Staging};
use teu_supervisor::{Message, Received};

/// Ends the steps of builds that were killed: their locks are there, and nobody holds them. Without builds that is one
/// look at a folder.
pub(crate) fn end_killed_builds(engine: &Engine) -> Result<(), Failure> {
    let paths = engine.store().paths();
    let locks = std::fs::read_dir(paths.locks()).into_iter().flatten();
    let names = locks.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    for name in names.filter(|name| name.starts_with("build-")) {
        // To let go of the lock removes its file.
        let Some(_lock) = Lock::try_take(paths, &name)? else { continue };
        // One that cannot be removed now is told of by the next build.
        remove_steps(engine, |lock| Ok((lock == name).then_some(())), &mut |_| {})?;
    }
    Ok(())
}

/// Removes the containers of builds that were killed before the host's last start, which left no lock. What cannot be
/// removed is in the way of no build.
pub(super) fn remove_leftovers(engine: &Engine, tell: Tell<'_>) -> Result<(), Failure> {
    let paths = engine.store().paths();
    remove_steps(engine, |lock| Ok(Lock::try_take(paths, lock)?), &mut |failure| {
        tell(BuildEvent::Warning(format!(
            "what a build that was killed has left cannot be removed: {failure}"
        )));
    })
}

/// Removes the containers of steps whose build is gone: of the name of its lock there is something to hold meanwhile.
fn remove_steps<Held>(
    engine: &Engine,
    hold: impl Fn(&str) -> Result<Option<Held>, Failure>,
    failed: &mut dyn FnMut(&Failure),
) -> Result<(), Failure> {
    for record in engine.store().containers()? {
        let Some(_held) = record.build_lock().map(&hold).transpose()?.flatten() else { continue };
        match engine.remove(&record.id, true, true) {
            Ok(()) => {}
            // Its build ended since it was listed.
            Err(failure) if failure.kind == FailureKind::NotFound => {}
            Err(failure) => failed(&failure),
        }
    }
    Ok(())
}

/// A step's container, which goes with this.
struct StepContainer<'a> {
    engine: &'a Engine,
    id: ContainerId,
}

impl Drop for StepContainer<'_> {
    fn drop(&mut self) {
        // One that cannot be removed now is removed by the next build.
        let _ = self.engine.remove(&self.id, true, true);
    }
}

/// What a step runs, and the file that it needs for that.
struct Program {
    arguments: Vec<String>,
    script: Option<Heredoc>,
}

impl Builder<'_> {
    /// Carries out a RUN step on top of a state, or takes it from the cache.
    pub(super) fn run(
        &self,
        run: &Run,
        stage: usize,
        step: usize,
        text: &str,
        state: &mut State,
    ) -> Result<bool, Failure> {
        if run.network == "host" && !self.request.allows_host_network {
            // Whoever wrote the Dockerfile does not decide on what this machine serves to itself.
            return Err(Failure::usage("RUN --network=host is not allowed")
                .hint("allow it with --allow network.host"));
        }
        let program = program(run, state);
        if program.arguments.is_empty() {
            return Ok(false);
        }
        let environment = state.environment();
        let keys = self.key_of_mounts(&run.mounts, stage)?;
        let script = program.script.as_ref().map_or("", |script| script.content.as_str());
        let place =
            [state.config.working_folder(), state.config.user(), &run.network, script].map(str::as_bytes);
        let count = (program.arguments.len() as u64).to_le_bytes();
        let parts = [&count[..]]
            .into_iter()
            .chain(program.arguments.iter().map(String::as_bytes))
            .chain(environment.iter().map(String::as_bytes))
            .chain(place)
            .chain([keys.as_slice()]);
        let key = state.key("run", parts);
        let created_by = created_by(&program.arguments, state);
        if let Some(found) = self.cached(&key, stage)? {
            state.push(found, created_by);
            return Ok(true);
        }
        let mut prepared = self.prepare_mounts(&run.mounts, stage, state)?;
        let changes = run.mounts.iter().any(|mount| mount.kind == MountType::Bind && mount.from.is_empty());
        if changes && self.key_of_mounts(&run.mounts, stage)? != keys {
            return Err(Failure::conflict("the files that the step mounts changed while they were read")
                .hint("try again"));
        }
        let _script =
            program.script.as_ref().map(|script| self.hand_over(script, &mut prepared)).transpose()?;
        let root = self.engine.stack(&state.layers)?;
        let stubs = Stubs::look(root.as_ref().map(|root| root.as_fd()), &prepared.targets);
        drop(root);
        let mut spec = ContainerSpec {
            image: state.base_name.clone(),
            image_id: state.base.as_ref().map(|base| base.id.clone()).unwrap_or_default(),
            layers: state.layers.clone(),
            command: program.arguments,
            env: environment,
            working_dir: state.config.working_folder().to_owned(),
            user: state.config.user().to_owned(),
            host: self.request.host.clone(),
            ..ContainerSpec::default()
        };
        spec.env.extend(self.proxies());
        spec.labels.insert(BUILD_LABEL.to_owned(), self.lock_name.clone());
        spec.host.mounts.clone_from(&prepared.mounts);
        spec.host.log.driver = LogDriver::None;
        match run.network.as_str() {
            "none" => spec.host.network = NetworkMode::None,
            "host" => spec.host.network = NetworkMode::Host,
            _ => {}
        }
        let id = new_id()?;
        let name = ContainerRecord::build_step_name(&id);
        self.engine.store().insert_container(&NewContainer { id: id.clone(), name, spec })?;
        let container = StepContainer { engine: self.engine, id };
        let code = self.follow(&container.id, step, &prepared.environment)?;
        if self.request.is_given_up() {
            return Err(super::stage::given_up());
        }
        if code != 0 {
            return Err(Failure::conflict(format!(
                "process \"{}\" did not complete successfully: exit code: {code}",
                created_by.trim_start_matches("RUN ")
            )));
        }
        let upper = self.engine.store().paths().container(&container.id).join("upper");
        stubs.remove(&upper)?;
        let made = self.engine.store().put_build_step(&key, &upper, state.top().as_ref(), text)?;
        state.push(made, created_by);
        Ok(false)
    }

    /// A script of the Dockerfile becomes a file that only the step sees.
    fn hand_over(&self, script: &Heredoc, prepared: &mut Prepared) -> Result<Staging, Failure> {
        let staging = Staging::new(self.engine.store().paths(), "script")?;
        let path = staging.path().join("script");
        std::fs::write(&path, script.text())
            .and_then(|()| {
                std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755))
            })
            .map_err(|error| Failure::internal(format!("cannot write {}: {error}", path.display())))?;
        prepared.mounts.push(teu_api::container::MountSpec {
            source: path.to_string_lossy().into_owned(),
            target: script_path(script),
            read_only: true,
            ..Default::default()
        });
        Ok(staging)
    }

    /// Starts the container and passes its output on until it has ended; gives its exit code. Secrets are in its bundle,
    /// which goes with it, and never in the database.
    fn follow(&self, id: &ContainerId, step: usize, secrets: &[String]) -> Result<i32, Failure> {
        let mut record = self.engine.store().container(id)?;
        record.spec.env.extend_from_slice(secrets);
        let launch = Launch { stdout: true, stderr: true, ..Launch::default() };
        let mut connection = self.engine.launch(&record, Some(&launch))?;
        loop {
            match connection.try_recv()? {
                Received::Message(Message::Stdout(bytes) | Message::Stderr(bytes)) => {
                    (self.tell)(BuildEvent::Output { step, bytes });
                }
                Received::Message(Message::Exited { code, oom, .. }) => {
                    if oom {
                        (self.tell)(BuildEvent::Warning("the step ran out of memory".to_owned()));
                    }
                    // Its root is taken apart after this.
                    self.engine.wait(id)?;
                    return Ok(code);
                }
                Received::Message(_) => {}
                Received::Closed => {
                    return Err(Failure::internal("the step's supervisor ended before the step"));
                }
                Received::Pending => {
                    let mut waited = vec![PollFd::new(connection.as_fd(), PollFlags::POLLIN)];
                    let give_up = self.request.give_up.as_ref();
                    waited.extend(give_up.map(|fd| PollFd::new(fd.as_fd(), PollFlags::POLLIN)));
                    match poll(&mut waited, PollTimeout::NONE) {
                        Ok(_) | Err(nix::errno::Errno::EINTR) => {}
                        Err(error) => {
                            return Err(Failure::internal(format!("cannot wait for the step: {error}")));
                        }
                    }
                    if self.request.is_given_up() {
                        return Err(super::stage::given_up());
                    }
                }
            }
        }
    }
}

/// What runs: a line with its documents for the shell, a script, or a program.
fn program(run: &Run, state: &State) -> Program {
    let shell = state.config.shell();
    let CommandLine::Shell(Some(line)) = &run.command else {
        return Program { arguments: run.command.arguments(&shell), script: None };
    };
    let shelled = |line: String| shell.iter().cloned().chain([line]).collect();
    match run.documents.as_slice() {
        [] => Program { arguments: shelled(line.clone()), script: None },
        [script] if Heredoc::parse(line).is_some() => {
            if script.content.starts_with("#!") {
                return Program { arguments: vec![script_path(script)], script: Some(script.clone()) };
            }
            Program { arguments: shelled(script.text()), script: None }
        }
        documents => {
            let mut whole = line.clone();
            for document in documents {
                whole.push('\n');
                whole.push_str(&document.content);
                whole.push_str(&document.name);
            }
            whole.push('\n');
            Program { arguments: shelled(whole), script: None }
        }
    }
}

fn script_path(script: &Heredoc) -> String {
    format!("/dev/pipes/{}", script.name.replace('/', "_"))
}

/// The step as the image's history tells of it.
fn created_by(arguments: &[String], state: &State) -> String {
    let own: Vec<String> = state
        .arguments
        .iter()
        .filter(|(name, _)| state.config.variable(name).is_none())
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let command = arguments.join(" ");
    if own.is_empty() {
        format!("RUN {command}")
    } else {
        format!("RUN |{} {} {command}", own.len(), own.join(" "))
    }
}
