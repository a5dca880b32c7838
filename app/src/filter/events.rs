//! `events --filter`.

use super::{Filters, has_label};
use std::collections::BTreeMap;
use teu_api::Failure;

/// The keys that Docker has for events.
const KEYS: [&str; 9] =
    ["container", "daemon", "event", "image", "label", "network", "scope", "type", "volume"];

/// What a filter looks at of an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EventView<'a> {
    /// What it is about: `container`, `image`, `volume` or `network`.
    pub kind: &'a str,
    /// What happened, in Docker's words; `exec_create: sh` counts as `exec_create`.
    pub action: &'a str,
    /// The id of what it happened to.
    pub actor_id: &'a str,
    /// What there is to say about it: `name`, `image`, labels and so on.
    pub attributes: &'a BTreeMap<String, String>,
}

/// Which events are shown.
#[derive(Debug)]
pub struct EventFilter(Filters);

impl EventFilter {
    /// Reads the flags.
    pub fn new(texts: &[String]) -> Result<Self, Failure> {
        Filters::parse(texts, &KEYS).map(Self)
    }

    /// Whether an event is let through.
    pub fn matches(&self, event: EventView<'_>) -> bool {
        let filters = &self.0;
        // Docker finds by the beginning of an id or a name, too.
        let named = |wanted: &str, id: &str, name: &str| id.starts_with(wanted) || name.starts_with(wanted);
        let name = attribute(event, "name");
        let action = event.action.split(':').next().unwrap_or(event.action);
        filters.any("type", |wanted| wanted == event.kind)
            && filters.any("event", |wanted| wanted == action || wanted == event.action)
            && filters.any("scope", |wanted| wanted == "local")
            // There is no daemon of which anything could be told.
            && filters.any("daemon", |_| false)
            && filters.any("container", |wanted| {
                event.kind == "container" && named(wanted, event.actor_id, name)
            })
            && filters.any("image", |wanted| match event.kind {
                "image" => [event.actor_id, name, without_tag(name)].contains(&wanted),
                _ => attribute(event, "image") == wanted || without_tag(attribute(event, "image")) == wanted,
            })
            && filters.any("network", |wanted| event.kind == "network" && named(wanted, event.actor_id, name))
            && filters.any("volume", |wanted| event.kind == "volume" && named(wanted, event.actor_id, name))
            && filters.values("label").iter().all(|wanted| has_label(event.attributes, wanted))
    }
}

fn attribute<'a>(event: EventView<'a>, key: &str) -> &'a str {
    event.attributes.get(key).map_or("", String::as_str)
}

/// `demo/web` of `demo/web:latest`.
fn without_tag(reference: &str) -> &str {
    match reference.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => reference,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::flags;
    use super::*;

    #[test]
    fn each_key_chooses() {
        let attributes = [("name", "web"), ("image", "demo/web:latest"), ("tier", "front")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into();
        let event = EventView {
            kind: "container",
            action: "exec_create: sh",
            actor_id: "abcdef",
            attributes: &attributes,
        };
        let holds = |texts: &[&str]| EventFilter::new(&flags(texts)).unwrap().matches(event);
        for good in [
            "type=container",
            "event=exec_create",
            "container=web",
            "container=abc",
            "image=demo/web",
            "label=tier=front",
        ] {
            assert!(holds(&[good]), "{good}");
        }
        for other in [
            "type=image",
            "event=die",
            "container=db",
            "image=alpine",
            "label=x",
            "volume=web",
            "network=web",
        ] {
            assert!(!holds(&[other]), "{other}");
        }
        assert!(holds(&["event=die", "event=exec_create", "type=container"]));
        assert!(EventFilter::new(&flags(&["colour=red"])).is_err());
    }
}
