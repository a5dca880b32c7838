//! Images looked for in registries, and pulled.

use super::task::Outcome;
use teu_api::Failure;
use teu_api::details::FoundImage;
use teu_api::progress::{TransferPart, TransferPhase};

/// How many pulls that ended are kept.
const KEPT: usize = 8;

/// The search.
#[derive(Debug, Default)]
pub struct Hub {
    /// What was typed.
    pub text: String,
    /// What was looked for last.
    pub asked: Option<String>,
    /// The search that is waited for.
    pub ticket: u64,
    /// What was found; `None` while it is waited for.
    pub found: Option<Result<Vec<FoundImage>, Failure>>,
    /// The selected row: first the name as typed, then what was found.
    pub at: usize,
}

impl Hub {
    /// The names that can be pulled, each with what is said of it, stars, and whether it is official.
    pub fn rows(&self) -> Vec<FoundImage> {
        let Some(asked) = &self.asked else { return Vec::new() };
        let typed =
            FoundImage { name: asked.clone(), description: "as typed".into(), ..FoundImage::default() };
        let found = self.found.iter().flatten().flatten().filter(|found| found.name != *asked).cloned();
        std::iter::once(typed).chain(found).collect()
    }
}

/// A pull, going on or ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pull {
    /// The image's name.
    pub name: String,
    /// Its parts, in the order in which they were told of.
    pub parts: Vec<TransferPart>,
    /// What was said last.
    pub message: String,
    /// How it ended, or that it goes on.
    pub outcome: Outcome,
}

impl Pull {
    /// Bytes that are here, and those in all, of the parts that are being fetched.
    pub fn bytes(&self) -> (u64, u64) {
        let fetched = self.parts.iter().filter(|part| part.total > 0);
        fetched.fold((0, 0), |(current, total), part| {
            let here = match part.phase {
                TransferPhase::Downloading | TransferPhase::Retrying => part.current,
                TransferPhase::Waiting => 0,
                _ => part.total,
            };
            (current + here.min(part.total), total + part.total)
        })
    }
}

/// Every pull, the oldest first.
#[derive(Debug, Default)]
pub struct Pulls {
    /// They.
    pub all: Vec<Pull>,
}

impl Pulls {
    /// Begins a pull.
    pub fn begin(&mut self, name: &str) {
        self.all.retain(|pull| pull.name != name);
        self.all.push(Pull {
            name: name.to_owned(),
            parts: Vec::new(),
            message: String::new(),
            outcome: Outcome::Open,
        });
        let ended = self.all.iter().filter(|pull| pull.outcome != Outcome::Open).count();
        if ended > KEPT
            && let Some(oldest) = self.all.iter().position(|pull| pull.outcome != Outcome::Open)
        {
            self.all.remove(oldest);
        }
    }

    /// The pull of a name that goes on.
    pub fn going(&mut self, name: &str) -> Option<&mut Pull> {
        self.all.iter_mut().find(|pull| pull.name == name && pull.outcome == Outcome::Open)
    }

    /// Notes how far a part has come.
    pub fn part(&mut self, name: &str, part: TransferPart) {
        let Some(pull) = self.going(name) else { return };
        match pull.parts.iter_mut().find(|known| known.id == part.id) {
            // A phase without a length keeps the one that was told.
            Some(known) => {
                let total = if part.total == 0 { known.total } else { part.total };
                *known = TransferPart { total, ..part };
            }
            None => pull.parts.push(part),
        }
    }
}
