//! Sparse files: which parts of a file an archive holds. GNU's old format and the three versions in extended headers.

use super::header::{BLOCK, Header, damaged, number};
use super::pax::{Records, decimal};
use std::io;

/// Most parts one file may be in.
const MOST_PARTS: usize = 1 << 16;

/// One part that the archive holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Part {
    /// Where it begins in the file.
    pub offset: u64,
    /// Its bytes.
    pub length: u64,
}

/// A file's parts, in order, and its size with holes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Map {
    /// The parts, without empty ones.
    pub parts: Vec<Part>,
    /// The file's size.
    pub size: u64,
}

impl Map {
    /// Checks that parts come in order, do not overlap, lie inside the file, and are `held` bytes together.
    pub fn new(parts: Vec<Part>, size: u64, held: u64) -> io::Result<Self> {
        let mut end = 0;
        let mut sum = 0_u64;
        for part in &parts {
            if part.offset < end {
                return Err(damaged("a sparse file's parts overlap"));
            }
            end = part
                .offset
                .checked_add(part.length)
                .filter(|end| *end <= size)
                .ok_or_else(|| damaged("a sparse file's part lies outside of it"))?;
            sum += part.length;
        }
        if sum != held {
            return Err(damaged("a sparse file's parts are not as long as its content"));
        }
        Ok(Self { parts: parts.into_iter().filter(|part| part.length > 0).collect(), size })
    }
}

/// The parts that a GNU header and its continuation blocks list.
pub fn gnu(
    header: &Header<'_>,
    mut next: impl FnMut() -> io::Result<[u8; BLOCK]>,
) -> io::Result<(Vec<Part>, u64)> {
    let mut parts = Vec::new();
    take(&mut parts, header.field(386, 4 * 24))?;
    let mut more = header.0[482] != 0;
    while more {
        let block = next()?;
        take(&mut parts, &block[..21 * 24])?;
        more = block[504] != 0;
    }
    Ok((parts, number(header.field(483, 12))?))
}

fn take(parts: &mut Vec<Part>, table: &[u8]) -> io::Result<()> {
    for row in table.chunks_exact(24) {
        if row[0] == 0 {
            break;
        }
        push(parts, Part { offset: number(&row[..12])?, length: number(&row[12..])? })?;
    }
    Ok(())
}

fn push(parts: &mut Vec<Part>, part: Part) -> io::Result<()> {
    if parts.len() >= MOST_PARTS {
        return Err(damaged("a sparse file is in too many parts"));
    }
    parts.push(part);
    Ok(())
}

/// The parts of versions 0.0 and 0.1, which extended headers list.
pub fn pax(records: &Records) -> io::Result<Option<(Vec<Part>, u64)>> {
    let Some(map) = records.get(&b"GNU.sparse.map"[..]) else { return Ok(None) };
    let broken = || damaged("a sparse file's map is damaged");
    let size = records.get(&b"GNU.sparse.size"[..]).and_then(|size| decimal(size)).ok_or_else(broken)?;
    let numbers: Option<Vec<u64>> = map.split(|b| *b == b',').map(decimal).collect();
    let mut parts = Vec::new();
    let numbers = numbers.ok_or_else(broken)?;
    for pair in numbers.chunks(2) {
        let [offset, length] = pair else { return Err(broken()) };
        push(&mut parts, Part { offset: *offset, length: *length })?;
    }
    Ok(Some((parts, size)))
}

/// The parts of version 1.0, which stand before the content; also how many bytes they took up.
pub fn leading(mut next: impl FnMut() -> io::Result<[u8; BLOCK]>) -> io::Result<(Vec<Part>, u64)> {
    let mut taken = 0;
    let mut block = [0; BLOCK];
    let mut at = BLOCK;
    let mut line = || -> io::Result<u64> {
        let mut digits = Vec::new();
        loop {
            if at == BLOCK {
                block = next()?;
                taken += BLOCK as u64;
                at = 0;
            }
            let byte = block[at];
            at += 1;
            if byte == b'\n' {
                return decimal(&digits).ok_or_else(|| damaged("a sparse file's map is damaged"));
            }
            if digits.len() > 20 {
                return Err(damaged("a sparse file's map is damaged"));
            }
            digits.push(byte);
        }
    };
    let count = line()?;
    let mut parts = Vec::new();
    for _ in 0..count {
        let (offset, length) = (line()?, line()?);
        push(&mut parts, Part { offset, length })?;
    }
    Ok((parts, taken))
}
