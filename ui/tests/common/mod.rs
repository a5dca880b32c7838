//! A scripted engine, a keyboard and a screen for whole-app tests.
#![allow(dead_code, clippy::unused_self, clippy::unwrap_used)] // Each suite uses a part.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::Color;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use teu_api::container::{ContainerSnapshot, ContainerState, PortProtocol, PublishedPort, Status};
use teu_api::event::{LogLine, LogStream};
use teu_api::image::ImageSnapshot;
use teu_api::stats::{ContainerStats, StatsSample};
use teu_api::{Command, ContainerId, Event};
use teu_ui::keys::KeyEvent;
use teu_ui::{Effect, HostSummary, Model, Msg, Settings, update, view};

pub const SECOND: i64 = 1_000_000_000;
/// 2026-11-24 10:00:00 UTC.
pub const NOON: i64 = 1_795_514_400 * SECOND;

/// The user interface under test.
pub struct App {
    pub model: Model,
    pub now: i64,
    pub effects: Vec<Effect>,
    screen: Terminal<TestBackend>,
}

impl App {
    pub fn new(columns: u16, rows: u16) -> Self {
        Self::with(columns, rows, Settings::default())
    }

    pub fn with(columns: u16, rows: u16, settings: Settings) -> Self {
        let host = HostSummary { name: "quay".into(), cpus: 2, memory: 24 << 30 };
        let model = Model::new(Settings { size: (columns, rows), host, ..settings });
        let screen = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        Self { model, now: NOON, effects: Vec::new(), screen }
    }

    pub fn send(&mut self, msg: Msg) {
        let effects = update(&mut self.model, msg, self.now);
        self.effects.extend(effects);
    }

    pub fn event(&mut self, event: Event) {
        self.send(Msg::Engine(event));
    }

    /// Types keys as people write them, blanks between: `"j j enter"`.
    pub fn keys(&mut self, keys: &str) {
        for key in keys.split_whitespace() {
            let key: KeyEvent = key.parse().unwrap();
            self.send(Msg::Key(key));
        }
    }

    /// Types a word letter by letter.
    pub fn word(&mut self, word: &str) {
        for letter in word.chars() {
            let key: KeyEvent =
                if letter == ' ' { "space".parse() } else { letter.to_string().parse() }.unwrap();
            self.send(Msg::Key(key));
        }
    }

    /// Lets time pass, and gives the model the ticks that it asked for.
    pub fn pass(&mut self, nanoseconds: i64) {
        let end = self.now + nanoseconds;
        while let Some(due) = self.model.next_deadline().filter(|due| *due <= end) {
            self.now = due.max(self.now);
            self.send(Msg::Tick);
        }
        self.now = end;
    }

    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.screen.backend_mut().resize(columns, rows);
        self.send(Msg::Resize { columns, rows });
    }

    /// Draws a frame.
    pub fn draw(&mut self) -> &Buffer {
        let model = &self.model;
        self.screen.draw(|frame| view(model, frame)).unwrap();
        self.screen.backend().buffer()
    }

    /// The frame as text.
    pub fn text(&mut self) -> String {
        text(self.draw())
    }

    /// The commands asked of the engine since the last call.
    pub fn commands(&mut self) -> Vec<Command> {
        let effects = std::mem::take(&mut self.effects);
        let commands = effects.into_iter().filter_map(|effect| match effect {
            Effect::Engine(command) => Some(command),
            _ => None,
        });
        commands.collect()
    }

    /// The place of a text on the screen.
    pub fn find(&mut self, needle: &str) -> Option<(u16, u16)> {
        let buffer = self.draw();
        let area = *buffer.area();
        for y in 0..area.height {
            let cells: Vec<&str> = (0..area.width).map(|x| buffer[(x, y)].symbol()).collect();
            for x in 0..cells.len() {
                if cells[x..].concat().starts_with(needle) {
                    return Some((x as u16, y));
                }
            }
        }
        None
    }

    /// The ticket of the last log request.
    pub fn log_ticket(&self) -> u64 {
        let follow = self.effects.iter().rev().find_map(|effect| match effect {
            Effect::Engine(Command::FollowLog(Some(request))) => Some(request.ticket),
            _ => None,
        });
        follow.unwrap()
    }

    /// The ticket of the last shell asked for.
    pub fn shell_ticket(&self) -> u64 {
        let commands = self.effects.iter().filter_map(|effect| match effect {
            Effect::Engine(command) => Some(command.clone()),
            _ => None,
        });
        self.shell_ticket_of(&commands.collect::<Vec<_>>())
    }

    /// The ticket of the last shell that some commands ask for.
    pub fn shell_ticket_of(&self, commands: &[Command]) -> u64 {
        let ticket = commands.iter().rev().find_map(|command| match command {
            Command::OpenShell { ticket, .. } | Command::AttachSession { ticket, .. } => Some(*ticket),
            _ => None,
        });
        ticket.unwrap()
    }
}

/// A buffer's text, line by line, wide characters once.
pub fn text(buffer: &Buffer) -> String {
    let area = *buffer.area();
    let mut out = String::new();
    for y in 0..area.height {
        let mut line = String::new();
        let mut skip = 0;
        for x in 0..area.width {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let symbol = buffer[(x, y)].symbol();
            skip = teu_ui::text::width(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

/// A buffer's colours as runs: `text[fg,bg,modifiers]` per change, for golden frames that assert colours.
pub fn colors(buffer: &Buffer) -> String {
    let area = *buffer.area();
    let mut out = String::new();
    for y in 0..area.height {
        let mut last = None;
        for x in 0..area.width {
            let cell = &buffer[(x, y)];
            let now = (cell.fg, cell.bg, cell.modifier);
            if last != Some(now) {
                let _ = write!(out, "⟦{} {}", name(cell.fg), name(cell.bg));
                if !cell.modifier.is_empty() {
                    let _ = write!(out, " {:?}", cell.modifier);
                }
                out.push('⟧');
                last = Some(now);
            }
            out.push_str(cell.symbol());
        }
        out.push('\n');
    }
    out
}

fn name(color: Color) -> String {
    match color {
        Color::Rgb(r, g, b) => format!("{r:02x}{g:02x}{b:02x}"),
        other => format!("{other:?}"),
    }
}

pub fn id(n: u8) -> ContainerId {
    ContainerId::from_bytes([n; 32])
}

pub fn container(n: u8, name: &str, image: &str, status: Status) -> ContainerSnapshot {
    let live = status.is_live();
    ContainerSnapshot {
        id: id(n),
        name: name.into(),
        image: image.into(),
        image_id: format!("sha256:{}", "ab".repeat(32)),
        args: vec!["/bin/sh".into(), "-c".into(), format!("serve {name}")],
        created_at: NOON - 7200 * SECOND,
        state: ContainerState {
            status,
            pid: if live { 4000 + i32::from(n) } else { 0 },
            started_at: if status == Status::Created { 0 } else { NOON - (i64::from(n) * 700 + 5) * SECOND },
            finished_at: if status == Status::Exited { NOON - 90 * SECOND } else { 0 },
            ..Default::default()
        },
        tty: false,
        labels: BTreeMap::from([("demo".to_owned(), "true".to_owned())]),
        ports: Vec::new(),
        networks: vec!["none".into()],
        mounts: Vec::new(),
    }
}

/// The demo: a web-like logger, a counter, a wave, one that fails; and a paused one.
pub fn demo() -> Vec<ContainerSnapshot> {
    let mut web = container(1, "demo-web", "demo/web:latest", Status::Running);
    web.ports.push(PublishedPort {
        host_ip: String::new(),
        host_port: 8080,
        host_port_end: 0,
        container_port: 80,
        protocol: PortProtocol::default(),
    });
    let mut failing = container(4, "demo-flaky", "demo/flaky:latest", Status::Exited);
    failing.state.exit_code = 3;
    failing.state.restart_count = 7;
    vec![
        web,
        container(2, "demo-counter", "demo/counter:latest", Status::Running),
        container(3, "demo-wave", "demo/wave:latest", Status::Running),
        failing,
        container(5, "資料庫", "registry.example.org/team/long/path/database:16.3", Status::Paused),
    ]
}

pub fn images() -> Vec<ImageSnapshot> {
    let image = |n: u8, tag: Option<&str>, size: u64, containers: u32| ImageSnapshot {
        id: format!("sha256:{}", format!("{n:02x}").repeat(32)),
        manifest_digest: format!("sha256:{}", format!("{:02x}", n + 1).repeat(32)),
        tags: tag.map(str::to_owned).into_iter().collect(),
        created_at: Some(NOON - i64::from(n) * 86_400 * SECOND),
        size,
        unique: size / 4 * 3,
        containers,
        labels: BTreeMap::new(),
    };
    vec![
        image(1, Some("demo/web:latest"), 11_300_000, 1),
        image(2, Some("demo/counter:latest"), 8_200_000, 1),
        image(3, None, 912_000_000, 0),
    ]
}

/// Stats of the demo after so many seconds: a wave for the third, little for the others.
pub fn stats(second: u32) -> Event {
    let total = |share: &dyn Fn(u32) -> f64| (0..=second).map(|s| share(s) * 1e7).sum::<f64>() as u64;
    let wave = |s: u32| 50.0 + 45.0 * (f64::from(s) / 9.0).sin();
    let sample = |n: u8, cpu_ns: u64, memory: u64| ContainerStats {
        id: id(n),
        sample: StatsSample {
            at: i64::from(second) * SECOND,
            cpu_ns,
            memory,
            memory_limit: 24 << 30,
            pids: 3,
            pids_limit: None,
            network_rx: u64::from(second) * 1_300,
            network_tx: u64::from(second) * 400,
            block_read: 0,
            block_write: u64::from(second / 5) * 40_960,
        },
    };
    Event::Stats(vec![
        sample(
            1,
            total(&|s| if s % 7 == 0 { 4.0 } else { 0.6 }),
            9_400_000 + u64::from(second % 10) * 100_000,
        ),
        sample(2, total(&|_| 0.2), 2_100_000),
        sample(3, total(&wave), (40e6 + 30e6 * (f64::from(second) / 11.0).cos()) as u64),
    ])
}

pub fn log(n: i64, stream: LogStream, text: &str) -> LogLine {
    LogLine { at: NOON - 600 * SECOND + n * SECOND, stream, text: text.as_bytes().to_vec() }
}

pub fn web_log(lines: i64) -> Vec<LogLine> {
    let line = |n: i64| match n % 9 {
        4 => log(n, LogStream::Stderr, "WARN slow upstream: 812 ms"),
        7 => log(n, LogStream::Stderr, "ERROR cannot reach db: connection refused"),
        5 => log(n, LogStream::Stdout, "{\"level\":\"info\",\"msg\":\"cache warm\",\"entries\":4096}"),
        2 => log(n, LogStream::Stdout, "\x1b[32m200\x1b[0m \x1b[1mGET\x1b[0m /index.html \x1b[2m3 ms\x1b[0m"),
        _ => log(
            n,
            LogStream::Stdout,
            &format!("10.0.0.{} \"GET /item/{n}\" 200 {}", n % 250, 300 + n * 7 % 900),
        ),
    };
    (0..lines).map(line).collect()
}

/// The app with the demo running for two minutes and the first log read.
pub fn demo_app(columns: u16, rows: u16) -> App {
    demo_with(App::new(columns, rows))
}

pub fn demo_with(mut app: App) -> App {
    app.event(Event::Containers(demo()));
    app.event(Event::Images(images()));
    for second in 0..120 {
        app.event(stats(second));
    }
    app.keys("G");
    app.pass(SECOND);
    app.keys("g j j");
    app.pass(SECOND);
    let ticket = app.log_ticket();
    app.event(Event::Log { ticket, lines: web_log(80), dropped: 0 });
    app
}
