//! How far a build is: on a terminal the running step with its last lines, elsewhere every line as it comes.

use crate::output::{decimal_size, ellipsis, safe};
use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::{self, IsTerminal as _, Write as _};
use std::os::fd::AsFd as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use teu_api::progress::{TransferEvent, TransferPhase};
use teu_core::build::BuildEvent;

/// Lines of the running step on a terminal.
const SHOWN: usize = 6;
/// Lines of a step that are kept for the case that it fails.
const KEPT: usize = 200;
/// The shortest time between two drawings.
const PAUSE: Duration = Duration::from_millis(40);

/// How a build is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Manner {
    /// Each line with its step's number.
    Plain,
    /// What is running, drawn over again.
    Terminal,
    /// Not at all.
    Quiet,
}

impl Manner {
    /// The manner of this name; `auto` looks at standard error.
    pub fn of(name: &str) -> Self {
        let can_draw = || {
            io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|terminal| terminal != "dumb")
        };
        match name {
            "plain" => Self::Plain,
            "quiet" => Self::Quiet,
            "tty" => Self::Terminal,
            _ if can_draw() => Self::Terminal,
            _ => Self::Plain,
        }
    }
}

/// Shows a build on standard error.
pub struct Show {
    manner: Manner,
    colours: bool,
    state: Mutex<State>,
}

struct State {
    begun: Instant,
    running: Option<Running>,
    /// Lines on the terminal that are drawn over.
    drawn: usize,
    drawn_at: Option<Instant>,
}

struct Running {
    step: usize,
    name: String,
    begun: Instant,
    /// The line that has no end yet.
    rest: Vec<u8>,
    lines: VecDeque<String>,
}

impl Show {
    /// Shows nothing yet.
    pub fn new(manner: Manner) -> Self {
        let colours =
            manner == Manner::Terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let state = State { begun: Instant::now(), running: None, drawn: 0, drawn_at: None };
        Self { manner, colours, state: Mutex::new(state) }
    }

    /// Shows what happened.
    pub fn take(&self, event: BuildEvent) {
        let Ok(mut state) = self.state.lock() else { return };
        match event {
            BuildEvent::Begun { step, name } => self.begin(&mut state, step, &name),
            BuildEvent::Output { bytes, .. } => self.output(&mut state, &bytes),
            BuildEvent::Transfer { event, .. } => self.transfer(&mut state, &event),
            BuildEvent::Done { cached, .. } => self.end(&mut state, cached),
            BuildEvent::Failed { .. } => self.fail(&mut state),
            BuildEvent::Warning(text) => {
                if self.manner != Manner::Quiet {
                    let text = format!("{}{}\n", self.coloured("33", "WARNING: "), safe(&text));
                    self.above(&mut state, &text);
                }
            }
        }
    }

    /// The build is done.
    pub fn finished(&self, id: &str, names: &[String]) {
        let Ok(mut state) = self.state.lock() else { return };
        if self.manner == Manner::Quiet {
            return;
        }
        let time = seconds(state.begun.elapsed());
        let mut text = format!("{} {id} in {time}\n", self.coloured("32", "Built"));
        for name in names {
            text.push_str(&format!("Named {}\n", safe(name)));
        }
        self.above(&mut state, &text);
    }

    fn begin(&self, state: &mut State, step: usize, name: &str) {
        // A document in the instruction has lines of its own.
        let name = name.lines().next().unwrap_or_default();
        let name = safe(name).into_owned();
        if self.manner == Manner::Plain {
            write(&format!("#{step} {name}\n"));
        }
        let lines = VecDeque::new();
        state.running = Some(Running { step, name, begun: Instant::now(), rest: Vec::new(), lines });
        self.draw(state, true);
    }

    fn output(&self, state: &mut State, bytes: &[u8]) {
        let Some(running) = &mut state.running else { return };
        running.rest.extend_from_slice(bytes);
        while let Some(end) = running.rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = running.rest.drain(..=end).collect();
            self.line(running, &line);
        }
        // A line without an end must not grow without bound.
        if running.rest.len() > 64 << 10 {
            let line = std::mem::take(&mut running.rest);
            self.line(running, &line);
        }
        self.draw(state, false);
    }

    fn line(&self, running: &mut Running, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        // Of a line that was written over with carriage returns the last state counts.
        let text = text.trim_end_matches(['\n', '\r']);
        let text = safe(text.rsplit('\r').next().unwrap_or(text)).into_owned();
        if self.manner == Manner::Plain {
            write(&format!("#{} {:.3} {text}\n", running.step, running.begun.elapsed().as_secs_f64()));
        }
        running.lines.push_back(text);
        if running.lines.len() > KEPT {
            running.lines.pop_front();
        }
    }

    fn transfer(&self, state: &mut State, event: &TransferEvent) {
        let Some(running) = &mut state.running else { return };
        let (line, matters) = match event {
            TransferEvent::Message(text) => (safe(text).into_owned(), true),
            TransferEvent::Part(part) => {
                let bytes = if part.total > 0 {
                    format!(" {} / {}", decimal_size(part.current), decimal_size(part.total))
                } else {
                    String::new()
                };
                let done = matches!(part.phase, TransferPhase::Done | TransferPhase::Exists);
                (format!("{}{bytes}", safe(&part.id)), done)
            }
        };
        if self.manner == Manner::Plain {
            if matters {
                write(&format!("#{} {line}\n", running.step));
            }
            return;
        }
        let id = line.split(' ').next().unwrap_or_default().to_owned();
        match running.lines.iter_mut().find(|known| known.split(' ').next() == Some(id.as_str())) {
            Some(known) => *known = line,
            None => running.lines.push_back(line),
        }
        self.draw(state, false);
    }

    fn end(&self, state: &mut State, cached: bool) {
        let Some(mut running) = state.running.take() else { return };
        let rest = std::mem::take(&mut running.rest);
        if !rest.is_empty() {
            self.line(&mut running, &rest);
        }
        let time = seconds(running.begun.elapsed());
        match self.manner {
            Manner::Quiet => {}
            Manner::Plain => {
                let what = if cached { "CACHED".to_owned() } else { format!("DONE {time}") };
                write(&format!("#{} {what}\n\n", running.step));
            }
            Manner::Terminal => {
                let (mark, what) = if cached {
                    (self.coloured("36", "="), self.coloured("2", "cached"))
                } else {
                    (self.coloured("32", "✔"), self.coloured("2", &time))
                };
                self.above(state, &format!("{mark} {} {what}\n", fitted(&running.name, 10)));
            }
        }
    }

    fn fail(&self, state: &mut State) {
        let Some(mut running) = state.running.take() else { return };
        let rest = std::mem::take(&mut running.rest);
        if !rest.is_empty() {
            self.line(&mut running, &rest);
        }
        match self.manner {
            Manner::Plain => write(&format!("#{} ERROR\n\n", running.step)),
            Manner::Terminal | Manner::Quiet => {
                let mut text = format!("{} {}\n", self.coloured("31", "✘"), fitted(&running.name, 3));
                for line in &running.lines {
                    text.push_str(&format!("  {line}\n"));
                }
                self.above(state, &text);
            }
        }
    }

    /// Writes something that stays, above what is drawn over.
    fn above(&self, state: &mut State, text: &str) {
        let erase = erase(state.drawn);
        state.drawn = 0;
        write(&format!("{erase}{text}"));
        self.draw(state, true);
    }

    /// Draws the running step. Output that comes fast is not drawn each time; what ends the step shows all.
    fn draw(&self, state: &mut State, at_once: bool) {
        if self.manner != Manner::Terminal
            || (!at_once && state.drawn_at.is_some_and(|at| at.elapsed() < PAUSE))
        {
            return;
        }
        let Some(running) = &state.running else { return };
        let mut text = erase(state.drawn);
        text.push_str(&format!("{} {}\n", self.coloured("34", "▸"), fitted(&running.name, 3)));
        let skipped = running.lines.len().saturating_sub(SHOWN);
        for line in running.lines.iter().skip(skipped) {
            text.push_str(&format!("  {}\n", self.coloured("2", &fitted(line, 3))));
        }
        state.drawn = 1 + running.lines.len().min(SHOWN);
        state.drawn_at = Some(Instant::now());
        write(&text);
    }

    fn coloured(&self, code: &str, text: &str) -> String {
        if self.colours { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1}s", time.as_secs_f64())
}

/// Takes lines away from the terminal, up from the cursor.
fn erase(lines: usize) -> String {
    if lines == 0 { String::new() } else { format!("\x1b[{lines}A\x1b[0J") }
}

/// As much of a text as fits a line with this many columns beside it.
fn fitted(text: &str, beside: usize) -> Cow<'_, str> {
    let columns = match rustix::termios::tcgetwinsize(io::stderr().as_fd()) {
        Ok(size) if size.ws_col > 0 => usize::from(size.ws_col),
        _ => 80,
    };
    ellipsis(text, columns.saturating_sub(beside))
}

fn write(text: &str) {
    // Whoever reads it may have gone away; the build goes on.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
