//! What takes the whole main area: keys that lead elsewhere leave it, and the list of long work keeps its place.
#![allow(clippy::unwrap_used)]

mod common;

use common::{App, SECOND, demo_app};
use teu_api::{Command, Event, Failure, FailureKind, SessionId};

fn monitor() -> App {
    let mut app = demo_app(120, 36);
    app.keys("M");
    assert!(app.text().contains("by cpu"), "{}", app.text());
    app
}

#[test]
fn a_key_that_leads_to_a_pane_leaves_what_lies_over_it() {
    let mut app = monitor();
    app.keys("2");
    assert!(app.text().contains("Images 3"), "{}", app.text());
    app.keys("M 1");
    assert!(app.text().contains("Containers 5"), "{}", app.text());
    app.keys("M");
    app.keys(": l o g s enter");
    assert!(app.text().contains("following") || app.text().contains("at the end"), "{}", app.text());
}

#[test]
fn a_shell_that_is_gone_to_is_seen() {
    let mut app = demo_app(120, 36);
    app.keys("e");
    let ticket = app.shell_ticket();
    let id = common::id(3);
    app.event(Event::SessionOpened { ticket, id, session: SessionId(1), title: "bash".into() });
    app.event(Event::SessionOutput { ticket, bytes: b"prompt# ".to_vec() });
    app.keys("ctrl-] ctrl-] M o");
    assert!(app.text().contains("prompt#"), "{}", app.text());
    app.commands();
    app.keys("x");
    assert!(app.commands().iter().any(|c| matches!(c, Command::SessionInput { .. })), "keys go to the shell");
}

#[test]
fn the_selected_task_stays_selected_when_another_begins() {
    let mut app = demo_app(120, 36);
    let task = |task, title: &str| Event::Task { task, title: title.into(), text: String::new() };
    app.event(task(1, "pulling one"));
    app.event(task(2, "pulling two"));
    app.keys("@ j");
    app.event(task(3, "pulling three"));
    app.keys("x");
    let cancelled: Vec<Command> =
        app.commands().into_iter().filter(|c| matches!(c, Command::CancelTask(_))).collect();
    assert_eq!(cancelled, [Command::CancelTask(1)]);
    app.keys("esc @ x");
    assert!(app.commands().contains(&Command::CancelTask(3)), "it opens at the latest");
}

#[test]
fn what_was_cancelled_is_no_failure() {
    let mut app = demo_app(120, 36);
    let cancelled = || Failure::new(FailureKind::Cancelled, "cancelled pulling alpine");
    app.event(Event::Task { task: 1, title: "pulling alpine".into(), text: String::new() });
    app.event(Event::TaskEnded { task: 1, failure: Some(cancelled()) });
    app.event(Event::PullEnded { name: "alpine".into(), outcome: Err(cancelled()) });
    let screen = app.text();
    assert!(screen.contains("• cancelled pulling alpine"), "{screen}");
    assert!(!screen.contains("✗ cancelled"), "{screen}");
    app.keys("@");
    insta::assert_snapshot!("tasks_cancelled", app.text());
    app.keys("esc");
    app.pass(20 * SECOND);
}

#[test]
fn the_monitor_at_four_sizes() {
    for (columns, rows) in [(60, 16), (80, 24), (120, 36), (300, 40)] {
        let mut app = demo_app(columns, rows);
        let sample = |at: i64| teu_api::stats::StatsSample {
            at: at * SECOND,
            cpu_ns: at as u64 * 700_000_000,
            memory: 3 << 30,
            memory_limit: 24 << 30,
            network_rx: at as u64 * 5_000,
            block_write: at as u64 * 700,
            ..Default::default()
        };
        app.keys("M");
        for second in 0..40 {
            app.event(Event::HostStats(sample(second)));
        }
        app.keys("j");
        insta::assert_snapshot!(format!("monitor_{columns}x{rows}"), app.text());
    }
}
