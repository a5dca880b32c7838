//! Stacks in a real terminal: the board, Ctrl-C, and leaving.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use teu_tests::registry::Registry;
use teu_tests::stack::Stack;
use teu_tests::terminal::Terminal;

/// A command about a stack, in a terminal.
fn start(stack: &Stack, words: &[&str], columns: u16, rows: u16) -> Terminal {
    let file = stack.path().join("compose.yaml").display().to_string();
    let words = [&["compose", "-p", "s", "-f", &file], words].concat();
    Terminal::start(&stack.teu, &words, columns, rows)
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
    let mut screen = start(&stack, &["up", "-d"], 70, 20);
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
        let mut screen = start(&stack, words, 70, 20);
        assert_eq!(screen.wait(), 0);
        assert!(!screen.raw().contains(&0x1b), "{}", screen.text());
        assert!(screen.text().contains(" Container s-a-1  St"), "{}", screen.text());
    }
    // More parts than lines.
    let mut screen = start(&stack, &["down", "-t", "0"], 40, 4);
    assert_eq!(screen.wait(), 0);
    let text = screen.text();
    assert!(text.contains("[+] down 3/3") && text.contains("and 2 more"), "{text}");
    stack.finish();
}

#[test]
fn interrupted_while_it_starts_nothing_is_left_running() {
    let stack = Stack::new(STUCK);
    let mut screen = start(&stack, &["up", "-t", "1"], 90, 24);
    screen.expect_that("the wait", |text| text.contains("s-a-1") && text.contains("Waiting"));
    screen.expect_that("the deaf one", |text| {
        text.lines().any(|line| line.contains("s-deaf-1") && line.contains("Started"))
    });
    screen.send("\x03");
    screen.expect("Gracefully stopping");
    assert_eq!(screen.wait(), 130);
    assert_eq!(stack.names(&[]), Vec::<String>::new(), "{}", screen.text());
    // In the background what was begun is left, and the same command would go on.
    let mut screen = start(&stack, &["up", "-d"], 90, 24);
    screen.expect("Waiting");
    screen.send("\x03");
    screen.expect("interrupted");
    assert_eq!(screen.wait(), 130);
    assert!(stack.names(&[]).contains(&"s-a-1".to_owned()));
    stack.finish();
}

#[test]
fn whoever_waits_for_another_command_says_so_and_can_be_interrupted() {
    let stack = Stack::new(STUCK);
    let mut first = start(&stack, &["up", "-d"], 90, 24);
    first.expect("Waiting");
    let mut second = start(&stack, &["up", "-d"], 90, 24);
    second.expect("another command is changing project s");
    second.send("\x03");
    assert_eq!(second.wait(), 130);
    assert!(stack.names(&[]).contains(&"s-a-1".to_owned()), "the first one's are untouched");
    first.send("\x03");
    assert_eq!(first.wait(), 130);
    stack.finish();
}

#[test]
fn the_first_interrupt_stops_and_the_second_kills() {
    let stack = Stack::new(STUCK);
    let mut screen = start(&stack, &["up", "--no-deps", "deaf"], 90, 24);
    screen.expect("| ready");
    screen.send("\x03");
    screen.expect("s-deaf-1  Stopping");
    assert_eq!(stack.names(&[]), ["s-deaf-1"]);
    let begun = std::time::Instant::now();
    screen.send("\x03");
    screen.expect("exited with code 137");
    assert_eq!(screen.wait(), 130);
    assert!(begun.elapsed().as_secs() < 8, "it waited for the stop to time out");
    assert_eq!(stack.names(&[]), Vec::<String>::new());
    stack.finish();
}

#[test]
fn a_key_leaves_the_containers_running() {
    let stack = Stack::new(QUIET);
    let mut screen = start(&stack, &["up"], 90, 24);
    screen.expect("d leaves the containers running");
    // An arrow key ends in that letter, and what is pasted may have it.
    screen.send("\x1b[D");
    screen.send("a pasted word");
    screen.send("x");
    assert!(!screen.next_text(std::time::Duration::from_millis(300)).contains("The containers go on"));
    screen.send("d");
    screen.expect("The containers go on");
    assert_eq!(screen.wait(), 0);
    assert_eq!(stack.names(&[]), ["s-a-1", "s-b-1"]);
    let mut screen = start(&stack, &["up", "--menu=false", "-t", "0"], 90, 24);
    screen.expect("Running");
    screen.send("d");
    screen.send("\x03");
    screen.expect("Gracefully stopping");
    assert_eq!(screen.wait(), 130);
    stack.finish();
}

#[test]
fn in_the_background_it_goes_on_without_keys_and_a_quit_leaves_the_terminal_in_order() {
    let stack = Stack::new(QUIET);
    let up = format!("$TEU compose -p s -f {}/compose.yaml up -t 0", stack.path().display());
    let script = format!("set -m; {up} & wait $!; echo ended with $?");
    let mut screen = Terminal::start_script(&stack.teu, &script, 90, 24);
    screen.expect("Attaching to");
    stack.teu.wait_until("both", || stack.names(&[]) == ["s-a-1", "s-b-1"]);
    assert!(!screen.text().contains("d leaves"), "{}", screen.text());
    stack.run(&["stop", "-t", "0"]).ok();
    screen.expect("ended with 0");
    assert_eq!(screen.wait(), 0, "{}", screen.text());

    // Brought to the foreground it has the keys.
    let script = format!("set -m; {up} & sleep 1; fg; echo ended with $?; stty -a");
    let mut screen = Terminal::start_script(&stack.teu, &script, 90, 24);
    stack.teu.wait_until("both", || stack.names(&[]) == ["s-a-1", "s-b-1"]);
    screen.expect("up -t 0");
    screen.expect("Attaching to");
    stack.teu.wait_until("the leave", || {
        screen.send("d");
        screen.next_text(std::time::Duration::from_millis(100)).contains("ended with 0")
    });
    screen.expect(" echo ");
    assert_eq!(screen.wait(), 0, "{}", screen.text());

    let script = format!("trap : QUIT; ulimit -c 0; {up}; echo ended with $?; stty -a");
    let mut screen = Terminal::start_script(&stack.teu, &script, 90, 24);
    screen.expect("d leaves");
    screen.send("\x1c");
    screen.expect("ended with 131");
    screen.expect(" echo ");
    assert!(screen.text().contains(" icanon "), "{}", screen.text());
    assert_eq!(screen.wait(), 0, "{}", screen.text());
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
        stack.write(&text);
    };
    write(&here);
    stack.teu.run(["tag", "busybox", &here]).ok();
    let mut screen = start(&stack, &["push"], 90, 24);
    assert_eq!(screen.wait(), 0, "{}", screen.text());
    assert!(screen.text().contains("[+] push 1/1") && screen.text().contains("Pushed"), "{}", screen.text());
    let pinned = stack.run(&["config", "--lock-image-digests"]).ok();
    assert!(pinned.contains(&format!("image: {here}@sha256:")), "{pinned}");
    stack.write(&format!(
        "services:\n  a: {{image: '{here}', command: c, pre_start: [{{image: '{here}', command: h}}], volumes: [{{type: image, source: '{here}', target: /i}}]}}\n"
    ));
    let whole = stack.run(&["config", "--resolve-image-digests"]).ok();
    assert_eq!(whole.matches(&format!("{here}@sha256:")).count(), 3, "{whole}");
    let whole = stack.run(&["config", "--resolve-image-digests", "--no-interpolate"]).ok();
    assert_eq!(whole.matches(&format!("{here}@sha256:")).count(), 3, "{whole}");
    write(&here);
    for flag in ["--lock-image-digests", "--resolve-image-digests"] {
        let pinned = stack.run(&["config", "--no-interpolate", flag]).ok();
        assert!(pinned.contains(&format!("image: {here}@sha256:")), "{pinned}");
        assert_eq!(pinned.contains("command"), flag == "--resolve-image-digests", "{pinned}");
    }
    stack.teu.run(["rmi", &here]).ok();
    let mut screen = start(&stack, &["pull"], 90, 24);
    assert_eq!(screen.wait(), 0, "{}", screen.text());
    assert!(screen.text().contains("[+] pull 1/1") && screen.text().contains("Pulled"), "{}", screen.text());
    stack.teu.run(["rmi", &here]).ok();
    let told = stack.run(&["up", "-d"]);
    assert!(told.code == 0 && told.stderr.contains(&format!(" Image {here}  Pulled")), "{told:?}");
    write(&gone);
    let mut screen = start(&stack, &["pull"], 90, 24);
    assert_eq!(screen.wait(), 1);
    assert!(screen.text().contains('✘') && screen.text().contains("gone"), "{}", screen.text());
    assert_eq!(stack.run(&["pull", "--ignore-pull-failures"]).code, 0);
    stack.run(&["down", "-t", "0"]).ok();
    stack.teu.run(["rmi", &here]).ok();
    stack.finish();
}
