//! `events`: the journal of what happened, and on as it grows.

use crate::engine::Engine;
use crate::watch::Watch;
use nix::poll::PollTimeout;
use teu_api::Failure;
use teu_store::EventRecord;

/// The longest wait at a time: poll(2) counts milliseconds in 31 bits.
const LONGEST: i64 = 1_000_000;

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
            let timeout = match until {
                None => PollTimeout::NONE,
                Some(until) => {
                    let left = until.saturating_sub(now()).div_euclid(1_000_000);
                    if left < 0 {
                        return Ok(());
                    }
                    PollTimeout::try_from((left + 1).min(LONGEST) as i32).unwrap_or(PollTimeout::MAX)
                }
            };
            watch.wait(timeout).map_err(broken)?;
        }
    }
}

fn now() -> i64 {
    jiff::Timestamp::now().as_nanosecond() as i64
}
