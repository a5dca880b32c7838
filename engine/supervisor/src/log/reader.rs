//! Reading a container's log: the last lines or a span of time, and on as it grows, through rotations.

use super::{Entry, file_path, parse_entry, position};
use crate::Result;
use crate::error::Context;
use rustix::fs::inotify;
use rustix::io::Errno;
use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use teu_api::event::{LogLine, LogStream};

/// How much is read at a time.
const READ_SIZE: usize = 64 << 10;

/// A joined line is given out in parts of this size, however long the container made it.
const MAX_LINE: usize = 1 << 20;

/// How many blocks are read before it is looked for newer files: far less than one file has.
const HOLD_EVERY: u32 = 32;

/// The oldest file looked for.
const MAX_FILES: u32 = 1000;

/// What to read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ReadOptions {
    /// How many lines from the end; `None` for all.
    pub tail: Option<usize>,
    /// Nothing before this time: nanoseconds since the Unix epoch.
    pub since: Option<i64>,
    /// Nothing after this time: nanoseconds since the Unix epoch.
    pub until: Option<i64>,
    /// Whether to go on as the log grows.
    pub follow: bool,
}

/// How far a reader has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progress {
    /// There may be more at once.
    More,
    /// Everything that is written was read; the reader's descriptor becomes readable when there is more.
    Pending,
    /// There will be no more.
    End,
}

/// A file that is read later. It is held open: rotation may remove it meanwhile.
#[derive(Debug)]
struct Newer {
    file: File,
    /// Whether files between it and the one before were removed unseen.
    after_gap: bool,
}

/// A reader of one container's log.
#[derive(Debug)]
pub struct Reader {
    folder: PathBuf,
    options: ReadOptions,
    changes: Option<OwnedFd>,
    current: Option<File>,
    newer: VecDeque<Newer>,
    blocks: u32,
    missed: bool,
    bytes: Vec<u8>,
    stdout: Option<LogLine>,
    stderr: Option<LogLine>,
    ended: bool,
}

impl Reader {
    /// Opens the log in a folder. A log that nothing was written to yet is empty, not an error.
    pub fn open(folder: &Path, options: ReadOptions) -> Result<Self> {
        let changes = if options.follow { Some(watch(folder)?) } else { None };
        let mut newer = files_after(folder, None).context("read", folder)?;
        let mut left = options.tail;
        let mut first = 0;
        for (index, Newer { file, .. }) in newer.iter_mut().enumerate().rev() {
            let mut offset = 0;
            if let Some(wanted) = left {
                let (start, found) = position::of_last_lines(file, wanted).context("read", folder)?;
                offset = start;
                left = Some(wanted - found);
            }
            if let Some(since) = options.since {
                offset = offset.max(position::of_time(file, since).context("read", folder)?);
            }
            file.seek(SeekFrom::Start(offset)).context("read", folder)?;
            first = index;
            if left == Some(0) || offset > 0 {
                break;
            }
        }
        newer.drain(..first);
        Ok(Self {
            folder: folder.to_owned(),
            options,
            changes,
            current: newer.pop_front().map(|newer| newer.file),
            newer,
            blocks: 0,
            missed: false,
            bytes: Vec::new(),
            stdout: None,
            stderr: None,
            ended: false,
        })
    }

    /// What to poll for more while following.
    pub fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        self.changes.as_ref().map(OwnedFd::as_fd)
    }

    /// Appends the next lines, at most some hundreds of kilobytes of them.
    pub fn read(&mut self, lines: &mut Vec<LogLine>) -> Result<Progress> {
        if self.ended {
            return Ok(Progress::End);
        }
        self.forget_changes();
        let folder = self.folder.clone();
        self.hold_newer().context("read", &folder)?;
        match self.read_block().context("read", &folder)? {
            0 if self.advance().context("read", &folder)? => Ok(Progress::More),
            0 if self.options.follow => Ok(Progress::Pending),
            0 => {
                self.end(lines);
                Ok(Progress::End)
            }
            _ => {
                self.take_lines(lines);
                Ok(if self.ended { Progress::End } else { Progress::More })
            }
        }
    }

    /// Whether lines are missing before those read last: the log went through all of its files before they were read.
    /// Says so once.
    pub fn take_missed(&mut self) -> bool {
        std::mem::take(&mut self.missed)
    }

    /// Stops following: what is written by now is still read, then comes the end.
    pub fn finish(&mut self) {
        self.options.follow = false;
    }

    /// Says that the changes so far are known. Done before reading, so that none is lost.
    fn forget_changes(&self) {
        let mut buffer = [0; 4096];
        if let Some(changes) = &self.changes {
            while rustix::io::read(changes, &mut buffer).is_ok_and(|length| length > 0) {}
        }
    }

    fn read_block(&mut self) -> io::Result<usize> {
        let Some(file) = &mut self.current else { return Ok(0) };
        let filled = self.bytes.len();
        self.bytes.resize(filled + READ_SIZE, 0);
        let length = file.read(&mut self.bytes[filled..]);
        self.bytes.truncate(filled + *length.as_ref().unwrap_or(&0));
        length
    }

    /// Goes to the next newer file, if there is one and this one is read to its end.
    fn advance(&mut self) -> io::Result<bool> {
        if self.newer.is_empty() && (self.options.follow || self.current.is_none()) {
            self.newer = files_after(&self.folder, self.current.as_ref())?;
            // It was rotated since its end was seen: what came in between is read before going on.
            if !self.newer.is_empty() && self.current.is_some() {
                return Ok(true);
            }
        }
        let Some(next) = self.newer.pop_front() else { return Ok(false) };
        self.current = Some(next.file);
        self.missed |= next.after_gap;
        self.bytes.clear();
        Ok(true)
    }

    /// Every now and then, while there is much to read: takes hold of files that came meanwhile, before rotation may
    /// remove them.
    fn hold_newer(&mut self) -> io::Result<()> {
        self.blocks = self.blocks.wrapping_add(1);
        if self.options.follow && self.blocks.is_multiple_of(HOLD_EVERY) {
            let newest = self.newer.back().map(|newer| &newer.file).or(self.current.as_ref());
            let newer = files_after(&self.folder, newest)?;
            self.newer.extend(newer);
        }
        Ok(())
    }

    fn take_lines(&mut self, lines: &mut Vec<LogLine>) {
        let bytes = std::mem::take(&mut self.bytes);
        let mut rest = bytes.as_slice();
        while let Some(end) = memchr::memchr(b'\n', rest) {
            if let Some(entry) = parse_entry(&rest[..end]) {
                self.take_entry(entry, lines);
            }
            rest = &rest[end + 1..];
            if self.ended {
                return;
            }
        }
        // No writer of ours makes a line this long: somebody else's bytes are skipped instead of kept for ever.
        if rest.len() < MAX_LINE {
            self.bytes = rest.to_vec();
        }
    }

    fn take_entry(&mut self, entry: Entry, lines: &mut Vec<LogLine>) {
        if self.options.until.is_some_and(|until| entry.at > until) {
            self.end(lines);
            return;
        }
        if self.options.since.is_some_and(|since| entry.at < since) {
            return;
        }
        let held = match entry.stream {
            LogStream::Stdout => &mut self.stdout,
            LogStream::Stderr => &mut self.stderr,
        };
        let line = match held.take() {
            Some(mut line) => {
                line.text.extend_from_slice(&entry.text);
                line
            }
            None => LogLine { at: entry.at, stream: entry.stream, text: entry.text },
        };
        if entry.partial && line.text.len() < MAX_LINE {
            *held = Some(line);
        } else {
            lines.push(line);
        }
    }

    fn end(&mut self, lines: &mut Vec<LogLine>) {
        lines.extend(self.stdout.take());
        lines.extend(self.stderr.take());
        self.ended = true;
    }
}

fn watch(folder: &Path) -> Result<OwnedFd> {
    fs::create_dir_all(folder).context("create", folder)?;
    let changes = inotify::init(inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK)
        .doing("watch the log")?;
    let events = inotify::WatchFlags::MODIFY
        | inotify::WatchFlags::CREATE
        | inotify::WatchFlags::MOVED_TO
        | inotify::WatchFlags::ONLYDIR;
    inotify::add_watch(&changes, folder, events).context("watch", folder)?;
    Ok(changes)
}

/// The files that are newer than one of them, oldest first; all of them where it is gone or none is given.
fn files_after(folder: &Path, current: Option<&File>) -> io::Result<VecDeque<Newer>> {
    let identity = |file: &File| file.metadata().map(|data| (data.dev(), data.ino()));
    let current = current.map(identity).transpose()?;
    let mut files = VecDeque::new();
    let mut last = None;
    let mut found = current.is_none();
    // From the newest on: a rotation in between shows a file a second time, and hides none.
    for age in 0..MAX_FILES {
        let path = file_path(folder, age);
        let flags = (rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK).bits() as i32;
        let file = match fs::OpenOptions::new().read(true).custom_flags(flags).open(path) {
            Ok(file) => file,
            // The newest is missing for an instant while files rotate.
            Err(error) if error.kind() == io::ErrorKind::NotFound && age == 0 => continue,
            Err(error) if error.kind() == io::ErrorKind::NotFound => break,
            Err(error) if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => break,
            Err(error) => return Err(error),
        };
        let this = Some(identity(&file)?);
        if this == current {
            found = true;
            break;
        }
        if this != last {
            files.push_front(Newer { file, after_gap: false });
        }
        last = this;
    }
    if let Some(first) = files.front_mut().filter(|_| !found) {
        first.after_gap = true;
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::Writer;
    use teu_api::container::{LogDriver, LogOptions};

    fn all(folder: &Path, options: ReadOptions) -> Vec<LogLine> {
        let mut reader = Reader::open(folder, options).unwrap();
        let mut lines = Vec::new();
        while reader.read(&mut lines).unwrap() == Progress::More {}
        lines
    }

    fn texts(lines: &[LogLine]) -> Vec<String> {
        lines.iter().map(|line| String::from_utf8_lossy(&line.text).into_owned()).collect()
    }

    fn write_numbers(folder: &Path, driver: LogDriver, count: i64, max_size: u64) {
        let mut log = Writer::new(folder, LogOptions { driver, max_size, max_files: 3 });
        for number in 0..count {
            let stream = if number % 3 == 0 { LogStream::Stderr } else { LogStream::Stdout };
            log.push(number, stream, format!("line {number}\n").as_bytes());
            log.flush();
        }
        log.finish(count);
    }

    #[test]
    fn reads_all_files_in_both_formats() {
        for driver in [LogDriver::Cri, LogDriver::JsonFile] {
            let folder = tempfile::tempdir().unwrap();
            write_numbers(folder.path(), driver, 100, 2500);
            let lines = all(folder.path(), ReadOptions::default());
            let expected: Vec<_> = (100 - lines.len()..100).map(|number| format!("line {number}")).collect();
            assert!(lines.len() >= 50, "{}", lines.len());
            assert_eq!(texts(&lines), expected);
            let last_error = lines.iter().rfind(|line| line.stream == LogStream::Stderr).unwrap();
            assert_eq!((last_error.at, last_error.text.as_slice()), (99, &b"line 99"[..]));
        }
    }

    #[test]
    fn tail_counts_lines_across_files_and_blocks() {
        let folder = tempfile::tempdir().unwrap();
        write_numbers(folder.path(), LogDriver::Cri, 20_000, 500_000);
        for tail in [0, 1, 10, 9_000, 15_000] {
            let lines = all(folder.path(), ReadOptions { tail: Some(tail), ..ReadOptions::default() });
            let expected: Vec<_> = (20_000 - tail..20_000).map(|number| format!("line {number}")).collect();
            assert_eq!(texts(&lines), expected);
        }
        let all_lines = all(folder.path(), ReadOptions { tail: Some(1_000_000), ..ReadOptions::default() });
        assert_eq!(all_lines.len(), 20_000);
    }

    #[test]
    fn a_span_of_time() {
        let folder = tempfile::tempdir().unwrap();
        write_numbers(folder.path(), LogDriver::Cri, 20_000, 400_000);
        let span = ReadOptions { since: Some(12_345), until: Some(12_349), ..ReadOptions::default() };
        let expected: Vec<_> = (12_345..=12_349).map(|number| format!("line {number}")).collect();
        assert_eq!(texts(&all(folder.path(), span)), expected);
        let since = ReadOptions { since: Some(19_998), ..ReadOptions::default() };
        assert_eq!(texts(&all(folder.path(), since)), ["line 19998", "line 19999"]);
        assert!(all(folder.path(), ReadOptions { since: Some(20_001), ..ReadOptions::default() }).is_empty());
    }

    #[test]
    fn long_lines_are_joined_and_count_as_one() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = Writer::new(folder.path(), LogOptions::default());
        let long = "x".repeat(100_000);
        log.push(1, LogStream::Stdout, b"first\n");
        log.push(2, LogStream::Stdout, format!("{long}\n").as_bytes());
        log.push(3, LogStream::Stdout, b"last\n");
        log.finish(4);
        let lines = all(folder.path(), ReadOptions { tail: Some(2), ..ReadOptions::default() });
        assert_eq!(texts(&lines), [long, "last".to_owned()]);
    }

    #[test]
    fn follows_through_rotations_without_loss() {
        let folder = tempfile::tempdir().unwrap();
        let options = LogOptions { driver: LogDriver::Cri, max_size: 1000, max_files: 3 };
        let mut log = Writer::new(folder.path(), options);
        let follow = ReadOptions { follow: true, ..ReadOptions::default() };
        let mut reader = Reader::open(folder.path(), follow).unwrap();
        let mut lines = Vec::new();
        assert_eq!(reader.read(&mut lines).unwrap(), Progress::Pending);
        for number in 0..500 {
            log.push(number, LogStream::Stdout, format!("line {number}\n").as_bytes());
            log.flush();
            // Rarely enough that files rotate, even twice, in between.
            if number % 17 == 0 {
                while reader.read(&mut lines).unwrap() == Progress::More {}
            }
        }
        reader.finish();
        while reader.read(&mut lines).unwrap() == Progress::More {}
        let expected: Vec<_> = (0..500).map(|number| format!("line {number}")).collect();
        assert_eq!(texts(&lines), expected);
    }

    #[test]
    fn a_follower_that_lags_too_far_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let options = LogOptions { driver: LogDriver::Cri, max_size: 1000, max_files: 3 };
        let mut log = Writer::new(folder.path(), options);
        let follow = ReadOptions { follow: true, ..ReadOptions::default() };
        let mut reader = Reader::open(folder.path(), follow).unwrap();
        let mut lines = Vec::new();
        for number in 0..300 {
            log.push(number, LogStream::Stdout, format!("line {number}\n").as_bytes());
            log.flush();
            if number == 10 {
                while reader.read(&mut lines).unwrap() == Progress::More {}
                assert!(!reader.take_missed());
            }
        }
        let before = lines.len();
        while reader.read(&mut lines).unwrap() == Progress::More {}
        assert!(reader.take_missed() && !reader.take_missed());
        assert_eq!(before, 11);
        // The file that it had open is read to its end; what was rotated away behind that is the gap.
        let gaps = lines.windows(2).filter(|pair| pair[1].at != pair[0].at + 1).count();
        assert_eq!((gaps, lines.last().unwrap().at), (1, 299));
    }

    #[test]
    fn writing_wakes_a_follower() {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let folder = tempfile::tempdir().unwrap();
        let mut log = Writer::new(folder.path(), LogOptions::default());
        let follow = ReadOptions { follow: true, tail: Some(0), ..ReadOptions::default() };
        let mut reader = Reader::open(folder.path(), follow).unwrap();
        let mut lines = Vec::new();
        while reader.read(&mut lines).unwrap() == Progress::More {}
        let ready = |reader: &Reader| {
            let mut fds = [PollFd::from_borrowed_fd(reader.as_fd().unwrap(), PollFlags::IN)];
            poll(&mut fds, Some(&Timespec::default())).unwrap()
        };
        assert_eq!(ready(&reader), 0);
        log.push(1, LogStream::Stdout, b"news\n");
        log.flush();
        assert_eq!(ready(&reader), 1);
        while reader.read(&mut lines).unwrap() == Progress::More {}
        assert_eq!(texts(&lines), ["news"]);
        assert_eq!(ready(&reader), 0);
    }

    #[test]
    fn foreign_bytes_are_skipped() {
        let folder = tempfile::tempdir().unwrap();
        let mut bytes =
            b"garbage\n\xff\xfe\n{\"log\":1}\n1970-01-01T00:00:00Z stdout F good\nno end".to_vec();
        bytes.extend_from_slice(&[b'z'; 5000]);
        fs::write(file_path(folder.path(), 0), bytes).unwrap();
        assert_eq!(texts(&all(folder.path(), ReadOptions::default())), ["good"]);
        assert_eq!(
            texts(&all(folder.path(), ReadOptions { tail: Some(5), ..ReadOptions::default() })),
            ["good"]
        );
    }
}
