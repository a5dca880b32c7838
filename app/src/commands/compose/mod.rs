//! `teu compose …`: what each of its commands does. One command, one file.

mod board;
mod build;
mod config;
mod digests;
mod down;
mod ears;
mod events;
mod follow;
mod images;
pub(super) mod interrupt;
mod life;
mod live;
mod logs;
mod ls;
mod manner;
mod project;
mod ps;
mod relay;
mod run;
mod say;
mod top;
mod transfer;
mod up;
mod version;
mod volumes;
mod wait;
mod watch;

use self::life::Asked;
use super::Outcome;
use crate::arguments::{ComposeArguments, ComposeCommand};
use teu_api::Failure;
use teu_core::stacks::plan::Life;
use teu_core::{Engine, Paths};

/// Carries out a command on a project. What needs no engine opens none, and a project that cannot be loaded leaves
/// everything untouched.
pub fn run(paths: Paths, arguments: &ComposeArguments) -> Outcome {
    use ComposeCommand as C;
    match &arguments.command {
        C::Config(config) => return config::run(arguments, config),
        C::Version(version) => return version::run(version),
        C::Ls(list) => return ls::run(&Engine::open(paths)?, list),
        C::Up(up) => return up::run(paths, arguments, up),
        C::Create(create) => return up::run(paths, arguments, &create.into()),
        C::Scale(scale) => return up::scale(paths, arguments, scale),
        C::Run(run) => return run::run(paths, arguments, run),
        C::Pull(pull) => return transfer::pull(paths, arguments, pull),
        C::Push(push) => return transfer::push(paths, arguments, push),
        C::Watch(watch) => return watch::run(paths, arguments, watch),
        C::Build(build) => return build::run(paths, arguments, build),
        C::Publish(_) => {
            return Err(Failure::unsupported("publishing a project is not there in this version of teu")
                .hint("push its images with teu compose push, and keep its file with your sources"));
        }
        _ => {}
    }
    let stack = project::stack(arguments, named(&arguments.command))?;
    let engine = Engine::open(paths)?;
    match &arguments.command {
        C::Down(down) => down::run(&engine, &stack, down),
        C::Start(start) => life::start(&engine, &stack, start),
        C::Stop(stop) => life::run(&engine, &stack, &stop.services, Life::Stop, Asked::within(stop.timeout)),
        C::Restart(restart) => {
            let what = Life::Restart { dependents: !restart.no_deps };
            life::run(&engine, &stack, &restart.services, what, Asked::within(restart.timeout))
        }
        C::Pause(pause) => life::run(&engine, &stack, &pause.services, Life::Pause, Asked::default()),
        C::Unpause(unpause) => life::run(&engine, &stack, &unpause.services, Life::Unpause, Asked::default()),
        C::Kill(kill) => life::kill(&engine, &stack, kill),
        C::Rm(remove) => life::remove(&engine, &stack, remove),
        C::Ps(ps) => ps::run(&engine, &stack, ps),
        C::Logs(logs) => logs::run(&engine, &stack, logs),
        C::Images(images) => images::run(&engine, &stack, images),
        C::Volumes(volumes) => volumes::run(&engine, &stack, volumes),
        C::Exec(exec) => relay::exec(&engine, &stack, exec),
        C::Top(top) => top::run(&engine, &stack, &top.services),
        C::Stats(stats) => relay::stats(&engine, &stack, stats),
        C::Port(port) => relay::port(&engine, &stack, port),
        C::Events(events) => events::run(&engine, &stack, events),
        C::Cp(copy) => relay::copy(&engine, &stack, copy),
        C::Wait(wait) => wait::run(&engine, &stack, wait),
        C::Attach(attach) => relay::attach(&engine, &stack, attach),
        C::Commit(commit) => relay::commit(&engine, &stack, commit),
        C::Export(export) => relay::export(&engine, &stack, export),
        _ => Ok(0),
    }
}

/// The services that a command names.
fn named(command: &ComposeCommand) -> &[String] {
    use ComposeCommand as C;
    match command {
        C::Down(down) => &down.services,
        C::Start(start) => &start.services,
        C::Stop(stop) => &stop.services,
        C::Restart(restart) => &restart.services,
        C::Pause(all) | C::Unpause(all) | C::Top(all) => &all.services,
        C::Wait(wait) => &wait.services,
        C::Volumes(volumes) => &volumes.services,
        C::Kill(kill) => &kill.services,
        C::Rm(remove) => &remove.services,
        C::Ps(ps) => &ps.only,
        C::Logs(logs) => &logs.services,
        C::Images(images) => &images.services,
        C::Stats(stats) => &stats.services,
        C::Exec(exec) => std::slice::from_ref(&exec.service),
        C::Port(port) => std::slice::from_ref(&port.service),
        C::Attach(attach) => std::slice::from_ref(&attach.service),
        C::Commit(commit) => std::slice::from_ref(&commit.service),
        C::Export(export) => std::slice::from_ref(&export.service),
        C::Events(events) => &events.services,
        _ => &[],
    }
}
