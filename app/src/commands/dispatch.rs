//! From words to the command that they name.

use super::{
    Outcome, attach, commit, complain, create, demo, exec, export, from_host, from_template, history, images,
    import, info, inspect, kill, load, login, logs, pause, prune, ps, pull, push, rename, rm, rmi, run, save,
    search, start, stats, stop, system, tag, top, version, wait,
};
use crate::arguments::{self, BuilderCommand, Cli, Command, ContainerCommand, ImageCommand, SystemCommand};
use std::ffi::OsString;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use teu_api::Failure;
use teu_core::{Engine, Paths};

/// The name under which the program is the OCI runtime alone.
const OCI_NAME: &str = "teu-oci";

/// Runs the program with these words, its own name first.
pub fn main(words: Vec<OsString>) -> ExitCode {
    // Before anything else: the supervisor and the runtime are started often and parse nothing.
    if let Some(code) = other_selves(&words) {
        return code;
    }
    let cli = match arguments::parse(words) {
        Ok(cli) => cli,
        Err(usage) if usage.exit_code == 0 => {
            let _ = std::io::stdout().write_all(usage.text.as_bytes());
            return ExitCode::SUCCESS;
        }
        Err(usage) => {
            let _ = writeln!(std::io::stderr(), "teu: {}", usage.text.trim_end());
            return ExitCode::from(usage.exit_code);
        }
    };
    match carry_out(cli) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            complain(&failure);
            ExitCode::from(1)
        }
    }
}

/// The program executed again as something else: a container's supervisor, or the OCI runtime.
fn other_selves(words: &[OsString]) -> Option<ExitCode> {
    // Other engines execute `PATH create …`: a link of this name to the program is the runtime they want.
    if Path::new(words.first()?).file_name().is_some_and(|name| name == OCI_NAME) {
        return Some(teu_core::oci_main(words[1..].to_vec()));
    }
    match words.get(1)?.to_str()? {
        "oci" => Some(teu_core::oci_main(words[2..].to_vec())),
        "supervisor" => Some(teu_core::supervisor_main(Path::new(words.get(2)?))),
        _ => None,
    }
}

fn carry_out(cli: Cli) -> Outcome {
    if cli.global.version {
        return version::short();
    }
    let paths = Paths::from_env(cli.global.root.as_deref());
    let Some(command) = cli.command else {
        crate::tui::run(&paths, cli.global.readonly)
            .map_err(|error| Failure::internal(format!("{error:#}")))?;
        return Ok(0);
    };
    if cli.global.readonly {
        let failure = Failure::usage("--readonly is for the full-screen interface, and not for commands");
        return Err(failure.hint("give it without a command"));
    }
    let code_of_failure = if matches!(command, Command::Run(_)) { super::NOT_STARTED } else { 1 };
    let outcome = match command {
        Command::Version(arguments) => version::run(&arguments),
        Command::Search(arguments) => search::run(&arguments),
        Command::Artifact(command) => super::artifact::run(&command),
        Command::Image(ImageCommand::Referrers(arguments)) => super::artifact::referrers::run(&arguments),
        Command::Login(arguments) => login::run(arguments),
        Command::Logout(arguments) => login::logout(&arguments),
        Command::Completion(arguments) => super::completion::run(&arguments),
        Command::Man(arguments) => super::man::run(&arguments),
        Command::Compose(arguments) => super::compose::run(paths, &arguments),
        command => Engine::open(paths).and_then(|engine| with_engine(&engine, command)),
    };
    outcome.or_else(|failure| {
        complain(&failure);
        Ok(code_of_failure)
    })
}

pub(super) fn with_engine(engine: &Engine, command: Command) -> Outcome {
    match command {
        Command::Container(ContainerCommand::Prune(arguments)) => prune::containers(engine, &arguments),
        Command::Container(command) => with_engine(engine, container(command)?),
        Command::Image(ImageCommand::FromHost(arguments)) => from_host::run(engine, arguments),
        Command::Image(ImageCommand::Cat(arguments)) => super::image::cat::run(engine, &arguments),
        Command::Image(ImageCommand::Extract(arguments)) => super::image::extract::run(engine, &arguments),
        Command::Image(ImageCommand::FromTemplate(arguments)) => from_template::run(engine, arguments),
        Command::Image(ImageCommand::Diff(arguments)) => super::image::diff::run(engine, &arguments),
        Command::Image(ImageCommand::Layers(arguments)) => super::image::layers::run(engine, &arguments),
        Command::Image(ImageCommand::Prune(arguments)) => prune::images(engine, &arguments),
        Command::Image(command) => with_engine(engine, image(command)?),
        Command::System(SystemCommand::Df(arguments)) => system::df::run(engine, &arguments),
        Command::System(SystemCommand::Prune(arguments)) => prune::system(engine, &arguments),
        Command::System(SystemCommand::Info(arguments)) | Command::Info(arguments) => {
            info::run(engine, &arguments)
        }
        Command::Run(arguments) => run::run(engine, &arguments),
        Command::Create(arguments) => create::run(engine, &arguments),
        Command::Start(arguments) => start::run(engine, arguments),
        Command::Stop(arguments) => stop::run(engine, &arguments),
        Command::Restart(arguments) => stop::restart(engine, &arguments),
        Command::Kill(arguments) => kill::run(engine, &arguments),
        Command::Wait(arguments) => wait::run(engine, &arguments),
        Command::Rm(arguments) => rm::run(engine, &arguments),
        Command::Ps(arguments) => ps::run(engine, &arguments),
        Command::Logs(arguments) => logs::run(engine, &arguments),
        Command::Attach(arguments) => attach::run(engine, arguments),
        Command::Exec(arguments) => exec::run(engine, &arguments),
        Command::Debug(arguments) => super::debug::run(engine, &arguments),
        Command::Top(arguments) => top::run(engine, &arguments),
        Command::Stats(arguments) => stats::run(engine, &arguments),
        Command::Inspect(arguments) => inspect::run(engine, &arguments),
        Command::Pause(arguments) => pause::pause(engine, &arguments),
        Command::Unpause(arguments) => pause::unpause(engine, &arguments),
        Command::Rename(arguments) => rename::run(engine, &arguments),
        Command::Update(arguments) => super::update::run(engine, &arguments),
        Command::Cp(arguments) => super::cp::run(engine, &arguments),
        Command::Diff(arguments) => super::diff::run(engine, &arguments),
        Command::Events(arguments) | Command::System(SystemCommand::Events(arguments)) => {
            super::events::run(engine, &arguments)
        }
        Command::DynamicCompletion(arguments) => super::completion::names(engine, &arguments),
        Command::Images(arguments) => images::run(engine, &arguments),
        Command::Rmi(arguments) => rmi::run(engine, &arguments),
        Command::Pull(arguments) => pull::run(engine, &arguments),
        Command::Push(arguments) => push::run(engine, &arguments),
        Command::Import(arguments) => import::run(engine, arguments),
        Command::Save(arguments) => save::run(engine, &arguments),
        Command::Load(arguments) => load::run(engine, &arguments),
        Command::History(arguments) => history::run(engine, &arguments),
        Command::Export(arguments) => export::run(engine, &arguments),
        Command::Commit(arguments) => commit::run(engine, arguments),
        Command::Tag(arguments) => tag::run(engine, &arguments),
        Command::Build(arguments) | Command::Builder(BuilderCommand::Build(arguments)) => {
            super::build::run(engine, &arguments)
        }
        Command::Builder(BuilderCommand::Du) => super::build::du(engine),
        Command::Builder(BuilderCommand::Prune(arguments)) => prune::builds(engine, &arguments),
        Command::Port(arguments) => super::port::run(engine, &arguments),
        Command::Network(command) => super::network::run(engine, command),
        Command::Volume(command) => super::volume::run(engine, command),
        Command::Demo(arguments) => demo::run(engine, &arguments),
        other => Err(not_here(&other)),
    }
}

/// `teu container X` is `teu X`.
fn container(command: ContainerCommand) -> Result<Command, Failure> {
    Ok(match command {
        ContainerCommand::Attach(arguments) => Command::Attach(arguments),
        ContainerCommand::Commit(arguments) => Command::Commit(arguments),
        ContainerCommand::Export(arguments) => Command::Export(arguments),
        ContainerCommand::Create(arguments) => Command::Create(arguments),
        ContainerCommand::Cp(arguments) => Command::Cp(arguments),
        ContainerCommand::Diff(arguments) => Command::Diff(arguments),
        ContainerCommand::Exec(arguments) => Command::Exec(arguments),
        ContainerCommand::Inspect(mut arguments) => {
            arguments.kind = Some("container".to_owned());
            Command::Inspect(arguments)
        }
        ContainerCommand::Kill(arguments) => Command::Kill(arguments),
        ContainerCommand::Logs(arguments) => Command::Logs(arguments),
        ContainerCommand::Ls(arguments) => Command::Ps(arguments),
        ContainerCommand::Pause(arguments) => Command::Pause(arguments),
        ContainerCommand::Port(arguments) => Command::Port(arguments),
        ContainerCommand::Rename(arguments) => Command::Rename(arguments),
        ContainerCommand::Restart(arguments) => Command::Restart(arguments),
        ContainerCommand::Rm(arguments) => Command::Rm(arguments),
        ContainerCommand::Run(arguments) => Command::Run(arguments),
        ContainerCommand::Start(arguments) => Command::Start(arguments),
        ContainerCommand::Stats(arguments) => Command::Stats(arguments),
        ContainerCommand::Stop(arguments) => Command::Stop(arguments),
        ContainerCommand::Top(arguments) => Command::Top(arguments),
        ContainerCommand::Unpause(arguments) => Command::Unpause(arguments),
        ContainerCommand::Update(arguments) => Command::Update(arguments),
        ContainerCommand::Wait(arguments) => Command::Wait(arguments),
        other @ ContainerCommand::Prune(_) => return Err(not_here(&other)),
    })
}

/// `teu image X` is `teu X`, under Docker's older name.
fn image(command: ImageCommand) -> Result<Command, Failure> {
    Ok(match command {
        ImageCommand::Build(arguments) => Command::Build(arguments),
        ImageCommand::History(arguments) => Command::History(arguments),
        ImageCommand::Load(arguments) => Command::Load(arguments),
        ImageCommand::Save(arguments) => Command::Save(arguments),
        ImageCommand::Import(arguments) => Command::Import(arguments),
        ImageCommand::Inspect(mut arguments) => {
            arguments.kind = Some("image".to_owned());
            Command::Inspect(arguments)
        }
        ImageCommand::Pull(arguments) => Command::Pull(arguments),
        ImageCommand::Push(arguments) => Command::Push(arguments),
        ImageCommand::Ls(arguments) => Command::Images(arguments),
        ImageCommand::Rm(arguments) => Command::Rmi(arguments),
        ImageCommand::Tag(arguments) => Command::Tag(arguments),
        other => return Err(not_here(&other)),
    })
}

/// A command whose engine is not built yet is said to be so.
fn not_here(command: &impl std::fmt::Debug) -> Failure {
    let text = format!("{command:?}");
    let name = text.split(['(', ' ', '{']).next().unwrap_or_default().to_lowercase();
    Failure::unsupported(format!("the command \"{name}\" is not built yet in this version of teu"))
}
