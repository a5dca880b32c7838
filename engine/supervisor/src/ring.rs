//! The last output of a session, kept so that a client that comes later sees where things stand.

use std::collections::VecDeque;
use teu_api::event::LogStream;

/// Bytes kept: enough to draw a terminal's screen again.
pub const CAPACITY: usize = 64 << 10;

/// The last bytes of a session, with the stream each came from.
#[derive(Debug)]
pub struct Ring {
    tty: bool,
    bytes: VecDeque<u8>,
    /// Runs of bytes of one stream, oldest first.
    runs: VecDeque<(LogStream, usize)>,
    /// Whether older bytes were dropped, so that the first one left may be in the middle of something.
    cut: bool,
}

impl Ring {
    /// An empty ring. It takes memory only as output comes.
    pub fn new(tty: bool) -> Self {
        Self { tty, bytes: VecDeque::new(), runs: VecDeque::new(), cut: false }
    }

    /// Adds output, dropping the oldest beyond the capacity.
    pub fn push(&mut self, stream: LogStream, bytes: &[u8]) {
        let kept = &bytes[bytes.len().saturating_sub(CAPACITY)..];
        self.cut |= kept.len() < bytes.len();
        let excess = (self.bytes.len() + kept.len()).saturating_sub(CAPACITY);
        self.drop_oldest(excess);
        self.bytes.extend(kept);
        match self.runs.back_mut() {
            Some((last, length)) if *last == stream => *length += kept.len(),
            _ if kept.is_empty() => {}
            _ => self.runs.push_back((stream, kept.len())),
        }
    }

    /// What to send to a client that comes now, beginning at a line (pipe) or at a line or escape sequence (terminal).
    pub fn replay(&self) -> Vec<(LogStream, Vec<u8>)> {
        let mut skip = if self.cut { self.first_boundary() } else { 0 };
        let mut bytes = self.bytes.iter().copied();
        let mut output = Vec::with_capacity(self.runs.len());
        for &(stream, length) in &self.runs {
            let run: Vec<u8> = bytes.by_ref().take(length).collect();
            let skipped = skip.min(length);
            skip -= skipped;
            if skipped < length {
                output.push((stream, run[skipped..].to_vec()));
            }
        }
        output
    }

    fn first_boundary(&self) -> usize {
        let boundary = self.bytes.iter().position(|&byte| byte == b'\n' || (self.tty && byte == 0x1b));
        match boundary {
            Some(at) if self.bytes[at] == b'\n' => at + 1,
            Some(at) => at,
            None => 0,
        }
    }

    fn drop_oldest(&mut self, count: usize) {
        self.cut |= count > 0;
        self.bytes.drain(..count);
        let mut left = count;
        while left > 0 {
            let Some((_, length)) = self.runs.front_mut() else { return };
            if *length > left {
                *length -= left;
                return;
            }
            left -= *length;
            self.runs.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use LogStream::{Stderr, Stdout};

    #[test]
    fn replays_all_when_it_fits_with_its_streams() {
        let mut ring = Ring::new(false);
        ring.push(Stdout, b"one ");
        ring.push(Stdout, b"two\n");
        ring.push(Stderr, b"bad\n");
        ring.push(Stdout, b"");
        assert_eq!(ring.replay(), [(Stdout, b"one two\n".to_vec()), (Stderr, b"bad\n".to_vec())]);
    }

    #[test]
    fn begins_at_a_line_once_something_was_dropped() {
        let mut ring = Ring::new(false);
        ring.push(Stderr, b"old line\n");
        for number in 0..20_000 {
            ring.push(Stdout, format!("line {number}\n").as_bytes());
        }
        let replay = ring.replay();
        assert_eq!(replay.len(), 1);
        let text = String::from_utf8(replay[0].1.clone()).unwrap();
        assert!(text.starts_with("line ") && text.ends_with("line 19999\n"));
        assert!(text.len() <= CAPACITY && text.len() > CAPACITY - 20);
    }

    #[test]
    fn a_terminal_begins_at_an_escape_sequence_or_a_line() {
        let mut ring = Ring::new(true);
        ring.push(Stdout, &vec![b'x'; CAPACITY]);
        ring.push(Stdout, b"y\x1b[Hz");
        assert_eq!(ring.replay(), [(Stdout, b"\x1b[Hz".to_vec())]);
        assert!(ring.bytes.len() <= CAPACITY);
    }

    #[test]
    fn one_huge_push_keeps_its_end() {
        let mut ring = Ring::new(false);
        let mut huge = vec![b'a'; 3 * CAPACITY];
        huge.extend_from_slice(b"\nend");
        ring.push(Stdout, &huge);
        assert_eq!(ring.replay(), [(Stdout, b"end".to_vec())]);
    }
}
