//! Samples of resource use, once a second while they are wanted, and none at all otherwise.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender as Queue, channel};
use std::thread;
use std::time::Duration;
use teu_api::{Event, Failure};
use teu_core::{Engine, Paths, StatsReader};
use tokio::sync::mpsc::Sender;

const PERIOD: Duration = Duration::from_secs(1);

/// Switches sampling on and off.
pub struct Switch {
    wanted: Queue<bool>,
}

impl Switch {
    /// Says whether samples are wanted.
    pub fn set(&self, wanted: bool) {
        // A sampler that has ended said why.
        let _ = self.wanted.send(wanted);
    }
}

/// Starts the sampler, which sleeps until it is switched on.
pub fn start(paths: Paths, events: Sender<Event>) -> Switch {
    let (wanted, switch) = channel();
    thread::spawn(move || {
        if let Err(failure) = run(paths, &events, &switch) {
            let _ = events.blocking_send(Event::Failed { ticket: None, failure });
        }
    });
    Switch { wanted }
}

fn run(paths: Paths, events: &Sender<Event>, switch: &Receiver<bool>) -> Result<(), Failure> {
    let mut on = false;
    let mut reader: Option<(Engine, StatsReader)> = None;
    loop {
        let word = if on {
            switch.recv_timeout(PERIOD)
        } else {
            switch.recv().map_err(|_| RecvTimeoutError::Disconnected)
        };
        match word {
            Ok(wanted) => on = wanted,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        if !on {
            continue;
        }
        let (engine, stats) = match &mut reader {
            Some(reader) => reader,
            None => reader.insert((Engine::open(paths.clone())?, StatsReader::default())),
        };
        let samples = stats.sample_all(engine)?;
        if events.blocking_send(Event::HostStats(teu_core::host_stats::sample())).is_err() {
            return Ok(());
        }
        if events.blocking_send(Event::Stats(samples)).is_err() {
            return Ok(());
        }
    }
}
