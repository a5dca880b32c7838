//! The interface in a flood: a log that never ends, and a terminal that never ends. Keys, memory, and lines that are
//! missing without a mark.

use crate::measure::{line, median, milliseconds, percentile, processor_time, resident_memory};
use std::time::{Duration, Instant};
use teu_tests::Teu;
use teu_tests::terminal::Terminal;

/// Lines of the flood that memory is measured after.
const LINES: u64 = 10_000_000;
/// Key presses measured.
const KEYS: usize = 100;

/// All figures of the flood.
pub fn bench() {
    let teu = Teu::with_busybox();
    teu.run(["run", "-d", "--name", "quiet", "--network", "none", "busybox", "sleep", "100000"]).ok();
    teu.run([
        "run",
        "-d",
        "--name",
        "raging",
        "--network",
        "none",
        "busybox",
        "yes",
        "level=info one line of many, as long as lines are",
    ])
    .ok();
    let mut screen = Terminal::start(&teu, &[], 160, 48);
    screen.expect("raging");
    screen.send("j");
    screen.expect("one line of many");
    keys("a log flood", &mut screen, |round| if round % 2 == 0 { "t".into() } else { "\x1b".into() });
    teu.run(["rm", "-f", "raging"]).ok();
    screen.send("q");
    screen.wait();
    drop(screen);

    // Ten million numbered lines: what is in the buffer must be without a gap that no mark tells of.
    let script = format!("sleep 1; seq {LINES}; sleep 1; echo the-flood-is-over; sleep 100000");
    teu.run(["run", "-d", "--name", "ten", "--network", "none", "busybox", "sh", "-c", &script]).ok();
    let mut screen = Terminal::start(&teu, &[], 160, 48);
    screen.expect("ten");
    screen.send("G");
    screen.expect("Logs");
    let begun = Instant::now();
    while !screen.next_text(Duration::from_millis(100)).contains("the-flood-is-over") {
        assert!(begun.elapsed() < Duration::from_mins(10), "the flood does not end:\n{}", screen.text());
    }
    let took = begun.elapsed();
    println!("{:<58} {:>16}", "ten million lines seen in", format!("{:.1} s", took.as_secs_f64()));
    let resident = resident_memory(screen.pid()) as f64 / 1024.0;
    line(
        "resident memory after ten million lines",
        &format!("{resident:.1} MiB"),
        "80 MiB",
        resident <= 80.0,
    );
    std::thread::sleep(Duration::from_secs(3));
    let (bytes, time) = (screen.raw().len(), processor_time(screen.pid()));
    std::thread::sleep(Duration::from_secs(5));
    let used = processor_time(screen.pid()).saturating_sub(time).as_secs_f64() / 5.0 * 100.0;
    line("processor after the flood, of one core", &format!("{used:.2} %"), "0.5 %", used <= 0.5);
    let written = screen.raw().len() - bytes;
    line("bytes to the terminal after the flood", &format!("{written}"), "0", written == 0);
    let file = teu.root().join("flood.log");
    screen.send("l");
    screen.send("E\x15");
    screen.send(file.display().to_string());
    screen.send("\r");
    screen.expect("wrote");
    let text = std::fs::read_to_string(&file).unwrap_or_default();
    let numbers: Vec<Option<u64>> =
        text.lines().map(|line| line.rsplit(' ').next().and_then(|word| word.parse().ok())).collect();
    let gaps = numbers.windows(2).filter(|pair| matches!(pair, [Some(a), Some(b)] if b != &(a + 1))).count();
    println!("{:<58} {:>16}", "lines in the buffer", numbers.len());
    line("gaps in it that no mark tells of", &gaps.to_string(), "0", gaps == 0 && numbers.len() > 10_000);
    drop(screen);

    let mut screen = Terminal::start(&teu, &[], 160, 48);
    screen.expect("quiet");
    screen.send("g");
    screen.send("e");
    screen.expect("#");
    for flood in ["yes a line of a shell that never ends", "cat /dev/urandom"] {
        screen.send(format!("{flood}\r"));
        std::thread::sleep(Duration::from_secs(1));
        let before = screen.raw().len();
        std::thread::sleep(Duration::from_secs(2));
        let rate = (screen.raw().len() - before) / 2 / 1024;
        println!("{:<58} {:>16}", format!("{flood:.18}: bytes to the terminal"), format!("{rate} KiB/s"));
        // The prefix key shows its menu, and takes it away again.
        keys(&format!("{flood:.18} in a shell"), &mut screen, |round| {
            if round % 2 == 0 { "\x1d".into() } else { "\x1b".into() }
        });
        screen.send("\x03");
        std::thread::sleep(Duration::from_millis(300));
        screen.send("\rclear; echo over-$((1+1))\r");
        screen.expect("over-2");
    }
    let resident = resident_memory(screen.pid()) as f64 / 1024.0;
    line(
        "resident memory after floods in a shell",
        &format!("{resident:.1} MiB"),
        "80 MiB",
        resident <= 80.0,
    );
    drop(screen);
    teu.finish();
}

/// How long keys take until the frame that shows what they did has been written.
fn keys(what: &str, screen: &mut Terminal, key: impl Fn(usize) -> String) {
    let mut times = Vec::new();
    for round in 0..KEYS {
        let shown = shown(screen);
        let start = Instant::now();
        screen.send(key(round));
        while self::shown(screen) == shown && start.elapsed() < Duration::from_secs(2) {
            screen.next_bytes(Duration::from_micros(200));
        }
        times.push(start.elapsed());
        std::thread::sleep(Duration::from_millis(20));
    }
    let (middle, late) = (median(times.clone()), percentile(times, 99));
    let name = format!("key to frame in {what}, median");
    line(&name, &milliseconds(middle), "8 ms", middle <= Duration::from_millis(8));
    let name = format!("key to frame in {what}, of 100 the 99th");
    line(&name, &milliseconds(late), "16 ms", late <= Duration::from_millis(16));
}

/// What the keys change, and the flood does not.
fn shown(screen: &mut Terminal) -> bool {
    screen.text().contains(" then ")
}
