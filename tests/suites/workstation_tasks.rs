//! Long work in the full-screen interface, driven as a user drives it: pulled, imported, taken back; removals undone; what
//! it did is checked through the command line.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use std::fs;
use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};
use teu_tests::Teu;
use teu_tests::terminal::Terminal;

#[test]
fn a_pull_from_a_registry_that_never_answers_is_taken_back() {
    let teu = Teu::new();
    // It accepts, and says nothing for as long as the test runs.
    let registry = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = registry.local_addr().expect("an address");
    std::thread::spawn(move || {
        let mut held = Vec::new();
        for connection in registry.incoming().flatten() {
            held.push(connection);
        }
    });
    let mut screen = Terminal::start(&teu, &[], 120, 36);
    screen.expect("Pull an image");
    screen.send("p");
    screen.expect("an image's name");
    screen.send(format!("{address}/slow:1\r"));
    screen.expect("1 task");
    screen.send("@");
    screen.expect("x cancels it");
    let asked = Instant::now();
    screen.send("x");
    screen.expect("cancelled pulling");
    assert!(asked.elapsed() < Duration::from_secs(5), "it took {:?}", asked.elapsed());
    screen.expect_gone("1 task");
    screen.send("q");
    screen.expect_gone("esc closes");
    screen.send("q");
    assert_eq!(screen.wait(), 0);
    assert_eq!(teu.run(["images", "-q"]).ok().lines().count(), 0);
    teu.finish();
}

#[test]
fn an_archive_is_imported_from_the_welcome() {
    let teu = Teu::new();
    let folder = std::env::temp_dir().join(format!("teu-import-{}", std::process::id()));
    fs::create_dir_all(folder.join("root/etc")).expect("a folder");
    fs::write(folder.join("root/etc/motd"), "welcome\n").expect("a file");
    let archive = folder.join("root.tar");
    let made =
        Command::new("tar").arg("-C").arg(folder.join("root")).arg("-cf").arg(&archive).arg(".").status();
    assert!(made.expect("tar").success());
    let mut screen = Terminal::start(&teu, &[], 120, 36);
    screen.expect("Import an image");
    screen.send("i");
    screen.expect("a tar archive");
    screen.send(format!("{} own/motd:1\r", archive.display()));
    screen.expect("imported own/motd:1");
    screen.send("q");
    assert_eq!(screen.wait(), 0);
    assert!(teu.run(["images"]).ok().contains("own/motd"));
    let _ = fs::remove_dir_all(folder);
    teu.finish();
}

#[test]
fn read_only_changes_nothing_and_says_why() {
    let teu = Teu::with_busybox();
    teu.run(["create", "--name", "kept", "--network", "none", "busybox", "true"]).ok();
    let mut screen = Terminal::start(&teu, &["--readonly"], 120, 36);
    screen.expect("read-only");
    screen.expect("kept");
    for key in ["d", "u", "r"] {
        screen.send(key);
        screen.expect("teu was opened read-only");
    }
    screen.send("q");
    assert_eq!(screen.wait(), 0);
    let all = teu.run(["ps", "-a"]).ok();
    assert!(all.contains("kept") && all.contains("Created"), "{all}");
    let refused = teu.run(["--readonly", "rm", "kept"]);
    assert_ne!(refused.code, 0, "a command that changes something is no reading");
    teu.finish();
}

#[test]
fn a_removal_counts_down_and_is_undone() {
    let teu = Teu::with_busybox();
    teu.run(["create", "--name", "doomed", "--network", "none", "busybox", "true"]).ok();
    let mut screen = Terminal::start(&teu, &[], 120, 36);
    screen.expect("doomed");
    screen.send("d");
    screen.expect("Remove doomed?");
    screen.send("y");
    screen.expect("gone in 3s");
    screen.send("u");
    screen.expect("1 removal taken back");
    screen.expect_gone("gone in");
    std::thread::sleep(Duration::from_secs(5));
    assert!(teu.run(["ps", "-a"]).ok().contains("doomed"), "it was taken back");
    screen.send("d");
    screen.expect("Remove doomed?");
    screen.send("y");
    screen.expect("removed doomed");
    assert!(!teu.run(["ps", "-a"]).ok().contains("doomed"));
    screen.send("6");
    screen.expect("destroy");
    screen.send("q");
    assert_eq!(screen.wait(), 0);
    teu.finish();
}

/// The place of a word on the screen: column and row from 0.
fn place(screen: &mut Terminal, word: &str) -> (usize, usize) {
    let text = screen.text();
    let mut lines = text.lines().enumerate();
    let found = lines.find_map(|(row, line)| Some((line[..line.find(word)?].chars().count(), row)));
    found.unwrap_or_else(|| panic!("no {word} on the screen:\n{text}"))
}

#[test]
fn the_mouse_sorts_and_sizes_columns_and_the_next_start_begins_there() {
    let teu = Teu::with_busybox();
    teu.run(["create", "--name", "one", "--network", "none", "busybox", "true"]).ok();
    let mut screen = Terminal::start(&teu, &[], 130, 36);
    screen.expect("name▴");
    let (x, y) = place(&mut screen, "cpu");
    screen.send(format!("\x1b[<0;{};{}M\x1b[<0;{};{}m", x + 1, y + 1, x + 1, y + 1));
    screen.expect("cpu▾");
    // The gap before the next heading is held and pulled ten cells to the left: the name's column.
    let (x, y) = place(&mut screen, "state");
    screen.send(format!("\x1b[<0;{x};{0}M\x1b[<32;{1};{0}M\x1b[<0;{1};{0}m", y + 1, x - 9));
    screen.expect_that("the column to be narrower", |text| {
        text.lines()
            .nth(y)
            .is_some_and(|line| line.find("state").is_some_and(|at| line[..at].chars().count() < x - 5))
    });
    let before = place(&mut screen, "state");
    screen.send("q");
    assert_eq!(screen.wait(), 0);
    let mut again = Terminal::start(&teu, &[], 130, 36);
    again.expect("cpu▾");
    assert_eq!(place(&mut again, "state"), before);
    again.send("q");
    assert_eq!(again.wait(), 0);
    teu.finish();
}
