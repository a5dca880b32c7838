//! A plan is carried out: each step as soon as those before it have succeeded, on threads that each have an engine
//! of their own. A step that fails keeps back only those that need it; every failure is collected.

use super::perform;
use crate::engine::Engine;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use teu_api::Failure;
use teu_api::event::LogLine;
use teu_compose::Project;
use teu_compose::plan::{Action, Plan};
use teu_store::{Lock, Paths};

/// Most steps that are carried out at the same time. Steps that wait hold a thread, but no processor.
const WORKERS_MAX: usize = 32;

/// How steps are carried out.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The stack's name.
    pub name: String,
    /// Seconds that containers have to stop; `None` for each its own.
    pub stop_timeout: Option<i64>,
    /// The signal that `kill` sends; empty for SIGKILL.
    pub signal: String,
    /// The pull policy in place of the services' own; empty for theirs.
    pub pull: String,
    /// Most steps at the same time; 0 for as many as is sensible.
    pub parallel: usize,
    /// Whether no more is to be begun: set by whoever asked for it, while it is carried out.
    pub cancelled: Arc<AtomicBool>,
}

impl Settings {
    /// Whether no more is to be begun.
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

/// Something that happened to a part of a stack.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StackEvent {
    /// `Container`, `Network`, `Volume`, `Image`, `Service` or `Warning`.
    pub kind: &'static str,
    /// Its name; the text of a warning.
    pub name: String,
    /// What happens: `Creating`, `Started` …
    pub what: &'static str,
}

/// Why a step failed, with the last that its container said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// The failure.
    pub failure: Failure,
    /// The container's name; empty where it is not about one.
    pub container: String,
    /// Its last log lines.
    pub log: Vec<LogLine>,
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        Self { failure, container: String::new(), log: Vec::new() }
    }
}

/// What workers tell.
enum Told {
    Event(StackEvent),
    Done { worker: usize, step: usize, result: Result<(), Problem> },
}

/// A worker that can be given steps.
struct Worker {
    jobs: Sender<(usize, Action)>,
}

impl Engine {
    /// Carries a plan out, telling each thing that happens; the failures of all steps, none for success.
    pub fn execute_plan(
        &self,
        plan: &Plan,
        project: Option<&Project>,
        settings: &Settings,
        tell: &mut dyn FnMut(&StackEvent),
    ) -> Vec<Problem> {
        let most = if settings.parallel == 0 { WORKERS_MAX } else { settings.parallel.min(WORKERS_MAX) };
        let (told, reports) = channel();
        let mut problems = Vec::new();
        thread::scope(|scope| {
            let mut workers: Vec<Worker> = Vec::new();
            let mut idle: Vec<usize> = Vec::new();
            let mut state: Vec<Option<bool>> = vec![None; plan.steps.len()];
            let mut begun = vec![false; plan.steps.len()];
            let mut busy = 0;
            loop {
                if settings.is_cancelled() && begun.contains(&false) {
                    begun.fill(true);
                    problems.push(Failure::cancelled("cancelled").into());
                }
                // What cannot happen any more counts as failed, but is told by its cause alone.
                for (index, step) in plan.steps.iter().enumerate() {
                    if step.after.iter().any(|before| state[*before] == Some(false)) && !begun[index] {
                        begun[index] = true;
                        state[index] = Some(false);
                    }
                }
                for (index, step) in plan.steps.iter().enumerate() {
                    let ready = step.after.iter().all(|before| state[*before] == Some(true));
                    if begun[index] || !ready {
                        continue;
                    }
                    let worker = match idle.pop() {
                        Some(worker) => worker,
                        None if workers.len() < most => {
                            let (jobs, taken) = channel();
                            let (number, told) = (workers.len(), told.clone());
                            let paths = self.store().paths().clone();
                            scope.spawn(move || work(number, paths, project, settings, &taken, &told));
                            workers.push(Worker { jobs });
                            number
                        }
                        None => break,
                    };
                    begun[index] = true;
                    busy += 1;
                    // A worker lives until its channel is dropped.
                    let _ = workers[worker].jobs.send((index, step.action.clone()));
                }
                if busy == 0 {
                    break;
                }
                match reports.recv() {
                    Ok(Told::Event(event)) => tell(&event),
                    Ok(Told::Done { worker, step, result }) => {
                        busy -= 1;
                        idle.push(worker);
                        state[step] = Some(result.is_ok());
                        problems.extend(result.err());
                    }
                    Err(_) => break,
                }
            }
        });
        problems
    }

    /// The right to change a stack, for one process at a time.
    pub fn lock_stack(&self, name: &str) -> Result<Lock, Failure> {
        Ok(Lock::wait(self.store().paths(), &format!("stack-{name}"))?)
    }
}

fn work(
    worker: usize,
    paths: Paths,
    project: Option<&Project>,
    settings: &Settings,
    jobs: &Receiver<(usize, Action)>,
    told: &Sender<Told>,
) {
    let engine = Engine::open(paths);
    while let Ok((step, action)) = jobs.recv() {
        let tell = |kind: &'static str, name: &str, what: &'static str| {
            // The coordinator outlives its workers.
            let _ = told.send(Told::Event(StackEvent { kind, name: name.to_owned(), what }));
        };
        let result = match &engine {
            Ok(engine) => perform::perform(engine, project, settings, &action, &tell),
            Err(failure) => Err(Problem::from(failure.clone())),
        };
        if told.send(Told::Done { worker, step, result }).is_err() {
            return;
        }
    }
}
