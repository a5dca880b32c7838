//! `teu compose wait`.

use super::project::Stack;
use super::ps::service;
use crate::arguments::{ComposeDownArguments, ComposeWaitArguments};
use crate::commands::{Outcome, say};
use crate::output::safe;
use nix::poll::PollTimeout;
use teu_api::Failure;
use teu_core::{ContainerRecord, Engine, Watch};

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
    let begun = engine.store().last_event()?;
    let mut first = None;
    while !containers.is_empty() {
        let mut ended = Vec::new();
        for record in &containers {
            match engine.store().container(&record.id) {
                Ok(record) if record.state.status.is_live() => {}
                Ok(record) => ended.push((record.id, record.state.exit_code)),
                Err(error) if error.is_not_found() => {
                    let code = last_code(engine, record, begun)?.ok_or_else(|| {
                        let name = safe(&record.name);
                        Failure::not_found(format!("container {name} was removed, and its exit code with it"))
                    })?;
                    ended.push((record.id.clone(), code));
                }
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

/// The exit code of a container that is gone: its end is still among the events.
fn last_code(engine: &Engine, record: &ContainerRecord, begun: i64) -> Result<Option<i32>, Failure> {
    let events = engine.store().events_after(begun)?;
    let end = events.iter().rev().find(|event| event.action == "die" && event.actor_id == record.id.as_str());
    Ok(end.and_then(|event| event.attributes.get("exitCode")?.parse().ok()))
}
