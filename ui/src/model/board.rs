//! What is known of stacks: what their files say, and what is being done to them.

use super::Model;
use super::container::ContainerRow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use teu_api::Failure;
use teu_api::container::{HealthStatus, Status};
use teu_api::stack::{StackDetails, StackService, StackSource, WatchNews};

/// The labels that tell where a container comes from.
const SERVICE: &str = "com.docker.compose.service";
const FILES: &str = "com.docker.compose.project.config_files";
const FOLDER: &str = "com.docker.compose.project.working_dir";
const DEPENDS_ON: &str = "com.docker.compose.depends_on";

/// What is known of stacks beside their containers.
#[derive(Debug, Default)]
pub struct Board {
    /// What the files of a stack say, and which.
    pub details: Option<(String, Result<StackDetails, Failure>)>,
    /// The selected service's place.
    pub at: usize,
    /// What happened last to parts of stacks that are being changed: by stack, then by part.
    pub steps: BTreeMap<String, BTreeMap<String, String>>,
    /// Stacks whose files are watched.
    pub watches: BTreeMap<String, StackWatch>,
    /// Stacks whose files are about to be watched.
    pub watches_asked: BTreeSet<String>,
    /// Stacks that were seen: they can be brought up though nothing of them is left.
    pub known: BTreeMap<String, StackSource>,
}

/// Files watched for a stack.
#[derive(Debug, Default)]
pub struct StackWatch {
    /// The work's number, to cancel it by.
    pub task: u64,
    /// The services they are watched for.
    pub services: Vec<String>,
    /// What happened last, the newest first: when, what, and whether it went well.
    pub recent: VecDeque<(i64, String, bool)>,
}

/// How much is kept of what happened to watched files.
const RECENT: usize = 5;

impl StackWatch {
    fn note(&mut self, now: i64, text: String, well: bool) {
        self.recent.push_front((now, text, well));
        self.recent.truncate(RECENT);
    }
}

/// What was brought into a service, in one line.
fn brought(service: &str, files: &[String], restarted: bool) -> String {
    let what = match files {
        [] => String::new(),
        [one] => one.clone(),
        [first, ..] => format!("{} from {first} on", crate::text::count(files.len(), "file")),
    };
    match (what.is_empty(), restarted) {
        (false, false) => format!("{service} ← {what}"),
        (false, true) => format!("{service} ← {what}, and restarted"),
        (true, _) => format!("{service} restarted"),
    }
}

/// A service and what there is of it.
#[derive(Clone, Debug)]
pub struct ServiceRow<'a> {
    /// What its file says; what its containers say where the file is not known.
    pub service: StackService,
    /// Whether it is in the files.
    pub in_file: bool,
    /// Its containers, by name.
    pub containers: Vec<&'a ContainerRow>,
}

/// How a service is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Condition {
    /// All of it runs, and is healthy as far as that is asked.
    Good,
    /// All of it ended well.
    Done,
    /// Something of it starts, is paused, or is not there.
    Middling,
    /// Something of it is unhealthy, failed or starts again and again.
    Bad,
    /// Nothing of it runs.
    Down,
}

impl ServiceRow<'_> {
    /// How many of its containers run.
    pub fn running(&self) -> usize {
        self.containers.iter().filter(|row| row.snapshot.state.status == Status::Running).count()
    }

    /// How it is.
    pub fn condition(&self) -> Condition {
        let bad = |row: &&&ContainerRow| {
            let state = &row.snapshot.state;
            let unhealthy = state.health.as_ref().is_some_and(|h| h.status == HealthStatus::Unhealthy);
            let failed = state.status == Status::Exited && state.exit_code != 0;
            unhealthy || failed || state.status == Status::Restarting
        };
        let starting = |row: &&&ContainerRow| {
            let health = row.snapshot.state.health.as_ref();
            health.is_some_and(|h| h.status == HealthStatus::Starting)
                || row.snapshot.state.status == Status::Paused
        };
        let ended = |row: &&ContainerRow| row.snapshot.state.status == Status::Exited;
        if self.containers.is_empty() {
            Condition::Down
        } else if self.containers.iter().any(|row| bad(&row)) {
            Condition::Bad
        } else if self.containers.iter().all(ended) {
            Condition::Done
        } else if self.containers.iter().any(|row| starting(&row))
            || self.running() < self.service.wanted as usize
        {
            Condition::Middling
        } else {
            Condition::Good
        }
    }

    /// Its health in a word; empty where nobody asks for it.
    pub fn health(&self) -> &'static str {
        let of = |status| {
            let is =
                |row: &&ContainerRow| row.snapshot.state.health.as_ref().is_some_and(|h| h.status == status);
            self.containers.iter().any(is)
        };
        if of(HealthStatus::Unhealthy) {
            "unhealthy"
        } else if of(HealthStatus::Starting) {
            "starting"
        } else if of(HealthStatus::Healthy) {
            "healthy"
        } else {
            ""
        }
    }
}

impl Board {
    /// Remembers where the stacks of these containers come from.
    pub fn see(&mut self, rows: &[ContainerRow]) {
        for row in rows {
            let labels = &row.snapshot.labels;
            let Some(name) = row.snapshot.project() else { continue };
            let text = |label: &str| labels.get(label).cloned().unwrap_or_default();
            let files = text(FILES);
            if files.is_empty() {
                continue;
            }
            let files = files.split(',').map(str::to_owned).collect();
            self.known.insert(
                name.to_owned(),
                StackSource { name: name.to_owned(), files, directory: text(FOLDER) },
            );
        }
    }

    /// Takes what there is to tell of a stack's watched files.
    pub fn take_news(&mut self, now: i64, name: String, news: WatchNews) {
        self.watches_asked.remove(&name);
        match news {
            WatchNews::Begun { task, services, warnings } => {
                let mut watch = StackWatch { task, services, ..StackWatch::default() };
                for warning in warnings {
                    watch.note(now, warning, false);
                }
                self.watches.insert(name, watch);
            }
            WatchNews::Ended => {
                self.watches.remove(&name);
            }
            WatchNews::Brought { service, files, restarted } => {
                if let Some(watch) = self.watches.get_mut(&name) {
                    watch.note(now, brought(&service, &files, restarted), true);
                }
            }
            WatchNews::Failed(failure) => {
                if let Some(watch) = self.watches.get_mut(&name) {
                    watch.note(now, failure.to_string(), false);
                }
            }
        }
    }

    /// Where a stack comes from; without files where that is not known.
    pub fn source(&self, name: &str) -> StackSource {
        let unknown = || StackSource { name: name.to_owned(), ..StackSource::default() };
        self.known.get(name).cloned().unwrap_or_else(unknown)
    }

    /// What its files say of a stack.
    pub fn details_of(&self, name: &str) -> Option<&Result<StackDetails, Failure>> {
        self.details.as_ref().filter(|(whose, _)| whose == name).map(|(_, details)| details)
    }
}

impl Model {
    /// Whether files are watched for the selected stack.
    pub(crate) fn is_watched(&self) -> bool {
        self.stacks.selected().is_some_and(|stack| self.board.watches.contains_key(&stack.key))
    }

    /// The services of the selected stack, those first that others need.
    pub(crate) fn service_rows(&self) -> Vec<ServiceRow<'_>> {
        let Some(stack) = self.stacks.selected() else { return Vec::new() };
        let mut rows: Vec<ServiceRow> = Vec::new();
        if let Some(Ok(details)) = self.board.details_of(&stack.key) {
            let row = |service: &StackService| ServiceRow {
                service: service.clone(),
                in_file: true,
                containers: Vec::new(),
            };
            rows.extend(details.services.iter().map(row));
        }
        for container in self.stack_rows() {
            let labels = &container.snapshot.labels;
            let name = labels.get(SERVICE).unwrap_or(&container.snapshot.name);
            match rows.iter_mut().find(|row| row.service.name == *name) {
                Some(row) => row.containers.push(container),
                None => {
                    let needs = labels.get(DEPENDS_ON).map_or("", String::as_str);
                    let needs = needs.split(',').filter_map(|need| need.split(':').next());
                    let service = StackService {
                        name: name.clone(),
                        image: container.snapshot.image.clone(),
                        wanted: 1,
                        needs: needs
                            .filter(|n| !n.is_empty())
                            .map(|n| (n.to_owned(), <_>::default()))
                            .collect(),
                        ..StackService::default()
                    };
                    rows.push(ServiceRow { service, in_file: false, containers: vec![container] });
                }
            }
        }
        rows
    }

    /// The selected service of the selected stack.
    pub(crate) fn service_row(&self) -> Option<ServiceRow<'_>> {
        self.service_rows().into_iter().nth(self.board.at)
    }
}
