//! Draws frames of the scripted demo as JSON cells, to be turned into pictures and looked at.
//! `cargo run -p teu-ui --example frames -- 100x30 harbor "j enter" > frame.json`
#![allow(clippy::unwrap_used)] // A tool for developers: a panic says enough.

#[path = "../tests/common/mod.rs"]
mod common;

use ratatui::style::Color;
use teu_api::session::SessionSnapshot;
use teu_api::{Event, SessionId};
use teu_ui::{ColorDepth, Settings};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let size = arguments.first().map_or("100x30", String::as_str);
    let theme = arguments.get(1).map_or("harbor", String::as_str);
    let (columns, rows) = size.split_once('x').unwrap();
    let (name, depth) = match theme.split_once(':') {
        Some((name, "256")) => (name, ColorDepth::Ansi256),
        Some((name, "16")) => (name, ColorDepth::Ansi16),
        Some((name, _)) => (name, ColorDepth::None),
        None => (theme, ColorDepth::TrueColor),
    };
    let theme = teu_ui::theme::by_name(name).unwrap_or_default();
    let settings = Settings { theme, color_depth: depth, ..Settings::default() };
    let mut app = common::App::with(columns.parse().unwrap(), rows.parse().unwrap(), settings);
    for (n, step) in arguments.iter().skip(2).enumerate() {
        if n == 0 && step != "empty" {
            app = common::demo_with(app);
        }
        match step.split_once('=') {
            Some(("word", word)) => app.word(word),
            Some(("out", bytes)) => {
                let ticket = app.shell_ticket();
                app.event(Event::SessionOpened {
                    ticket,
                    id: common::id(1),
                    session: SessionId(1),
                    title: "bash".into(),
                });
                let bytes = bytes.replace("\\e", "\x1b").replace("\\n", "\r\n").into_bytes();
                app.event(Event::SessionOutput { ticket, bytes });
            }
            _ if step == "empty" => app.event(Event::Containers(vec![])),
            _ if step == "offer" => {
                let session = SessionSnapshot {
                    id: SessionId(3),
                    args: vec!["sh".into()],
                    tty: true,
                    pid: 9,
                    clients: 0,
                    started_at: 0,
                    exit_code: None,
                };
                app.event(Event::Sessions(vec![(common::id(1), session.clone()), (common::id(2), session)]));
            }
            _ if step == "fail" => app.event(Event::Failed {
                ticket: None,
                failure: teu_api::Failure::conflict(
                    "cannot start demo-flaky: address 0.0.0.0:8080 is in use",
                )
                .hint("free the port, or publish another one with -p"),
            }),
            _ => app.keys(step),
        }
        app.pass(200_000_000);
    }
    let buffer = app.draw();
    let area = *buffer.area();
    println!("{{\"columns\":{},\"rows\":{},\"cells\":[", area.width, area.height);
    let hex = |color: Color| format!("{color:?}");
    let mut first = true;
    for y in 0..area.height {
        for x in 0..area.width {
            let cell = &buffer[(x, y)];
            let symbol = cell.symbol().replace('\\', "\\\\").replace('"', "\\\"");
            let comma = if std::mem::take(&mut first) { "" } else { "," };
            println!(
                "{comma}[{x},{y},\"{symbol}\",\"{}\",\"{}\",\"{:?}\"]",
                hex(cell.fg),
                hex(cell.bg),
                cell.modifier
            );
        }
    }
    println!("]}}");
}
