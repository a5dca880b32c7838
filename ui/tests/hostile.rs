//! Whatever containers write: no panic, and no control character in any cell.
#![allow(clippy::unwrap_used)]

mod common;

use common::{NOON, demo_app, id};
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use teu_api::event::{LogLine, LogStream};
use teu_api::{Event, SessionId};

fn assert_safe(buffer: &Buffer) {
    for cell in buffer.content() {
        assert!(cell.symbol().chars().all(teu_ui::text::is_safe), "{:?}", cell.symbol());
    }
}

/// Bytes that look like terminal output gone wrong.
fn garbage() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..40),
        "\\PC{0,12}".prop_map(String::into_bytes),
        "\x1b\\[[0-9;:?]{0,8}[@-~]".prop_map(String::into_bytes),
        "\x1b\\][0-9]{1,3};[ -~]{0,20}(\x07|\x1b\\\\)?".prop_map(String::into_bytes),
        "\x1b[ -~]".prop_map(String::into_bytes),
        Just(b"\r\n".to_vec()),
        Just("\u{202e}\u{200d}漢\u{0301}👩\u{200d}🚀".as_bytes().to_vec()),
        Just(b"\x9b31m\xc2\x9b\x90\x9c\x00\x7f".to_vec()),
    ];
    proptest::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn the_terminal_pane_is_safe(chunks in proptest::collection::vec(garbage(), 1..6), columns in 20u16..130, rows in 4u16..40) {
        let mut app = demo_app(80, 24);
        app.keys("e");
        let ticket = app.shell_ticket();
        app.event(Event::SessionOpened { ticket, id: id(3), session: SessionId(1), title: "\x1b]0;x\x07sh".into() });
        for bytes in chunks {
            app.event(Event::SessionOutput { ticket, bytes });
            assert_safe(app.draw());
        }
        app.resize(columns, rows);
        assert_safe(app.draw());
        app.keys("ctrl-] s");
        assert_safe(app.draw());
    }

    #[test]
    fn the_log_pane_is_safe(lines in proptest::collection::vec(garbage(), 1..30), wrap in any::<bool>()) {
        let mut app = demo_app(100, 30);
        let ticket = app.log_ticket();
        let line = |text| LogLine { at: NOON, stream: LogStream::Stderr, text };
        app.event(Event::Log { ticket, lines: lines.into_iter().map(line).collect(), dropped: 3 });
        app.keys(if wrap { "l" } else { "l w right" });
        for keys in ["k", "pgup", "g", "J", "/ a enter", "G"] {
            app.keys(keys);
            assert_safe(app.draw());
        }
    }

    #[test]
    fn names_are_safe(name in "\\PC{0,40}|[\\x00-\\x1f\u{80}-\u{9f}\u{202e}]{0,10}") {
        let mut app = demo_app(100, 30);
        let mut containers = common::demo();
        containers[0].name.clone_from(&name);
        containers[0].image.clone_from(&name);
        containers[0].labels.insert(name.clone(), name.clone());
        app.event(Event::Containers(containers));
        app.event(Event::Done { text: name });
        for keys in ["1", "enter", "esc d", "esc ]", "] G", "2"] {
            app.keys(keys);
            assert_safe(app.draw());
        }
    }
}

#[test]
fn a_line_of_any_length_is_drawn() {
    let mut app = demo_app(100, 30);
    let ticket = app.log_ticket();
    let mut long = "x".repeat(90_000);
    long.push_str("the end");
    let wide = "漢\x1b[31m字\x1b[0m".repeat(20_000);
    let line = |text: &str| LogLine { at: NOON, stream: LogStream::Stdout, text: text.as_bytes().to_vec() };
    app.event(Event::Log { ticket, lines: vec![line(&wide), line(&long)], dropped: 0 });
    assert!(app.text().contains("the end"));
    app.keys("l pgup pgup k");
    assert_safe(app.draw());
    app.keys("w G");
    assert!(app.text().contains('›'));
}
