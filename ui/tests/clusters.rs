//! Emoji and other clusters of characters: in every terminal, whatever it makes of them, what follows stays in its column.
#![allow(clippy::unwrap_used)]

mod common;

use common::{App, demo_app, log};
use teu_api::event::LogStream;
use teu_api::{Event, SessionId};

const CLUSTERS: [&str; 8] = ["👩‍👩‍👧‍👦", "❤️", "👍🏽", "1️⃣", "🏳️‍🌈", "e\u{301}", "🇩🇪", "漢字"];

/// No cell holds more than it is wide: else the rest of its row would be shifted.
fn check(app: &mut App) {
    let buffer = app.draw().clone();
    for y in 0..buffer.area().height {
        let mut x = 0;
        while x < buffer.area().width {
            let wide = teu_ui::text::width(buffer[(x, y)].symbol()).max(1);
            for covered in 1..wide {
                let next = &buffer[(x + covered as u16, y)];
                assert_eq!(next.symbol(), " ", "{:?} covers what follows it", buffer[(x, y)].symbol());
            }
            x += wide as u16;
        }
    }
}

#[test]
fn in_a_log() {
    let mut app = demo_app(100, 30);
    let ticket = app.effects.iter().rev().find_map(|effect| match effect {
        teu_ui::Effect::Engine(teu_api::Command::FollowLog(Some(request))) => Some(request.ticket),
        _ => None,
    });
    let lines = CLUSTERS.iter().map(|c| log(90, LogStream::Stdout, &format!("{c}{c}|after"))).collect();
    app.event(Event::Log { ticket: ticket.unwrap(), lines, dropped: 0 });
    assert!(app.text().contains("|after"), "{}", app.text());
    check(&mut app);
}

#[test]
fn in_a_terminal() {
    let mut app = demo_app(80, 24);
    app.keys("e");
    let ticket = app.shell_ticket();
    app.event(Event::SessionOpened { ticket, id: common::id(3), session: SessionId(1), title: "sh".into() });
    for cluster in CLUSTERS {
        app.event(Event::SessionOutput {
            ticket,
            bytes: format!("{cluster}{cluster}|after\r\n").into_bytes(),
        });
    }
    assert_eq!(app.text().matches("|after").count(), CLUSTERS.len(), "{}", app.text());
    check(&mut app);
    // Programs ask how light it is before they choose their colours.
    app.commands();
    app.event(Event::SessionOutput { ticket, bytes: b"\x1b]11;?\x1b\\".to_vec() });
    let answered = app.commands().into_iter().find_map(|command| match command {
        teu_api::Command::SessionInput { bytes, .. } => Some(String::from_utf8(bytes).unwrap()),
        _ => None,
    });
    assert!(answered.unwrap().starts_with("\x1b]11;rgb:"));
}
