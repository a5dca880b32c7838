//! The scenes: what is done before a picture is taken.

use std::time::Duration;
use teu_tests::Teu;
use teu_tests::terminal::Terminal;

/// A picture's name and the screen it shows.
pub type Shot = (&'static str, vt100::Screen);

/// Every scene whose name is wanted; all of them when none is named.
pub fn all(wanted: &[String]) -> Vec<Shot> {
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|word| word == name);
    let mut shots = Vec::new();
    if is_wanted("welcome") {
        shots.push(("welcome", welcome()));
    }
    if ["containers", "menu", "shell", "layers", "inspect", "light", "events"].into_iter().any(is_wanted) {
        let teu = Teu::new();
        teu.run(["demo"]).ok();
        // Long enough for every container to have something to show.
        std::thread::sleep(Duration::from_secs(8));
        if is_wanted("containers") {
            shots.push(("containers", containers(&teu)));
        }
        if is_wanted("menu") {
            shots.push(("menu", menu(&teu)));
        }
        if is_wanted("events") {
            shots.push(("events", events(&teu)));
        }
        if is_wanted("shell") {
            shots.push(("shell", shell(&teu)));
        }
        if is_wanted("layers") {
            shots.push(("layers", layers(&teu)));
        }
        if is_wanted("inspect") {
            shots.push(("inspect", inspect(&teu)));
        }
        if is_wanted("light") {
            shots.push(("light", light(&teu)));
        }
        teu.run(["demo", "--down"]).ok();
        teu.finish();
    }
    shots.extend(super::stack::shots(&is_wanted));
    shots
}

fn welcome() -> vt100::Screen {
    let teu = Teu::new();
    let mut screen = Terminal::start(&teu, &[], 110, 32);
    screen.expect("demo");
    // The whole frame, and what the engine tells after it.
    std::thread::sleep(Duration::from_millis(700));
    screen.next_text(Duration::from_millis(50));
    let shot = screen.screen().clone();
    drop(screen);
    teu.finish();
    shot
}

fn containers(teu: &Teu) -> vt100::Screen {
    let mut screen = Terminal::start(teu, &[], 150, 42);
    screen.expect("demo-web");
    std::thread::sleep(Duration::from_secs(12));
    screen.send("jjj");
    std::thread::sleep(Duration::from_secs(3));
    screen.screen().clone()
}

/// All actions of a container, on a small terminal.
fn menu(teu: &Teu) -> vt100::Screen {
    let mut screen = Terminal::start(teu, &[], 104, 30);
    screen.expect("demo-web");
    std::thread::sleep(Duration::from_secs(6));
    screen.send("1gjjj\r");
    screen.expect("teu exec");
    std::thread::sleep(Duration::from_millis(500));
    screen.screen().clone()
}

fn events(teu: &Teu) -> vt100::Screen {
    let mut screen = Terminal::start_with(teu, &[], 130, 36, &[("TEU_THEME", "catppuccin")]);
    screen.expect("Containers 4");
    screen.send("6jj");
    std::thread::sleep(Duration::from_secs(1));
    screen.screen().clone()
}

fn shell(teu: &Teu) -> vt100::Screen {
    let mut screen = Terminal::start(teu, &[], 150, 42);
    screen.expect("demo-web");
    // The interface begins where the one before it ended.
    screen.send("1gjjje");
    screen.expect("1 shell");
    std::thread::sleep(Duration::from_secs(1));
    screen.send("ls --color=always / && top\r");
    std::thread::sleep(Duration::from_secs(3));
    screen.screen().clone()
}

fn layers(teu: &Teu) -> vt100::Screen {
    let mut screen = Terminal::start(teu, &[], 150, 42);
    screen.expect("Containers 4");
    screen.send("2]");
    screen.expect("efficient");
    screen.send("\t\r");
    screen.expect("usr/");
    screen.send("jjj");
    std::thread::sleep(Duration::from_secs(1));
    screen.screen().clone()
}

fn inspect(teu: &Teu) -> vt100::Screen {
    let mut screen = Terminal::start(teu, &[], 150, 42);
    screen.expect("Containers 4");
    screen.send("1gjjji");
    screen.expect("HostConfig");
    screen.send("G");
    std::thread::sleep(Duration::from_secs(6));
    screen.screen().clone()
}

/// Two logs as one, in a theme for light rooms.
fn light(teu: &Teu) -> vt100::Screen {
    let mut screen = Terminal::start_with(teu, &[], 150, 42, &[("TEU_THEME", "daylight")]);
    screen.expect("Containers 4");
    screen.send("1g[");
    for _ in 0..8 {
        if screen.text().contains("following") {
            break;
        }
        screen.send("[");
        std::thread::sleep(Duration::from_millis(300));
    }
    screen.send("A");
    std::thread::sleep(Duration::from_secs(12));
    screen.screen().clone()
}
