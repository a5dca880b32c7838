//! Files' bytes, with holes where there are only zeros.

use rustix::io::pwrite;
use std::io;
use std::os::fd::BorrowedFd;

/// What file systems store in; runs of zeros of this length become holes.
const PAGE: usize = 4096;

/// Writes what is not zeros; returns where the last byte written ends, if any was.
pub(super) fn write_with_holes(file: BorrowedFd<'_>, offset: u64, bytes: &[u8]) -> io::Result<Option<u64>> {
    let mut end = None;
    let mut at = 0;
    while at < bytes.len() {
        let zeros = bytes[at..].chunks(PAGE).take_while(|page| is_zero(page)).map(<[u8]>::len).sum::<usize>();
        at += zeros;
        let data: usize = bytes[at..].chunks(PAGE).take_while(|page| !is_zero(page)).map(<[u8]>::len).sum();
        let mut rest = &bytes[at..at + data];
        while !rest.is_empty() {
            let written = pwrite(file, rest, offset + at as u64)?;
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            at += written;
            rest = &rest[written..];
            end = Some(offset + at as u64);
        }
    }
    Ok(end)
}

fn is_zero(page: &[u8]) -> bool {
    page.iter().all(|b| *b == 0)
}
