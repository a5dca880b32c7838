//! Images: a tree by repository, folded and unfolded, sorted, filtered, marked and removed.
#![allow(clippy::unwrap_used)]

mod common;

use common::{App, NOON, SECOND, colors, demo_app};
use std::collections::BTreeMap;
use teu_api::image::ImageSnapshot;
use teu_api::{Command, Event};
use teu_ui::keys::{MouseButton, MouseEvent, MouseKind};
use teu_ui::{Msg, Settings};

const MIB: u64 = 1 << 20;

fn image(n: u8, tags: &[&str], size: u64, unique: u64) -> ImageSnapshot {
    ImageSnapshot {
        id: format!("sha256:{}", format!("{n:02x}").repeat(32)),
        manifest_digest: format!("sha256:{}", "ff".repeat(32)),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        created_at: Some(NOON - i64::from(n) * 86_400 * SECOND),
        size: size * MIB,
        unique: unique * MIB,
        containers: u32::from(n == 1),
        labels: BTreeMap::new(),
    }
}

fn with(mut app: App) -> App {
    app.event(Event::Containers(common::demo()));
    app.event(Event::Images(vec![
        image(1, &["alpine:3.20", "alpine:latest"], 8, 2),
        image(2, &["alpine:3.19"], 7, 7),
        image(3, &["registry.example.org:5000/team/shop:1.4"], 120, 100),
        image(4, &[], 40, 40),
        image(5, &[], 60, 60),
        image(6, &["zeta"], 3, 3),
    ]));
    app.keys("2");
    app
}

fn app(columns: u16, rows: u16) -> App {
    with(App::new(columns, rows))
}

/// The first words of the list's rows, in order.
fn names(app: &mut App) -> Vec<String> {
    let screen = app.text();
    let rows = screen.lines().skip(3).take_while(|line| !line.contains('╰'));
    let name = |line: &str| {
        let cells = line.split('│').nth(1).unwrap_or_default();
        let words = cells.trim_start_matches(['▎', ' ', '+', '▾', '▸']);
        words.split_whitespace().next().unwrap_or_default().to_owned()
    };
    rows.map(name).filter(|name| !name.is_empty()).collect()
}

#[test]
fn tags_stand_below_their_repository() {
    let mut app = app(100, 24);
    let all = ["<none>", "040404040404", "050505050505", "alpine", "3.19", "3.20", "latest"];
    let rest = ["registry.exampl…team/shop:1.4", "zeta"];
    let found = names(&mut app);
    assert_eq!(found[..7], all, "{found:?}");
    assert!(found[7].starts_with("regis") && found[8] == rest[1], "{found:?}");
    assert!(app.text().contains("Images 7"), "every tag counts, a repository does not: {}", app.text());
    app.keys("j j j left");
    assert_eq!(names(&mut app)[3..5], ["alpine", &found[7]]);
    app.keys("right");
    assert_eq!(names(&mut app), found);
    app.keys("j j left");
    assert!(app.text().contains("repository  alpine") || app.text().contains("alpine  3 tags"));
    assert_eq!(names(&mut app).len(), 6, "it folds from below, too");
    app.keys("F");
    assert_eq!(names(&mut app).len(), 4);
    app.keys("F");
    assert_eq!(names(&mut app), found);
}

#[test]
fn the_tree_at_four_sizes() {
    for (columns, rows) in [(60, 16), (80, 24), (120, 36), (300, 30)] {
        let mut app = app(columns, rows);
        app.keys("j j j");
        insta::assert_snapshot!(format!("images_{columns}x{rows}"), app.text());
    }
    let mut app = app(100, 24);
    app.keys("left j j j left space");
    insta::assert_snapshot!("images_colours", colors(app.draw()));
}

#[test]
fn repositories_are_sorted_by_what_they_come_to_and_tags_among_themselves() {
    let mut app = app(120, 30);
    app.keys("s");
    assert!(app.text().contains("size▾"), "{}", app.text());
    let found = names(&mut app);
    let order: Vec<&str> = found.iter().map(String::as_str).filter(|n| !n.starts_with("regis")).collect();
    assert_eq!(
        order,
        ["<none>", "050505050505", "040404040404", "alpine", "3.20", "latest", "3.19", "zeta"],
        "{}",
        app.text()
    );
}

#[test]
fn a_filter_looks_into_folded_repositories() {
    let mut app = app(120, 30);
    app.keys("F /");
    app.word("/3.20");
    app.keys("enter");
    assert_eq!(names(&mut app), ["alpine", "3.20"]);
    assert!(app.text().contains("Images 1 of 7"), "{}", app.text());
    app.keys("esc");
    assert_eq!(names(&mut app).len(), 4, "it is folded as before");
    app.keys("/");
    app.word("is:dangling");
    app.keys("enter");
    assert_eq!(names(&mut app), ["<none>", "040404040404", "050505050505"]);
}

#[test]
fn a_repository_stands_for_all_its_tags() {
    let mut app = app(120, 30);
    app.keys("j j j d y");
    app.pass(6 * SECOND);
    let removed: Vec<Command> =
        app.commands().into_iter().filter(|c| matches!(c, Command::RemoveImage { .. })).collect();
    let remove = |name: &str| Command::RemoveImage { reference: name.into(), force: false };
    assert_eq!(removed.len(), 3, "{removed:?}");
    for name in ["alpine:3.20", "alpine:latest", "alpine:3.19"] {
        assert!(removed.contains(&remove(name)), "{removed:?}");
    }
    app.keys("t l");
    assert!(app.text().contains("select one of its tags"), "{}", app.text());
}

/// What the filter hides is not removed by what stands for it.
#[test]
fn a_repository_under_a_filter_stands_for_what_passes() {
    let removals = |keys: &str| {
        let mut app = app(120, 30);
        app.keys("/");
        app.word("alpine:3.");
        app.keys("enter");
        app.keys(keys);
        assert!(app.text().contains("Remove 2 images?"), "{}", app.text());
        app.keys("y");
        app.pass(6 * SECOND);
        let of = |command: Command| match command {
            Command::RemoveImage { reference, .. } => Some(reference),
            _ => None,
        };
        app.commands().into_iter().filter_map(of).collect::<Vec<_>>()
    };
    // The repository itself, everything, and a range over it.
    for keys in ["home d", "A d", "home V j j d"] {
        let mut found = removals(keys);
        found.sort();
        assert_eq!(found, ["alpine:3.19", "alpine:3.20"], "{keys}");
    }
}

#[test]
fn marks_that_are_folded_away_count() {
    let mut app = app(120, 30);
    app.keys("j j j j space space left d");
    assert!(app.text().contains("Remove 2 images?"), "{}", app.text());
}

/// An image that goes by several of its tags is one image, with the containers that it has.
#[test]
fn the_question_counts_an_image_once() {
    let mut app = app(120, 30);
    app.keys("j j j d");
    let screen = app.text();
    assert!(screen.contains("Remove 3 images?") && screen.contains("A container uses it"), "{screen}");
}

#[test]
fn the_mouse_folds() {
    let mut app = app(100, 24);
    let (x, y) = app.find("▾ alpine").unwrap();
    let press = MouseKind::Down(MouseButton::Left);
    let event = MouseEvent { kind: press, column: x, row: y, ctrl: false, alt: false, shift: false };
    app.send(Msg::Mouse(event));
    assert!(app.find("▸ alpine").is_some(), "{}", app.text());
}

#[test]
fn folds_and_marks_are_there_at_the_next_start() {
    let mut app = app(100, 24);
    app.keys("j j j left j space");
    let session = app.model.session();
    let mut again = with(App::with(100, 24, Settings { session, ..Settings::default() }));
    let screen = again.text();
    assert!(screen.contains("▸ alpine") && screen.contains("1 marked"), "{screen}");
    let mut shells = demo_app(100, 24);
    shells.keys("space space");
    let session = shells.model.session();
    let settings = Settings { session, ..Settings::default() };
    let mut again = App::with(100, 24, settings);
    again.event(Event::Containers(common::demo()));
    assert!(again.text().contains("2 marked"), "{}", again.text());
}
