//! Output as it is read becomes the pieces that are logged: whole lines, or 16 KiB of a longer one.

use super::MAX_PIECE;

/// What of one stream has no line end yet.
#[derive(Debug, Default)]
pub struct Splitter {
    held: Vec<u8>,
}

impl Splitter {
    /// Takes output in, and gives each piece and whether a later one goes on with it.
    pub fn push(&mut self, bytes: &[u8], mut piece: impl FnMut(&[u8], bool)) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let room = MAX_PIECE - self.held.len();
            let end = memchr::memchr(b'\n', &rest[..rest.len().min(room + 1)]);
            let (text, partial, after) = match end {
                Some(end) => (&rest[..end], false, &rest[end + 1..]),
                None if rest.len() > room => (&rest[..room], true, &rest[room..]),
                None => {
                    self.held.extend_from_slice(rest);
                    return;
                }
            };
            if self.held.is_empty() {
                piece(text, partial);
            } else {
                self.held.extend_from_slice(text);
                piece(&self.held, partial);
                self.held.clear();
            }
            rest = after;
        }
    }

    /// Gives what is held, at the end of the stream.
    pub fn finish(&mut self, piece: impl FnOnce(&[u8])) {
        if !self.held.is_empty() {
            piece(&self.held);
        }
        self.held = Vec::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Piece = (Vec<u8>, bool);

    fn split(pieces: &[&[u8]]) -> (Vec<Piece>, Option<Vec<u8>>) {
        let mut splitter = Splitter::default();
        let mut lines = Vec::new();
        for bytes in pieces {
            splitter.push(bytes, |text, partial| lines.push((text.to_vec(), partial)));
        }
        let mut last = None;
        splitter.finish(|text| last = Some(text.to_vec()));
        (lines, last)
    }

    #[test]
    fn lines_are_joined_across_reads() {
        let (lines, last) = split(&[b"one\ntw", b"o\n\nthr", b"ee"]);
        assert_eq!(lines, [(b"one".to_vec(), false), (b"two".to_vec(), false), (Vec::new(), false)]);
        assert_eq!(last, Some(b"three".to_vec()));
    }

    #[test]
    fn long_lines_are_cut_and_a_line_that_just_fits_is_not() {
        let mut exact = vec![b'x'; MAX_PIECE];
        exact.push(b'\n');
        assert_eq!(split(&[&exact]).0, [(vec![b'x'; MAX_PIECE], false)]);
        assert_eq!(split(&[&exact[..MAX_PIECE], b"\n"]).0, [(vec![b'x'; MAX_PIECE], false)]);
        let long = vec![b'y'; 2 * MAX_PIECE + 3];
        let (lines, last) = split(&[&long[..5], &long[5..]]);
        assert_eq!(lines, [(vec![b'y'; MAX_PIECE], true), (vec![b'y'; MAX_PIECE], true)]);
        assert_eq!(last, Some(b"yyy".to_vec()));
    }
}
