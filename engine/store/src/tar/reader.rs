//! Reading an archive front to back.

use super::entry::{Entry, Kind, Time};
use super::header::{BLOCK, Header, damaged};
use super::pax::{self, Records};
use super::sparse::{self, Map, Part};
use std::io::{self, Read};

/// The longest name or link target, as the kernel bounds paths.
const LONGEST_NAME: u64 = 4096;
/// The largest extended header: room for every attribute that a kernel would take.
const LARGEST_EXTENSION: u64 = 1 << 20;
/// The most bytes that records for one entry hold, whatever number of headers they come in.
const LARGEST_RECORDS: usize = 2 << 20;
/// The same for those that hold for all entries, each of which gets a copy.
const LARGEST_GLOBAL: usize = 64 << 10;

/// An archive being read.
pub struct Archive<R> {
    reader: R,
    global: Records,
    /// Bytes of the current entry that are still to come from the reader, and the padding after them.
    left: u64,
    padding: u64,
    parts: Vec<Part>,
    ended: bool,
}

impl<R: Read> Archive<R> {
    /// Reads an archive.
    pub fn new(reader: R) -> Self {
        Self { reader, global: Records::new(), left: 0, padding: 0, parts: Vec::new(), ended: false }
    }

    /// The next entry; its content is read through the second part. `None` at the archive's end.
    pub fn next_entry(&mut self) -> io::Result<Option<(Entry, Content<'_, R>)>> {
        if self.ended {
            return Ok(None);
        }
        self.skip()?;
        let mut records = self.global.clone();
        let (mut long_name, mut long_link) = (None, None);
        loop {
            let Some(block) = self.block()? else {
                self.ended = true;
                return Ok(None);
            };
            let header = Header(&block);
            match header.type_flag() {
                b'x' => {
                    pax::parse(&self.extension(&header, LARGEST_EXTENSION)?, &mut records)?;
                    pax::bound(&records, LARGEST_RECORDS)?;
                }
                b'g' => {
                    let bytes = self.extension(&header, LARGEST_EXTENSION)?;
                    pax::parse(&bytes, &mut self.global)?;
                    pax::bound(&self.global, LARGEST_GLOBAL)?;
                    pax::parse(&bytes, &mut records)?;
                }
                b'L' => long_name = Some(self.long(&header)?),
                b'K' => long_link = Some(self.long(&header)?),
                _ => return self.entry(&header, &records, long_name, long_link).map(Some),
            }
        }
    }

    fn entry(
        &mut self,
        header: &Header<'_>,
        records: &Records,
        long_name: Option<Vec<u8>>,
        long_link: Option<Vec<u8>>,
    ) -> io::Result<(Entry, Content<'_, R>)> {
        let record = |key: &[u8]| records.get(key);
        let count = |key: &[u8], own: io::Result<u64>| match records.get(key) {
            Some(value) => {
                pax::decimal(value).ok_or_else(|| damaged("an extended header's number is damaged"))
            }
            None => own,
        };
        let size = count(b"size", header.size())?;
        let name = record(b"GNU.sparse.name").or_else(|| record(b"path")).cloned().or(long_name);
        let mut name = name.unwrap_or_else(|| header.name());
        let link = record(b"linkpath").cloned().or(long_link).unwrap_or_else(|| header.link().to_vec());
        if name.len() as u64 > LONGEST_NAME || link.len() as u64 > LONGEST_NAME {
            return Err(damaged("a name is longer than 4096 bytes"));
        }
        let kind = match header.type_flag() {
            // Old Unix archives know folders by the slash alone.
            0 | b'0' | b'7' if name.ends_with(b"/") => Kind::Directory,
            0 | b'0' | b'7' | b'S' => Kind::File,
            b'1' => Kind::HardLink(link),
            b'2' => Kind::Symlink(link),
            flag @ (b'3' | b'4') => {
                let (major, minor) = header.device()?;
                let narrow = |n: u64| u32::try_from(n).map_err(|_| damaged("a device's number is too large"));
                let (major, minor) = (narrow(major)?, narrow(minor)?);
                if flag == b'3' {
                    Kind::CharacterDevice(major, minor)
                } else {
                    Kind::BlockDevice(major, minor)
                }
            }
            b'5' => Kind::Directory,
            b'6' => Kind::Fifo,
            other => {
                let shown = String::from_utf8_lossy(&name).escape_debug().to_string();
                return Err(damaged(format!(
                    "{shown}: entries of type {:?} are not known",
                    char::from(other)
                )));
            }
        };
        if kind == Kind::Directory {
            let kept = name.iter().rposition(|b| *b != b'/').map_or(0, |at| at + 1);
            name.truncate(kept);
        }
        let narrow = |n: u64| u32::try_from(n).map_err(|_| damaged("an owner's number is too large"));
        let modified = match record(b"mtime") {
            Some(value) => pax::time(value).ok_or_else(|| damaged("an extended header's time is damaged"))?,
            None => Time { seconds: header.modified()?, nanoseconds: 0 },
        };
        let xattrs = records
            .iter()
            .filter_map(|(key, value)| key.strip_prefix(pax::XATTR).map(|key| (key.to_vec(), value.clone())))
            .collect();
        let mut entry = Entry {
            name,
            mode: u32::try_from(header.mode()? & 0o7777).unwrap_or_default(),
            uid: narrow(count(b"uid", header.uid())?)?,
            gid: narrow(count(b"gid", header.gid())?)?,
            modified,
            size: 0,
            xattrs,
            kind,
        };
        // Only files have content; some writers repeat a hard link's size without it, and Go's reader ignores it too.
        (self.left, self.padding) = (0, 0);
        self.parts.clear();
        if entry.kind == Kind::File {
            self.left = size;
            self.padding = padding(size)?;
            let map = self.sparse_map(header, records)?;
            entry.size = map.as_ref().map_or(size, |map| map.size);
            match map {
                Some(map) => self.parts = map.parts,
                None if size > 0 => self.parts.push(Part { offset: 0, length: size }),
                None => {}
            }
        }
        Ok((entry, Content { archive: self, part: 0, done: 0 }))
    }

    fn sparse_map(&mut self, header: &Header<'_>, records: &Records) -> io::Result<Option<Map>> {
        if header.type_flag() == b'S' {
            let (parts, size) = sparse::gnu(header, || self.raw_block())?;
            return Map::new(parts, size, self.left).map(Some);
        }
        if records.get(&b"GNU.sparse.major"[..]).is_some_and(|major| major.as_slice() == b"1") {
            let size = records.get(&b"GNU.sparse.realsize"[..]).and_then(|size| pax::decimal(size));
            let size = size.ok_or_else(|| damaged("a sparse file's size is missing"))?;
            let mut left = self.left;
            let (parts, _) = sparse::leading(|| {
                left = left
                    .checked_sub(BLOCK as u64)
                    .ok_or_else(|| damaged("a sparse file's map is longer than its content"))?;
                self.raw_block()
            })?;
            self.left = left;
            return Map::new(parts, size, left).map(Some);
        }
        match sparse::pax(records)? {
            Some((parts, size)) => Map::new(parts, size, self.left).map(Some),
            None => Ok(None),
        }
    }

    /// The next header, or `None` at the end: a block of zeros, or nothing at all where a writer left it out.
    fn block(&mut self) -> io::Result<Option<[u8; BLOCK]>> {
        let mut block = [0; BLOCK];
        let mut filled = 0;
        while filled < BLOCK {
            match self.reader.read(&mut block[filled..]) {
                Ok(0) if filled == 0 => return Ok(None),
                Ok(0) => return Err(truncated()),
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if block.iter().all(|b| *b == 0) {
            return Ok(None);
        }
        if !Header(&block).checksum_fits() {
            return Err(damaged("not a tar archive, or a damaged one: a header's checksum is wrong"));
        }
        Ok(Some(block))
    }

    fn raw_block(&mut self) -> io::Result<[u8; BLOCK]> {
        let mut block = [0; BLOCK];
        self.reader.read_exact(&mut block).map_err(ended_early)?;
        Ok(block)
    }

    fn extension(&mut self, header: &Header<'_>, largest: u64) -> io::Result<Vec<u8>> {
        let size = header.size()?;
        if size > largest {
            return Err(damaged(format!(
                "an extended header of {size} bytes is larger than any may be ({largest})"
            )));
        }
        let mut bytes = vec![0; size.next_multiple_of(BLOCK as u64) as usize];
        self.reader.read_exact(&mut bytes).map_err(ended_early)?;
        bytes.truncate(size as usize);
        Ok(bytes)
    }

    fn long(&mut self, header: &Header<'_>) -> io::Result<Vec<u8>> {
        let mut name = self.extension(header, LONGEST_NAME + 1)?;
        if let Some(end) = name.iter().position(|b| *b == 0) {
            name.truncate(end);
        }
        Ok(name)
    }

    fn skip(&mut self) -> io::Result<()> {
        let count = self.left.saturating_add(self.padding);
        (self.left, self.padding) = (0, 0);
        let skipped = io::copy(&mut (&mut self.reader).take(count), &mut io::sink())?;
        if skipped < count { Err(truncated()) } else { Ok(()) }
    }

    /// Reads what comes after the archive's end to the very last byte, which a digest of the whole needs.
    pub fn finish(mut self) -> io::Result<R> {
        io::copy(&mut self.reader, &mut io::sink())?;
        Ok(self.reader)
    }
}

/// An entry's content, part by part: what lies between parts reads as zeros.
pub struct Content<'a, R> {
    archive: &'a mut Archive<R>,
    part: usize,
    done: u64,
}

impl<R: Read> Content<'_, R> {
    /// Reads the next bytes that the archive holds and says where in the file they belong; `None` at the end.
    pub fn read_at(&mut self, buffer: &mut [u8]) -> io::Result<Option<(u64, usize)>> {
        let Some(part) = self.archive.parts.get(self.part).copied() else { return Ok(None) };
        let wanted = usize::try_from(part.length - self.done).unwrap_or(usize::MAX).min(buffer.len());
        let mut filled = 0;
        while filled < wanted {
            match self.archive.reader.read(&mut buffer[filled..wanted]) {
                Ok(0) => return Err(truncated()),
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let offset = part.offset + self.done;
        self.archive.left -= wanted as u64;
        self.done += wanted as u64;
        if self.done == part.length {
            self.part += 1;
            self.done = 0;
        }
        Ok(Some((offset, wanted)))
    }
}

fn padding(size: u64) -> io::Result<u64> {
    let padded = size.checked_next_multiple_of(BLOCK as u64).ok_or_else(|| damaged("a size is too large"))?;
    Ok(padded - size)
}

fn truncated() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the archive ends in the middle of an entry")
}

fn ended_early(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::UnexpectedEof { truncated() } else { error }
}
