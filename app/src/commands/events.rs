//! `teu events`.

use super::Outcome;
use crate::arguments::EventsArguments;
use crate::arguments::values::timestamp;
use crate::filter::{EventFilter, EventView};
use crate::output::{json, safe};
use crate::template::Template;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json as object};
use std::io::{self, Write as _};
use teu_api::Failure;
use teu_core::{Engine, EventRecord};

/// Shows what happens as it happens, or what happened.
pub fn run(engine: &Engine, arguments: &EventsArguments) -> Outcome {
    let now = super::now();
    let zone = TimeZone::system();
    let moment =
        |text: &Option<String>| text.as_deref().map(|text| timestamp::parse(text, now, &zone)).transpose();
    let filter = EventFilter::new(&arguments.filter)?;
    let format = Format::parse(arguments.format.as_deref())?;
    engine.events(moment(&arguments.since)?, moment(&arguments.until)?, &mut |event| {
        let seen = EventView {
            kind: event.kind.as_str(),
            action: &event.action,
            actor_id: &event.actor_id,
            attributes: &event.attributes,
        };
        if !filter.matches(seen) {
            return Ok(true);
        }
        put(&format.line(event, &zone)?)
    })?;
    Ok(0)
}

/// How an event is printed.
enum Format {
    Line,
    Json,
    Template(Template),
}

impl Format {
    fn parse(text: Option<&str>) -> Result<Self, Failure> {
        Ok(match text {
            None | Some("") => Self::Line,
            Some("json" | "{{json .}}" | "{{ json . }}") => Self::Json,
            Some(text) => Self::Template(Template::parse(&text.replace("\\t", "\t").replace("\\n", "\n"))?),
        })
    }

    fn line(&self, event: &EventRecord, zone: &TimeZone) -> Result<String, Failure> {
        match self {
            Self::Line => Ok(plain(event, zone)),
            Self::Json => Ok(json(&value(event, false))),
            Self::Template(template) => template.render(&value(event, true)),
        }
    }
}

/// Docker's line: the time with all nine decimals, the kind, what happened, the id, and the attributes in order.
fn plain(event: &EventRecord, zone: &TimeZone) -> String {
    let time = Timestamp::from_nanosecond(i128::from(event.time))
        .unwrap_or_default()
        .to_zoned_datetime(zone.clone());
    let offset = if time.offset().is_zero() { "Z".to_owned() } else { time.strftime("%:z").to_string() };
    let attributes: Vec<String> =
        event.attributes.iter().map(|(key, value)| format!("{}={}", safe(key), safe(value))).collect();
    let mut line = format!(
        "{}{offset} {} {} {}",
        time.strftime("%Y-%m-%dT%H:%M:%S.%9f"),
        event.kind.as_str(),
        safe(&event.action),
        safe(&event.actor_id)
    );
    if !attributes.is_empty() {
        line.push_str(&format!(" ({})", attributes.join(", ")));
    }
    line
}

/// The fields by Docker's names: those of its JSON, or those that its templates know.
fn value(event: &EventRecord, for_template: bool) -> Value {
    let clean = |text: &str| if for_template { safe(text).into_owned() } else { text.to_owned() };
    let attributes: Value =
        event.attributes.iter().map(|(key, value)| (clean(key), Value::String(clean(value)))).collect();
    let action = clean(&event.action);
    let from = event.attributes.get("image").map(|image| clean(image)).unwrap_or_default();
    let seconds = event.time.div_euclid(1_000_000_000);
    let actor = object!({"ID": event.actor_id, "Attributes": attributes});
    if for_template {
        return object!({
            "Type": event.kind.as_str(), "Action": action, "Actor": actor, "Scope": "local", "Time": seconds,
            "TimeNano": event.time, "Status": action, "ID": event.actor_id, "From": from,
        });
    }
    let mut value = object!({});
    if event.kind.as_str() == "container" || event.kind.as_str() == "image" {
        value["status"] = object!(action);
        value["id"] = object!(event.actor_id);
        if !from.is_empty() {
            value["from"] = object!(from);
        }
    }
    value["Type"] = object!(event.kind.as_str());
    value["Action"] = object!(action);
    value["Actor"] = actor;
    value["scope"] = object!("local");
    value["time"] = object!(seconds);
    value["timeNano"] = object!(event.time);
    value
}

/// Prints a line at once; whether anyone still reads.
pub fn put(line: &str) -> Result<bool, Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(format!("{line}\n").as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Failure::internal(format!("cannot write to standard output: {error}"))),
    }
}
