//! Stacks in a real terminal: the board, Ctrl-C, and leaving.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use std::path::PathBuf;
use teu_tests::Teu;
use teu_tests::isolation::isolate_network;
use teu_tests::registry::Registry;
use teu_tests::terminal::Terminal;

/// A state folder with busybox, and a Compose file.
struct Stack {
    teu: Teu,
    folder: tempfile::TempDir,
}

impl Stack {
    fn new(text: &str) -> Self {
        isolate_network();
        let stack = Self { teu: Teu::with_busybox(), folder: tempfile::tempdir().expect("a folder") };
        std::fs::write(stack.file(), text).expect("a file");
        stack
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("compose.yaml")
    }

    fn start(&self, words: &[&str], columns: u16, rows: u16) -> Terminal {
        let file = self.file().display().to_string();
        Terminal::start(&self.teu, &words_of(&file, words), columns, rows)
    }

    fn run(&self, words: &[&str]) -> teu_tests::Output {
        let file = self.file().display().to_string();
        self.teu.run(words_of(&file, words))
    }

    /// The names of the containers that run, sorted.
    fn running(&self) -> Vec<String> {
        let text = self.run(&["ps", "--format", "{{.Name}}"]).ok();
        text.lines().map(str::to_owned).collect()
    }

    fn finish(self) {
        self.run(&["down", "-v", "-t", "0"]).ok();
        assert_eq!(self.teu.run(["ps", "-aq"]).ok(), "");
        self.teu.finish();
    }
}

fn words_of<'a>(file: &'a str, words: &[&'a str]) -> Vec<&'a str> {
    [&["compose", "-p", "s", "-f", file], words].concat()
}

const QUIET: &str = "services:\n  a: {image: busybox, command: sleep 1000, init: true}\n  b: {image: busybox, command: sleep 1000, init: true, depends_on: [a]}\n";

/// One that is never healthy, and one that heeds no SIGTERM.
const STUCK: &str = "
services:
  a: {image: busybox, command: sleep 1000, init: true, healthcheck: {test: [CMD, 'false'], interval: 1s, start_period: 1h}}
  b: {image: busybox, command: sleep 1000, init: true, depends_on: {a: {condition: service_healthy}}}
  deaf: {image: busybox, command: [sh, -c, \"trap '' TERM; echo ready; while true; do sleep 0.2; done\"]}
";

#[test]
fn a_board_is_drawn_in_its_place_and_stays_when_all_is_done() {
    let stack = Stack::new(QUIET);
    let mut screen = stack.start(&["up", "-d"], 70, 20);
    assert_eq!(screen.wait(), 0);
    let text = screen.text();
    let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert_eq!(lines[0], "[+] up 3/3");
    for (part, word) in
        [("Network s_default", "Created"), ("Container s-a-1", "Started"), ("s-b-1", "Started")]
    {
        let line = lines.iter().find(|line| line.contains(part)).unwrap_or_else(|| panic!("{text}"));
        assert!(line.starts_with(" ✔ ") && line.contains(word) && line.ends_with('s'), "{line}");
    }
    // Without a terminal's arts on request.
    for words in [&["--progress", "plain", "stop", "-t", "0"][..], &["--ansi", "never", "start"]] {
        let mut screen = stack.start(words, 70, 20);
        assert_eq!(screen.wait(), 0);
        assert!(!screen.raw().contains(&0x1b), "{}", screen.text());
        assert!(screen.text().contains(" Container s-a-1  St"), "{}", screen.text());
    }
    // More parts than lines.
    let mut screen = stack.start(&["down", "-t", "0"], 40, 4);
    assert_eq!(screen.wait(), 0);
    let text = screen.text();
    assert!(text.contains("[+] down 3/3") && text.contains("and 2 more"), "{text}");
    stack.finish();
}

#[test]
fn interrupted_while_it_starts_nothing_is_left_running() {
    let stack = Stack::new(STUCK);
    let mut screen = stack.start(&["up", "-t", "1"], 90, 24);
    screen.expect_that("the wait", |text| text.contains("s-a-1") && text.contains("Waiting"));
    screen.expect_that("the deaf one", |text| {
        text.lines().any(|line| line.contains("s-deaf-1") && line.contains("Started"))
    });
    screen.send("\x03");
    screen.expect("Gracefully stopping");
    assert_eq!(screen.wait(), 130);
    assert_eq!(stack.running(), Vec::<String>::new(), "{}", screen.text());
    // In the background what was begun is left, and the same command would go on.
    let mut screen = stack.start(&["up", "-d"], 90, 24);
    screen.expect("Waiting");
    screen.send("\x03");
    screen.expect("interrupted");
    assert_eq!(screen.wait(), 130);
    assert!(stack.running().contains(&"s-a-1".to_owned()));
    stack.finish();
}

#[test]
fn the_first_interrupt_stops_and_the_second_kills() {
    let stack = Stack::new(STUCK);
    let mut screen = stack.start(&["up", "--no-deps", "deaf"], 90, 24);
    screen.expect("| ready");
    screen.send("\x03");
    screen.expect("s-deaf-1  Stopping");
    assert_eq!(stack.running(), ["s-deaf-1"]);
    let begun = std::time::Instant::now();
    screen.send("\x03");
    screen.expect("exited with code 137");
    assert_eq!(screen.wait(), 130);
    assert!(begun.elapsed().as_secs() < 8, "it waited for the stop to time out");
    assert_eq!(stack.running(), Vec::<String>::new());
    stack.finish();
}

#[test]
fn a_key_leaves_the_containers_running() {
    let stack = Stack::new(QUIET);
    let mut screen = stack.start(&["up"], 90, 24);
    screen.expect("d leaves the containers running");
    screen.send("xd");
    screen.expect("The containers go on");
    assert_eq!(screen.wait(), 0);
    assert_eq!(stack.running(), ["s-a-1", "s-b-1"]);
    let mut screen = stack.start(&["up", "--menu=false", "-t", "0"], 90, 24);
    screen.expect("Running");
    screen.send("d");
    screen.send("\x03");
    screen.expect("Gracefully stopping");
    assert_eq!(screen.wait(), 130);
    stack.finish();
}

#[test]
fn images_go_to_a_registry_and_come_back_on_a_board() {
    let stack = Stack::new("services: {}\n");
    let test = "images_go_to_a_registry_and_come_back_on_a_board";
    let Some(registry) = Registry::start(test, false) else { return stack.finish() };
    let (here, gone) = (registry.name("box:1"), registry.name("gone:1"));
    let write = |image: &str| {
        let text = format!("services:\n  a: {{image: '{image}', command: sleep 1000, init: true}}\n");
        std::fs::write(stack.file(), text).expect("a file");
    };
    write(&here);
    stack.teu.run(["tag", "busybox", &here]).ok();
    let mut screen = stack.start(&["push"], 90, 24);
    assert_eq!(screen.wait(), 0, "{}", screen.text());
    assert!(screen.text().contains("[+] push 1/1") && screen.text().contains("Pushed"), "{}", screen.text());
    let pinned = stack.run(&["config", "--lock-image-digests"]).ok();
    assert!(pinned.contains(&format!("image: {here}@sha256:")), "{pinned}");
    stack.teu.run(["rmi", &here]).ok();
    let mut screen = stack.start(&["pull"], 90, 24);
    assert_eq!(screen.wait(), 0, "{}", screen.text());
    assert!(screen.text().contains("[+] pull 1/1") && screen.text().contains("Pulled"), "{}", screen.text());
    stack.teu.run(["rmi", &here]).ok();
    let told = stack.run(&["up", "-d"]);
    assert!(told.code == 0 && told.stderr.contains(&format!(" Image {here}  Pulled")), "{told:?}");
    write(&gone);
    let mut screen = stack.start(&["pull"], 90, 24);
    assert_eq!(screen.wait(), 1);
    assert!(screen.text().contains('✘') && screen.text().contains("gone"), "{}", screen.text());
    assert_eq!(stack.run(&["pull", "--ignore-pull-failures"]).code, 0);
    stack.run(&["down", "-t", "0"]).ok();
    stack.teu.run(["rmi", &here]).ok();
    stack.finish();
}
