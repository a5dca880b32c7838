//! The Kubernetes CRI log format: `TIME STREAM P|F TEXT`, where `P` marks a piece that the next one goes on with.

use super::{Entry, timestamp};
use teu_api::event::LogStream;

/// Appends one line.
pub fn append(out: &mut Vec<u8>, time: &str, stream: LogStream, partial: bool, text: &[u8]) {
    out.extend_from_slice(time.as_bytes());
    out.extend_from_slice(match (stream, partial) {
        (LogStream::Stdout, false) => b" stdout F ",
        (LogStream::Stdout, true) => b" stdout P ",
        (LogStream::Stderr, false) => b" stderr F ",
        (LogStream::Stderr, true) => b" stderr P ",
    });
    out.extend_from_slice(text);
    out.push(b'\n');
}

/// Reads one line without its line end.
pub fn parse(line: &[u8]) -> Option<Entry> {
    let mut fields = line.splitn(4, |&byte| byte == b' ');
    let at = timestamp::parse(fields.next()?)?;
    let stream = match fields.next()? {
        b"stdout" => LogStream::Stdout,
        b"stderr" => LogStream::Stderr,
        _ => return None,
    };
    // Tags are separated by colons; the first one is P or F, others are for the future.
    let partial = match fields.next()?.split(|&byte| byte == b':').next()? {
        b"P" => true,
        b"F" => false,
        _ => return None,
    };
    Some(Entry { at, stream, partial, text: fields.next().unwrap_or_default().to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_read_back() {
        for (stream, partial, text) in [
            (LogStream::Stdout, false, &b"hello  world "[..]),
            (LogStream::Stderr, true, b"\xff\x00\r"),
            (LogStream::Stdout, true, b""),
        ] {
            let mut line = Vec::new();
            append(&mut line, "2026-11-24T10:00:00.000000007Z", stream, partial, text);
            assert_eq!(line.pop(), Some(b'\n'));
            let entry = parse(&line).unwrap();
            assert_eq!((entry.stream, entry.partial, entry.text.as_slice()), (stream, partial, text));
            assert_eq!(entry.at % 1000, 7);
        }
    }

    #[test]
    fn what_is_no_line_is_none() {
        for bad in [
            "",
            "hello",
            "2026-11-24T10:00:00Z",
            "2026-11-24T10:00:00Z stdin F x",
            "2026-11-24T10:00:00Z stdout X x",
            "x stdout F x",
        ] {
            assert_eq!(parse(bad.as_bytes()), None, "{bad}");
        }
    }
}
