//! `prune --filter`: `until`, `label` and `label!`.

use super::{Filters, has_label};
use crate::arguments::values::timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use teu_api::Failure;

/// What may be pruned.
#[derive(Debug)]
pub struct PruneFilter {
    filters: Filters,
    until: Option<i64>,
}

impl PruneFilter {
    /// Reads the flags; `now` is nanoseconds since the Unix epoch. `keys` names what this prune takes beside
    /// `label` and `label!`: `until`, `dangling`, `all`.
    pub fn new(texts: &[String], keys: &[&str], now: i64) -> Result<Self, Failure> {
        let known: Vec<&str> = ["label", "label!"].into_iter().chain(keys.iter().copied()).collect();
        let filters = Filters::parse(texts, &known)?;
        let mut until: Option<i64> = None;
        for value in filters.values("until") {
            let moment = timestamp::parse(value, now, &TimeZone::system())?;
            until = Some(until.map_or(moment, |other| other.min(moment)));
        }
        Ok(Self { filters, until })
    }

    /// A truth value that was given, such as `dangling=false`.
    pub fn truth(&self, key: &str) -> Result<Option<bool>, Failure> {
        self.filters.truth(key)
    }

    /// Whether something made at this moment with these labels may go.
    pub fn matches(&self, created_at: i64, labels: &BTreeMap<String, String>) -> bool {
        self.until.is_none_or(|until| created_at < until)
            && self.filters.labels(labels)
            && !self.filters.values("label!").iter().any(|unwanted| has_label(labels, unwanted))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::flags;
    use super::*;

    #[test]
    fn age_and_labels_decide() {
        let labels = [("keep".to_owned(), "1".to_owned())].into();
        let holds = |texts: &[&str], created: i64| {
            PruneFilter::new(&flags(texts), &["until"], 100_000_000_000).unwrap().matches(created, &labels)
        };
        assert!(holds(&[], 0) && holds(&["until=10s"], 80_000_000_000) && holds(&["label=keep"], 0));
        assert!(
            !holds(&["until=10s"], 95_000_000_000) && !holds(&["label!=keep"], 0) && !holds(&["label=x"], 0)
        );
        assert!(holds(&["label!=other"], 0));
        assert!(PruneFilter::new(&flags(&["until=1s"]), &[], 0).is_err());
    }
}
