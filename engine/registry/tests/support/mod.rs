//! What the suites share: a folder that images are pulled into, images made on the fly, a real registry, and a
//! server whose answers can be scripted or broken.
#![allow(dead_code, reason = "each suite uses a part of it")]

pub mod folder;
pub mod image;
pub mod registry;
pub mod server;

use std::sync::Mutex;
use std::time::Duration;
use teu_api::progress::TransferEvent;
use teu_registry::{Progress, Reference, Repository, Retries, Settings};

/// Settings that try again at once, and look at nothing outside the test.
pub fn settings() -> Settings {
    let retries = Retries {
        first_pause: Duration::from_millis(5),
        longest_pause: Duration::from_millis(200),
        silence: Duration::from_secs(20),
        ..Retries::default()
    };
    Settings { retries, ..Settings::default() }
}

/// `host/path:tag`.
pub fn reference(host: &str, path: &str, tag: &str) -> Reference {
    Repository::new(host, path).unwrap().with_tag(tag).unwrap()
}

/// Keeps all events.
#[derive(Default)]
pub struct Recorder(pub Mutex<Vec<TransferEvent>>);

impl Progress for Recorder {
    fn report(&self, event: TransferEvent) {
        self.0.lock().unwrap().push(event);
    }
}

/// Says that a test, or a part of it, is not carried out. Not by a macro: its output would only be seen of tests that
/// fail.
pub fn skip(missing: &str) {
    teu_tests::skip("registry", &format!("{missing} is not installed"));
}
