//! `teu stop` and `teu restart`.

use super::{Outcome, complain, say};
use crate::arguments::StopArguments;
use std::thread;
use teu_api::Failure;
use teu_core::{Engine, signal};

/// Stops containers, all at once, and prints their names in the order given.
pub fn run(engine: &Engine, arguments: &StopArguments) -> Outcome {
    all(engine, arguments, |engine, name, signal| {
        let record = engine.find(name)?;
        engine.stop(&record.id, arguments.time, signal)
    })
}

/// Stops and starts containers, all at once.
pub fn restart(engine: &Engine, arguments: &StopArguments) -> Outcome {
    all(engine, arguments, |engine, name, signal| {
        let record = engine.find(name)?;
        engine.restart(&record.id, arguments.time, signal)
    })
}

/// Each container may take ten seconds to stop: ten of them must not take a hundred.
fn all(
    engine: &Engine,
    arguments: &StopArguments,
    action: impl Fn(&Engine, &str, Option<i32>) -> Result<(), Failure> + Sync,
) -> Outcome {
    let signal = arguments.signal.as_deref().map(signal::parse).transpose()?;
    let (paths, action) = (engine.store().paths(), &action);
    let results: Vec<Result<(), Failure>> = if let [name] = arguments.containers.as_slice() {
        vec![action(engine, name, signal)]
    } else {
        thread::scope(|scope| {
            let begin = |name: &'_ String| {
                let name = name.clone();
                scope.spawn(move || action(&Engine::open(paths.clone())?, &name, signal))
            };
            let threads: Vec<_> = arguments.containers.iter().map(begin).collect();
            let broken = |_| Err(Failure::internal("a thread of this command ended early"));
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(broken)).collect()
        })
    };
    let mut code = 0;
    for (name, result) in arguments.containers.iter().zip(results) {
        match result {
            Ok(()) => say(name)?,
            Err(failure) => {
                complain(&failure);
                code = 1;
            }
        }
    }
    Ok(code)
}
