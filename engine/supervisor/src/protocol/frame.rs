//! Frames: a little-endian 32-bit payload length, one byte of kind, the payload.

use crate::{Result, SupervisorError};

/// The largest payload either side accepts: more is a lie or an attack, and the connection ends.
pub const MAX_PAYLOAD: usize = 1 << 20;

/// Bytes before the payload.
pub const HEADER: usize = 5;

/// What a frame carries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A request or a message as JSON.
    Control,
    /// Bytes for standard input.
    Stdin,
    /// Bytes of standard output.
    Stdout,
    /// Bytes of standard error.
    Stderr,
}

/// One whole frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frame {
    /// What it carries.
    pub kind: Kind,
    /// The bytes.
    pub payload: Vec<u8>,
}

/// The header of a frame.
pub fn header(kind: Kind, length: usize) -> [u8; HEADER] {
    let [a, b, c, d] = (length as u32).to_le_bytes();
    [a, b, c, d, kind as u8]
}

/// Appends frames for bytes of any length; an empty payload is still one frame.
pub fn append(out: &mut Vec<u8>, kind: Kind, bytes: &[u8]) {
    let mut rest = bytes;
    loop {
        let (piece, after) = rest.split_at(rest.len().min(MAX_PAYLOAD));
        out.extend_from_slice(&header(kind, piece.len()));
        out.extend_from_slice(piece);
        rest = after;
        if rest.is_empty() {
            return;
        }
    }
}

/// Bytes as they come in, and the frames they make up.
#[derive(Debug, Default)]
pub struct Inbox {
    bytes: Vec<u8>,
    read: usize,
}

impl Inbox {
    /// Adds bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole frame, if there is one. A header that no honest peer sends is an error.
    pub fn next(&mut self) -> Result<Option<Frame>> {
        let rest = &self.bytes[self.read..];
        let Some((&[a, b, c, d, kind], after)) = rest.split_first_chunk::<HEADER>() else {
            self.compact();
            return Ok(None);
        };
        let length = u32::from_le_bytes([a, b, c, d]) as usize;
        if length > MAX_PAYLOAD {
            return Err(SupervisorError::Protocol(format!("a frame of {length} bytes")));
        }
        let kind = match kind {
            0 => Kind::Control,
            1 => Kind::Stdin,
            2 => Kind::Stdout,
            3 => Kind::Stderr,
            other => return Err(SupervisorError::Protocol(format!("a frame of kind {other}"))),
        };
        let Some(payload) = after.get(..length) else {
            self.compact();
            return Ok(None);
        };
        let payload = payload.to_vec();
        self.read += HEADER + length;
        Ok(Some(Frame { kind, payload }))
    }

    /// Forgets what was handed out, and gives memory back once everything was.
    fn compact(&mut self) {
        if self.read == self.bytes.len() {
            self.bytes = Vec::new();
        } else {
            self.bytes.drain(..self.read);
        }
        self.read = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_out_as_they_went_in_however_they_are_cut() {
        let mut wire = Vec::new();
        append(&mut wire, Kind::Control, b"{}");
        append(&mut wire, Kind::Stdin, b"");
        append(&mut wire, Kind::Stderr, &[7; 3000]);
        for step in [1, 3, 1024, wire.len()] {
            let mut inbox = Inbox::default();
            let mut frames = Vec::new();
            for piece in wire.chunks(step) {
                inbox.push(piece);
                while let Some(frame) = inbox.next().unwrap() {
                    frames.push((frame.kind, frame.payload.len()));
                }
            }
            assert_eq!(frames, [(Kind::Control, 2), (Kind::Stdin, 0), (Kind::Stderr, 3000)]);
            assert!(inbox.bytes.is_empty());
        }
    }

    #[test]
    fn long_bytes_are_cut_into_frames() {
        let mut wire = Vec::new();
        append(&mut wire, Kind::Stdout, &vec![1; MAX_PAYLOAD + 10]);
        let mut inbox = Inbox::default();
        inbox.push(&wire);
        assert_eq!(inbox.next().unwrap().unwrap().payload.len(), MAX_PAYLOAD);
        assert_eq!(inbox.next().unwrap().unwrap().payload.len(), 10);
        assert_eq!(inbox.next().unwrap(), None);
    }

    #[test]
    fn lies_are_errors_before_anything_is_allocated() {
        let mut inbox = Inbox::default();
        inbox.push(&[0xff, 0xff, 0xff, 0xff, 0]);
        assert!(inbox.next().is_err());
        let mut inbox = Inbox::default();
        inbox.push(&[1, 0, 0, 0, 9]);
        assert!(inbox.next().is_err());
    }
}
