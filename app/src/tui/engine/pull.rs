//! Images looked for in registries, and pulled.

use super::cancel::Cancel;
use std::sync::mpsc::{Sender as Queue, channel};
use std::thread;
use teu_api::Event;
use teu_api::details::FoundImage;
use teu_api::progress::{TransferEvent, TransferPart};
use teu_core::{Engine, Paths, Progress};
use tokio::sync::mpsc::Sender;

/// Most repositories that are asked for: more than anybody looks through.
const MOST: usize = 50;

/// Looks for images.
pub fn search(term: &str, ticket: u64) -> Event {
    let one = |found: teu_core::Found| FoundImage {
        name: found.name,
        description: found.description,
        stars: found.stars,
        official: found.official,
    };
    // A tag is not part of a repository's name.
    let slash = term.rfind('/').map_or(0, |at| at + 1);
    let term = term[slash..].find(':').map_or(term, |colon| &term[..slash + colon]);
    let found = teu_core::images::account::search(term, MOST).map(|all| all.into_iter().map(one).collect());
    Event::ImagesFound { ticket, found }
}

/// Pulls an image, telling how each of its parts comes on.
pub fn pull(
    paths: &Paths,
    events: &Sender<Event>,
    name: String,
    cancel: &Cancel,
    say: &dyn Fn(String),
) -> Event {
    cancel.heed();
    say(format!("pulling {name}"));
    let (sender, parts) = channel();
    let outcome = thread::scope(|scope| {
        // What is told of comes from threads of a runtime, which must not wait; this one may.
        scope.spawn(|| {
            for part in parts {
                // The user interface has ended: no one is left to tell.
                let _ = events.blocking_send(Event::PullPart { name: name.clone(), part });
            }
        });
        let parts = Parts { parts: sender, cancel };
        Engine::open(paths.clone()).and_then(|engine| engine.pull(&name, None, &parts))
    });
    let outcome = outcome.map(|pulled| {
        if pulled.changed {
            format!("pulled {}", pulled.familiar)
        } else {
            format!("{} is up to date", pulled.familiar)
        }
    });
    Event::PullEnded { name, outcome }
}

struct Parts<'a> {
    parts: Queue<TransferPart>,
    cancel: &'a Cancel,
}

impl Progress for Parts<'_> {
    fn report(&self, event: TransferEvent) {
        if let TransferEvent::Part(part) = event {
            // Whoever forwards them outlives this.
            let _ = self.parts.send(part);
        }
    }

    fn is_cancelled(&self) -> bool {
        self.cancel.is_asked()
    }
}
