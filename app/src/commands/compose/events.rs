//! `teu compose events`.

use super::project::Stack;
use super::ps::service;
use crate::arguments::ComposeEventsArguments;
use crate::arguments::values::timestamp;
use crate::commands::{Outcome, events::put, now};
use crate::output::{json, safe};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json as object};
use std::collections::BTreeMap;
use teu_api::Failure;
use teu_core::stacks::labels;
use teu_core::{Engine, EventRecord};

/// Shows what happens to the containers of a stack's services.
pub fn run(engine: &Engine, stack: &Stack, arguments: &ComposeEventsArguments) -> Outcome {
    let zone = TimeZone::system();
    let moment =
        |text: &Option<String>| text.as_deref().map(|text| timestamp::parse(text, now(), &zone)).transpose();
    engine.events(moment(&arguments.since)?, moment(&arguments.until)?, &mut |event| {
        let ours = event.kind.as_str() == "container"
            && event.attributes.get(labels::PROJECT) == Some(&stack.name)
            && (arguments.services.is_empty()
                || arguments.services.iter().any(|name| name == service(&event.attributes)));
        if !ours {
            return Ok(true);
        }
        put(&if arguments.json { json(&value(event, &zone)) } else { line(event, &zone) })
    })?;
    Ok::<u8, Failure>(0)
}

/// What an event says of its container, but for what Compose itself wrote there.
fn attributes(event: &EventRecord) -> BTreeMap<&str, &str> {
    let all = event.attributes.iter().filter(|(key, _)| !key.starts_with("com.docker.compose."));
    all.map(|(key, value)| (key.as_str(), value.as_str())).collect()
}

/// When it happened, in this form.
fn time(event: &EventRecord, zone: &TimeZone, form: &str) -> String {
    let at = Timestamp::from_nanosecond(i128::from(event.time)).unwrap_or_default();
    at.to_zoned_datetime(zone.clone()).strftime(form).to_string()
}

/// `2026-01-02 03:04:05.000000 container start ID (image=busybox, name=s-web-1)`
fn line(event: &EventRecord, zone: &TimeZone) -> String {
    let all: Vec<String> =
        attributes(event).iter().map(|(key, value)| format!("{}={}", safe(key), safe(value))).collect();
    let time = time(event, zone, "%Y-%m-%d %H:%M:%S.%6f");
    format!("{time} container {} {} ({})", safe(&event.action), safe(&event.actor_id), all.join(", "))
}

fn value(event: &EventRecord, zone: &TimeZone) -> Value {
    object!({
        "action": event.action,
        "attributes": attributes(event),
        "id": event.actor_id,
        "service": service(&event.attributes),
        "time": time(event, zone, "%Y-%m-%dT%H:%M:%S.%9f%:z"),
        "type": "container",
    })
}
