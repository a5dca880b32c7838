//! Looking through an image's layers, and reading files of it.
#![allow(clippy::unwrap_used)]

mod common;

use common::{App, SECOND, colors, demo_with, images};
use teu_api::details::{FileContent, ImageDetails, ImagePath, LayerChange, LayerChangeKind, LayerSummary};
use teu_api::{Command, Event};
use teu_ui::Effect;

fn layers() -> Vec<LayerSummary> {
    use LayerChangeKind::{Added, Modified, Removed};
    let change = |path: &str, kind, mode: u32, size| LayerChange {
        path: path.into(),
        kind,
        folder: mode & 0o170_000 == 0o040_000,
        size,
        mode,
        uid: u32::from(path.starts_with("srv")) * 1000,
        gid: 0,
    };
    let (folder, file, program) = (0o040_755, 0o100_644, 0o100_755);
    let base = vec![
        change("bin", Added, folder, 0),
        change("bin/busybox", Added, program, 1_140_000),
        change("bin/sh", Added, 0o120_777, 0),
        change("bin/su", Added, 0o104_755, 52_000),
        change("etc", Added, folder, 0),
        change("etc/apk", Added, folder, 0),
        change("etc/apk/world", Added, file, 42),
        change("etc/motd", Added, file, 280),
        change("tmp", Added, 0o041_777, 0),
        change("tmp/cache", Added, file, 9_000_000),
    ];
    let middle = vec![
        change("bin", Modified, folder, 0),
        change("bin/busybox", Modified, program, 1_160_000),
        change("tmp", Modified, 0o041_777, 0),
        change("tmp/cache", Removed, file, 9_000_000),
    ];
    let top = vec![
        change("srv", Added, folder, 0),
        change("srv/資料.json", Added, file, 2_048),
        change("srv/server", Added, program, 14_700_000),
    ];
    let layer = |n: u8, by: &str, changes: Vec<LayerChange>, wasted| LayerSummary {
        diff_id: format!("sha256:{}", format!("{n:02x}").repeat(32)),
        created_by: by.into(),
        size: changes.iter().filter(|c| c.kind != Removed).map(|c| c.size).sum(),
        wasted,
        added: changes.iter().filter(|c| c.kind == Added).count() as u64,
        modified: changes.iter().filter(|c| c.kind == Modified).count() as u64,
        removed: changes.iter().filter(|c| c.kind == Removed).count() as u64,
        changes,
        left_out: 0,
    };
    vec![
        layer(0xa1, "ADD rootfs.tar /", base, 0),
        layer(0xb2, "/bin/sh -c apk upgrade && rm /tmp/cache", middle, 10_140_000),
        layer(0xc3, "COPY server 資料.json /srv/", top, 0),
    ]
}

fn image() -> String {
    images()[0].id.clone()
}

fn app(columns: u16, rows: u16) -> App {
    let mut app = demo_with(App::new(columns, rows));
    app.keys("2 ]");
    for _ in 0..images().len() {
        app.pass(SECOND);
        let details = ImageDetails { layers: layers(), history: vec![], shared: 9 << 20, unique: 15 << 20 };
        app.event(Event::ImageDetails { id: image(), details: Ok(details) });
        if app.text().contains("efficient") {
            break;
        }
        app.keys("j");
    }
    app
}

#[test]
fn layers_and_files_at_three_sizes() {
    for (columns, rows) in [(60, 16), (80, 24), (210, 40)] {
        let mut app = app(columns, rows);
        app.keys("tab");
        if columns == 60 {
            app.keys("z");
        }
        insta::assert_snapshot!(format!("layers_{columns}x{rows}"), app.text());
    }
}

#[test]
fn marks_have_colours() {
    let mut app = app(120, 30);
    app.keys("tab z k tab j m");
    insta::assert_snapshot!("layers_colours", colors(app.draw()));
}

#[test]
fn kinds_orders_and_folds() {
    let mut app = app(160, 40);
    app.keys("tab z g tab");
    assert!(app.text().contains("tmp/") && app.text().contains("su"));
    app.keys("f");
    assert!(!app.text().contains("motd"), "everything is folded\n{}", app.text());
    app.keys("f s");
    let text = app.text();
    assert!(text.find("tmp/").unwrap() < text.find("bin/").unwrap(), "the largest first:\n{text}");
    app.keys("s a shift-tab j tab");
    assert!(app.text().contains("layers 1–2 together"), "{}", app.text());
    app.keys("a");
    assert!(app.text().contains("-   8.6 MiB"), "what is gone is shown\n{}", app.text());
    app.keys("-");
    assert!(!app.text().contains("-   8.6 MiB"), "and hidden");
    app.keys("- =");
    assert!(app.text().contains("motd"), "what stayed is shown when asked for");
    app.keys("/");
    app.word("mot");
    app.keys("enter");
    let text = app.text();
    assert!(text.contains("motd") && !text.contains("apk/"), "{text}");
    app.keys("esc esc");
    assert!(app.text().contains("apk/"), "one step leaves the large view, the next clears the filter");
}

fn open_motd(app: &mut App) -> ImagePath {
    app.keys("tab g tab /");
    app.word("motd");
    app.keys("enter j enter");
    let from = ImagePath { image: image(), layer: 0, path: "etc/motd".into() };
    assert_eq!(app.commands().last(), Some(&Command::ReadImageFile(from.clone())), "{}", app.text());
    from
}

fn content(bytes: &[u8]) -> FileContent {
    FileContent { bytes: bytes.to_vec(), size: bytes.len() as u64, mode: 0o100_644 }
}

#[test]
fn a_file_is_read_searched_and_left() {
    let mut app = app(80, 24);
    let from = open_motd(&mut app);
    assert!(app.text().contains("reading…"));
    let other = ImagePath { path: "bin/sh".into(), ..from.clone() };
    app.event(Event::ImageFile { from: other, content: Ok(content(b"not mine")) });
    assert!(!app.text().contains("not mine"), "an answer that comes late is for nobody");
    let mut text = String::new();
    for n in 1..=60 {
        text += &format!("line {n}\twith a tab and \x1b[31mred\x1b[0m \x07 {}\n", "x".repeat(n * 2));
    }
    app.event(Event::ImageFile { from: from.clone(), content: Ok(content(text.as_bytes())) });
    insta::assert_snapshot!("file_text", colors(app.draw()));
    app.keys("/");
    app.word("line 4\\d");
    app.keys("enter n");
    let shown = app.text();
    assert!(shown.contains("line 41") && shown.contains("10 matches"), "{shown}");
    app.keys("esc");
    assert!(!app.text().contains("matches"));
    app.keys("G");
    assert!(app.text().contains("line 60"));
    app.keys("w g pgdn b");
    insta::assert_snapshot!("file_figures", app.text());
    app.keys("q");
    assert!(app.text().contains("efficient"), "only the file is closed");
}

#[test]
fn hostile_files_change_nothing_but_their_cells() {
    let mut app = app(60, 16);
    let from = open_motd(&mut app);
    let evil = "\x1b]0;title\x07\x1b]52;c;AAAA\x07\x1b[2J\u{202e}rtl\u{200b}\r\n\u{9b}31m".as_bytes();
    app.event(Event::ImageFile { from, content: Ok(content(evil)) });
    let text = app.text();
    assert!(text.chars().all(|c| c == '\n' || teu_ui::text::is_safe(c)), "{text:?}");
    assert!(text.contains("␛]0;title"), "{text}");
    for keys in ["G", "w", "b", "l l l", "h", "n N", "pgdn pgup"] {
        app.keys(keys);
        app.draw();
    }
}

#[test]
fn a_file_is_extracted_and_never_replaced_unasked() {
    let mut app = app(80, 24);
    let from = open_motd(&mut app);
    app.keys("x");
    assert!(app.text().contains("./motd"), "{}", app.text());
    app.keys("ctrl-u");
    app.word("/tmp/out");
    insta::assert_snapshot!("extract_prompt", app.text());
    app.keys("enter");
    let wanted = Command::ExtractImagePath { from: from.clone(), to: "/tmp/out".into(), overwrite: false };
    assert_eq!(app.commands(), [wanted]);
    let replacing = Command::ExtractImagePath { from, to: "/tmp/out".into(), overwrite: true };
    app.event(Event::Occupied { what: "/tmp/out is there".into(), replacing: Box::new(replacing.clone()) });
    app.keys("enter");
    assert_eq!(app.commands(), [], "enter alone keeps what is there");
    app.event(Event::Occupied { what: "/tmp/out is there".into(), replacing: Box::new(replacing.clone()) });
    app.keys("y");
    assert_eq!(app.commands(), [replacing]);
}

#[test]
fn a_folder_is_extracted_from_the_tree() {
    let mut app = app(80, 24);
    app.commands();
    app.keys("tab x");
    assert!(app.text().contains("select a file"), "{}", app.text());
    app.keys("tab x enter");
    let from = ImagePath { image: image(), layer: 2, path: "srv".into() };
    assert_eq!(app.commands(), [Command::ExtractImagePath { from, to: "./srv".into(), overwrite: false }]);
}

#[test]
fn the_path_can_be_copied_and_the_mouse_works() {
    let mut app = app(120, 30);
    app.keys("tab tab j y");
    let copied =
        app.effects.iter().any(|e| matches!(e, Effect::CopyToClipboard(text) if text == "/srv/server"));
    assert!(copied, "{:?}", app.effects.last());
    let (x, y) = app.find("ADD rootfs").unwrap();
    click(&mut app, x, y);
    assert!(app.text().contains("busybox"), "a click on a layer shows its files\n{}", app.text());
}

fn click(app: &mut App, column: u16, row: u16) {
    use teu_ui::Msg;
    use teu_ui::keys::{MouseButton, MouseEvent, MouseKind};
    let kind = MouseKind::Down(MouseButton::Left);
    app.send(Msg::Mouse(MouseEvent { kind, column, row, ctrl: false, alt: false, shift: false }));
}
