//! Scenes of a stack: its board, its graph, its file being edited, shells of it beside each other, what it uses, and the
//! images it is made of.

use crate::scenes::Shot;
use std::fs;
use std::time::Duration;
use teu_tests::Teu;
use teu_tests::terminal::Terminal;

const FILE: &str = "\
services:
  db:
    image: shop/db:16.3
    command: [sh, -c, 'while :; do usleep 4000; done']
    network_mode: none
    stop_grace_period: 0s
    healthcheck: {test: [CMD, 'true'], interval: 1s}
  cache:
    image: shop/cache:7.2
    command: [sleep, '1000']
    network_mode: none
    stop_grace_period: 0s
  migrate:
    image: shop/api:1.4
    command: ['true']
    network_mode: none
    depends_on: {db: {condition: service_healthy}}
  api:
    image: shop/api:1.4
    command: [sh, -c, 'while :; do usleep 20000; done']
    network_mode: none
    stop_grace_period: 0s
    deploy: {replicas: 2}
    depends_on:
      db: {condition: service_healthy}
      migrate: {condition: service_completed_successfully}
      cache: {condition: service_started}
    develop:
      watch:
        - {path: ./src, action: sync, target: /srv}
  worker:
    image: shop/worker:1.4
    command: [sh, -c, 'sleep 1; exit 3']
    network_mode: none
    depends_on: [cache, db]
  web:
    image: shop/web:latest
    command: [sleep, '1000']
    network_mode: none
    stop_grace_period: 0s
    depends_on: [api]
";

/// The names of these scenes.
const NAMES: [&str; 6] = ["stack", "graph", "editor", "monitor", "images", "splits"];

/// Those whose names are wanted.
pub fn shots(is_wanted: &dyn Fn(&str) -> bool) -> Vec<Shot> {
    if !NAMES.iter().any(|name| is_wanted(name)) {
        return Vec::new();
    }
    let teu = Teu::with_busybox();
    for tag in ["db:16.3", "db:16.2", "cache:7.2", "api:1.4", "api:1.3", "api:latest", "worker:1.4", "web"] {
        teu.run(["tag", "busybox", &format!("shop/{tag}")]).ok();
    }
    let folder = std::env::temp_dir().join("shop");
    let _ = fs::create_dir_all(folder.join("src"));
    let file = folder.join("compose.yaml");
    let _ = fs::write(&file, FILE);
    teu.run(["compose", "-f", &file.display().to_string(), "up", "-d"]).ok();
    let mut shots = Vec::new();
    for name in NAMES.into_iter().filter(|name| is_wanted(name)) {
        let screen = match name {
            "stack" => board(&teu, &folder),
            "graph" => graph(&teu),
            "editor" => editor(&teu),
            "splits" => splits(&teu),
            "monitor" => monitor(&teu),
            _ => images(&teu),
        };
        shots.push((name, screen));
    }
    teu.run(["compose", "-f", &file.display().to_string(), "down"]).ok();
    let _ = fs::remove_dir_all(folder);
    teu.finish();
    shots
}

fn start(teu: &Teu, theme: &str) -> Terminal {
    let mut screen = Terminal::start_with(teu, &[], 140, 38, &[("TEU_THEME", theme)]);
    screen.expect("Containers 7");
    // The interface begins where the one before it ended.
    screen.send("1");
    screen.expect("shop-web-1");
    screen
}

fn taken(mut screen: Terminal, seconds: u64) -> vt100::Screen {
    std::thread::sleep(Duration::from_secs(seconds));
    screen.screen().clone()
}

fn board(teu: &Teu, folder: &std::path::Path) -> vt100::Screen {
    let mut screen = start(teu, "harbor");
    screen.send("5");
    screen.expect("cpu");
    screen.send("W");
    screen.expect("watching files");
    for name in ["app.js", "page.html"] {
        let _ = fs::write(folder.join("src").join(name), name);
        screen.expect(name);
    }
    std::thread::sleep(Duration::from_secs(12));
    screen.send("\tjjj");
    taken(screen, 1)
}

fn graph(teu: &Teu) -> vt100::Screen {
    let mut screen = start(teu, "nord");
    screen.send("5tgzjjj");
    screen.expect("started");
    taken(screen, 2)
}

fn editor(teu: &Teu) -> vt100::Screen {
    let mut screen = start(teu, "solarized-light");
    screen.send("5E");
    screen.expect("valid");
    screen.send("\x1b[B\x1b[B\x1b[F\r");
    screen.send("portz: [8080]");
    screen.expect("portz");
    screen.expect("error");
    taken(screen, 1)
}

fn splits(teu: &Teu) -> vt100::Screen {
    let mut screen = start(teu, "gruvbox");
    screen.send("1gje");
    screen.expect("#");
    screen.send("ls --color=always /\r");
    screen.send("\x1d|");
    std::thread::sleep(Duration::from_millis(700));
    screen.send("top\r");
    screen.send("\x1d-");
    std::thread::sleep(Duration::from_millis(700));
    screen.send("ps\r");
    taken(screen, 3)
}

fn monitor(teu: &Teu) -> vt100::Screen {
    let mut screen = start(teu, "catppuccin");
    std::thread::sleep(Duration::from_secs(20));
    screen.send("M");
    taken(screen, 2)
}

fn images(teu: &Teu) -> vt100::Screen {
    let mut screen = start(teu, "harbor");
    screen.send("2j");
    screen.expect("repository");
    taken(screen, 1)
}
