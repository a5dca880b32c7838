//! Where in a log file to begin reading: so many lines from the end, or at a time.

use super::parse_entry;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

/// How much is looked at, at a time.
const BLOCK: u64 = 64 << 10;

/// The offset of the last `wanted` lines of a file, and how many it has of them. Pieces of one line count as one.
pub fn of_last_lines(file: &File, wanted: usize) -> io::Result<(u64, usize)> {
    let mut start = file.metadata()?.len();
    let mut found = 0;
    // Bytes from `start` on that belong to lines not looked at yet.
    let mut bytes = Vec::new();
    let mut at_end = true;
    while start > 0 {
        let step = start.min(BLOCK);
        start -= step;
        let mut block = vec![0; step as usize];
        file.read_exact_at(&mut block, start)?;
        block.append(&mut bytes);
        bytes = block;
        if at_end {
            // What follows the last line end is still being written.
            let Some(last) = memchr::memrchr(b'\n', &bytes) else { continue };
            bytes.truncate(last + 1);
            at_end = false;
        }
        while let Some(body) = bytes.len().checked_sub(1).map(|end| &bytes[..end]) {
            let begin = match memchr::memrchr(b'\n', body) {
                Some(previous) => previous + 1,
                None if start == 0 => 0,
                None => break,
            };
            if parse_entry(&body[begin..]).is_some_and(|entry| !entry.partial) {
                if found == wanted {
                    return Ok((start + bytes.len() as u64, found));
                }
                found += 1;
            }
            bytes.truncate(begin);
        }
    }
    Ok((0, found))
}

/// An offset at or before the first line that is as late as a time; lines before it are earlier.
pub fn of_time(file: &File, since: i64) -> io::Result<u64> {
    let (mut low, mut high) = (0, file.metadata()?.len());
    while high - low > BLOCK {
        let middle = low + (high - low) / 2;
        match first_line_after(file, middle, high)? {
            Some((offset, at)) if at < since => low = offset,
            _ => high = middle,
        }
    }
    Ok(low)
}

/// The first whole line that begins after an offset and before another, with its time.
fn first_line_after(file: &File, offset: u64, end: u64) -> io::Result<Option<(u64, i64)>> {
    let mut block = vec![0; (end - offset).min(4 * BLOCK) as usize];
    let length = file.read_at(&mut block, offset)?;
    let mut rest = &block[..length];
    let mut begin = offset;
    let mut first = true;
    while let Some(line_end) = memchr::memchr(b'\n', rest) {
        if !first && let Some(entry) = parse_entry(&rest[..line_end]) {
            return Ok(Some((begin, entry.at)));
        }
        first = false;
        begin += line_end as u64 + 1;
        rest = &rest[line_end + 1..];
    }
    Ok(None)
}
