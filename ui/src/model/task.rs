//! Long work: what is being done, and what was.

use std::collections::VecDeque;

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
    /// Whether it failed.
    pub failed: bool,
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
        self.all.push_back(Task { id, title, text, began: now, ended: None, failed: false });
        while self.all.len() > KEPT
            && let Some(oldest) = self.all.iter().position(|task| task.ended.is_some())
        {
            self.all.remove(oldest);
        }
        true
    }

    /// Ends a task.
    pub fn end(&mut self, now: i64, id: u64, why: Option<String>) {
        if let Some(task) = self.all.iter_mut().find(|task| task.id == id) {
            task.ended = Some(now);
            task.failed = why.is_some();
            if let Some(why) = why {
                task.text = why;
            }
        }
    }

    /// Every task, the latest first.
    pub fn latest_first(&self) -> impl Iterator<Item = &Task> {
        self.all.iter().rev()
    }

    /// How many go on.
    pub fn running(&self) -> usize {
        self.all.iter().filter(|task| task.ended.is_none()).count()
    }
}
