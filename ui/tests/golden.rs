//! Whole frames, narrow, medium and wide, with their colours.
#![allow(clippy::unwrap_used)]

mod common;

use common::{App, colors, demo_app, demo_with, text};
use teu_api::{Event, SessionId};
use teu_ui::{ColorDepth, Settings, theme};

fn shell(app: &mut App) {
    app.keys("e");
    let ticket = app.shell_ticket();
    app.event(Event::SessionOpened {
        ticket,
        id: common::id(3),
        session: SessionId(1),
        title: "bash".into(),
    });
    let bytes =
        "\x1b[1;32mroot@wave\x1b[0m:/# ls --color\r\n\x1b[34mbin\x1b[0m 漢字.txt\r\n# ".as_bytes().to_vec();
    app.event(Event::SessionOutput { ticket, bytes });
}

#[test]
fn the_demo_at_three_sizes() {
    for (columns, rows) in [(60, 16), (100, 30), (200, 50)] {
        let mut app = demo_app(columns, rows);
        insta::assert_snapshot!(format!("demo_{columns}x{rows}"), app.text());
    }
}

#[test]
fn the_demo_in_colour() {
    let mut app = demo_app(100, 30);
    insta::assert_snapshot!("demo_colours", colors(app.draw()));
}

#[test]
fn a_shell_in_colour() {
    let mut app = demo_app(80, 24);
    shell(&mut app);
    insta::assert_snapshot!("shell_colours", colors(app.draw()));
    app.keys("ctrl-]");
    insta::assert_snapshot!("shell_menu", app.text());
}

#[test]
fn dialogs() {
    let mut app = demo_app(100, 30);
    for (name, keys) in [
        ("help", "?"),
        ("menu", "enter"),
        ("remove", "d"),
        ("palette", ": s t"),
        ("themes", "T"),
        ("messages", "!"),
    ] {
        app.keys(keys);
        insta::assert_snapshot!(format!("dialog_{name}"), app.text());
        app.keys("esc");
    }
}

#[test]
fn tabs_and_panes() {
    let mut app = demo_app(120, 36);
    app.keys("]");
    insta::assert_snapshot!("tab_stats", app.text());
    app.keys("]");
    insta::assert_snapshot!("tab_info", app.text());
    app.keys("2");
    insta::assert_snapshot!("pane_images", app.text());
}

#[test]
fn an_empty_store_welcomes() {
    for (columns, rows) in [(60, 16), (100, 30)] {
        let mut app = App::new(columns, rows);
        app.event(Event::Containers(vec![]));
        insta::assert_snapshot!(format!("welcome_{columns}x{rows}"), app.text());
    }
}

#[test]
fn every_theme_colours_the_same_text() {
    let mut plain: Option<String> = None;
    let mut seen = std::collections::BTreeSet::new();
    for theme in theme::builtin() {
        let settings = Settings { theme, ..Settings::default() };
        let mut app = demo_with(App::with(100, 30, settings));
        let frame = app.draw();
        seen.insert(colors(frame));
        let words = text(frame);
        assert_eq!(*plain.get_or_insert(words.clone()), words);
    }
    assert_eq!(seen.len(), theme::builtin().len(), "two themes look the same");
}

#[test]
fn colours_fit_the_terminal() {
    for (depth, name) in
        [(ColorDepth::Ansi256, "256"), (ColorDepth::Ansi16, "16"), (ColorDepth::None, "none")]
    {
        let settings = Settings { color_depth: depth, ..Settings::default() };
        let mut app = demo_with(App::with(60, 16, settings));
        insta::assert_snapshot!(format!("depth_{name}"), colors(app.draw()));
    }
}
