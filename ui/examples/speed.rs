//! Measures update and view: a thousand containers, a log flood, a line of 90,000 characters.
#![allow(clippy::unwrap_used, clippy::print_stdout)] // A tool for developers.

#[path = "../tests/common/mod.rs"]
mod common;

use common::{App, NOON, SECOND, log};
use std::time::Instant;
use teu_api::container::Status;
use teu_api::event::{LogLine, LogStream};
use teu_api::stats::{ContainerStats, StatsSample};
use teu_api::{ContainerId, Event};

fn id(n: u32) -> ContainerId {
    let mut bytes = [7; 32];
    bytes[..4].copy_from_slice(&n.to_be_bytes());
    ContainerId::from_bytes(bytes)
}

fn timed(name: &str, rounds: u32, mut work: impl FnMut(u32)) {
    let start = Instant::now();
    (0..rounds).for_each(&mut work);
    println!("{name:<44} {:>9.3} ms", start.elapsed().as_secs_f64() * 1e3 / f64::from(rounds));
}

fn main() {
    let mut app = App::new(200, 50);
    let containers: Vec<_> = (0..1000)
        .map(|n| {
            let mut one = common::container(1, &format!("container-{n}"), "demo/web:latest", Status::Running);
            one.id = id(n);
            one
        })
        .collect();
    let stats = |second: u32| {
        let sample = |n: u32| StatsSample {
            at: i64::from(second) * SECOND,
            cpu_ns: u64::from(second) * u64::from(n % 97) * 10_000_000,
            memory: u64::from(n) << 16,
            ..Default::default()
        };
        Event::Stats((0..1000).map(|n| ContainerStats { id: id(n), sample: sample(n) }).collect())
    };
    timed("snapshot of 1000 containers", 20, |_| app.event(Event::Containers(containers.clone())));
    timed("stats of 1000 containers", 50, |s| app.event(stats(s)));
    timed("key down, update only", 500, |_| app.keys("j"));
    timed("key down and frame of 200x50", 200, |_| {
        app.keys("j");
        app.draw();
    });
    app.keys("s");
    timed("stats, sorted by cpu, and frame", 50, |s| {
        app.event(stats(100 + s));
        app.draw();
    });
    app.keys("/");
    timed("a letter of the filter and frame", 20, |n| {
        app.word(if n % 2 == 0 { "9" } else { "1" });
        app.keys("backspace");
        app.draw();
    });
    app.keys("esc");
    app.pass(SECOND);
    let ticket = app.log_ticket();
    let lines: Vec<LogLine> = (0..1000)
        .map(|n| log(n, LogStream::Stdout, &format!("10.0.0.1 GET /item/{n} 200 12 ms some more text")))
        .collect();
    timed("1000 log lines (of ten million)", 10_000, |_| {
        app.event(Event::Log { ticket, lines: lines.clone(), dropped: 0 });
    });
    timed("frame during the flood", 100, |_| {
        app.draw();
    });
    let long = "x".repeat(90_000);
    let line = LogLine { at: NOON, stream: LogStream::Stdout, text: long.into_bytes() };
    timed("a line of 90,000 characters and frame", 50, |_| {
        app.event(Event::Log { ticket, lines: vec![line.clone()], dropped: 0 });
        app.draw();
    });
    let wide = LogLine { text: "漢\x1b[31m字\x1b[0m".repeat(22_500).into_bytes(), ..line };
    timed("the same, wide and coloured", 50, |_| {
        app.event(Event::Log { ticket, lines: vec![wide.clone()], dropped: 0 });
        app.draw();
    });
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    println!("{}", status.lines().find(|line| line.starts_with("VmRSS")).unwrap());
}
