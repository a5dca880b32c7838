//! Docker's json-file format: one object a line, `{"log":"TEXT\n","stream":"stdout","time":"TIME"}`; a piece that the next
//! one goes on with has no line end in its text.

use super::{Entry, timestamp};
use serde::Deserialize;
use std::borrow::Cow;
use teu_api::event::LogStream;

/// Appends one line. Bytes that are no UTF-8 become U+FFFD, as JSON cannot carry them.
pub fn append(out: &mut Vec<u8>, time: &str, stream: LogStream, partial: bool, text: &[u8]) {
    out.extend_from_slice(b"{\"log\":\"");
    escape(out, &String::from_utf8_lossy(text));
    if !partial {
        out.extend_from_slice(b"\\n");
    }
    out.extend_from_slice(match stream {
        LogStream::Stdout => b"\",\"stream\":\"stdout\",\"time\":\"",
        LogStream::Stderr => b"\",\"stream\":\"stderr\",\"time\":\"",
    });
    out.extend_from_slice(time.as_bytes());
    out.extend_from_slice(b"\"}\n");
}

fn escape(out: &mut Vec<u8>, text: &str) {
    for &byte in text.as_bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
}

/// Reads one line without its line end.
pub fn parse(line: &[u8]) -> Option<Entry> {
    #[derive(Deserialize)]
    struct Line<'a> {
        #[serde(borrow, default)]
        log: Cow<'a, str>,
        stream: Cow<'a, str>,
        time: Cow<'a, str>,
    }
    let line: Line<'_> = serde_json::from_slice(line).ok()?;
    let stream = match line.stream.as_ref() {
        "stdout" => LogStream::Stdout,
        "stderr" => LogStream::Stderr,
        _ => return None,
    };
    let at = timestamp::parse(line.time.as_bytes())?;
    let mut text = line.log.into_owned().into_bytes();
    let partial = text.pop_if(|last| *last == b'\n').is_none();
    Some(Entry { at, stream, partial, text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_json_and_read_back() {
        let text = "quote \" slash \\ tab \t bell \u{7} ü";
        for partial in [false, true] {
            let mut line = Vec::new();
            append(&mut line, "2026-11-24T10:00:00.5Z", LogStream::Stderr, partial, text.as_bytes());
            line.pop();
            let value: serde_json::Value = serde_json::from_slice(&line).unwrap();
            assert_eq!(value["stream"], "stderr");
            assert_eq!(value["log"].as_str().unwrap().ends_with('\n'), !partial);
            let entry = parse(&line).unwrap();
            assert_eq!((entry.partial, entry.text), (partial, text.as_bytes().to_vec()));
        }
    }

    #[test]
    fn other_bytes_are_replaced() {
        let mut line = Vec::new();
        append(&mut line, "2026-11-24T10:00:00Z", LogStream::Stdout, false, b"a\xffb");
        assert_eq!(parse(line.trim_ascii_end()).unwrap().text, "a\u{fffd}b".as_bytes());
    }
}
