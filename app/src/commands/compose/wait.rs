//! `teu compose wait`.

use super::project::Stack;
use super::ps::service;
use crate::arguments::{ComposeDownArguments, ComposeWaitArguments};
use crate::commands::{Outcome, say};
use nix::poll::PollTimeout;
use teu_api::Failure;
use teu_core::{Engine, Watch};

/// Waits for containers and prints their exit codes as they end; hands back the first one's. If the project is to come
/// down, the first one that ends is enough.
pub fn run(engine: &Engine, stack: &Stack, arguments: &ComposeWaitArguments) -> Outcome {
    let broken = |error: std::io::Error| Failure::internal(format!("cannot watch the database: {error}"));
    let watch = Watch::new(&engine.store().paths().database()).map_err(broken)?;
    let mut containers = engine.stack_containers(&stack.name)?;
    containers.retain(|record| arguments.services.iter().any(|name| name == service(&record.spec.labels)));
    if containers.is_empty() {
        return Err(Failure::not_found("no container to wait for").hint("teu compose up -d"));
    }
    let mut first = None;
    while !containers.is_empty() {
        let mut ended = Vec::new();
        for record in &containers {
            match engine.store().container(&record.id) {
                Ok(record) if record.state.status.is_live() => {}
                Ok(record) => ended.push((record.id, record.state.exit_code)),
                // Who removed it took its exit code along.
                Err(error) if error.is_not_found() => ended.push((record.id.clone(), 0)),
                Err(error) => return Err(error.into()),
            }
        }
        for (id, code) in &ended {
            say(&code.to_string())?;
            first.get_or_insert(*code);
            containers.retain(|record| record.id != *id);
        }
        if arguments.down_project && first.is_some() {
            super::down::run(engine, stack, &ComposeDownArguments::default())?;
            break;
        }
        // Of a killed supervisor no commit tells; it is looked for once a second.
        if ended.is_empty() && !watch.wait(PollTimeout::from(1000_u16)).map_err(broken)? {
            engine.reconcile()?;
        }
    }
    Ok(first.unwrap_or(0) as u8)
}
