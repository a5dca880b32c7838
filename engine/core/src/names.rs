//! Names for containers that were given none: a quality and something seen in a harbour.

const QUALITIES: [&str; 48] = [
    "able", "amber", "bold", "brave", "bright", "brisk", "calm", "clever", "cosy", "crisp", "daring", "deft",
    "eager", "early", "fair", "fleet", "fond", "gentle", "glad", "golden", "grand", "happy", "hardy",
    "honest", "jolly", "keen", "kind", "lively", "loyal", "lucky", "mellow", "merry", "mighty", "neat",
    "nimble", "noble", "patient", "proud", "quick", "quiet", "ready", "silver", "steady", "stout", "sunny",
    "swift", "true", "wise",
];

const THINGS: [&str; 48] = [
    "anchor",
    "barge",
    "beacon",
    "bollard",
    "bosun",
    "bow",
    "breeze",
    "bridge",
    "buoy",
    "cabin",
    "capstan",
    "captain",
    "chart",
    "compass",
    "coxswain",
    "crane",
    "current",
    "deck",
    "dock",
    "dolphin",
    "ferry",
    "galley",
    "gull",
    "harbour",
    "hawser",
    "helm",
    "hull",
    "keel",
    "lantern",
    "lighthouse",
    "mast",
    "mate",
    "mooring",
    "navigator",
    "oar",
    "pier",
    "pilot",
    "porthole",
    "prow",
    "quay",
    "rudder",
    "sail",
    "schooner",
    "sextant",
    "skipper",
    "tide",
    "tug",
    "wharf",
];

/// The name that a number stands for; `attempt` adds a digit when earlier ones were taken.
pub fn generate(random: u64, attempt: u32) -> String {
    let quality = QUALITIES[(random % QUALITIES.len() as u64) as usize];
    let thing = THINGS[(random / QUALITIES.len() as u64 % THINGS.len() as u64) as usize];
    let suffix = if attempt == 0 { String::new() } else { (random >> 40 & 0xfff).to_string() };
    format!("{quality}_{thing}{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_valid_and_vary() {
        let names: std::collections::BTreeSet<String> =
            (0..48 * 48).map(|number| generate(number, 0)).collect();
        assert_eq!(names.len(), 48 * 48);
        assert!(names.iter().all(|name| teu_api::id::is_valid_name(name)));
        assert_ne!(generate(7 << 40, 1), generate(8 << 40, 1));
    }
}
