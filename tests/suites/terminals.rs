//! Terminals inside the interface and beside it: splits, copy mode, debug shells, floods, and what happens when the
//! terminal around all of it goes away. Against real containers; what was done is checked through the command line.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use nix::sys::signal::Signal;
use std::time::Duration;
use teu_tests::Teu;
use teu_tests::terminal::Terminal;

/// Waits until the outer terminal is in a state.
#[track_caller]
fn until(screen: &mut Terminal, what: &str, holds: impl Fn(&vt100::Screen) -> bool) {
    let end = std::time::Instant::now() + Duration::from_secs(10);
    while !holds(screen.screen()) {
        assert!(std::time::Instant::now() < end, "waited ten seconds for: {what}");
        screen.next_text(Duration::from_millis(20));
    }
}

/// A container whose image holds one program and no shell.
fn without_shell(teu: &Teu) {
    teu.run(["image", "from-host", "-t", "bare", "sleep"]).ok();
    teu.run(["run", "-d", "--name", "bare", "--network", "none", "bare", "sleep", "1000"]).ok();
}

fn with_box(teu: &Teu) {
    teu.run(["run", "-d", "--name", "box", "--network", "none", "busybox", "sleep", "1000"]).ok();
}

#[test]
fn a_debug_shell_brings_tools_and_leaves_nothing() {
    let teu = Teu::new();
    without_shell(&teu);
    let root = || teu.run(["diff", "bare"]).ok();
    let mounts = || {
        let pid = teu.inspect("bare", "{{.State.Pid}}");
        std::fs::read_to_string(format!("/proc/{pid}/mountinfo")).expect("a running container has mounts")
    };
    let (diff, before) = (root(), mounts());
    let why = teu.run(["exec", "bare", "sh"]).fails_with(127);
    assert!(why.contains("sh"), "{why}");
    let said = teu.run(["debug", "bare", "-c", "cat /proc/1/cmdline; echo; ls -d /.teu/bin/ls"]);
    assert_eq!(said.code, 127, "what follows the container is a command: {said:?}");
    let said = teu.run(["debug", "-c", "tr '\\0' ' ' </proc/1/cmdline; echo; hostname; id -u", "bare"]).ok();
    assert!(said.starts_with("sleep 1000") && said.ends_with("\n0"), "{said}");
    // The container's own files are where they are, and can be written; the tools cannot.
    teu.run(["debug", "bare", "touch", "/tmp/note"]).ok();
    assert!(teu.run(["cp", "bare:/tmp/note", "-"]).code == 0);
    let why = teu.run(["debug", "bare", "touch", "/.teu/bin/ls"]);
    assert!(why.code == 1 && why.stderr.contains("Read-only"), "{why:?}");
    let why = teu.run(["debug", "bare", "touch", "/new"]);
    assert!(why.code == 1 && why.stderr.contains("Read-only"), "a lost file would be worse: {why:?}");
    teu.run(["debug", "bare", "rm", "/tmp/note"]).ok();
    assert_eq!(mounts(), before, "the container's mounts are as before");
    assert!(!root().contains(".teu"), "{}", root());
    assert!(root().lines().all(|line| diff.contains(line) || line.contains("/tmp")), "{}", root());
    assert_eq!(teu.run(["debug", "bare", "sh", "-c", "exit 7"]).code, 7);
    teu.finish();
}

#[test]
fn a_host_without_a_static_busybox_brings_its_own_programs_and_their_libraries() {
    let teu = Teu::new();
    without_shell(&teu);
    // As on a host that has no busybox: only links to programs that need libraries are in the path.
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["sh", "ls", "cat", "id", "grep", "touch"] {
        let program = ["/usr/bin", "/bin"].map(|from| std::path::Path::new(from).join(name));
        let program = program.iter().find(|path| path.exists()).expect("a host has these");
        std::os::unix::fs::symlink(program, folder.path().join(name)).expect("a link");
    }
    let debug = |words: &[&str]| {
        let mut command = teu.command(std::iter::once(&"debug").chain(words));
        let output = command.env("PATH", folder.path()).output().expect("the program starts");
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr),
        )
    };
    let (code, said) = debug(&["bare", "sh", "-c", "cat /proc/1/cmdline | grep -c sleep; id -u; ls /.teu"]);
    assert_eq!((code, said.as_str()), (Some(0), "1\n0\nbin\nso\n"));
    let (code, said) = debug(&["bare", "touch", "/.teu/so/libc.so.6"]);
    assert!(code == Some(1) && said.contains("Read-only"), "{said}");
    assert!(!teu.run(["diff", "bare"]).ok().contains(".teu"));
    teu.finish();
}

#[test]
fn read_only_containers_are_debugged_as_well() {
    let teu = Teu::with_busybox();
    let words = "run -d --name box --read-only --network none --cap-drop ALL --user 1000 busybox sleep 1000";
    teu.run(words.split(' ')).ok();
    let said = teu.run(["debug", "box", "sh", "-c", "which vi && id -u && touch /etc/x"]);
    assert!(said.stdout.contains("/.teu/bin/vi\n0"), "{said:?}");
    assert!(said.stderr.contains("Read-only"), "{said:?}");
    let said = teu.run(["debug", "-u", "1000", "box", "id", "-u"]).ok();
    assert_eq!(said, "1000");
    teu.run(["stop", "-t", "0", "box"]).ok();
    let why = teu.run(["debug", "box"]);
    assert!(why.code != 0 && why.stderr.contains("not running"), "{why:?}");
    teu.finish();
}

#[test]
fn the_interface_offers_a_debug_shell_where_there_is_no_other() {
    let teu = Teu::new();
    without_shell(&teu);
    let mut screen = Terminal::start(&teu, &[], 120, 30);
    screen.expect("bare");
    screen.send("e");
    screen.expect("has no shell");
    screen.send("d");
    screen.expect("(debug)");
    screen.send("echo tools-$((6 * 7)); ls /.teu\r");
    screen.expect("tools-42");
    // It goes on without the interface, as any shell does.
    screen.signal(Signal::SIGHUP);
    screen.wait();
    let mut again = Terminal::start(&teu, &[], 120, 30);
    again.expect("left open");
    again.send("o");
    again.send("echo again-$((40 + 1))\r");
    again.expect("again-41");
    drop(again);
    teu.finish();
}

#[test]
fn terminals_are_split_searched_and_copied() {
    let teu = Teu::with_busybox();
    with_box(&teu);
    let mut screen = Terminal::start(&teu, &[], 120, 36);
    screen.expect("box");
    screen.send("e");
    screen.expect("#");
    screen.send("seq 500; echo left-$((1 + 1))\r");
    screen.expect("left-2");
    screen.send("\x1d|");
    screen.expect_that("two prompts", |text| text.matches("# ").count() >= 2);
    screen.send("stty size; echo right-$((2 + 2))\r");
    screen.expect("right-4");
    screen.expect("31 58");
    screen.send("\x1d/");
    screen.expect("search");
    screen.send("right-4\r");
    screen.expect("1 of 1");
    screen.send("0vey");
    screen.expect("copied 5 characters");
    let osc = "\x1b]52;c;cmlnaHQ=\x07";
    assert!(String::from_utf8_lossy(screen.raw()).contains(osc), "the outer terminal gets what was copied");
    // Both go on when the terminal goes away, and come back side by side.
    screen.signal(Signal::SIGHUP);
    screen.wait();
    let mut again = Terminal::start(&teu, &[], 120, 36);
    again.expect("2 left open");
    again.send("o");
    again.expect_that("both", |text| text.contains("left-2") && text.contains("right-4"));
    // One that ends badly says so, and is opened again in its place.
    again.send("\x1d\x1b[Cexit 3\r");
    again.expect("ended with exit code 3");
    again.send("\r");
    again.expect_gone("ended with exit code 3");
    again.send("echo new-$((3 + 3))\r");
    again.expect("new-6");
    drop(again);
    teu.finish();
}

#[test]
fn the_outer_terminal_hears_nothing_of_what_is_inside() {
    let teu = Teu::with_busybox();
    // Titles, the clipboard, a query for the screen, sequences without end, bidirectional marks, broken text.
    let evil = r"printf '\033]0;evil\007\033]52;c;ZXZpbA==\007\033[21t\033P+q544e\033\\\033]8;;http://evil\033\\x\342\200\256y\377\376\302\233'; head -c 4000 /dev/urandom; printf '\033['; head -c 9000 /dev/zero | tr '\0' '7'; echo; echo harmless-end";
    let script = format!("{evil}; sleep 1000");
    teu.run([
        "run",
        "-d",
        "--name",
        "box",
        "--network",
        "none",
        "--label",
        "x=\x1b]0;label\x07",
        "busybox",
        "sh",
        "-c",
        &script,
    ])
    .ok();
    let mut screen = Terminal::start(&teu, &[], 120, 36);
    screen.expect("harmless-end");
    screen.send("e");
    screen.expect("#");
    screen.send(format!("clear; {evil}\r"));
    screen.expect("harmless-end");
    screen.send("echo still-$((4 + 4))\r");
    screen.expect("still-8");
    let raw = screen.raw().to_vec();
    let text = String::from_utf8(raw).expect("what is drawn is text");
    for unwanted in ["\x1b]0;", "\x1b]52;", "\x1b[21t", "\x1bP", "\x1b]8;", "\u{202e}", "\u{9b}"] {
        assert!(!text.contains(unwanted), "{unwanted:?} reached the outer terminal");
    }
    screen.send("\x1d\x1dq");
    assert_eq!(screen.wait(), 0);
    teu.finish();
}

#[test]
fn floods_leave_the_interface_to_its_user() {
    let teu = Teu::with_busybox();
    with_box(&teu);
    teu.run([
        "run",
        "-d",
        "--name",
        "flood",
        "--network",
        "none",
        "busybox",
        "yes",
        "abcdefghijklmnopqrstuvwxyz",
    ])
    .ok();
    let mut screen = Terminal::start(&teu, &[], 120, 36);
    screen.expect("flood");
    // The log of the one, and a shell of the other, both without end.
    screen.send("j");
    screen.expect("abcdefgh");
    screen.send("k");
    screen.send("e");
    screen.expect("#");
    for endless in ["yes", "cat /dev/urandom"] {
        screen.send(format!("{endless}\r"));
        std::thread::sleep(Duration::from_millis(400));
        screen.send("\x03");
        screen.send("\x15\rclear; echo alive-$((5 + 5))\r");
        screen.expect("alive-10");
        screen.send("clear\r");
        screen.expect_gone("alive-10");
    }
    screen.send("\x1d\x1dq");
    assert_eq!(screen.wait(), 0);
    teu.run(["kill", "flood"]).ok();
    teu.finish();
}

#[test]
fn sizes_may_be_anything_and_change_at_any_time() {
    let teu = Teu::with_busybox();
    with_box(&teu);
    let mut screen = Terminal::start(&teu, &[], 120, 36);
    screen.expect("box");
    screen.send("e");
    screen.expect("#");
    screen.send("\x1d|\x1d-");
    screen.expect("3 shells");
    for round in 0..30u16 {
        screen.resize(1 + round * 37 % 200, 1 + round * 13 % 60);
        std::thread::sleep(Duration::from_millis(7));
    }
    for (columns, rows) in [(0, 0), (1, 1), (20, 4), (300, 80), (120, 36)] {
        screen.resize(columns, rows);
        std::thread::sleep(Duration::from_millis(60));
    }
    // The size of the part that has the keys stands on the bottom line.
    screen.expect("58×15");
    screen.send("clear; echo here-$((6 + 6))\r");
    screen.expect("here-12");
    screen.send("\x1d\x1dq");
    assert_eq!(screen.wait(), 0);
    teu.finish();
}

#[test]
fn suspending_gives_the_terminal_back_and_takes_it_again() {
    let teu = Teu::with_busybox();
    with_box(&teu);
    let mut screen = Terminal::start(&teu, &[], 100, 30);
    screen.expect("box");
    for way in ["key", "signal"] {
        if way == "key" {
            screen.send("\x1a");
        } else {
            screen.signal(Signal::SIGTSTP);
        }
        let stopped = |pid: i32| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('T'))
        };
        let pid = screen.pid();
        teu.wait_until("it is stopped", || stopped(pid));
        until(&mut screen, "the terminal is given back", |screen| {
            !screen.alternate_screen() && !screen.hide_cursor()
        });
        screen.signal(Signal::SIGCONT);
        until(&mut screen, "the terminal is taken again", vt100::Screen::alternate_screen);
        screen.expect("box");
    }
    screen.send("q");
    assert_eq!(screen.wait(), 0);
    assert_eq!(teu.inspect("box", "{{.State.Status}}"), "running");
    teu.finish();
}

#[test]
fn a_lost_terminal_ends_the_interface_and_nothing_else() {
    let teu = Teu::with_busybox();
    with_box(&teu);
    let mut screen = Terminal::start(&teu, &[], 100, 30);
    screen.expect("box");
    screen.send("e");
    screen.expect("#");
    // What closes the terminal types an end of input first: that is not for the shell.
    screen.send("\x1d\x1d");
    screen.expect("e shell");
    let pid = screen.pid();
    let mut child = screen.lose();
    let end = std::time::Instant::now() + Duration::from_secs(10);
    while child.try_wait().expect("a child can be waited for").is_none() {
        assert!(std::time::Instant::now() < end, "process {pid} outlives its terminal");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(teu.inspect("box", "{{.State.Status}}"), "running");
    let mut again = Terminal::start(&teu, &[], 120, 30);
    again.expect("1 left open");
    again.send("q");
    assert_eq!(again.wait(), 0);
    teu.finish();
}
