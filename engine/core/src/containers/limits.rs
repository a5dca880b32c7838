//! Limits that depend on this machine: how many CPUs and memory nodes it has.

use std::collections::BTreeSet;
use std::path::Path;
use teu_api::Failure;
use teu_api::container::Resources;

/// The smallest share of a CPU that the kernel takes: a quota of 1 ms in a period of 100 ms.
const LEAST_CPUS: i64 = 10_000_000;

/// Refuses what this machine does not have. Counting costs reads: only for those who ask for a part.
pub(super) fn check(limits: &Resources) -> Result<(), Failure> {
    if limits.nano_cpus > 0 {
        let cpus = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        if !(LEAST_CPUS..=1_000_000_000 * cpus as i64).contains(&limits.nano_cpus) {
            return Err(Failure::usage(format!(
                "Range of CPUs is from 0.01 to {cpus}.00, as there are only {cpus} CPUs available"
            ))
            .hint("give --cpus a number in it"));
        }
    }
    for (wanted, kind, what, flag) in [
        (&limits.cpuset_cpus, "cpu", "CPUs", "--cpuset-cpus"),
        (&limits.cpuset_mems, "node", "memory nodes", "--cpuset-mems"),
    ] {
        let file = format!("/sys/devices/system/{kind}/online");
        if wanted.is_empty() || !Path::new(&file).exists() {
            continue;
        }
        let online = std::fs::read_to_string(&file).unwrap_or_default();
        let online = online.trim();
        let (Some(asked), Some(there)) = (numbers(wanted), numbers(online)) else { continue };
        if !asked.is_subset(&there) {
            return Err(Failure::usage(format!(
                "Requested {what} are not available - requested {wanted}, available: {online}"
            ))
            .hint(format!("give {flag} some of those")));
        }
    }
    Ok(())
}

/// Most numbers of a list that are looked at.
const MOST: usize = 8192;

/// The numbers of a list such as `0-3,7`.
fn numbers(text: &str) -> Option<BTreeSet<usize>> {
    let mut found = BTreeSet::new();
    for part in text.split(',') {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (from, to): (usize, usize) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
        // More than any machine has: its ends tell enough.
        found.extend(from..=to.min(from.saturating_add(MOST)));
        found.insert(to);
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_this_machine_lacks_is_refused() {
        let refused = |limits: Resources| check(&limits).map_err(|failure| failure.message);
        let cpus = |nano_cpus| Resources { nano_cpus, ..Resources::default() };
        assert!(refused(cpus(0)).is_ok() && refused(cpus(10_000_000)).is_ok());
        for wrong in [1, 9_999_999, i64::MAX] {
            assert!(refused(cpus(wrong)).unwrap_err().contains("Range of CPUs"), "{wrong}");
        }
        let bound = |text: &str| Resources { cpuset_cpus: text.into(), ..Resources::default() };
        assert!(refused(bound("0")).is_ok());
        for wrong in ["99999", "0-99999", "0,99999-99999999999"] {
            assert!(
                refused(bound(wrong)).unwrap_err().contains("Requested CPUs are not available"),
                "{wrong}"
            );
        }
        let nodes = Resources { cpuset_mems: "777".into(), ..Resources::default() };
        assert!(!Path::new("/sys/devices/system/node/online").exists() || refused(nodes).is_err());
    }
}
