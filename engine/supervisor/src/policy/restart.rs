//! Whether and when a container that ended is started again: Docker's restart policies and back-off.

use std::time::Duration;
use teu_api::container::RestartPolicy;

/// The first pause before a restart.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// A run of this length counts as a success: the next pause is the first again.
const LONG_RUN: Duration = Duration::from_secs(10);

/// What one restart policy has seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Restarts {
    pause: Option<Duration>,
    count: u32,
}

impl Restarts {
    /// How often it has said yes.
    pub fn count(self) -> u32 {
        self.count
    }

    /// The pause before the next start, or `None` when the container stays down.
    pub fn after_exit(
        &mut self,
        policy: RestartPolicy,
        code: i32,
        stopped: bool,
        ran: Duration,
    ) -> Option<Duration> {
        let again = !stopped
            && match policy {
                RestartPolicy::No => false,
                RestartPolicy::Always | RestartPolicy::UnlessStopped => true,
                RestartPolicy::OnFailure(most) => code != 0 && (most == 0 || self.count < most),
            };
        if !again {
            return None;
        }
        let pause = match self.pause {
            Some(last) if ran < LONG_RUN => (last * 2).min(LONGEST_PAUSE),
            _ => FIRST_PAUSE,
        };
        self.pause = Some(pause);
        self.count += 1;
        Some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(5);

    #[test]
    fn pauses_double_up_to_a_minute_and_begin_anew_after_a_long_run() {
        let mut restarts = Restarts::default();
        let pauses: Vec<u128> = (0..12)
            .filter_map(|_| restarts.after_exit(RestartPolicy::Always, 1, false, SHORT))
            .map(|pause| pause.as_millis())
            .collect();
        assert_eq!(pauses, [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000, 60_000]);
        let pause = restarts.after_exit(RestartPolicy::Always, 0, false, LONG_RUN);
        assert_eq!(pause, Some(FIRST_PAUSE));
        assert_eq!(restarts.count(), 13);
    }

    #[test]
    fn on_failure_counts_and_ignores_success() {
        let mut restarts = Restarts::default();
        let policy = RestartPolicy::OnFailure(2);
        assert_eq!(restarts.after_exit(policy, 0, false, SHORT), None);
        assert!(restarts.after_exit(policy, 1, false, SHORT).is_some());
        assert!(restarts.after_exit(policy, 137, false, SHORT).is_some());
        assert_eq!(restarts.after_exit(policy, 1, false, SHORT), None);
        let mut endless = Restarts::default();
        for _ in 0..100 {
            assert!(endless.after_exit(RestartPolicy::OnFailure(0), 1, false, SHORT).is_some());
        }
    }

    #[test]
    fn what_the_user_stopped_stays_down() {
        for policy in [RestartPolicy::Always, RestartPolicy::UnlessStopped, RestartPolicy::OnFailure(0)] {
            assert_eq!(Restarts::default().after_exit(policy, 1, true, SHORT), None);
        }
        assert_eq!(Restarts::default().after_exit(RestartPolicy::No, 1, false, SHORT), None);
    }
}
