//! Long work: what is being done, and what was.

use std::collections::VecDeque;
use teu_api::{Failure, FailureKind};

/// How many that ended are kept.
const KEPT: usize = 40;

/// One piece of long work.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Task {
    /// What tells it from others.
    pub id: u64,
    /// What is being done.
    pub title: String,
    /// How far it has come.
    pub text: String,
    /// When it began: nanoseconds since the epoch.
    pub began: i64,
    /// When it ended; `None` while it goes on.
    pub ended: Option<i64>,
    /// How it ended, or that it goes on.
    pub outcome: Outcome,
}

/// How a task ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Outcome {
    /// It goes on.
    #[default]
    Open,
    /// It was done.
    Done,
    /// It was taken back.
    Cancelled,
    /// It failed.
    Failed,
}

impl Outcome {
    /// How work ended that failed so, or not at all.
    pub fn of(failure: Option<&Failure>) -> Self {
        match failure.map(|failure| failure.kind) {
            None => Self::Done,
            Some(FailureKind::Cancelled) => Self::Cancelled,
            Some(_) => Self::Failed,
        }
    }
}

/// All of it, the oldest first.
#[derive(Debug, Default)]
pub struct Tasks {
    all: VecDeque<Task>,
}

impl Tasks {
    /// Begins a task, or notes how far it has come; says whether it is a new one.
    pub fn go_on(&mut self, now: i64, id: u64, title: String, text: String) -> bool {
        if let Some(task) = self.all.iter_mut().find(|task| task.id == id) {
            task.text = text;
            return false;
        }
        self.all.push_back(Task { id, title, text, began: now, ended: None, outcome: Outcome::Open });
        while self.all.len() > KEPT
            && let Some(oldest) = self.all.iter().position(|task| task.ended.is_some())
        {
            self.all.remove(oldest);
        }
        true
    }

    /// Ends a task.
    pub fn end(&mut self, now: i64, id: u64, why: Option<&Failure>) {
        if let Some(task) = self.all.iter_mut().find(|task| task.id == id) {
            task.ended = Some(now);
            task.outcome = Outcome::of(why);
            if let Some(why) = why {
                task.text.clone_from(&why.message);
            }
        }
    }

    /// Every task, the latest first.
    pub fn latest_first(&self) -> impl Iterator<Item = &Task> {
        self.all.iter().rev()
    }

    /// The place of a task among those, the latest first; the first where it is gone.
    pub fn place(&self, id: Option<u64>) -> usize {
        self.latest_first().position(|task| Some(task.id) == id).unwrap_or(0)
    }

    /// The task at a place, the latest first.
    pub fn at(&self, place: usize) -> Option<u64> {
        self.latest_first().nth(place).map(|task| task.id)
    }

    /// How many go on.
    pub fn running(&self) -> usize {
        self.all.iter().filter(|task| task.ended.is_none()).count()
    }
}
