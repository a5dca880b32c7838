//! A container's state in words, as `ps` shows it.

use super::duration::{ago, since};
use teu_api::container::{ContainerState, HealthStatus, Status};

/// `Up 3 minutes (healthy)`, `Exited (0) 2 seconds ago`. `now` is nanoseconds since the Unix epoch.
pub fn status(state: &ContainerState, now: i64) -> String {
    let up = || since(state.started_at, now);
    match state.status {
        Status::Running => match state.health.as_ref().map(|health| health.status) {
            Some(HealthStatus::Starting) => format!("Up {} (health: starting)", up()),
            Some(verdict) => format!("Up {} ({})", up(), verdict.as_str()),
            None => format!("Up {}", up()),
        },
        Status::Paused => format!("Up {} (Paused)", up()),
        Status::Restarting => format!("Restarting ({}) {}", state.exit_code, ago(state.finished_at, now)),
        Status::Removing => "Removal In Progress".to_owned(),
        Status::Dead => "Dead".to_owned(),
        Status::Created => "Created".to_owned(),
        Status::Exited => format!("Exited ({}) {}", state.exit_code, ago(state.finished_at, now)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use teu_api::container::Health;

    #[test]
    fn states_are_in_words() {
        let now = 1_000_000_000_000;
        let mut state = ContainerState {
            status: Status::Running,
            started_at: now - 180_000_000_000,
            finished_at: now - 2_000_000_000,
            exit_code: 3,
            ..ContainerState::default()
        };
        assert_eq!(status(&state, now), "Up 3 minutes");
        state.health = Some(Health { status: HealthStatus::Healthy, ..Health::default() });
        assert_eq!(status(&state, now), "Up 3 minutes (healthy)");
        state.health = Some(Health::default());
        assert_eq!(status(&state, now), "Up 3 minutes (health: starting)");
        for (kind, words) in [
            (Status::Paused, "Up 3 minutes (Paused)"),
            (Status::Restarting, "Restarting (3) 2 seconds ago"),
            (Status::Exited, "Exited (3) 2 seconds ago"),
            (Status::Created, "Created"),
            (Status::Dead, "Dead"),
        ] {
            state.status = kind;
            assert_eq!(status(&state, now), words);
        }
    }
}
