//! `teu compose logs`.

use super::follow::{Follow, Look};
use super::project::Stack;
use crate::arguments::ComposeLogsArguments;
use crate::arguments::values::timestamp;
use crate::commands::{Outcome, now};
use jiff::tz::TimeZone;
use teu_api::Failure;
use teu_core::Engine;
use teu_core::stacks::labels;

/// Shows what a stack's containers have written, each line with its container's name.
pub fn run(engine: &Engine, stack: &Stack, arguments: &ComposeLogsArguments) -> Outcome {
    let moment = |text: &Option<String>| {
        text.as_deref().map(|text| timestamp::parse(text, now(), &TimeZone::system())).transpose()
    };
    let tail = match arguments.tail.as_deref() {
        None | Some("all") => None,
        Some(text) => {
            let number: i64 = text.parse().map_err(|_| {
                Failure::usage(format!("invalid number of lines: {text:?}")).hint("write --tail 100, or all")
            })?;
            usize::try_from(number).ok()
        }
    };
    let mut records = engine.stack_containers(&stack.name)?;
    let wanted = &arguments.services;
    records.retain(|record| {
        let number = record.spec.labels.get(labels::CONTAINER_NUMBER).map_or("", String::as_str);
        (arguments.index == 0 || number == arguments.index.to_string())
            && (wanted.is_empty()
                || wanted.iter().any(|name| *name == super::ps::service(&record.spec.labels)))
    });
    let look = Look {
        colours: !arguments.no_color && stack.manner.coloured(),
        prefixes: !arguments.no_log_prefix,
        timestamps: arguments.timestamps,
    };
    let mut follow = Follow::new(engine, stack, records, look, moment(&arguments.since)?, tail);
    follow.until = moment(&arguments.until)?;
    if arguments.follow { follow.on() } else { follow.all() }
}
