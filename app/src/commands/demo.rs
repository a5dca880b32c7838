//! `teu demo`.

use super::{Outcome, say};
use crate::arguments::DemoArguments;
use teu_core::Engine;

/// Brings the demo up, or takes it down.
pub fn run(engine: &Engine, arguments: &DemoArguments) -> Outcome {
    let mut tell = |line: &str| {
        // Progress that no one reads is no reason to stop half-way.
        let _ = say(line);
        Ok(())
    };
    if arguments.down {
        engine.demo_down(&mut tell)?;
    } else {
        engine.demo_up(&mut tell)?;
        say("the demo is up: teu opens the interface, teu ps lists it, teu demo --down removes it")?;
    }
    Ok(0)
}
