//! Layers of images, stacks, their files and pulls in the full-screen interface, driven as a user drives it and checked
//! through the command line.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use std::fs;
use teu_tests::Teu;
use teu_tests::isolation::isolate_network;
use teu_tests::registry::Registry;
use teu_tests::terminal::Terminal;

#[test]
fn a_file_of_a_layer_is_read_and_copied_out() {
    let teu = Teu::with_busybox();
    let script =
        "mkdir /srv; printf 'first line\\nneedle \\033[31m here\\n' > /srv/note; chmod 4711 /srv/note";
    teu.run(["run", "--name", "maker", "--network", "none", "busybox", "sh", "-c", script]).ok();
    teu.run(["commit", "maker", "made"]).ok();
    let folder = tempfile::tempdir().expect("a folder");
    let target = folder.path().join("note");

    let mut screen = Terminal::start(&teu, &[], 120, 36);
    screen.expect("Images 2");
    screen.send("2/made\r");
    screen.expect("1 of 2");
    screen.send("l");
    screen.expect("efficient");
    screen.send("\r");
    screen.expect("note");
    screen.send("m");
    screen.expect("rws--x--x");
    screen.send("/note\r");
    screen.expect_gone("Filter files");
    screen.send("j\r");
    screen.expect("first line");
    screen.expect("needle ␛[31m here");
    screen.send("x");
    screen.expect("on this host");
    screen.send("\x15");
    screen.send(target.display().to_string());
    screen.send("\r");
    screen.expect("copied");
    assert_eq!(fs::read(&target).expect("the file"), b"first line\nneedle \x1b[31m here\n");
    fs::write(&target, "mine").expect("a file");
    screen.send("x\x15");
    screen.send(target.display().to_string());
    screen.send("\r");
    screen.expect("Replace it?");
    screen.send("n");
    screen.expect_gone("Replace it?");
    assert_eq!(fs::read(&target).expect("the file"), b"mine", "nothing is replaced unasked");
    screen.send("q");
    screen.expect("efficient");
    screen.send("q");
    assert_eq!(screen.wait(), 0);
    teu.finish();
}

const STACK: &str = "\
services:
  db:
    image: busybox
    command: [sleep, '1000']
    network_mode: none
    stop_grace_period: 0s
  web:
    image: busybox
    command: [sleep, '1000']
    network_mode: none
    stop_grace_period: 0s
    depends_on: [db]
";

#[test]
fn a_stack_is_brought_up_edited_scaled_and_taken_down() {
    isolate_network();
    let teu = Teu::with_busybox();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("compose.yaml");
    fs::write(&file, STACK).expect("a file");
    let up = teu.run(["compose", "-f", &file.display().to_string(), "-p", "shop", "up", "-d"]);
    up.ok();
    let running = || teu.run(["ps", "-q", "--filter", "label=com.docker.compose.project=shop"]).ok();

    let mut screen = Terminal::start(&teu, &[], 130, 36);
    screen.expect("shop-web-1");
    screen.send("5");
    screen.expect("2 of 2");
    screen.expect("service");
    screen.send("tg");
    screen.expect("started  ♥ healthy");
    screen.expect("● db");
    screen.send("ts\x1b[B+");
    teu.wait_until("a second container of web", || running().lines().count() == 3);
    screen.expect("2/2");

    screen.send("E");
    screen.expect("valid");
    screen.send("\x1b[1;5F");
    screen.send("\rportz: [80]");
    screen.expect("1 error");
    screen.expect("portz");
    screen.send("\x12");
    screen.expect("not brought up");
    assert_eq!(
        fs::read_to_string(&file).expect("the file"),
        STACK,
        "what is wrong is not written by that key"
    );
    for _ in 0.."portz: [80]".len() {
        screen.send("\x7f");
    }
    screen.send("environment: {MOOD: bright}");
    screen.expect("bright}");
    screen.expect("valid");
    screen.send("\x12");
    teu.wait_until("web was made anew", || {
        let ids = running();
        // Those that are replaced may be gone before they are asked.
        let asked = |id: &str| teu.run(["inspect", "--format", "{{json .Config.Env}}", id]).stdout;
        ids.lines().any(|id| asked(id).contains("MOOD=bright"))
    });
    assert!(fs::read_to_string(&file).expect("the file").contains("MOOD: bright"));

    teu.run(["stop", "-t", "0", "shop-db-1"]).ok();
    screen.send("td");
    screen.expect("shop-db-1 does not run");
    screen.send("D");
    screen.expect("Take shop down?");
    screen.send("y");
    teu.wait_until("everything is gone", || teu.run(["ps", "-aq"]).ok().is_empty());
    screen.expect("down");
    screen.send("u");
    teu.wait_until("it is up again", || running().lines().count() == 2);
    screen.send("D");
    screen.expect("Take shop down?");
    screen.send("y");
    teu.wait_until("everything is gone", || teu.run(["ps", "-aq"]).ok().is_empty());
    screen.send("q");
    assert_eq!(screen.wait(), 0);
    teu.finish();
}

#[test]
fn an_image_is_found_and_pulled() {
    let Some(registry) = Registry::start("an_image_is_found_and_pulled", false) else { return };
    let teu = Teu::with_busybox();
    let name = registry.name("team/box");
    teu.run(["tag", "busybox", &name]).ok();
    teu.run(["push", &name]).ok();
    teu.run(["rmi", &name]).ok();
    let mut screen = Terminal::start(&teu, &[], 120, 36);
    screen.expect("Images 1");
    screen.send("2f");
    screen.expect("Pull an image");
    screen.send(registry.name("box"));
    screen.send("\r");
    screen.expect(&name);
    screen.send("\x1b[B\r");
    screen.expect(&format!("pulled {name}"));
    assert_eq!(teu.inspect(&name, "{{.Id}}"), teu.inspect("busybox", "{{.Id}}"));
    screen.expect("Images 2");
    screen.send("\x1b");
    screen.expect_gone("Pull an image");
    screen.send("q");
    assert_eq!(screen.wait(), 0);
    teu.finish();
}

#[test]
fn the_host_and_its_containers_are_compared() {
    let teu = Teu::with_busybox();
    let script = "while :; do :; done";
    teu.run(["run", "-d", "--name", "busy", "--network", "none", "busybox", "sh", "-c", script]).ok();
    teu.run(["run", "-d", "--name", "calm", "--network", "none", "busybox", "sleep", "1000"]).ok();
    let mut screen = Terminal::start(&teu, &[], 120, 36);
    screen.expect("busy");
    screen.send("M");
    screen.expect("by cpu");
    screen.expect_that("the busy one stands first", |text| {
        let place = |name: &str| text.lines().position(|line| line.contains(name) && line.contains('%'));
        place("busy").zip(place("calm")).is_some_and(|(busy, calm)| busy < calm) && text.contains("█")
    });
    screen.send("\r");
    screen.expect("peak");
    screen.send("q");
    assert_eq!(screen.wait(), 0);
    teu.finish();
}

const WATCHED: &str = "\
services:
  web:
    image: busybox
    command: [sleep, '1000']
    network_mode: none
    stop_grace_period: 0s
    develop:
      watch:
        - {path: ./src, action: sync, target: /srv}
  slow:
    image: busybox
    command: [sleep, '1000']
    network_mode: none
    stop_grace_period: 0s
    healthcheck: {test: [CMD, 'false'], interval: 1s, start_period: 1000s, retries: 1000}
  after:
    image: busybox
    command: [sleep, '1000']
    network_mode: none
    stop_grace_period: 0s
    depends_on: {slow: {condition: service_healthy}}
";

#[test]
fn files_are_watched_from_the_board_and_waiting_is_cancelled() {
    isolate_network();
    let teu = Teu::with_busybox();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("compose.yaml");
    fs::create_dir(folder.path().join("src")).expect("a folder");
    fs::write(&file, WATCHED).expect("a file");
    let path = file.display().to_string();
    teu.run(["compose", "-f", &path, "-p", "shop", "up", "-d", "web"]).ok();

    let mut screen = Terminal::start(&teu, &[], 140, 40);
    screen.expect("shop-web-1");
    screen.send("5");
    screen.expect("1 of 1");
    screen.expect("not made");
    screen.send("W");
    screen.expect("watching files for web");
    fs::write(folder.path().join("src/page"), "hello\n").expect("a file");
    screen.expect("web ← src/page");
    assert_eq!(teu.run(["exec", "shop-web-1", "cat", "/srv/page"]).ok(), "hello");
    screen.send("W");
    screen.expect_gone("watching files for web");
    screen.expect("watched no more");

    // `after` waits for a service that never becomes healthy, until that is cancelled.
    screen.send("u");
    teu.wait_until("slow runs", || teu.run(["ps"]).ok().contains("shop-slow-1"));
    screen.expect("1 task");
    screen.send("@");
    screen.expect("x cancels it");
    screen.send("x");
    screen.expect("cancelled after");
    screen.send("\x1b");
    screen.expect_gone("cancelled after");
    screen.expect_gone("1 task");
    let all = teu.run(["ps", "-a"]).ok();
    assert!(!all.contains("shop-after-1   Up"), "{all}");
    assert_eq!(teu.inspect("shop-after-1", "{{.State.Status}}"), "created");

    // A watch ends with the program.
    screen.send("W");
    screen.expect("watching files for web");
    screen.send("q");
    assert_eq!(screen.wait(), 0);
    teu.finish();
}
