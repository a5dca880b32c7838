//! Messages to the user: one line each, shown for a while and kept in a log.

use std::collections::VecDeque;
use teu_api::{Failure, FailureKind};

/// How many are kept.
const KEPT: usize = 200;
const SECOND: i64 = 1_000_000_000;
/// For how many seconds it is told how far a task has come; the top line says that it goes on.
const TOLD: i64 = 8;
/// For how many seconds stands what there was to say at the start.
const BEGIN: i64 = 15;

/// How a message is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoticeKind {
    /// Something is being done.
    Progress,
    /// Something was done.
    Done,
    /// Good to know.
    Info,
    /// Something failed.
    Failure,
}

/// One message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// When: nanoseconds since the epoch.
    pub at: i64,
    /// How it is meant.
    pub kind: NoticeKind,
    /// What it says.
    pub text: String,
    /// What the user can do.
    pub hint: Option<String>,
}

/// The messages so far.
#[derive(Debug, Default)]
pub struct Notices {
    past: VecDeque<Notice>,
    until: i64,
    /// The task whose progress the last message tells.
    task: Option<u64>,
}

impl Notices {
    /// Says something.
    pub fn say(&mut self, now: i64, kind: NoticeKind, text: impl Into<String>) {
        self.push(Notice { at: now, kind, text: text.into(), hint: None });
    }

    /// Tells how far a task has come: one message that changes, not one for every step.
    pub fn go_on(&mut self, now: i64, task: u64, text: String) {
        if self.task == Some(task)
            && let Some(last) = self.past.back_mut()
        {
            last.text = text;
            self.until = now + TOLD * SECOND;
            return;
        }
        self.say(now, NoticeKind::Progress, text);
        self.task = Some(task);
    }

    /// A task is over: its message goes, unless another has come since.
    pub fn end(&mut self, task: u64) {
        if self.task == Some(task) {
            self.until = 0;
        }
    }

    /// Tells of a failure.
    pub fn fail(&mut self, now: i64, failure: &Failure) {
        let (text, hint) = (failure.message.clone(), failure.hint.clone());
        // What the user took back did not go wrong.
        let cancelled = failure.kind == FailureKind::Cancelled;
        let kind = if cancelled { NoticeKind::Info } else { NoticeKind::Failure };
        self.push(Notice { at: now, kind, text, hint });
    }

    /// Gives what was said before anybody knew the time the time it is now.
    pub fn begin(&mut self, now: i64) {
        self.past.iter_mut().for_each(|notice| notice.at = now);
        if !self.past.is_empty() {
            self.until = now + BEGIN * SECOND;
        }
    }

    fn push(&mut self, notice: Notice) {
        self.task = None;
        let seconds = match notice.kind {
            NoticeKind::Failure => 12,
            NoticeKind::Progress => TOLD,
            NoticeKind::Info => 6,
            NoticeKind::Done => 4,
        };
        self.until = notice.at + seconds * SECOND;
        if self.past.len() == KEPT {
            self.past.pop_front();
        }
        self.past.push_back(notice);
    }

    /// The message in force.
    pub fn current(&self, now: i64) -> Option<&Notice> {
        self.past.back().filter(|_| now < self.until)
    }

    /// Takes the message in force away; says whether there was one.
    pub fn dismiss(&mut self, now: i64) -> bool {
        let any = now < self.until;
        self.until = 0;
        any
    }

    /// When the message in force goes.
    pub fn deadline(&self, now: i64) -> Option<i64> {
        (now < self.until).then_some(self.until)
    }

    /// All that are kept, the oldest first.
    pub fn past(&self) -> impl DoubleEndedIterator<Item = &Notice> + ExactSizeIterator {
        self.past.iter()
    }
}
