//! The full-screen interface with thirty quiet containers: first frame, key to frame, cost of doing nothing.

use crate::measure::{line, median, milliseconds, processor_ticks};
use std::time::{Duration, Instant};
use teu_tests::Teu;
use teu_tests::terminal::Terminal;

const CONTAINERS: usize = 30;
const IDLE: Duration = Duration::from_secs(10);

/// All figures of the interface.
pub fn bench() {
    let teu = Teu::with_busybox();
    for number in 0..CONTAINERS {
        teu.run([
            "run",
            "-d",
            "--name",
            &format!("quiet{number:02}"),
            "--network",
            "none",
            "busybox",
            "sleep",
            "100000",
        ])
        .ok();
    }
    let mut first_frames = Vec::new();
    for _ in 0..7 {
        let start = Instant::now();
        let mut screen = Terminal::start(&teu, &[], 160, 48);
        while !screen.next_text(Duration::from_millis(1)).contains("quiet")
            && start.elapsed() < Duration::from_secs(10)
        {}
        first_frames.push(start.elapsed());
    }
    let first = median(first_frames);
    line("first frame with 30 containers", &milliseconds(first), "50 ms", first <= Duration::from_millis(50));

    let mut screen = Terminal::start(&teu, &[], 160, 48);
    screen.expect("quiet");
    std::thread::sleep(Duration::from_secs(2));
    let mut keys = Vec::new();
    for round in 0..40 {
        let before = screen.raw().len();
        let start = Instant::now();
        screen.send(if round % 2 == 0 { "j" } else { "k" });
        while screen.next_bytes(Duration::from_millis(1)) == before
            && start.elapsed() < Duration::from_secs(2)
        {}
        keys.push(start.elapsed());
        std::thread::sleep(Duration::from_millis(60));
    }
    let key = median(keys);
    line("key to frame, median of 40", &milliseconds(key), "10 ms", key <= Duration::from_millis(10));

    between_two_minutes();
    let (bytes, ticks) = (screen.raw().len(), processor_ticks(screen.pid()));
    std::thread::sleep(IDLE);
    let written = screen.raw().len() - bytes;
    let used = (processor_ticks(screen.pid()) - ticks) as f64 / 100.0 / IDLE.as_secs_f64() * 100.0;
    line("processor while idle, of one core", &format!("{used:.2} %"), "0.5 %", used <= 0.5);
    line("bytes to the terminal while idle", &format!("{written}"), "0", written == 0);
    drop(screen);
    teu.finish();
}

/// Ages on the screen change when the clock's minute does, all of them in one frame. That is a change, and not what is
/// measured here: the window is laid between two of them.
fn between_two_minutes() {
    let second = || {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        now.as_secs() % 60
    };
    std::thread::sleep(Duration::from_secs(2));
    while !(2..45).contains(&second()) {
        std::thread::sleep(Duration::from_millis(200));
    }
}
