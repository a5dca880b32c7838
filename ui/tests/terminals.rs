//! Terminals: splits, copy mode, the mouse, what has ended; and spans of time, matches and marks of the log. From key
//! strings to frames and to what is asked of the engine.
#![allow(clippy::unwrap_used)]

mod common;

use common::{App, NOON, SECOND, demo_app, id, log};
use teu_api::event::LogStream;
use teu_api::{Command, Event, Failure, FailureKind, SessionId};
use teu_ui::keys::{MouseButton, MouseEvent, MouseKind};
use teu_ui::{Effect, Msg};

fn opened(app: &mut App, session: u32) -> u64 {
    let ticket = app.shell_ticket();
    app.event(Event::SessionOpened { ticket, id: id(3), session: SessionId(session), title: "bash".into() });
    ticket
}

fn says(app: &mut App, ticket: u64, text: &str) {
    app.event(Event::SessionOutput { ticket, bytes: text.as_bytes().to_vec() });
}

fn shell(columns: u16, rows: u16) -> (App, u64) {
    let mut app = demo_app(columns, rows);
    app.keys("e");
    let ticket = opened(&mut app, 1);
    app.commands();
    (app, ticket)
}

fn typed(app: &mut App) -> Vec<(u64, Vec<u8>)> {
    let input = app.commands().into_iter().filter_map(|command| match command {
        Command::SessionInput { ticket, bytes } => Some((ticket, bytes)),
        _ => None,
    });
    input.collect()
}

fn copied(app: &mut App) -> Vec<String> {
    let effects = std::mem::take(&mut app.effects);
    let texts = effects.into_iter().filter_map(|effect| match effect {
        Effect::CopyToClipboard(text) => Some(text),
        _ => None,
    });
    texts.collect()
}

fn mouse(app: &mut App, kind: MouseKind, (column, row): (u16, u16)) {
    app.send(Msg::Mouse(MouseEvent { kind, column, row, ctrl: false, alt: false, shift: false }));
}

#[test]
fn terminals_share_a_tab() {
    let (mut app, first) = shell(110, 30);
    says(&mut app, first, "\x1b[32mfirst\x1b[0m of three\r\n");
    app.keys("ctrl-] |");
    let second = opened(&mut app, 2);
    says(&mut app, second, "second\r\n");
    app.keys("ctrl-] -");
    let third = opened(&mut app, 3);
    says(&mut app, third, "\x1b[1;33mthird\x1b[0m\r\n");
    insta::assert_snapshot!("splits", common::colors(app.draw()));
    // Each has the size of its place.
    let sizes: Vec<_> = app
        .commands()
        .into_iter()
        .filter_map(|command| match command {
            Command::OpenShell { ticket, size, .. } | Command::SessionResize { ticket, size } => {
                Some((ticket, size.columns, size.rows))
            }
            _ => None,
        })
        .collect();
    assert!(sizes.contains(&(first, 53, 25)) && sizes.contains(&(third, 53, 12)), "{sizes:?}");
    // Keys go to the one that has the focus, which moves.
    app.keys("x ctrl-] up x ctrl-] left x ctrl-] o x");
    let whose: Vec<u64> = typed(&mut app).into_iter().map(|(ticket, _)| ticket).collect();
    assert_eq!(whose, [third, second, first, second]);
    // An edge moves, again and again.
    app.keys("ctrl-] ctrl-left ctrl-left ctrl-left esc");
    app.keys("x");
    assert_eq!(typed(&mut app), [(second, b"x".to_vec())]);
    app.keys("ctrl-] z");
    let zoomed = app.text();
    assert!(zoomed.contains("second") && !zoomed.contains("first of three"), "{zoomed}");
    app.keys("ctrl-] z");
    // A click leads to another.
    let (x, y) = app.find("first of").unwrap();
    mouse(&mut app, MouseKind::Down(MouseButton::Left), (x, y));
    app.keys("y");
    assert_eq!(typed(&mut app), [(first, b"y".to_vec())]);
    // One that ends leaves its place to the others.
    app.event(Event::SessionClosed { ticket: second, exit_code: Some(0) });
    let text = app.text();
    assert!(text.contains("third") && text.contains("first of three"), "{text}");
    app.keys("ctrl-] !");
    assert!(app.text().contains("2 demo-wave"), "{}", app.text());
}

#[test]
fn splits_are_as_they_were_at_the_next_start() {
    let (mut app, _) = shell(110, 30);
    app.keys("ctrl-] |");
    opened(&mut app, 2);
    let session = app.model.session();
    let mut again = App::with(110, 30, teu_ui::Settings { session, ..Default::default() });
    again.event(Event::Containers(common::demo()));
    let snapshot = |session| {
        let snapshot = teu_api::session::SessionSnapshot {
            id: SessionId(session),
            args: vec!["bash".into()],
            tty: true,
            pid: 1,
            clients: 0,
            started_at: NOON,
            exit_code: None,
        };
        (id(3), snapshot)
    };
    again.event(Event::Sessions(vec![snapshot(1), snapshot(2), snapshot(7)]));
    again.keys("o");
    let sizes: Vec<(u32, u16)> = again
        .commands()
        .into_iter()
        .filter_map(|command| match command {
            Command::AttachSession { session, size, .. } => Some((session.0, size.columns)),
            _ => None,
        })
        .collect();
    assert_eq!(sizes, [(1, 53), (2, 53), (7, 108)]);
}

#[test]
fn there_is_an_end_to_splitting() {
    let (mut app, _) = shell(60, 16);
    for _ in 0..4 {
        app.keys("ctrl-] -");
    }
    assert!(app.text().contains("no room"), "{}", app.text());
    app.resize(20, 4);
    app.draw();
    app.resize(60, 16);
    app.keys("ctrl-]");
    insta::assert_snapshot!("splits_60x16", app.text());
}

#[test]
fn what_scrolled_away_is_searched_and_copied() {
    let (mut app, ticket) = shell(100, 24);
    for n in 0..200 {
        says(&mut app, ticket, &format!("line {n} is \x1b[3{}mhere\x1b[0m\r\n", n % 8));
    }
    app.keys("ctrl-] /");
    app.word("line 1[0-9] ");
    app.keys("enter");
    let text = app.text();
    assert!(text.contains("10 of 10") && text.contains("line 19 is here"), "{text}");
    app.keys("N N");
    assert!(app.text().contains("8 of 10"));
    app.keys("n V j");
    insta::assert_snapshot!("copy_mode", common::colors(app.draw()));
    app.commands();
    app.keys("y");
    assert_eq!(copied(&mut app), ["line 18 is here\nline 19 is here"]);
    app.keys("a");
    assert_eq!(typed(&mut app), [(ticket, b"a".to_vec())], "keys are the program's again");
    // By words, and by blocks.
    app.keys("ctrl-] s k 0 v e e y");
    assert_eq!(copied(&mut app), ["line 199"]);
    app.keys("ctrl-] s k 0 ctrl-v k l l l y");
    assert_eq!(copied(&mut app), ["line\nline"]);
}

#[test]
fn the_mouse_marks_and_copies() {
    let (mut app, ticket) = shell(100, 24);
    says(&mut app, ticket, "some words, (and/a/path) more\r\n");
    let (x, y) = app.find("words").unwrap();
    let left = MouseButton::Left;
    mouse(&mut app, MouseKind::Down(left), (x, y));
    mouse(&mut app, MouseKind::Drag(left), (x + 3, y));
    mouse(&mut app, MouseKind::Drag(left), (x + 4, y));
    mouse(&mut app, MouseKind::Up(left), (x + 4, y));
    assert_eq!(copied(&mut app), ["words"]);
    app.pass(SECOND);
    let (x, y) = app.find("a/path").unwrap();
    for _ in 0..2 {
        mouse(&mut app, MouseKind::Down(left), (x, y));
        mouse(&mut app, MouseKind::Up(left), (x, y));
    }
    assert_eq!(copied(&mut app), ["and/a/path"]);
    // A program that wants the mouse has it, motion without a button too.
    says(&mut app, ticket, "\x1b[?1003h\x1b[?1006h");
    app.commands();
    mouse(&mut app, MouseKind::Down(left), (3, 4));
    mouse(&mut app, MouseKind::Moved, (4, 4));
    assert_eq!(typed(&mut app), [(ticket, b"\x1b[<0;3;3M".to_vec()), (ticket, b"\x1b[<35;4;3M".to_vec())]);
}

#[test]
fn programs_hear_of_the_keyboard_where_they_asked() {
    let (mut app, ticket) = shell(100, 24);
    app.send(Msg::FocusLost);
    assert_eq!(typed(&mut app), []);
    says(&mut app, ticket, "\x1b[?1004h\x1b[5 q");
    assert_eq!(app.model.cursor_shape(), 5);
    app.send(Msg::FocusGained);
    app.send(Msg::FocusLost);
    app.send(Msg::FocusGained);
    app.keys("ctrl-] ctrl-]");
    let said: Vec<Vec<u8>> = typed(&mut app).into_iter().map(|(_, bytes)| bytes).collect();
    assert_eq!(said, [b"\x1b[I", b"\x1b[O", b"\x1b[I", b"\x1b[O"].map(|bytes| bytes.to_vec()));
    assert_eq!(app.model.cursor_shape(), 0);
}

#[test]
fn a_shell_that_ends_badly_says_how_and_opens_again() {
    let (mut app, ticket) = shell(100, 24);
    says(&mut app, ticket, "its last words\r\n");
    app.event(Event::SessionClosed { ticket, exit_code: Some(137) });
    let text = app.text();
    assert!(text.contains("its last words") && text.contains("SIGKILL (exit code 137)"), "{text}");
    app.keys("a enter");
    let commands = app.commands();
    assert!(matches!(commands[..], [Command::OpenShell { debug: false, .. }]), "{commands:?}");
    let ticket = app.shell_ticket_of(&commands);
    app.event(Event::SessionClosed { ticket, exit_code: Some(0) });
    assert!(!app.text().contains("last words"));
}

#[test]
fn a_shell_that_rings_behind_another_is_told_of_once() {
    let (mut app, first) = shell(110, 30);
    says(&mut app, first, "ding\x07");
    assert!(!app.text().contains("rings"), "it is looked at");
    app.keys("ctrl-] |");
    let second = opened(&mut app, 2);
    says(&mut app, second, "here");
    says(&mut app, first, "done\x07");
    assert!(app.text().contains("bash of demo-wave rings"), "{}", app.text());
    app.pass(30 * SECOND);
    assert!(!app.text().contains("rings"));
    says(&mut app, first, "\x07\x07\x07");
    assert!(!app.text().contains("rings"), "it was told of");
    app.keys("ctrl-] left");
    says(&mut app, first, "back");
    app.keys("ctrl-] right");
    says(&mut app, first, "\x07");
    assert!(app.text().contains("rings"), "{}", app.text());
}

#[test]
fn an_image_without_a_shell_leads_to_a_debug_shell() {
    let mut app = demo_app(100, 24);
    app.keys("e");
    let ticket = app.shell_ticket();
    let failure = Failure::new(FailureKind::CommandNotFound, "container demo-wave has no shell");
    app.event(Event::Failed { ticket: Some(ticket), failure });
    assert!(app.text().contains("has no shell") && app.text().contains("debug shell"), "{}", app.text());
    app.commands();
    app.keys("d");
    assert!(matches!(app.commands()[..], [Command::OpenShell { debug: true, .. }]));
}

#[test]
fn the_log_of_a_span_of_time() {
    let mut app = demo_app(120, 30);
    app.commands();
    app.keys("l s");
    app.word("10m..2m");
    app.keys("enter");
    app.pass(SECOND);
    let request = app.commands().into_iter().find_map(|command| match command {
        Command::FollowLog(Some(request)) => Some(request),
        _ => None,
    });
    let request = request.unwrap();
    let until = request.until.unwrap();
    assert_eq!((until - request.since.unwrap(), request.tail), (480 * SECOND, None));
    assert!(app.text().contains("10m..2m"), "{}", app.text());
    app.keys("s");
    app.word("x");
    app.keys("enter");
    assert!(app.text().contains("is no time"), "{}", app.text());
    app.keys("esc");
}

#[test]
fn matches_are_counted_and_missing_lines_marked() {
    let mut app = demo_app(120, 30);
    let ticket = app.log_ticket();
    let json = log(90, LogStream::Stdout, "{\"level\":\"warn\",\"msg\":\"odd\",\"at\":{\"file\":\"a.rs\"}}");
    app.event(Event::Log { ticket, lines: vec![json], dropped: 1234 });
    app.keys("l /");
    app.word("GET");
    app.keys("enter");
    assert!(app.text().contains("/GET  53 of 53"), "{}", app.text());
    app.keys("N");
    assert!(app.text().contains("/GET  52 of 53"), "{}", app.text());
    app.keys("esc G enter");
    let text = app.text();
    assert!(text.contains("1,234 lines are missing here") && text.contains("\"file\": \"a.rs\""), "{text}");
    insta::assert_snapshot!("log_marks", common::colors(app.draw()));
    app.keys("t");
    assert!(app.text().contains("<1m") || app.text().contains("8m"), "{}", app.text());
    app.keys("t");
    assert!(app.text().contains("2026-11-24 09:5"), "{}", app.text());
    app.commands();
    app.keys("E ctrl-u");
    app.word("out.log");
    app.keys("enter");
    let written = app.effects.iter().find_map(|effect| match effect {
        Effect::WriteFile { name, text } => Some((name.clone(), text.clone())),
        _ => None,
    });
    let (name, text) = written.unwrap();
    assert_eq!(name, "out.log");
    assert!(text.contains("1,234 lines are missing here") && text.lines().count() == 82, "{text}");
}
