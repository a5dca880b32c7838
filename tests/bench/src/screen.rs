//! The full-screen interface with thirty quiet containers and with a thousand: first frame, key to frame, the cost of
//! doing nothing, memory. Goals are those of the workstation; beside them stand figures taken here of lazydocker (first
//! frame 390 ms, key to frame 13 to 20 ms, 4 % of a core while idle) and oxker (58 ms, 1.2 %).

use crate::measure::{line, median, milliseconds, percentile, processor_time, resident_memory};
use std::time::{Duration, Instant};
use teu_tests::Teu;
use teu_tests::terminal::Terminal;

const RUNNING: usize = 30;
const MANY: usize = 1000;
const IDLE: Duration = Duration::from_secs(20);
const KEYS: usize = 200;

/// All figures of the interface.
pub fn bench() {
    let teu = Teu::with_busybox();
    for number in 0..RUNNING {
        let name = format!("quiet{number:02}");
        teu.run(["run", "-d", "--name", &name, "--network", "none", "busybox", "sleep", "100000"]).ok();
    }
    figures(&teu, &format!("{RUNNING} containers"));
    for number in RUNNING..MANY {
        let name = format!("quiet{number:04}");
        teu.run(["create", "--name", &name, "--network", "none", "busybox", "sleep", "100000"]).ok();
    }
    figures(&teu, &format!("{MANY} containers"));
    teu.finish();
}

fn figures(teu: &Teu, what: &str) {
    let mut first_frames = Vec::new();
    for _ in 0..7 {
        let start = Instant::now();
        let mut screen = Terminal::start(teu, &[], 160, 48);
        while !screen.next_text(Duration::from_millis(1)).contains("quiet")
            && start.elapsed() < Duration::from_secs(10)
        {}
        first_frames.push(start.elapsed());
    }
    let first = median(first_frames);
    let goal = Duration::from_millis(30);
    line(&format!("first frame, {what}"), &milliseconds(first), "30 ms", first <= goal);

    let mut screen = Terminal::start(teu, &[], 160, 48);
    screen.expect("quiet");
    // A key that moves nothing costs no byte: the keys measured move through the containers.
    screen.send("1g");
    std::thread::sleep(Duration::from_secs(2));
    let keys = keys(&mut screen);
    let (middle, worst) = (median(keys.clone()), percentile(keys, 99));
    let met = middle <= Duration::from_millis(8);
    line(&format!("key to frame, {what}: median of {KEYS}"), &milliseconds(middle), "8 ms", met);
    let met = worst <= Duration::from_millis(16);
    line(&format!("key to frame, {what}: 99th percentile"), &milliseconds(worst), "16 ms", met);

    let (used, written) = idle(&mut screen);
    line(&format!("processor, stats in view, {what}"), &format!("{used:.2} %"), "1 %", used <= 1.0);
    line(&format!("bytes to the terminal, {what}"), &written.to_string(), "0", written == 0);
    // Images, where no figure of a container is in view.
    screen.send("2");
    std::thread::sleep(Duration::from_secs(2));
    let (used, written) = idle(&mut screen);
    line(&format!("processor while idle, {what}"), &format!("{used:.2} %"), "0.2 %", used <= 0.2);
    line(&format!("bytes to the terminal while idle, {what}"), &written.to_string(), "0", written == 0);
    let memory = resident_memory(screen.pid()) as f64 / 1024.0;
    line(&format!("resident memory, {what}"), &format!("{memory:.1} MiB"), "40 MiB", memory <= 40.0);
    // The next start begins where this one ends.
    screen.send("1q");
    screen.wait();
}

/// The times from a key to the bytes that answer it.
fn keys(screen: &mut Terminal) -> Vec<Duration> {
    let mut times = Vec::new();
    for round in 0..KEYS {
        let before = screen.raw().len();
        let start = Instant::now();
        screen.send(if round / 10 % 2 == 0 { "j" } else { "k" });
        while screen.next_bytes(Duration::from_millis(1)) == before
            && start.elapsed() < Duration::from_secs(2)
        {}
        times.push(start.elapsed());
        std::thread::sleep(Duration::from_millis(25));
    }
    times
}

/// The share of a core that the interface takes while nothing happens, and the bytes that it writes.
fn idle(screen: &mut Terminal) -> (f64, usize) {
    between_two_minutes();
    let (bytes, time) = (screen.raw().len(), processor_time(screen.pid()));
    std::thread::sleep(IDLE);
    let used = processor_time(screen.pid()).saturating_sub(time);
    let written = screen.raw().len() - bytes;
    (used.as_secs_f64() / IDLE.as_secs_f64() * 100.0, written)
}

/// Ages on the screen change when the clock's minute does, all of them in one frame. That is a change, and not what is
/// measured here: the window is laid between two of them.
fn between_two_minutes() {
    let second = || {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        now.as_secs() % 60
    };
    std::thread::sleep(Duration::from_secs(2));
    while !(2..38).contains(&second()) {
        std::thread::sleep(Duration::from_millis(200));
    }
}
