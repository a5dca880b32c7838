//! Changes carried out: files brought into containers, then restarts and commands.

use super::rebuild::rebuild;
use super::{Action, StackWatch, Watched};
use crate::engine::Engine;
use crate::stacks::{StackEvent, hooks};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use teu_api::Failure;
use teu_compose::labels;
use teu_compose::model::Hook;
use teu_store::ContainerRecord;

/// What became of changes.
#[derive(Debug, Default)]
pub struct Turn {
    /// What was done.
    pub brought: Vec<Brought>,
    /// What failed.
    pub failures: Vec<Failure>,
}

/// What was done for one service.
#[derive(Debug)]
pub struct Brought {
    /// The service.
    pub service: String,
    /// The files of this machine that were brought into its containers.
    pub files: Vec<PathBuf>,
    /// Whether its containers were restarted.
    pub restarted: bool,
}

/// What one service is in for.
#[derive(Default)]
struct Work<'a> {
    /// Path here, path in the container.
    files: BTreeMap<PathBuf, String>,
    restart: bool,
    commands: Vec<&'a Hook>,
    /// A new image has all of it.
    rebuild: bool,
}

impl StackWatch {
    /// Brings in everything that asks for it at the start (`initial_sync`).
    pub fn start(&self, engine: &Engine, stack: &str, tell: &mut dyn FnMut(&StackEvent)) -> Turn {
        let mut all: BTreeMap<&str, Work<'_>> = BTreeMap::new();
        for watched in self.watched.iter().filter(|watched| watched.initial && watched.action.syncs()) {
            let mut found = BTreeSet::new();
            collect(watched, &watched.path, &mut found);
            let work = all.entry(watched.service.as_str()).or_default();
            work.files.extend(found.into_iter().map(|path| (path.clone(), watched.inside(&path))));
        }
        self.carry_out(engine, stack, all, tell)
    }

    /// Waits until changes have come to rest and carries them out.
    pub fn turn(
        &mut self,
        engine: &Engine,
        stack: &str,
        tell: &mut dyn FnMut(&StackEvent),
    ) -> Result<Turn, Failure> {
        let changed = self.changes()?;
        let mut all: BTreeMap<&str, Work<'_>> = BTreeMap::new();
        for watched in &self.watched {
            let own: Vec<&PathBuf> = changed.iter().filter(|path| watched.concerns(path)).collect();
            if own.is_empty() {
                continue;
            }
            let work = all.entry(watched.service.as_str()).or_default();
            work.restart |= matches!(watched.action, Action::Restart | Action::SyncAndRestart);
            work.rebuild |= watched.action == Action::Rebuild;
            if watched.action.syncs() {
                work.files.extend(own.into_iter().map(|path| (path.clone(), watched.inside(path))));
            }
            if watched.action == Action::SyncAndExec {
                work.commands.push(&watched.exec);
            }
        }
        Ok(self.carry_out(engine, stack, all, tell))
    }

    fn carry_out(
        &self,
        engine: &Engine,
        stack: &str,
        mut all: BTreeMap<&str, Work<'_>>,
        tell: &mut dyn FnMut(&StackEvent),
    ) -> Turn {
        let mut failures = Vec::new();
        all.retain(|service, work| {
            if work.rebuild {
                failures.extend(rebuild(engine, &self.project, service, tell));
            }
            !work.rebuild
        });
        let mut turn = carry_out(engine, stack, all, tell);
        turn.failures.extend(failures);
        turn
    }
}

impl Action {
    /// Whether files are brought into containers.
    fn syncs(self) -> bool {
        !matches!(self, Self::Restart | Self::Rebuild)
    }
}

/// Everything in a path that is watched.
fn collect(watched: &Watched, path: &Path, found: &mut BTreeSet<PathBuf>) {
    if path != watched.path && watched.skips(path) {
        return;
    }
    if path.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
        for inner in super::tree::entries(path) {
            collect(watched, &inner, found);
        }
    } else if watched.concerns(path) {
        found.insert(path.to_owned());
    }
}

fn carry_out(
    engine: &Engine,
    stack: &str,
    all: BTreeMap<&str, Work<'_>>,
    tell: &mut dyn FnMut(&StackEvent),
) -> Turn {
    let mut turn = Turn::default();
    for (service, work) in all {
        let containers = match running(engine, stack, service) {
            Ok(containers) => containers,
            Err(failure) => {
                turn.failures.push(failure);
                continue;
            }
        };
        let before = turn.failures.len();
        for record in &containers {
            turn.failures.extend(in_container(engine, record, &work));
        }
        if turn.failures.len() == before && !containers.is_empty() {
            turn.brought.push(Brought {
                service: service.to_owned(),
                files: work.files.keys().cloned().collect(),
                restarted: work.restart,
            });
        }
        let mut told = |what: &'static str| {
            tell(&StackEvent::new("Service", service, what));
        };
        if !work.files.is_empty() {
            told("Synced");
        }
        if work.restart {
            told("Restarted");
        }
    }
    turn
}

fn in_container(engine: &Engine, record: &ContainerRecord, work: &Work<'_>) -> Vec<Failure> {
    let mut failures = Vec::new();
    let mut note = |result: Result<(), Failure>| {
        if let Err(failure) = result {
            failures.push(Failure {
                message: format!("container {}: {}", record.name, failure.message),
                ..failure
            });
        }
    };
    for (here, inside) in &work.files {
        note(engine.mirror_into(record, here, inside));
    }
    if work.restart {
        note(engine.restart(&record.id, None, None));
    }
    for command in &work.commands {
        note(hooks::run(engine, &record.id, command, "watch"));
    }
    failures
}

/// The containers of a service that run.
fn running(engine: &Engine, stack: &str, service: &str) -> Result<Vec<ContainerRecord>, Failure> {
    let mut found = engine.stack_containers(stack)?;
    found.retain(|record| {
        let label = |key: &str| record.spec.labels.get(key).map_or("", String::as_str);
        label(labels::SERVICE) == service
            && !label(labels::ONE_OFF).eq_ignore_ascii_case("true")
            && record.state.status.is_live()
    });
    Ok(found)
}
