//! Images from a registry and from archives, as long work that can be taken back.

use super::cancel::{Cancel, Reader};
use std::fs::File;
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::thread;
use teu_api::Failure;
use teu_api::progress::{TransferEvent, TransferPart, TransferPhase};
use teu_core::{Engine, Import, Progress};

/// Pulls an image; says what became of it.
pub fn pull(
    engine: &Engine,
    name: &str,
    cancel: &Cancel,
    say: &(dyn Fn(String) + Sync),
) -> Result<String, Failure> {
    cancel.heed();
    let (sender, lines) = channel::<String>();
    let pulled = thread::scope(|scope| {
        // What is told of comes from threads of a runtime, which must not wait; this one may.
        scope.spawn(|| {
            for line in lines {
                say(line);
            }
        });
        let tell = move |line| {
            // Whoever forwards it outlives this.
            let _ = sender.send(line);
        };
        engine.pull(name, None, &Pull { cancel, say: &tell, parts: Mutex::default() })
    })?;
    Ok(format!("pulled {}", pulled.familiar))
}

/// Makes an image of a root file system's archive.
pub fn import(engine: &Engine, path: &str, name: &str, cancel: &Cancel) -> Result<String, Failure> {
    cancel.heed();
    let file = File::open(path).map_err(|error| {
        Failure::usage(format!("cannot open {path}: {error}")).hint("name a tar archive, plain or compressed")
    })?;
    let import = Import { name: Some(name.to_owned()).filter(|name| !name.is_empty()), ..Import::default() };
    let image = engine.store().import_image(Reader(file, cancel.clone()), &import)?;
    Ok(format!("imported {}", if name.is_empty() { &image.id } else { name }))
}

struct Pull<'a> {
    cancel: &'a Cancel,
    say: &'a (dyn Fn(String) + Sync),
    parts: Mutex<Vec<TransferPart>>,
}

impl Progress for Pull<'_> {
    fn report(&self, event: TransferEvent) {
        let TransferEvent::Part(part) = event else { return };
        let Ok(mut parts) = self.parts.lock() else { return };
        match parts.iter_mut().find(|known| known.id == part.id) {
            Some(known) => *known = part,
            None => parts.push(part),
        }
        (self.say)(summary(&parts));
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
