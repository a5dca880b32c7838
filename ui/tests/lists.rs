//! Lists, long work and settings: columns, ranges of marks, keys in a row, tasks, questions.
#![allow(clippy::unwrap_used)]

mod common;

use common::{App, SECOND, demo_app, demo_with};
use teu_api::{Command, Event, Failure};
use teu_ui::keys::{Keymap, MouseButton, MouseEvent, MouseKind};
use teu_ui::{Confirmation, Effect, Model, Msg, Settings};

fn mouse(app: &mut App, kind: MouseKind, column: u16, row: u16, ctrl: bool) {
    app.send(Msg::Mouse(MouseEvent { kind, column, row, ctrl, alt: false, shift: false }));
}

fn drag(app: &mut App, from: (u16, u16), to: (u16, u16)) {
    mouse(app, MouseKind::Down(MouseButton::Left), from.0, from.1, false);
    mouse(app, MouseKind::Drag(MouseButton::Left), to.0, to.1, false);
    mouse(app, MouseKind::Up(MouseButton::Left), to.0, to.1, false);
}

#[test]
fn columns_are_sorted_and_sized_by_keys_and_mouse_and_remembered() {
    let mut app = demo_app(120, 36);
    app.keys("shift-right");
    assert!(app.text().contains("state▴"), "{}", app.text());
    app.keys("shift-left");
    assert!(app.text().contains("name▴"));
    let (before, y) = app.find("state").unwrap();
    app.keys("+ +");
    assert_eq!(app.find("state").unwrap().0, before + 4);
    app.keys("=");
    assert_eq!(app.find("state").unwrap().0, before);
    // The gap after the name's column is held and pulled.
    drag(&mut app, (before - 1, y), (before - 6, y));
    assert_eq!(app.find("state").unwrap().0, before - 4);
    let session = app.model.session();
    let mut again = demo_with(App::with(120, 36, Settings { session, ..Settings::default() }));
    assert_eq!(again.find("state").unwrap().0, before - 4, "the next start has the same columns");
}

#[test]
fn the_border_between_list_and_details_is_dragged() {
    let mut app = demo_app(120, 36);
    let (at, y) = app.find("││").unwrap();
    drag(&mut app, (at, y), (at - 10, y));
    assert_eq!(app.find("││").unwrap().0, at - 10);
}

#[test]
fn ranges_are_marked_by_keys_and_mouse() {
    let mut app = demo_app(120, 36);
    app.keys("g V j j");
    assert!(app.text().contains("3 marked"), "{}", app.text());
    app.keys("k");
    assert!(app.text().contains("2 marked, move to mark more"));
    app.keys("V j");
    assert!(app.text().contains("· 2 marked "), "the range has ended: {}", app.text());
    app.keys("esc ctrl-a");
    assert!(app.text().contains("5 marked"));
    app.keys("esc");
    assert!(!app.text().contains("marked"));
    let (x, y) = app.find("demo-counter").unwrap();
    drag(&mut app, (x, y), (x, y + 2));
    assert!(app.text().contains("3 marked"), "{}", app.text());
    mouse(&mut app, MouseKind::Down(MouseButton::Left), x, y, true);
    assert!(app.text().contains("2 marked"), "{}", app.text());
}

#[test]
fn keys_in_a_row_show_what_can_follow() {
    let mut app = demo_app(120, 36);
    app.keys("t");
    let screen = app.text();
    assert!(screen.contains("t then") && screen.contains("mounts"), "{screen}");
    insta::assert_snapshot!("which_key", screen);
    app.keys("m");
    assert!(!app.text().contains("t then"));
    assert_eq!(app.find("no mounts"), None, "the tab waits for its reading");
    app.keys("left t x");
    assert!(app.text().contains("t x means nothing here"));
    app.keys("t esc q");
    assert!(app.effects.contains(&Effect::Quit));
}

#[test]
fn long_work_is_listed_and_taken_back() {
    let mut app = demo_app(120, 36);
    app.keys("2 p");
    app.word("alpine:3.20");
    app.keys("enter");
    assert!(app.commands().contains(&Command::Pull("alpine:3.20".into())));
    let step = |text: &str| Event::Task { task: 7, title: "pulling alpine".into(), text: text.into() };
    app.event(step(""));
    for n in 0..50 {
        app.event(step(&format!("{n} of 50 parts")));
    }
    assert!(app.text().contains("pulling alpine: 49 of 50 parts"), "{}", app.text());
    app.keys("@");
    let screen = app.text();
    assert!(screen.contains("49 of 50 parts") && screen.contains("x cancels it"), "{screen}");
    insta::assert_snapshot!("tasks", screen);
    app.keys("x");
    assert_eq!(app.commands(), [Command::CancelTask(7)]);
    app.event(Event::TaskEnded { task: 7, failure: Some(Failure::cancelled("cancelled")) });
    assert!(app.text().contains("cancelled"));
    app.keys("x esc !");
    assert_eq!(app.commands(), []);
    let told = app.text().matches("of 50 parts").count();
    assert_eq!(told, 1, "steps do not flood the past messages: {}", app.text());
}

#[test]
fn an_archive_is_imported_from_the_welcome() {
    let mut app = App::new(100, 30);
    app.event(Event::Containers(vec![]));
    app.keys("i");
    app.word("my rootfs.tar debian:12");
    app.keys("enter");
    let wanted = Command::Import { path: "my rootfs.tar".into(), name: "debian:12".into() };
    assert!(app.commands().contains(&wanted));
}

#[test]
fn questions_follow_the_setting() {
    let with = |confirm| demo_with(App::with(120, 36, Settings { confirm, ..Settings::default() }));
    let stops = |app: &mut App| app.commands().iter().filter(|c| matches!(c, Command::Stop(_))).count();
    let mut all = with(Confirmation::All);
    all.keys("S");
    assert_eq!(stops(&mut all), 0);
    assert!(all.text().contains("Stop 1 container?"));
    all.keys("y");
    assert_eq!(stops(&mut all), 1);
    let mut none = with(Confirmation::Nothing);
    none.keys("d");
    assert!(none.text().contains("gone in 4s"), "{}", none.text());
    none.pass(5 * SECOND);
    assert!(none.commands().iter().any(|c| matches!(c, Command::Remove { .. })));
}

#[test]
fn a_port_is_opened_and_its_want_explained() {
    let mut app = demo_app(120, 36);
    app.keys("w");
    assert!(app.text().contains("it publishes no port"));
    app.keys("j w");
    assert!(app.effects.contains(&Effect::OpenUrl("http://localhost:8080".into())));
}

#[test]
fn nothing_is_changed_read_only() {
    let mut app = demo_with(App::with(120, 36, Settings { readonly: true, ..Settings::default() }));
    app.commands();
    app.keys("S r p K d e a P D 2 p O 1");
    let reading = |command: &Command| matches!(command, Command::WatchDetail(_) | Command::FollowLog(_));
    let changing: Vec<Command> = app.commands().into_iter().filter(|command| !reading(command)).collect();
    assert_eq!(changing, []);
    assert!(app.text().contains("read-only"));
}

#[test]
fn the_terminals_background_chooses_the_theme_unless_the_user_has() {
    let mut free = App::with(100, 30, Settings { theme_chosen: false, ..Settings::default() });
    assert!(Model::wants_background(&free.model));
    free.send(Msg::Background { light: true });
    assert_eq!(free.model.theme_name(), "daylight");
    free.send(Msg::Background { light: false });
    assert_eq!(free.model.theme_name(), "harbor");
    let mut bound = App::new(100, 30);
    bound.send(Msg::Background { light: true });
    assert_eq!(bound.model.theme_name(), "harbor");
}

#[test]
fn too_small_a_screen_says_what_it_needs() {
    let mut app = demo_app(100, 30);
    app.resize(20, 6);
    let screen = app.text();
    assert!(screen.contains("20×6 here") && screen.contains("30×8 needed"), "{screen}");
    app.resize(30, 8);
    assert!(app.text().contains("demo-wave"), "{}", app.text());
}

#[test]
fn a_users_keys_work_in_their_layers() {
    let (keymap, problems) = Keymap::with_user_keys("[containers]\nstop = \"x s\"\n");
    assert_eq!(problems, vec![]);
    let mut app = demo_with(App::with(120, 36, Settings { keymap, ..Settings::default() }));
    app.commands();
    app.keys("S");
    assert_eq!(app.commands(), []);
    app.keys("x s");
    assert_eq!(app.commands().len(), 1);
    app.keys("enter");
    assert!(app.text().contains("x s       stop"), "the menu shows the key in force: {}", app.text());
}

#[test]
fn containers_are_found_by_what_is_shown_of_them() {
    let mut app = demo_app(120, 36);
    app.keys("/");
    app.word("exited 3");
    app.keys("enter");
    assert!(app.text().contains("Containers 1 of 5") && app.text().contains("demo-flaky"), "{}", app.text());
    app.keys("esc /");
    app.word("8080");
    app.keys("enter");
    assert!(app.text().contains("Containers 1 of 5") && app.text().contains("demo-web"), "{}", app.text());
    app.keys("esc /");
    app.word("!running");
    app.keys("enter");
    assert!(app.text().contains("Containers 2 of 5"), "{}", app.text());
}

#[test]
fn the_latest_event_stays_in_view() {
    let mut app = demo_app(120, 24);
    let entry = |seq: i64, action: &str| teu_api::event::JournalEntry {
        seq,
        at: common::NOON + seq * SECOND,
        kind: "container".into(),
        action: action.into(),
        id: "ab".repeat(32),
        attributes: [("name".to_owned(), "web".to_owned())].into(),
    };
    app.event(Event::Journal((0..40).map(|n| entry(n, "start")).collect()));
    app.keys("6");
    app.event(Event::Journal(vec![entry(41, "oom")]));
    let (_, y) = app.find("oom").unwrap();
    assert_eq!(y, 3, "the latest is the first and selected: {}", app.text());
    app.keys("j j");
    app.event(Event::Journal(vec![entry(42, "die")]));
    app.keys("k");
    insta::assert_snapshot!("pane_events", app.text());
}

#[test]
fn every_pane_at_every_width() {
    let mut app = demo_app(60, 16);
    for (pane, name) in
        [("2", "images"), ("3", "volumes"), ("4", "networks"), ("5", "stacks"), ("6", "events")]
    {
        app.keys(pane);
        for columns in [30, 60, 100, 160, 300] {
            app.resize(columns, 16);
            assert!(app.text().to_lowercase().contains(name), "{name} at {columns}: {}", app.text());
        }
    }
}

#[test]
fn what_is_wrong_with_the_settings_is_told_at_the_start() {
    let notices = vec!["keys.toml:3: x is no action".to_owned(), "config.toml:1: no setting fly".to_owned()];
    let mut app = demo_with(App::with(120, 36, Settings { notices, ..Settings::default() }));
    app.now += SECOND;
    assert!(app.text().contains("2 problems in your settings: ! tells them"), "{}", app.text());
    app.keys("!");
    assert!(app.text().contains("keys.toml:3: x is no action"));
    assert!(!app.text().contains("00:00:00"), "{}", app.text());
}

#[test]
fn a_volume_that_was_looked_at_has_its_size_in_the_list() {
    let mut app = demo_app(120, 30);
    let volume = |name: &str| teu_api::volume::VolumeSnapshot {
        name: name.into(),
        driver: "local".into(),
        mountpoint: format!("/v/{name}"),
        created_at: common::NOON - SECOND,
        labels: std::collections::BTreeMap::default(),
        size: None,
        containers: vec![],
        anonymous: false,
    };
    app.event(Event::Volumes(vec![volume("small"), volume("large")]));
    app.keys("3");
    app.event(Event::VolumeSize { name: "large".into(), bytes: Some(5 << 20) });
    app.event(Event::VolumeSize { name: "small".into(), bytes: Some(1 << 20) });
    app.keys("s s s");
    for _ in 0..6 {
        if app.text().contains("size▾") {
            break;
        }
        app.keys("s");
    }
    let screen = app.text();
    let place = |name: &str| screen.lines().position(|line| line.contains(name) && line.contains("MiB"));
    assert!(place("large").unwrap() < place("small").unwrap(), "{screen}");
    app.event(Event::Volumes(vec![volume("small"), volume("large"), volume("new")]));
    assert!(app.text().contains("5.0 MiB"), "{}", app.text());
}
