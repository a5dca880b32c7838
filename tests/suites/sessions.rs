//! Terminals: attaching, detaching, several clients, sessions that are left and found again.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use teu_tests::Teu;
use teu_tests::terminal::Terminal;

#[test]
fn run_it_is_a_terminal_of_the_right_size() {
    let teu = Teu::with_busybox();
    let mut terminal =
        Terminal::start(&teu, &["run", "-it", "--rm", "--network", "none", "busybox", "sh"], 90, 25);
    terminal.expect("#");
    terminal.send("stty size; tty; echo $TERM\r");
    terminal.expect("25 90");
    terminal.expect("/dev/pts/0");
    terminal.expect("xterm");
    terminal.resize(120, 33);
    terminal.send("clear; stty size\r");
    terminal.expect("33 120");
    terminal.send("exit 5\r");
    assert_eq!(terminal.wait(), 5);
    teu.finish();
}

#[test]
fn detach_keys_leave_the_container_running() {
    let teu = Teu::with_busybox();
    let mut terminal =
        Terminal::start(&teu, &["run", "-it", "--name", "box", "--network", "none", "busybox", "sh"], 80, 24);
    terminal.expect("#");
    terminal.send("echo first-$((20 + 3))\r");
    terminal.expect("first-23");
    terminal.send("\x10\x11");
    assert_eq!(terminal.wait(), 0);
    assert_eq!(teu.inspect("box", "{{.State.Status}}"), "running");
    let mut again = Terminal::start(&teu, &["attach", "box"], 80, 24);
    again.send("echo second-$((40 + 2))\r");
    again.expect("second-42");
    let mut other = Terminal::start(&teu, &["attach", "--detach-keys", "ctrl-x,x", "box"], 80, 24);
    other.send("echo both-$((50 + 5))\r");
    other.expect("both-55");
    again.expect("both-55");
    other.send("\x18x");
    assert_eq!(other.wait(), 0);
    again.send("exit\r");
    again.wait();
    assert_eq!(teu.inspect("box", "{{.State.Status}}"), "exited");
    teu.finish();
}

#[test]
fn exec_with_a_terminal_edits_lines_and_takes_ctrl_c() {
    let teu = Teu::with_busybox();
    teu.run(["run", "-d", "--name", "box", "--network", "none", "busybox", "sleep", "1000"]).ok();
    let mut terminal = Terminal::start(&teu, &["exec", "-it", "box", "sh"], 80, 24);
    terminal.expect("#");
    terminal.send("sleep 1000\r");
    teu.wait_until("the sleep", || teu.run(["top", "box"]).ok().matches("sleep 1000").count() == 2);
    terminal.send("\x03");
    terminal.send("echo alive-$((3 * 3))\r");
    terminal.expect("alive-9");
    terminal.send("exit 4\r");
    assert_eq!(terminal.wait(), 4);
    assert_eq!(teu.inspect("box", "{{.State.Status}}"), "running");
    teu.run(["rm", "-f", "box"]).ok();
    teu.finish();
}

#[test]
fn a_signal_to_the_client_reaches_the_container() {
    let teu = Teu::with_busybox();
    let script = "trap 'echo got it; exit 9' TERM; echo ready; while :; do sleep 0.05; done";
    let child = teu.spawn(["run", "--name", "box", "--network", "none", "busybox", "sh", "-c", script]);
    teu.wait_until("it is ready", || teu.run(["logs", "box"]).stdout.contains("ready"));
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(child.id() as i32), nix::sys::signal::Signal::SIGTERM)
        .expect("it can be signalled");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(9));
    assert!(String::from_utf8_lossy(&output.stdout).contains("got it"));
    teu.finish();
}
