//! Times, sizes and states in Docker's words.

use teu_api::container::{ContainerSnapshot, HealthStatus, Status};

const SECOND: i64 = 1_000_000_000;

/// A duration as Docker rounds it: "Less than a second", "3 minutes", "About an hour".
pub fn duration(nanoseconds: i64) -> String {
    let seconds = nanoseconds / SECOND;
    let (minutes, hours) = (seconds / 60, (seconds + 1800) / 3600);
    match seconds {
        ..1 => "Less than a second".to_owned(),
        1 => "1 second".to_owned(),
        2..60 => format!("{seconds} seconds"),
        60..120 => "About a minute".to_owned(),
        120..3600 if minutes < 60 => format!("{minutes} minutes"),
        _ if hours == 1 => "About an hour".to_owned(),
        _ if hours < 48 => format!("{hours} hours"),
        _ if hours < 24 * 14 => format!("{} days", hours / 24),
        _ if hours < 24 * 60 => format!("{} weeks", hours / 24 / 7),
        _ if hours < 24 * 365 * 2 => format!("{} months", hours / 24 / 30),
        _ => format!("{} years", hours / 24 / 365),
    }
}

/// A moment in the past, as Docker says it.
pub fn ago(then: i64, now: i64) -> String {
    format!("{} ago", duration(now - then))
}

/// A size in decimal units, with three or four digits: `4.26MB`.
pub fn size(bytes: u64) -> String {
    scale(bytes as f64, 1000.0, &["B", "kB", "MB", "GB", "TB", "PB"], 3)
}

/// A size in binary units: `7.629MiB`.
pub fn binary_size(bytes: u64) -> String {
    scale(bytes as f64, 1024.0, &["B", "KiB", "MiB", "GiB", "TiB", "PiB"], 4)
}

/// As C's `%.Ng`: so many significant digits, without zeros at the end.
fn scale(mut value: f64, step: f64, units: &[&str], digits: usize) -> String {
    let mut unit = 0;
    while value >= step && unit + 1 < units.len() {
        value /= step;
        unit += 1;
    }
    let whole = if value < 1.0 { 1 } else { value.log10().floor() as usize + 1 };
    let text = format!("{value:.*}", digits.saturating_sub(whole));
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text}{}", units[unit])
}

/// The status column of `ps`: `Up 3 minutes (healthy)`, `Exited (0) 2 seconds ago`.
pub fn status(container: &ContainerSnapshot, now: i64) -> String {
    let state = &container.state;
    let health = state.health.as_ref().map(|health| match health.status {
        HealthStatus::Starting => " (health: starting)",
        HealthStatus::Healthy => " (healthy)",
        HealthStatus::Unhealthy => " (unhealthy)",
    });
    match state.status {
        Status::Created => "Created".to_owned(),
        Status::Running => format!("Up {}{}", duration(now - state.started_at), health.unwrap_or_default()),
        Status::Paused => format!("Up {} (Paused)", duration(now - state.started_at)),
        Status::Restarting => format!("Restarting ({}) {}", state.exit_code, ago(state.finished_at, now)),
        Status::Removing => "Removal In Progress".to_owned(),
        Status::Dead => "Dead".to_owned(),
        Status::Exited => format!("Exited ({}) {}", state.exit_code, ago(state.finished_at, now)),
    }
}
