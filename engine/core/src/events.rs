//! `events`: the journal of what happened, and on as it grows.

use crate::engine::Engine;
use crate::watch::Watch;
use nix::poll::PollTimeout;
use teu_api::Failure;
use teu_store::EventRecord;

/// The longest wait at a time: poll(2) counts milliseconds in 31 bits.
const LONGEST: i64 = 1_000_000;

/// Milliseconds after a wake-up at which it is looked once more: the journal is written before its index, and only with
/// the index does a commit become visible, of which the kernel reports nothing.
const LOOK_AGAIN: [i64; 3] = [10, 100, 1000];

impl Engine {
    /// Hands events to `sink`, oldest first: those since a moment, or from now on, and on until another moment, or
    /// without end. Moments are nanoseconds since the Unix epoch. `sink` returns whether it wants more.
    pub fn events(
        &self,
        since: Option<i64>,
        until: Option<i64>,
        sink: &mut dyn FnMut(&EventRecord) -> Result<bool, Failure>,
    ) -> Result<(), Failure> {
        let broken = |error: std::io::Error| Failure::internal(format!("cannot watch the database: {error}"));
        // Watched before it is read, so that nothing falls between.
        let watch = Watch::new(&self.store().paths().database()).map_err(broken)?;
        let mut last = self.store().last_event()?;
        let end = until.unwrap_or(i64::MAX);
        let mut looks = LOOK_AGAIN.iter();
        if let Some(since) = since {
            for event in self.store().events_between(since, end)?.iter().filter(|event| event.seq <= last) {
                if !sink(event)? {
                    return Ok(());
                }
            }
        }
        loop {
            for event in self.store().events_after(last)? {
                last = event.seq;
                if event.time > end {
                    return Ok(());
                }
                if since.is_none_or(|since| event.time >= since) && !sink(&event)? {
                    return Ok(());
                }
            }
            let mut wait = looks.next().copied();
            if let Some(until) = until {
                let left = until.saturating_sub(now()).div_euclid(1_000_000);
                if left < 0 {
                    return Ok(());
                }
                wait = Some(wait.unwrap_or(LONGEST).min(left + 1));
            }
            let timeout = match wait {
                None => PollTimeout::NONE,
                Some(wait) => PollTimeout::try_from(wait.min(LONGEST) as i32).unwrap_or(PollTimeout::MAX),
            };
            if watch.wait(timeout).map_err(broken)? {
                looks = LOOK_AGAIN.iter();
            }
        }
    }
}

fn now() -> i64 {
    jiff::Timestamp::now().as_nanosecond() as i64
}
