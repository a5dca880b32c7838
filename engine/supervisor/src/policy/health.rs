//! How a container's health follows from its probes: Docker's timings, streaks and start period.

use std::time::Duration;
use teu_api::container::{Health, HealthCheck, HealthProbe, HealthStatus};

/// Results kept.
const LOG_LENGTH: usize = 5;

/// Bytes of a probe's output kept.
pub const OUTPUT_LIMIT: usize = 4096;

/// The exit code recorded for a probe that did not end in time.
pub const TIMED_OUT: i32 = -1;

/// A health check with Docker's defaults filled in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// The program and its arguments.
    pub args: Vec<String>,
    /// How long one probe may take.
    pub timeout: Duration,
    interval: Duration,
    start_interval: Duration,
    start_period: Duration,
    retries: u32,
}

impl Plan {
    /// The plan of a check; `None` when it checks nothing.
    pub fn new(check: &HealthCheck) -> Option<Self> {
        let args = match check.test.split_first() {
            Some((kind, rest)) if kind == "CMD" && !rest.is_empty() => rest.to_vec(),
            Some((kind, rest)) if kind == "CMD-SHELL" && !rest.is_empty() => {
                vec!["/bin/sh".to_owned(), "-c".to_owned(), rest.join(" ")]
            }
            _ => return None,
        };
        Some(Self {
            args,
            timeout: duration_or(check.timeout, 30),
            interval: duration_or(check.interval, 30),
            start_interval: duration_or(check.start_interval, 5),
            start_period: duration_or(check.start_period, 0),
            retries: if check.retries == 0 { 3 } else { check.retries },
        })
    }

    /// How long to wait before the next probe, given how long the container has been running.
    pub fn pause(&self, health: &Health, running_for: Duration) -> Duration {
        if health.status == HealthStatus::Starting && running_for < self.start_period {
            self.start_interval.min(self.interval)
        } else {
            self.interval
        }
    }

    /// Takes one result in. Returns whether the verdict changed.
    pub fn record(&self, health: &mut Health, probe: HealthProbe, running_for: Duration) -> bool {
        let before = health.status;
        if probe.exit_code == 0 {
            health.failing_streak = 0;
            health.status = HealthStatus::Healthy;
        } else if before != HealthStatus::Starting || running_for >= self.start_period {
            health.failing_streak = health.failing_streak.saturating_add(1);
            if health.failing_streak >= self.retries {
                health.status = HealthStatus::Unhealthy;
            }
        }
        health.log.push(probe);
        let excess = health.log.len().saturating_sub(LOG_LENGTH);
        health.log.drain(..excess);
        health.status != before
    }
}

fn duration_or(nanoseconds: i64, seconds: u64) -> Duration {
    match u64::try_from(nanoseconds) {
        Ok(0) | Err(_) => Duration::from_secs(seconds),
        Ok(given) => Duration::from_nanos(given),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    fn probe(exit_code: i32) -> HealthProbe {
        HealthProbe { start: 0, end: 1, exit_code, output: String::new() }
    }

    fn check(words: &[&str]) -> HealthCheck {
        HealthCheck { test: words.iter().map(ToString::to_string).collect(), ..HealthCheck::default() }
    }

    #[test]
    fn commands_and_defaults() {
        let plan = Plan::new(&check(&["CMD-SHELL", "test -f /ok"])).unwrap();
        assert_eq!(plan.args, ["/bin/sh", "-c", "test -f /ok"]);
        assert_eq!(plan.timeout, Duration::from_secs(30));
        assert_eq!(plan.pause(&Health::default(), Duration::ZERO), Duration::from_secs(30));
        assert_eq!(Plan::new(&check(&["CMD", "true", "x"])).unwrap().args, ["true", "x"]);
        for nothing in [&["NONE"][..], &[], &["CMD"], &["NONSENSE", "x"]] {
            assert_eq!(Plan::new(&check(nothing)), None);
        }
    }

    #[test]
    fn three_failures_in_a_row_make_it_unhealthy_and_one_success_healthy() {
        let plan = Plan::new(&check(&["CMD", "x"])).unwrap();
        let mut health = Health::default();
        let changes: Vec<bool> = [0, 1, 1, 0, 1, 1, TIMED_OUT, 1, 0]
            .into_iter()
            .map(|code| plan.record(&mut health, probe(code), Duration::from_mins(1)))
            .collect();
        assert_eq!(changes, [true, false, false, false, false, false, true, false, true]);
        assert_eq!(health.failing_streak, 0);
        assert_eq!(health.log.len(), LOG_LENGTH);
    }

    #[test]
    fn failures_do_not_count_while_it_starts_but_a_success_ends_that() {
        let mut check = check(&["CMD", "x"]);
        check.start_period = 60 * SECOND;
        check.start_interval = SECOND;
        check.retries = 1;
        let plan = Plan::new(&check).unwrap();
        let mut health = Health::default();
        let early = Duration::from_secs(5);
        assert_eq!(plan.pause(&health, early), Duration::from_secs(1));
        assert!(!plan.record(&mut health, probe(1), early));
        assert_eq!((health.status, health.failing_streak), (HealthStatus::Starting, 0));
        assert!(plan.record(&mut health, probe(0), early));
        assert_eq!(plan.pause(&health, early), Duration::from_secs(30));
        assert!(plan.record(&mut health, probe(1), early));
        assert_eq!(health.status, HealthStatus::Unhealthy);
    }
}
