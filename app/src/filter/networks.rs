//! `network ls --filter`.

use super::{Filters, one_matches};
use crate::arguments::values::wrong;
use teu_api::Failure;
use teu_api::network::NetworkSnapshot;

/// The keys that Docker has for networks.
const KEYS: [&str; 7] = ["dangling", "driver", "id", "label", "name", "scope", "type"];

/// Networks that are always there.
const BUILT_IN: [&str; 3] = ["bridge", "host", "none"];

/// The driver as Docker names it, of what is there without one as well.
pub fn driver_of(network: &NetworkSnapshot) -> &str {
    match network.spec.name.as_str() {
        "host" => "host",
        "none" => "null",
        _ => network.spec.driver.as_str(),
    }
}

/// Reads the flags into what decides about one network.
pub fn network_filter(texts: &[String]) -> Result<impl Fn(&NetworkSnapshot) -> bool, Failure> {
    let filters = Filters::parse(texts, &KEYS)?;
    let dangling = filters.truth("dangling")?;
    let (names, ids) = (filters.patterns("name")?, filters.patterns("id")?);
    for value in filters.values("type") {
        if !["custom", "builtin"].contains(&value.as_str()) {
            return Err(wrong(format!("invalid filter 'type={value}'"), "write custom or builtin"));
        }
    }
    Ok(move |network: &NetworkSnapshot| {
        let built_in = BUILT_IN.contains(&network.spec.name.as_str());
        one_matches(&names, &network.spec.name)
            && one_matches(&ids, &network.id)
            && filters.any("driver", |wanted| wanted == driver_of(network))
            && filters.any("scope", |wanted| wanted == "local")
            && filters.any("type", |wanted| (wanted == "builtin") == built_in)
            && filters.labels(&network.spec.labels)
            && dangling.is_none_or(|dangling| dangling == (network.endpoints.is_empty() && !built_in))
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::flags;
    use super::*;

    #[test]
    fn each_key_chooses() {
        let mut network = NetworkSnapshot { id: "abcdef".to_owned(), ..NetworkSnapshot::default() };
        network.spec.name = "front".to_owned();
        let holds = |texts: &[&str]| network_filter(&flags(texts)).unwrap()(&network);
        assert!(
            holds(&[])
                && holds(&[
                    "name=fro",
                    "id=^abc",
                    "driver=bridge",
                    "type=custom",
                    "dangling=true",
                    "scope=local"
                ])
        );
        assert!(
            !holds(&["type=builtin"])
                && !holds(&["driver=macvlan"])
                && !holds(&["scope=swarm"])
                && !holds(&["dangling=false"])
        );
        assert!(network_filter(&flags(&["type=odd"])).is_err());
        network.spec.name = "none".to_owned();
        assert!(network_filter(&flags(&["driver=null", "type=builtin"])).unwrap()(&network));
        assert!(!network_filter(&flags(&["driver=bridge"])).unwrap()(&network));
    }
}
