//! The full-screen interface, driven as a user drives it, against real containers; what it did is checked through the
//! command line.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use nix::sys::signal::Signal;
use teu_tests::Teu;
use teu_tests::terminal::Terminal;

fn with_container(name: &str, script: &str) -> Teu {
    let teu = Teu::with_busybox();
    teu.run(["run", "-d", "--name", name, "--network", "none", "busybox", "sh", "-c", script]).ok();
    teu
}

#[test]
fn an_empty_store_offers_the_demo_with_one_key() {
    let teu = Teu::new();
    let mut screen = Terminal::start(&teu, &[], 120, 36);
    screen.expect("demo");
    screen.send("D");
    screen.expect("demo-web");
    screen.expect("demo-counter");
    screen.send("q");
    assert_eq!(screen.wait(), 0);
    assert_eq!(teu.run(["ps", "-q"]).ok().lines().count(), 4, "containers go on");
    teu.run(["demo", "--down"]).ok();
    teu.finish();
}

#[test]
fn containers_and_their_logs_are_shown_live() {
    let teu = with_container("ticker", "n=0; while :; do n=$((n+1)); echo tick-$n; sleep 0.2; done");
    let mut screen = Terminal::start(&teu, &[], 140, 40);
    screen.expect("ticker");
    screen.expect("tick-");
    teu.run(["run", "-d", "--name", "newcomer", "--network", "none", "busybox", "sleep", "1000"]).ok();
    screen.expect("newcomer");
    teu.run(["rm", "-f", "newcomer"]).ok();
    screen.expect_gone("newcomer");
    screen.send("q");
    assert_eq!(screen.wait(), 0);
    teu.finish();
}

#[test]
fn one_key_opens_a_shell_that_draws_and_outlives_the_interface() {
    let teu = with_container("box", "sleep 1000");
    let mut screen = Terminal::start(&teu, &[], 120, 36);
    screen.expect("box");
    screen.send("e");
    screen.expect("#");
    screen.send("echo shell-$((6 * 7)); stty size\r");
    screen.expect("shell-42");
    screen.send("MARK=still-here; echo set-$((2 + 2))\r");
    screen.expect("set-4");
    // The program goes away with its terminal; the shell stays.
    screen.signal(Signal::SIGHUP);
    screen.wait();
    let mut again = Terminal::start(&teu, &[], 120, 36);
    again.expect("left open");
    again.send("o");
    again.send("echo $MARK-$((1 + 1))\r");
    again.expect("still-here-2");
    drop(again);
    teu.finish();
}

#[test]
fn stop_start_and_remove_do_what_they_say() {
    let teu = with_container("box", "trap exit TERM; while :; do sleep 0.05; done");
    let mut screen = Terminal::start(&teu, &[], 120, 36);
    screen.expect("running");
    screen.send("S");
    teu.wait_until("it stops", || teu.inspect("box", "{{.State.Status}}") == "exited");
    screen.expect("exited");
    screen.send("u");
    teu.wait_until("it starts", || teu.inspect("box", "{{.State.Status}}") == "running");
    screen.expect("running");
    screen.send("d");
    screen.expect("box");
    screen.send("y");
    teu.wait_until("it is removed", || teu.run(["ps", "-aq"]).ok().is_empty());
    screen.send("q");
    assert_eq!(screen.wait(), 0);
    teu.finish();
}

#[test]
fn the_terminal_is_given_back() {
    let teu = with_container("box", "sleep 1000");
    for signal in [Signal::SIGTERM, Signal::SIGHUP] {
        let mut screen = Terminal::start(&teu, &[], 100, 30);
        screen.expect("box");
        assert!(screen.screen().alternate_screen());
        screen.signal(signal);
        screen.wait();
        assert!(!screen.screen().alternate_screen(), "{signal}: the alternate screen is left");
        assert!(!screen.screen().hide_cursor(), "{signal}: the cursor is shown");
        assert!(!screen.screen().bracketed_paste(), "{signal}: bracketed paste is off");
    }
    assert_eq!(teu.inspect("box", "{{.State.Status}}"), "running");
    teu.finish();
}

#[test]
fn nothing_is_written_when_nothing_changes() {
    let teu = Teu::with_busybox();
    teu.run(["create", "--name", "box", "--network", "none", "busybox", "true"]).ok();
    let mut screen = Terminal::start(&teu, &[], 100, 30);
    screen.expect("box");
    std::thread::sleep(std::time::Duration::from_millis(1500));
    let before = screen.raw().len();
    std::thread::sleep(std::time::Duration::from_secs(3));
    assert_eq!(screen.raw().len(), before, "bytes were written to an idle screen");
    // Neither does a key that changes nothing. An age may turn in between: then once more.
    let quiet = (0..10).any(|_| {
        let before = screen.next_bytes(std::time::Duration::from_millis(200));
        screen.send("k");
        screen.next_bytes(std::time::Duration::from_millis(500)) == before
    });
    assert!(quiet, "a key that changes nothing has the screen drawn");
    screen.send("q");
    assert_eq!(screen.wait(), 0);
    teu.finish();
}

#[test]
fn details_are_what_the_command_line_tells() {
    let teu = Teu::with_busybox();
    let words = "run -d --name box --network none -e GREETING=salute -v cargo:/cargo busybox sleep 1000";
    teu.run(words.split(' ')).ok();
    let mut screen = Terminal::start(&teu, &[], 150, 44);
    screen.expect("box");
    screen.send("]]]");
    screen.expect("salute");
    screen.send("]");
    screen.expect("sleep 1000");
    screen.expect("pid");
    screen.send("]");
    screen.expect("/cargo");
    screen.expect("writable");
    screen.send("i");
    screen.expect("HostConfig");
    // A state that changes is read again.
    teu.run(["stop", "-t", "0", "box"]).ok();
    screen.expect("\"exited\"");
    screen.send("q");
    assert_eq!(screen.wait(), 0);
    teu.finish();
}

#[test]
fn volumes_and_networks_are_listed_and_removed() {
    let teu = Teu::new();
    teu.run(["volume", "create", "cargo"]).ok();
    let mut screen = Terminal::start(&teu, &[], 120, 30);
    screen.expect("Volumes 1");
    screen.send("3");
    screen.expect("local");
    teu.run(["volume", "create", "ballast"]).ok();
    screen.expect("ballast");
    screen.send("gdy");
    teu.wait_until("the first is removed", || teu.run(["volume", "ls", "-q"]).ok().trim() == "cargo");
    screen.expect_gone("ballast ");
    screen.send("q");
    assert_eq!(screen.wait(), 0);
    teu.finish();
}

#[test]
fn marked_containers_have_one_log() {
    let teu = Teu::with_busybox();
    for name in ["port", "starboard"] {
        let script = format!("n=0; while :; do n=$((n+1)); echo {name}-$n; sleep 0.2; done");
        teu.run(["run", "-d", "--name", name, "--network", "none", "busybox", "sh", "-c", &script]).ok();
    }
    let mut screen = Terminal::start(&teu, &[], 150, 40);
    screen.expect("starboard");
    screen.send("A");
    screen.expect("2 logs");
    screen.expect("port-1");
    screen.expect("starboard-1");
    // Both go on.
    screen.expect("starboard-20");
    screen.expect("port-20");
    screen.send("q");
    assert_eq!(screen.wait(), 0);
    teu.finish();
}

#[test]
fn a_prune_spares_what_was_deselected() {
    let teu = Teu::with_busybox();
    for name in ["keep", "loose", "running"] {
        let seconds = if name == "running" { "1000" } else { "0" };
        teu.run(["run", "-d", "--name", name, "--network", "none", "busybox", "sleep", seconds]).ok();
    }
    teu.wait_until("two have ended", || teu.run(["ps", "-q"]).ok().lines().count() == 1);
    let mut screen = Terminal::start(&teu, &[], 120, 30);
    screen.expect("loose");
    screen.send("P");
    screen.expect("2 of 2 things");
    let first_is_keep = {
        let text = screen.text();
        let row =
            |name: &str| text.lines().position(|line| line.contains("container") && line.contains(name));
        row("keep") < row("loose")
    };
    screen.send(if first_is_keep { " " } else { "j " });
    screen.expect("1 of 2 things");
    screen.send("\r");
    teu.wait_until("the other is gone", || teu.run(["ps", "-aq"]).ok().lines().count() == 2);
    assert_eq!(teu.inspect("keep", "{{.State.Status}}"), "exited");
    assert_eq!(teu.inspect("running", "{{.State.Status}}"), "running");
    screen.send("q");
    assert_eq!(screen.wait(), 0);
    teu.finish();
}

#[test]
fn an_image_is_taken_apart_and_the_next_start_begins_there() {
    let teu = with_container("box", "sleep 1000");
    let mut screen = Terminal::start(&teu, &[], 120, 36);
    screen.expect("box");
    screen.send("2]");
    screen.expect("1 layer ");
    screen.expect("efficient");
    screen.send("\t\r");
    screen.expect("usr/");
    screen.send("\tq");
    assert_eq!(screen.wait(), 0);
    let mut again = Terminal::start(&teu, &[], 120, 36);
    again.expect("efficient");
    again.send("q");
    assert_eq!(again.wait(), 0);
    teu.finish();
}

#[test]
fn the_next_start_has_the_same_pane_filter_marks_and_folds() {
    let teu = Teu::with_busybox();
    for name in ["alpha", "alpine", "other"] {
        teu.run(["create", "--name", name, "--network", "none", "busybox", "true"]).ok();
    }
    for tag in ["1", "2", "3"] {
        teu.run(["tag", "busybox", &format!("shop/api:{tag}")]).ok();
    }
    let mut screen = Terminal::start(&teu, &[], 120, 30);
    screen.expect("Containers 3");
    screen.send("/alp\r");
    screen.expect("2 of 3");
    screen.send("  ");
    screen.expect("2 marked");
    screen.send("2");
    screen.expect("3 tags");
    screen.send("G");
    screen.expect("shop/api:3");
    screen.send("h");
    screen.expect("▸ shop/api");
    screen.send("q");
    assert_eq!(screen.wait(), 0);
    let mut again = Terminal::start(&teu, &[], 120, 30);
    again.expect("▸ shop/api");
    again.send("1");
    again.expect("2 of 3");
    again.expect("2 marked");
    // What was marked before is what an action is for now.
    again.send("d");
    again.expect("Remove 2 containers?");
    again.send("n");
    again.expect_gone("Remove 2 containers?");
    again.send("q");
    assert_eq!(again.wait(), 0);
    teu.finish();
}
