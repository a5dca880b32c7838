//! `teu logs`.

use super::Outcome;
use crate::arguments::LogsArguments;
use crate::arguments::values::timestamp;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io::{self, BufWriter, Write};
use teu_api::event::{LogLine, LogStream};
use teu_api::{ContainerId, Failure};
use teu_core::log::{Progress, ReadOptions, Reader};
use teu_core::{Engine, Watch};

/// Shows what a container has written; with `--follow`, on until it ends.
pub fn run(engine: &Engine, arguments: &LogsArguments) -> Outcome {
    let record = engine.find(&arguments.container)?;
    let now = Timestamp::now().as_nanosecond() as i64;
    let moment = |text: &Option<String>| {
        text.as_deref().map(|text| timestamp::parse(text, now, &TimeZone::system())).transpose()
    };
    let options = ReadOptions {
        tail: tail(arguments.tail.as_deref())?,
        since: moment(&arguments.since)?,
        until: moment(&arguments.until)?,
        follow: arguments.follow,
    };
    let mut reader = engine.log_reader(&record, options)?;
    let mut printer = Printer::new(arguments.timestamps);
    if arguments.follow {
        follow(engine, &record.id, &mut reader, &mut printer)?;
    } else {
        while !printer.gone && step(&mut reader, &mut printer)? == Progress::More {}
    }
    Ok(0)
}

fn tail(text: Option<&str>) -> Result<Option<usize>, Failure> {
    match text {
        None | Some("all") => Ok(None),
        Some(text) => {
            match text.parse::<i64>() {
                // Docker takes a negative number for all.
                Ok(number) if number < 0 => Ok(None),
                Ok(number) => Ok(Some(number as usize)),
                Err(_) => Err(Failure::usage(format!("invalid number of lines: {text:?}"))
                    .hint("write --tail 100, or all")),
            }
        }
    }
}

fn step(reader: &mut Reader, printer: &mut Printer) -> Result<Progress, Failure> {
    let mut lines = Vec::new();
    let progress = reader.read(&mut lines)?;
    printer.print(&lines)?;
    Ok(progress)
}

/// Follows until the container has ended and everything it wrote is printed.
fn follow(
    engine: &Engine,
    id: &ContainerId,
    reader: &mut Reader,
    printer: &mut Printer,
) -> Result<(), Failure> {
    let broken = |error: io::Error| Failure::internal(format!("cannot watch the database: {error}"));
    let watch = Watch::new(&engine.store().paths().database()).map_err(broken)?;
    let is_live = || engine.store().container(id).is_ok_and(|record| record.state.status.is_live());
    if !is_live() {
        reader.finish();
    }
    loop {
        match step(reader, printer)? {
            _ if printer.gone => return Ok(()),
            Progress::More => {}
            Progress::End => return Ok(()),
            Progress::Pending => {
                let mut descriptors = vec![PollFd::new(watch.as_fd(), PollFlags::POLLIN)];
                descriptors.extend(reader.as_fd().map(|fd| PollFd::new(fd, PollFlags::POLLIN)));
                // Of a killed supervisor no commit tells; it is looked for once a second.
                let quiet = poll(&mut descriptors, PollTimeout::from(1000_u16)) == Ok(0);
                drop(descriptors);
                watch.clear().map_err(broken)?;
                if quiet {
                    engine.reconcile()?;
                }
                if !is_live() {
                    reader.finish();
                }
            }
        }
    }
}

/// Prints lines to the stream that each came from.
struct Printer {
    out: BufWriter<io::Stdout>,
    err: BufWriter<io::Stderr>,
    timestamps: bool,
    /// Whether the reader of our output went away.
    gone: bool,
}

impl Printer {
    fn new(timestamps: bool) -> Self {
        Self {
            out: BufWriter::with_capacity(64 << 10, io::stdout()),
            err: BufWriter::new(io::stderr()),
            timestamps,
            gone: false,
        }
    }

    fn print(&mut self, lines: &[LogLine]) -> Result<(), Failure> {
        let written = lines.iter().try_for_each(|line| match line.stream {
            LogStream::Stdout => write_line(&mut self.out, line, self.timestamps),
            LogStream::Stderr => write_line(&mut self.err, line, self.timestamps),
        });
        match written.and_then(|()| self.out.flush()).and_then(|()| self.err.flush()) {
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

fn write_line(out: &mut impl Write, line: &LogLine, timestamps: bool) -> io::Result<()> {
    if timestamps && let Ok(at) = Timestamp::from_nanosecond(i128::from(line.at)) {
        write!(out, "{at:.9} ")?;
    }
    out.write_all(&line.text)?;
    out.write_all(b"\n")
}
