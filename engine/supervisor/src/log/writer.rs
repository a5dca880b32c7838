//! Writing a container's output to its log, one write for each round of reading.

use super::splitter::Splitter;
use super::{cri, file_path, json_file, timestamp};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use std::fs;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use teu_api::container::{LogDriver, LogOptions};
use teu_api::event::LogStream;

/// Appends one line in a format: its time, stream, whether it is a piece of a longer one, and its text.
type AppendLine = fn(&mut Vec<u8>, &str, LogStream, bool, &[u8]);

/// The log of one container. A disk that is full never stops the container: what cannot be written is counted, and a mark
/// says how much is missing once there is room again.
#[derive(Debug)]
pub struct Writer {
    folder: PathBuf,
    options: LogOptions,
    file: Option<OwnedFd>,
    /// Bytes in the newest file, up to the end of its last whole line.
    size: u64,
    /// Lines formatted and not written yet.
    batch: Vec<u8>,
    stdout: Splitter,
    stderr: Splitter,
    missing: u64,
    last_error: Option<Errno>,
}

impl Writer {
    /// A writer that goes on with the files in a folder. Files are opened when the first line comes.
    pub fn new(folder: &Path, options: LogOptions) -> Self {
        Self {
            folder: folder.to_owned(),
            options,
            file: None,
            size: 0,
            batch: Vec::new(),
            stdout: Splitter::default(),
            stderr: Splitter::default(),
            missing: 0,
            last_error: None,
        }
    }

    /// Takes output in, read at one moment.
    pub fn push(&mut self, at: i64, stream: LogStream, bytes: &[u8]) {
        let Some(append) = self.format() else { return };
        let time = timestamp::format(at);
        let splitter = match stream {
            LogStream::Stdout => &mut self.stdout,
            LogStream::Stderr => &mut self.stderr,
        };
        let batch = &mut self.batch;
        splitter.push(bytes, |text, partial| append(batch, &time, stream, partial, text));
    }

    /// Writes what came in since the last time, as many lines at once as the newest file takes.
    pub fn flush(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        let batch = std::mem::take(&mut self.batch);
        let mut rest = &batch[..];
        while !rest.is_empty() {
            let length = self.fitting(rest);
            if let Err(errno) = self.write(&rest[..length]) {
                self.missing += length as u64;
                self.last_error = Some(errno);
            }
            rest = &rest[length..];
        }
        self.batch = batch;
        self.batch.clear();
        // One burst must not hold memory for ever.
        self.batch.shrink_to(256 << 10);
    }

    /// Gives the memory of past bursts back.
    pub fn shrink(&mut self) {
        self.batch.shrink_to(0);
    }

    /// Writes lines that never got a line end: the process has ended.
    pub fn finish(&mut self, at: i64) {
        if let Some(append) = self.format() {
            let time = timestamp::format(at);
            let batch = &mut self.batch;
            self.stdout.finish(|text| append(batch, &time, LogStream::Stdout, false, text));
            self.stderr.finish(|text| append(batch, &time, LogStream::Stderr, false, text));
        }
        self.flush();
        self.file = None;
        self.batch = Vec::new();
    }

    fn format(&self) -> Option<AppendLine> {
        match self.options.driver {
            LogDriver::Cri => Some(cri::append),
            LogDriver::JsonFile => Some(json_file::append),
            LogDriver::None => None,
        }
    }

    /// How many bytes of whole lines fit into the newest file, or into a new one where not even the first line fits; one
    /// line at least.
    fn fitting(&self, lines: &[u8]) -> usize {
        let whole = |room: u64| {
            let room = usize::try_from(room).unwrap_or(usize::MAX);
            if lines.len() <= room {
                Some(lines.len())
            } else {
                memchr::memrchr(b'\n', &lines[..room]).map(|end| end + 1)
            }
        };
        // Of a file that is not open yet the size is not known: it is taken for empty.
        whole(self.options.max_size.saturating_sub(self.size))
            .or_else(|| whole(self.options.max_size))
            .or_else(|| memchr::memchr(b'\n', lines).map(|end| end + 1))
            .unwrap_or(lines.len())
    }

    fn write(&mut self, batch: &[u8]) -> Result<(), Errno> {
        if self.file.is_none() {
            self.open()?;
        }
        if self.size > 0 && self.size + batch.len() as u64 > self.options.max_size {
            self.rotate()?;
        }
        if self.missing > 0 {
            let mark = self.mark();
            self.append(&mark)?;
            self.missing = 0;
            self.last_error = None;
        }
        self.append(batch)
    }

    /// The line that stands for what is missing.
    fn mark(&self) -> Vec<u8> {
        let mut line = Vec::new();
        let reason = self.last_error.map(|errno| std::io::Error::from(errno).to_string()).unwrap_or_default();
        let text = format!("[teu: {} bytes of log are missing here: {reason}]", self.missing);
        if let Some(append) = self.format() {
            append(
                &mut line,
                &timestamp::format(timestamp::now()),
                LogStream::Stderr,
                false,
                text.as_bytes(),
            );
        }
        line
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), Errno> {
        let Some(file) = &self.file else { return Ok(()) };
        let mut rest = bytes;
        while !rest.is_empty() {
            match rustix::io::write(file, rest) {
                Ok(length) => rest = &rest[length..],
                Err(Errno::INTR) => {}
                Err(errno) => {
                    // A disk that fills up takes part of a batch: take it back, so that the file stays whole lines.
                    let _ = rustix::fs::ftruncate(file, self.size);
                    return Err(errno);
                }
            }
        }
        self.size += bytes.len() as u64;
        Ok(())
    }

    fn open(&mut self) -> Result<(), Errno> {
        let flags = OFlags::WRONLY | OFlags::APPEND | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let path = file_path(&self.folder, 0);
        let file = match rustix::fs::open(&path, flags, Mode::RUSR | Mode::WUSR | Mode::RGRP) {
            Err(Errno::NOENT) => {
                let _ = fs::create_dir_all(&self.folder);
                rustix::fs::open(&path, flags, Mode::RUSR | Mode::WUSR | Mode::RGRP)?
            }
            other => other?,
        };
        self.size = rustix::fs::fstat(&file)?.st_size as u64;
        self.file = Some(file);
        Ok(())
    }

    fn rotate(&mut self) -> Result<(), Errno> {
        let oldest = self.options.max_files.saturating_sub(1);
        // Renaming file over file needs no disk space, so that rotation works on a full disk, and frees some.
        for age in (0..oldest).rev() {
            match rustix::fs::rename(file_path(&self.folder, age), file_path(&self.folder, age + 1)) {
                Ok(()) | Err(Errno::NOENT) => {}
                Err(errno) => return Err(errno),
            }
        }
        if oldest == 0 {
            let _ = rustix::fs::unlink(file_path(&self.folder, 0));
        }
        self.file = None;
        self.open()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(driver: LogDriver, max_size: u64, max_files: u32) -> LogOptions {
        LogOptions { driver, max_size, max_files }
    }

    #[test]
    fn nothing_is_opened_before_something_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = Writer::new(folder.path(), LogOptions::default());
        log.push(0, LogStream::Stdout, b"no line end yet");
        log.flush();
        assert!(!file_path(folder.path(), 0).exists());
        log.finish(0);
        let text = fs::read_to_string(file_path(folder.path(), 0)).unwrap();
        assert_eq!(text, "1970-01-01T00:00:00.000000000Z stdout F no line end yet\n");
    }

    #[test]
    fn files_rotate_by_size_and_the_oldest_goes() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = Writer::new(folder.path(), options(LogDriver::Cri, 1000, 3));
        for number in 0..200 {
            log.push(0, LogStream::Stdout, format!("line {number}\n").as_bytes());
            log.flush();
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
        let read = |age| fs::read_to_string(file_path(folder.path(), age)).unwrap();
        for age in 0..3 {
            assert!(read(age).len() <= 1000);
        }
        assert!(read(0).ends_with("line 199\n"));
        let last_of_older: Vec<_> = read(1).lines().last().unwrap().split(' ').map(str::to_owned).collect();
        let first_of_newer: Vec<_> = read(0).lines().next().unwrap().split(' ').map(str::to_owned).collect();
        let number = |fields: &[String]| fields[4].parse::<u32>().unwrap();
        assert_eq!(number(&last_of_older) + 1, number(&first_of_newer));
    }

    #[test]
    fn a_burst_is_parted_among_files_that_keep_their_size() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = Writer::new(folder.path(), options(LogDriver::Cri, 1000, 100));
        let lines: Vec<String> = (0..500).map(|number| format!("line {number}")).collect();
        log.push(0, LogStream::Stdout, (lines.join("\n") + "\n").as_bytes());
        log.push(0, LogStream::Stdout, &[&[b'x'; 3000][..], b"\nlast\n"].concat());
        log.finish(0);
        let count = fs::read_dir(folder.path()).unwrap().count() as u32;
        let texts: Vec<String> =
            (0..count).rev().map(|age| fs::read_to_string(file_path(folder.path(), age)).unwrap()).collect();
        let longest = texts.iter().max_by_key(|text| text.len()).unwrap();
        assert!(
            longest.len() > 3000 && longest.lines().count() == 1,
            "a line that fits nowhere has its own file"
        );
        assert!(texts.iter().filter(|text| text.len() > 1000).count() == 1);
        assert!(texts.iter().filter(|text| text.len() > 900).count() > 10, "files are filled");
        let all = texts.concat();
        let lines: Vec<&str> = all.lines().map(|line| line.split_once(" F ").unwrap().1).collect();
        assert_eq!(lines.len(), 502);
        assert!((0..500).all(|number| lines[number] == format!("line {number}")) && lines[501] == "last");
    }

    #[test]
    fn one_file_starts_anew_and_none_writes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = Writer::new(folder.path(), options(LogDriver::JsonFile, 200, 1));
        for _ in 0..50 {
            log.push(0, LogStream::Stderr, b"hello\n");
            log.flush();
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(fs::metadata(file_path(folder.path(), 0)).unwrap().len() <= 200);

        let other = tempfile::tempdir().unwrap();
        let mut log = Writer::new(other.path(), options(LogDriver::None, 200, 1));
        log.push(0, LogStream::Stdout, b"hello\n");
        log.finish(0);
        assert_eq!(fs::read_dir(other.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_could_not_be_written_is_counted_and_marked() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = Writer::new(folder.path(), LogOptions::default());
        log.push(0, LogStream::Stdout, b"before\n");
        log.flush();
        // Every write to this device says that the disk is full.
        let good = log
            .file
            .replace(rustix::fs::open("/dev/full", OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty()).unwrap());
        log.push(0, LogStream::Stdout, b"lost\n");
        log.flush();
        log.push(0, LogStream::Stdout, b"lost too\n");
        log.flush();
        log.file = good;
        log.push(0, LogStream::Stdout, b"after\n");
        log.finish(0);
        let text = fs::read_to_string(file_path(folder.path(), 0)).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[0].ends_with("before") && lines[2].ends_with("after"));
        let lost = 2 * "1970-01-01T00:00:00.000000000Z stdout F ".len() + "lost\nlost too\n".len();
        assert!(lines[1].contains(&format!("{lost} bytes of log are missing")), "{}", lines[1]);
    }
}
