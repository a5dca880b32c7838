//! Images looked for in registries, and pulled.

use super::cancel::Cancel;
use std::sync::mpsc::{Sender as Queue, channel};
use std::thread;
use teu_api::Event;
use teu_api::details::FoundImage;
use teu_api::progress::{TransferEvent, TransferPart, TransferPhase};
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
    say: &(dyn Fn(String) + Sync),
) -> Event {
    cancel.heed();
    say(format!("pulling {name}"));
    let (sender, parts) = channel::<TransferPart>();
    let outcome = thread::scope(|scope| {
        // What is told of comes from threads of a runtime, which must not wait; this one may.
        scope.spawn(|| {
            let mut known: Vec<TransferPart> = Vec::new();
            for part in parts {
                match known.iter_mut().find(|own| own.id == part.id) {
                    Some(own) => *own = part.clone(),
                    None => known.push(part.clone()),
                }
                say(summary(&known));
                // The user interface has ended: no one is left to tell.
                let _ = events.blocking_send(Event::PullPart { name: name.clone(), part });
            }
        });
        let parts = Parts { parts: sender, cancel };
        Engine::open(paths.clone()).and_then(|engine| engine.pull(&name, None, &parts))
    });
    let outcome = match outcome {
        Ok(pulled) if pulled.changed => Ok(format!("pulled {}", pulled.familiar)),
        Ok(pulled) => Ok(format!("{} is up to date", pulled.familiar)),
        Err(failure) => Err(failure),
    };
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

/// How far all parts have come, in one line.
fn summary(parts: &[TransferPart]) -> String {
    let count = |phases: &[TransferPhase]| parts.iter().filter(|part| phases.contains(&part.phase)).count();
    let done = count(&[TransferPhase::Done, TransferPhase::Exists, TransferPhase::Mounted]);
    let loading = parts.iter().filter(|part| part.phase == TransferPhase::Downloading);
    let (current, total) =
        loading.fold((0, 0), |(current, total), part| (current + part.current, total + part.total));
    let mut text = format!("{done} of {} parts", parts.len());
    if total > 0 {
        let (current, total) = (teu_ui::text::bytes(current), teu_ui::text::bytes(total));
        text.push_str(&format!(" · {current} of {total}"));
    }
    let unpacking = count(&[TransferPhase::Extracting, TransferPhase::Verifying]);
    if unpacking > 0 {
        text.push_str(&format!(" · unpacking {unpacking}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_one_line() {
        let part = |id: &str, phase, current, total| TransferPart { id: id.into(), phase, current, total };
        let parts = [
            part("a", TransferPhase::Done, 9, 9),
            part("b", TransferPhase::Downloading, 1 << 20, 4 << 20),
            part("c", TransferPhase::Extracting, 5, 9),
            part("d", TransferPhase::Waiting, 0, 0),
        ];
        assert_eq!(summary(&parts), "1 of 4 parts · 1.0 MiB of 4.0 MiB · unpacking 1");
    }
}
