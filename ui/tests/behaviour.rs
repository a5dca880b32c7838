//! Keys, mouse and engine events, and what follows from them.
#![allow(clippy::unwrap_used)]

mod common;

use common::{App, SECOND, container, demo, demo_app, id, log, stats};
use teu_api::container::Status;
use teu_api::event::LogStream;
use teu_api::session::SessionSnapshot;
use teu_api::{Command, Event, Failure, SessionId};
use teu_ui::keys::{MouseButton, MouseEvent, MouseKind};
use teu_ui::{Effect, Msg, Settings};

fn click(app: &mut App, column: u16, row: u16) {
    let kind = MouseKind::Down(MouseButton::Left);
    app.send(Msg::Mouse(MouseEvent { kind, column, row, ctrl: false, alt: false, shift: false }));
}

#[test]
fn stats_are_read_only_while_somebody_looks() {
    let mut app = App::new(100, 30);
    app.event(Event::Containers(vec![container(1, "web", "x", Status::Exited)]));
    assert!(!app.commands().contains(&Command::WatchStats(true)));
    app.event(Event::Containers(demo()));
    assert!(app.commands().contains(&Command::WatchStats(true)));
    app.keys("G k e");
    assert!(app.commands().contains(&Command::WatchStats(false)), "a shell hides them");
    app.keys("ctrl-] ctrl-]");
    assert_eq!(app.commands(), [Command::WatchStats(true)]);
}

#[test]
fn the_log_follows_the_selection_but_not_in_passing() {
    let mut app = App::new(100, 30);
    app.event(Event::Containers(demo()));
    let followed = |app: &mut App| {
        let commands = app.commands();
        let ids = commands.into_iter().filter_map(|command| match command {
            Command::FollowLog(Some(request)) => Some(request.id),
            _ => None,
        });
        ids.collect::<Vec<_>>()
    };
    assert_eq!(followed(&mut app), [id(2)]);
    app.keys("j j j");
    assert_eq!(followed(&mut app), []);
    app.pass(SECOND);
    assert_eq!(followed(&mut app), [id(1)]);
}

#[test]
fn lines_of_an_older_log_are_not_shown() {
    let mut app = demo_app(100, 30);
    let old = app.log_ticket();
    app.keys("j");
    app.pass(SECOND);
    app.event(Event::Log { ticket: old, lines: vec![log(1, LogStream::Stdout, "late guest")], dropped: 0 });
    assert!(!app.text().contains("late guest"));
}

#[test]
fn lifecycle_keys_ask_the_engine() {
    let mut app = demo_app(100, 30);
    app.commands();
    app.keys("S");
    assert_eq!(app.commands(), [Command::Stop(id(3))]);
    assert!(app.text().contains("stopping…"));
    app.keys("k u");
    assert!(app.commands().contains(&Command::Start(id(4))));
    app.keys("S");
    assert!(
        !app.commands().iter().any(|c| matches!(c, Command::Stop(_))),
        "what is stopped cannot be stopped"
    );
    assert!(app.text().contains("it is not running"));
    app.keys("G p");
    assert!(app.commands().contains(&Command::Unpause(id(5))));
}

#[test]
fn removal_is_confirmed_and_can_be_taken_back() {
    let mut app = demo_app(100, 30);
    app.commands();
    app.keys("d");
    assert!(app.text().contains("will be killed first"));
    app.keys("enter");
    app.pass(10 * SECOND);
    assert_eq!(app.commands(), [], "the safe answer is the first for a running container");
    app.keys("d y");
    assert!(app.text().contains("1 removal in 4 s: u takes back"));
    app.keys("u");
    assert!(app.text().contains("1 removal taken back"));
    app.pass(10 * SECOND);
    assert_eq!(app.commands(), []);
    app.keys("d y");
    app.pass(10 * SECOND);
    assert_eq!(app.commands(), [Command::Remove { id: id(3), force: true }]);
}

#[test]
fn several_are_marked_and_handled_together() {
    let mut app = demo_app(100, 30);
    app.commands();
    app.keys("g space space space S");
    assert_eq!(app.commands().into_iter().filter(|c| matches!(c, Command::Stop(_))).count(), 2);
    app.keys("A d y q");
    let commands = app.commands();
    assert_eq!(
        commands.iter().filter(|c| matches!(c, Command::Remove { .. })).count(),
        5,
        "leaving carries them out"
    );
}

#[test]
fn a_shell_takes_the_keys_and_can_be_left() {
    let mut app = demo_app(100, 30);
    app.commands();
    app.keys("e");
    let ticket = app.shell_ticket();
    assert!(
        matches!(app.commands()[0], Command::OpenShell { size, .. } if (size.columns, size.rows) == (98, 26))
    );
    app.event(Event::SessionOpened { ticket, id: id(3), session: SessionId(2), title: "bash".into() });
    app.keys("q ctrl-c up");
    let typed: Vec<u8> = app
        .commands()
        .into_iter()
        .flat_map(|c| match c {
            Command::SessionInput { bytes, .. } => bytes,
            _ => vec![],
        })
        .collect();
    assert_eq!(typed, b"q\x03\x1b[A");
    app.resize(80, 24);
    assert!(
        app.commands().iter().any(|c| matches!(c, Command::SessionResize { size, .. } if size.columns == 78))
    );
    app.keys("ctrl-] ctrl-]");
    assert!(app.text().contains("Containers 5"));
    app.commands();
    app.keys("e");
    assert!(
        !app.commands().iter().any(|c| matches!(c, Command::OpenShell { .. })),
        "the same shell comes back"
    );
    app.keys("ctrl-] e");
    let second = app.shell_ticket();
    app.event(Event::SessionOpened {
        ticket: second,
        id: id(3),
        session: SessionId(3),
        title: "bash".into(),
    });
    assert!(app.text().contains("2 demo-wave"));
    app.event(Event::SessionClosed { ticket: second, exit_code: Some(0) });
    app.event(Event::SessionClosed { ticket, exit_code: Some(130) });
    assert!(app.text().contains("exit code 130"));
    assert!(app.text().contains("Containers 5"));
}

#[test]
fn a_locked_shell_gets_every_key() {
    let mut app = demo_app(100, 30);
    app.keys("e ctrl-] L");
    app.commands();
    app.keys("ctrl-]");
    assert!(matches!(&app.commands()[..], [Command::SessionInput { bytes, .. }] if bytes == b"\x1d"));
    app.keys("ctrl-alt-] ctrl-] ctrl-]");
    assert!(app.text().contains("Containers 5"));
}

#[test]
fn shells_left_open_are_offered() {
    let mut app = demo_app(100, 30);
    let session = |n| SessionSnapshot {
        id: SessionId(n),
        args: vec!["sh".into()],
        tty: true,
        pid: 7,
        clients: 0,
        started_at: 0,
        exit_code: None,
    };
    app.event(Event::Sessions(vec![(id(1), session(0)), (id(1), session(4)), (id(2), session(1))]));
    assert!(app.text().contains("2 shells are still open: press o"));
    app.commands();
    app.keys("o");
    let attached: Vec<_> = app
        .commands()
        .into_iter()
        .filter_map(|c| match c {
            Command::AttachSession { id, session, .. } => Some((id, session)),
            _ => None,
        })
        .collect();
    assert_eq!(attached, [(id(1), SessionId(4)), (id(2), SessionId(1))]);
}

#[test]
fn failures_are_told_with_their_hint() {
    let mut app = demo_app(100, 30);
    app.keys("e");
    let ticket = app.shell_ticket();
    let failure = Failure::not_found("no shell in demo-wave").hint("try teu exec");
    app.event(Event::Failed { ticket: Some(ticket), failure });
    let screen = app.text();
    assert!(screen.contains("✗ no shell in demo-wave  try teu exec"), "{screen}");
    assert!(screen.contains("Containers 5"), "the pane that could not open is gone");
    app.pass(60 * SECOND);
    assert!(!app.text().contains("no shell in"));
    app.keys("!");
    assert!(app.text().contains("no shell in demo-wave"));
}

#[test]
fn the_filter_finds_and_escapes() {
    let mut app = demo_app(100, 30);
    app.keys("/");
    app.word("wave");
    assert!(app.text().contains("1 of 5"));
    app.keys("enter");
    assert!(app.text().contains("filter wave"));
    app.keys("esc");
    assert!(app.text().contains("Containers 5"));
    app.keys("/");
    app.word("/(");
    assert!(app.text().contains("unclosed group"), "{}", app.text());
    app.keys("esc");
    assert!(app.find("demo-web").is_some());
}

#[test]
fn the_log_is_searched() {
    let mut app = demo_app(100, 30);
    app.keys("l /");
    app.word("cannot reach");
    app.keys("enter");
    assert!(app.text().contains('▶'));
    app.keys("N N N N N N");
    assert!(app.text().contains("paused"));
    app.keys("f");
    assert!(app.text().contains("following"));
    app.keys("v v v");
    assert!(!app.text().contains("GET /item"));
}

#[test]
fn a_theme_is_tried_and_kept_or_not() {
    let mut app = demo_app(100, 30);
    let before = app.draw().clone();
    app.keys("T j j");
    assert_ne!(app.draw().content()[0].bg, before.content()[0].bg);
    app.keys("esc");
    assert_eq!(*app.draw(), before);
    app.effects.clear();
    app.keys("T j enter");
    assert_eq!(app.effects, [Effect::SaveTheme("daylight".into())]);
}

#[test]
fn read_only_changes_nothing() {
    let settings = Settings { readonly: true, ..Settings::default() };
    let mut app = common::demo_with(App::with(100, 30, settings));
    app.commands();
    app.keys("S d K r p e a D");
    assert_eq!(app.commands(), []);
    assert!(app.text().contains("read-only"));
}

#[test]
fn the_mouse_selects_sorts_and_presses() {
    let mut app = demo_app(120, 36);
    let (x, y) = app.find("demo-counter").unwrap();
    click(&mut app, x, y);
    click(&mut app, x, y);
    assert!(app.text().contains("teu exec -it demo-counter sh"), "a double click opens the menu");
    click(&mut app, 0, 0);
    assert!(!app.text().contains("teu exec"), "a click beside it closes it");
    let (x, y) = app.find("mem ").unwrap();
    click(&mut app, x, y);
    assert!(app.text().contains("mem▾"));
    let (x, y) = app.find("Stats").unwrap();
    click(&mut app, x, y);
    assert!(app.text().contains("Network in"));
    let (x, y) = app.find("Images").unwrap();
    click(&mut app, x, y);
    assert!(app.text().contains("demo/web:latest"));
}

#[test]
fn nothing_happens_when_nothing_changes() {
    let mut app = App::new(100, 30);
    let quiet = vec![container(1, "quiet", "x", Status::Running)];
    app.event(Event::Containers(quiet));
    let still = |second: i64| {
        let sample = teu_api::stats::StatsSample {
            at: second * SECOND,
            cpu_ns: 5,
            memory: 1 << 20,
            ..Default::default()
        };
        Event::Stats(vec![teu_api::stats::ContainerStats { id: id(1), sample }])
    };
    for second in 0..700 {
        app.event(still(second));
    }
    app.model.needs_redraw();
    app.event(still(701));
    assert!(!app.model.needs_redraw(), "an equal sample is no reason for a frame");
    let deadline = app.model.next_deadline().unwrap();
    assert!(deadline > app.now + 10 * SECOND, "nothing ticks by the second");
}

#[test]
fn sorting_by_use_keeps_the_selection() {
    let mut app = demo_app(100, 30);
    app.keys("g j j s s");
    app.event(stats(130));
    let (_, y) = app.find("demo-wave").unwrap();
    assert_eq!(y, 3, "the busiest comes first");
    assert!(app.text().contains("▎● demo-wave") || app.text().contains("▎ ● demo-wave"));
}

#[test]
fn odd_sizes_are_survived() {
    let mut app = demo_app(100, 30);
    for keys in ["1", "?", "esc enter", "esc d", "esc T", "esc :", "esc l z", "z e"] {
        app.keys(keys);
        for (columns, rows) in
            [(1, 1), (2, 2), (19, 3), (20, 4), (30, 5), (60, 16), (89, 10), (90, 10), (300, 90), (100, 30)]
        {
            app.resize(columns, rows);
            app.draw();
        }
    }
}

#[test]
fn stacks_are_handled_as_one() {
    let mut app = demo_app(120, 36);
    let mut containers = demo();
    for container in &mut containers[..3] {
        container.labels.insert("com.docker.compose.project".into(), "shop".into());
        container.labels.insert("com.docker.compose.service".into(), container.name.replace("demo-", ""));
    }
    app.event(Event::Containers(containers));
    app.commands();
    app.keys("5");
    let screen = app.text();
    assert!(screen.contains("3 of 3") && screen.contains("counter"), "{screen}");
    app.keys("S");
    let stops = |c: &Command| match c {
        Command::Stack(request) => request.source.name == "shop" && request.services.is_empty(),
        _ => false,
    };
    assert_eq!(app.commands().iter().filter(|c| stops(c)).count(), 1, "in order, as one");
    app.keys("d");
    assert!(app.text().contains("Remove 3 containers?"));
}

#[test]
fn what_happens_is_listed() {
    let mut app = demo_app(120, 36);
    let entry = |seq: i64, kind: &str, action: &str, name: &str, code: &str| teu_api::event::JournalEntry {
        seq,
        at: common::NOON - seq * SECOND,
        kind: kind.into(),
        action: action.into(),
        id: "ab".repeat(32),
        attributes: [("name", name), ("exitCode", code)].map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
    };
    app.event(Event::Journal(vec![
        entry(2, "image", "pull", "alpine", ""),
        entry(1, "container", "die", "web", "137"),
    ]));
    app.keys("6");
    let screen = app.text();
    assert!(screen.contains("Events 2"), "{screen}");
    assert!(screen.contains("die, exit 137") && screen.contains("pull"), "{screen}");
    app.keys("/ a l p enter");
    assert!(!app.text().contains("exit 137"));
}

#[test]
fn images_and_volumes_are_removed_after_a_question() {
    let mut app = demo_app(120, 36);
    app.commands();
    app.keys("2 G d");
    assert!(app.text().contains("A container uses it"), "{}", app.text());
    app.keys("esc g d y");
    let id = common::images()[2].id.clone();
    assert!(app.text().contains("gone in 4s"), "{}", app.text());
    app.pass(SECOND);
    assert!(app.text().contains("gone in 3s"), "{}", app.text());
    assert_eq!(app.commands(), [], "it can be taken back");
    app.pass(4 * SECOND);
    assert_eq!(app.commands(), [Command::RemoveImage { reference: id, force: false }]);
    let volume =
        teu_api::volume::VolumeSnapshot { name: "data".into(), driver: "local".into(), ..Default::default() };
    app.event(Event::Volumes(vec![volume]));
    app.keys("3 d enter");
    assert!(
        !app.commands().iter().any(|command| matches!(command, Command::RemoveVolume(_))),
        "files are not removed by one careless key"
    );
    app.keys("d y");
    app.pass(5 * SECOND);
    assert!(app.commands().contains(&Command::RemoveVolume("data".into())));
}

#[test]
fn json_lines_are_unfolded() {
    let mut app = demo_app(120, 36);
    app.keys("l J");
    assert!(app.text().contains("\"entries\": 4096"));
    app.keys("J");
    assert!(!app.text().contains("\"entries\": 4096"));
}
