//! The logs of several containers in one stream, and what `up` does while it shows them.

use super::ears::{Ears, Sound};
use super::project::Stack;
use super::say;
use crate::arguments::ComposeUpArguments;
use crate::commands::{Outcome, complain};
use crate::output::safe;
use jiff::Timestamp;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io::{self, BufWriter, Write};
use std::thread;
use teu_api::event::LogLine;
use teu_api::{ContainerId, Failure};
use teu_core::log::{Progress, ReadOptions, Reader};
use teu_core::stacks::Settings;
use teu_core::stacks::plan::Life;
use teu_core::{ContainerRecord, Engine, Watch};

/// Colours of names, in turn.
const COLOURS: [&str; 6] = ["36", "33", "32", "35", "34", "96"];

/// How lines are shown.
#[derive(Clone, Copy)]
pub struct Look {
    /// Whether names have colours.
    pub colours: bool,
    /// Whether lines begin with their container's name.
    pub prefixes: bool,
    /// Whether lines show when they were written.
    pub timestamps: bool,
}

/// One container's log.
struct Source {
    id: ContainerId,
    service: String,
    name: String,
    prefix: String,
    record: ContainerRecord,
    ended: bool,
    /// Whether its lines are kept back.
    muted: bool,
}

/// What is heard while lines are shown.
enum Heard<'a> {
    /// A container ended with this exit code, and all it wrote is shown.
    Ended(&'a Source, i32),
    /// The user wants it to end.
    Signal,
}

/// How a stream of lines ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// Every container has ended, or nobody reads any more.
    Over,
    /// The user left, and the containers go on.
    Left,
}

/// Several containers' logs.
pub struct Follow<'a> {
    engine: &'a Engine,
    stack: &'a Stack,
    sources: Vec<Source>,
    look: Look,
    since: Option<i64>,
    tail: Option<usize>,
    out: BufWriter<io::Stdout>,
    /// Whether the reader of our output went away.
    gone: bool,
    /// The moment up to which lines are shown.
    pub until: Option<i64>,
}

impl<'a> Follow<'a> {
    /// The logs of these containers.
    pub fn new(
        engine: &'a Engine,
        stack: &'a Stack,
        records: Vec<ContainerRecord>,
        look: Look,
        since: Option<i64>,
        tail: Option<usize>,
    ) -> Self {
        let short = |name: &str| {
            let own = name.strip_prefix(&stack.name).and_then(|rest| rest.strip_prefix('-'));
            safe(own.unwrap_or(name)).into_owned()
        };
        let width = records.iter().map(|record| short(&record.name).len()).max().unwrap_or(0);
        let sources = records.into_iter().enumerate().map(|(index, record)| {
            let name = short(&record.name);
            let plain = format!("{name:width$}  | ");
            let prefix = match (look.prefixes, look.colours) {
                (false, _) => String::new(),
                (true, false) => plain,
                (true, true) => format!("\x1b[{}m{plain}\x1b[0m", COLOURS[index % COLOURS.len()]),
            };
            let service = super::ps::service(&record.spec.labels).to_owned();
            Source { id: record.id.clone(), service, name, prefix, record, ended: false, muted: false }
        });
        Self {
            engine,
            stack,
            sources: sources.collect(),
            look,
            since,
            tail,
            out: BufWriter::with_capacity(64 << 10, io::stdout()),
            gone: false,
            until: None,
        }
    }

    /// Keeps the lines of some services back; that their containers end is still told.
    pub fn mute(&mut self, is_muted: impl Fn(&str) -> bool) {
        for source in &mut self.sources {
            source.muted = is_muted(&source.service);
        }
    }

    fn reader(&self, source: &Source, follow: bool) -> Result<Reader, Failure> {
        let options = ReadOptions { tail: self.tail, since: self.since, until: self.until, follow };
        self.engine.log_reader(&source.record, options)
    }

    /// Shows what there is, in the order in which it was written.
    pub fn all(mut self) -> Outcome {
        let mut lines: Vec<(usize, LogLine)> = Vec::new();
        for (index, source) in self.sources.iter().enumerate() {
            let mut reader = self.reader(source, false)?;
            let mut own = Vec::new();
            while reader.read(&mut own)? == Progress::More {}
            lines.extend(own.into_iter().map(|line| (index, line)));
        }
        lines.sort_by_key(|(_, line)| line.at);
        for (index, line) in &lines {
            self.print(*index, line)?;
        }
        self.flush()?;
        Ok(0)
    }

    /// Shows what there is, and goes on until every container has ended.
    pub fn on(mut self) -> Outcome {
        self.go_on(None, &mut |_| ())?;
        Ok(0)
    }

    /// What `up` does in the foreground: shows all output, stops the stack when it is told to, and hands back the
    /// exit code that its flags ask for. So many times it was told to while it was starting.
    pub fn attached(mut self, up: &ComposeUpArguments, interrupts: u32, mut ears: Ears) -> Outcome {
        let shown = self.sources.iter().filter(|source| !source.muted).map(|source| source.name.as_str());
        let shown: Vec<&str> = shown.collect();
        if interrupts == 0 && !shown.is_empty() {
            let _ = writeln!(io::stderr(), "Attaching to {}", shown.join(", "));
        }
        if ears.hears_keys() {
            let _ = writeln!(io::stderr(), "d leaves the containers running, Ctrl-C stops them");
        }
        let paths = self.engine.store().paths().clone();
        let (name, project) = (self.stack.name.clone(), self.stack.project.as_ref());
        let manner = self.stack.manner;
        let abort = up.abort_on_container_exit || up.exit_code_from.is_some();
        let stop = |what: Life| {
            let settings = Settings { stop_timeout: up.timeout, ..manner.settings(&name) };
            let stopped = Engine::open(paths.clone()).and_then(|engine| {
                engine
                    .turn_stack(project, &up.make.services, what, &settings, &mut |event| manner.tell(event))
            });
            match stopped {
                Ok(problems) => _ = say::problems(&problems),
                Err(failure) => complain(&failure),
            }
        };
        let stop = &stop;
        let mut code = 0;
        let mut told_to = 0;
        let mut aborted = false;
        let ending = thread::scope(|scope| {
            let mut heed = |heard: Heard<'_>| match heard {
                Heard::Ended(source, exit) => {
                    let _ = writeln!(io::stderr(), "{} exited with code {exit}", source.name);
                    let ends_all = abort || (up.abort_on_container_failure && exit != 0);
                    match &up.exit_code_from {
                        Some(service) if *service == source.service => code = exit as u8,
                        None if ends_all && !aborted && told_to == 0 => code = exit as u8,
                        _ => {}
                    }
                    if ends_all && !aborted {
                        aborted = true;
                        let _ = writeln!(io::stderr(), "Aborting on container exit...");
                        scope.spawn(move || stop(Life::Stop));
                    }
                }
                Heard::Signal => {
                    told_to += 1;
                    let what = if told_to == 1 { Life::Stop } else { Life::Kill };
                    if told_to == 1 {
                        let _ =
                            writeln!(io::stderr(), "Gracefully stopping... (press Ctrl+C again to force)");
                        code = 130;
                    }
                    scope.spawn(move || stop(what));
                }
            };
            for _ in 0..interrupts {
                heed(Heard::Signal);
            }
            self.go_on(Some(&mut ears), &mut heed)
        })?;
        if ending == Ending::Left {
            let _ = writeln!(io::stderr(), "The containers go on: teu compose logs -f, teu compose stop");
        }
        Ok(code)
    }

    /// Shows lines as they come. `heed` is told of each container that ended, and of signals.
    fn go_on(
        &mut self,
        mut ears: Option<&mut Ears>,
        heed: &mut dyn FnMut(Heard<'_>),
    ) -> Result<Ending, Failure> {
        let broken = |error: io::Error| Failure::internal(format!("cannot watch the database: {error}"));
        let watch = Watch::new(&self.engine.store().paths().database()).map_err(broken)?;
        let mut readers = self
            .sources
            .iter()
            .map(|source| self.reader(source, true))
            .collect::<Result<Vec<Reader>, Failure>>()?;
        loop {
            for (index, reader) in readers.iter_mut().enumerate() {
                if self.sources[index].ended {
                    continue;
                }
                let exit = match self.engine.store().container(&self.sources[index].id) {
                    Ok(record) if record.state.status.is_live() => None,
                    Ok(record) => Some(record.state.exit_code),
                    Err(_) => Some(0),
                };
                if exit.is_some() {
                    reader.finish();
                }
                let mut lines = Vec::new();
                let ended = loop {
                    match reader.read(&mut lines)? {
                        Progress::More => {}
                        Progress::Pending => break exit.is_some(),
                        Progress::End => break true,
                    }
                };
                if self.sources[index].muted {
                    lines.clear();
                }
                for line in &lines {
                    self.print(index, line)?;
                }
                self.flush()?;
                if ended {
                    self.sources[index].ended = true;
                    heed(Heard::Ended(&self.sources[index], exit.unwrap_or(0)));
                }
            }
            if self.gone || self.sources.iter().all(|source| source.ended) {
                return Ok(Ending::Over);
            }
            let quiet = {
                let mut descriptors = vec![PollFd::new(watch.as_fd(), PollFlags::POLLIN)];
                descriptors.extend(
                    readers.iter().filter_map(Reader::as_fd).map(|fd| PollFd::new(fd, PollFlags::POLLIN)),
                );
                if let Some(ears) = &ears {
                    descriptors.extend(ears.descriptors());
                }
                // Of a killed supervisor no commit tells; it is looked for once a second.
                poll(&mut descriptors, PollTimeout::from(1000_u16)) == Ok(0)
            };
            watch.clear().map_err(broken)?;
            if quiet {
                self.engine.reconcile()?;
            }
            let Some(ears) = &mut ears else { continue };
            for sound in ears.hear()? {
                if sound == Sound::Leave {
                    return Ok(Ending::Left);
                }
                // Who has it stop waits for the end.
                ears.ignore_keys();
                heed(Heard::Signal);
            }
        }
    }

    fn print(&mut self, index: usize, line: &LogLine) -> Result<(), Failure> {
        let source = &self.sources[index];
        let mut write = || {
            self.out.write_all(source.prefix.as_bytes())?;
            if self.look.timestamps
                && let Ok(at) = Timestamp::from_nanosecond(i128::from(line.at))
            {
                write!(self.out, "{at:.9} ")?;
            }
            self.out.write_all(&line.text)?;
            self.out.write_all(b"\n")
        };
        let written = write();
        self.written(written)
    }

    fn flush(&mut self) -> Result<(), Failure> {
        let written = self.out.flush();
        self.written(written)
    }

    fn written(&mut self, result: io::Result<()>) -> Result<(), Failure> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.gone = true;
                Ok(())
            }
            other => {
                other.map_err(|error| Failure::internal(format!("cannot write to standard output: {error}")))
            }
        }
    }
}
