//! Writing an archive: POSIX pax, with extended records only where the plain header has no room.

use super::entry::{Entry, Kind};
use super::header::BLOCK;
use super::pax;
use std::io::{self, Read, Write};

/// An archive being written.
pub struct Builder<W> {
    writer: W,
}

impl<W: Write> Builder<W> {
    /// Writes an archive.
    pub fn new(writer: W) -> Self {
        Self { writer }
    }

    /// Adds an entry and exactly `entry.size` bytes of content.
    pub fn append(&mut self, entry: &Entry, content: &mut dyn Read) -> io::Result<()> {
        let extensions = extensions(entry);
        if !extensions.is_empty() {
            let mut header = [0; BLOCK];
            header[..14].copy_from_slice(b"././@PaxHeader");
            fill(&mut header, 0o644, 0, 0, extensions.len() as u64, 0, b'x');
            self.writer.write_all(&header)?;
            self.writer.write_all(&extensions)?;
            self.pad(extensions.len() as u64)?;
        }
        self.writer.write_all(&header(entry))?;
        let copied = io::copy(&mut content.take(entry.size), &mut self.writer)?;
        if copied != entry.size {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "a file became shorter while it was read",
            ));
        }
        self.pad(entry.size)
    }

    /// Writes the archive's end and gives the writer back.
    pub fn finish(mut self) -> io::Result<W> {
        self.writer.write_all(&[0; 2 * BLOCK])?;
        self.writer.flush()?;
        Ok(self.writer)
    }

    fn pad(&mut self, size: u64) -> io::Result<()> {
        let padding = (size.next_multiple_of(BLOCK as u64) - size) as usize;
        self.writer.write_all(&[0; BLOCK][..padding])
    }
}

/// A name as the archive has it: folders end in a slash.
fn stored_name(entry: &Entry) -> Vec<u8> {
    let mut name = entry.name.clone();
    if entry.kind == Kind::Directory && !name.ends_with(b"/") {
        name.push(b'/');
    }
    name
}

fn link(entry: &Entry) -> &[u8] {
    match &entry.kind {
        Kind::HardLink(target) | Kind::Symlink(target) => target,
        _ => b"",
    }
}

fn fits(value: u64, digits: u32) -> bool {
    value < 1 << (3 * digits)
}

fn extensions(entry: &Entry) -> Vec<u8> {
    let mut out = Vec::new();
    let mut record = |key: &[u8], value: &[u8]| pax::write(key, value, &mut out);
    let name = stored_name(entry);
    if !fits(entry.gid.into(), 7) {
        record(b"gid", entry.gid.to_string().as_bytes());
    }
    if link(entry).len() > 100 {
        record(b"linkpath", link(entry));
    }
    let time = entry.modified;
    if time.nanoseconds != 0 || time.seconds < 0 || !fits(time.seconds as u64, 11) {
        record(b"mtime", written_time(time.seconds, time.nanoseconds).as_bytes());
    }
    if name.len() > 100 {
        record(b"path", &name);
    }
    for (key, value) in &entry.xattrs {
        record(&[pax::XATTR, key.as_slice()].concat(), value);
    }
    if !fits(entry.size, 11) {
        record(b"size", entry.size.to_string().as_bytes());
    }
    if !fits(entry.uid.into(), 7) {
        record(b"uid", entry.uid.to_string().as_bytes());
    }
    out
}

fn written_time(seconds: i64, nanoseconds: u32) -> String {
    if nanoseconds == 0 {
        return seconds.to_string();
    }
    // Pax counts fractions away from zero, the kernel always upwards.
    let (sign, seconds, nanoseconds) = if seconds < 0 {
        ("-", -(seconds + 1), 1_000_000_000 - nanoseconds)
    } else {
        ("", seconds, nanoseconds)
    };
    let text = format!("{sign}{seconds}.{nanoseconds:09}");
    text.trim_end_matches('0').to_owned()
}

fn header(entry: &Entry) -> [u8; BLOCK] {
    let mut header = [0; BLOCK];
    let name = stored_name(entry);
    let kept = name.len().min(100);
    header[..kept].copy_from_slice(&name[..kept]);
    let link = link(entry);
    let kept = link.len().min(100);
    header[157..157 + kept].copy_from_slice(&link[..kept]);
    let (flag, device) = match entry.kind {
        Kind::File => (b'0', None),
        Kind::HardLink(_) => (b'1', None),
        Kind::Symlink(_) => (b'2', None),
        Kind::CharacterDevice(major, minor) => (b'3', Some((major, minor))),
        Kind::BlockDevice(major, minor) => (b'4', Some((major, minor))),
        Kind::Directory => (b'5', None),
        Kind::Fifo => (b'6', None),
    };
    let (major, minor) = device.unwrap_or_default();
    octal(&mut header[329..337], major.into());
    octal(&mut header[337..345], minor.into());
    let seconds = if fits(entry.modified.seconds as u64, 11) { entry.modified.seconds as u64 } else { 0 };
    fill(&mut header, entry.mode, entry.uid, entry.gid, entry.size, seconds, flag);
    header
}

fn fill(header: &mut [u8; BLOCK], mode: u32, uid: u32, gid: u32, size: u64, seconds: u64, flag: u8) {
    octal(&mut header[100..108], (mode & 0o7777).into());
    octal(&mut header[108..116], uid.into());
    octal(&mut header[116..124], gid.into());
    octal(&mut header[124..136], size);
    octal(&mut header[136..148], seconds);
    header[156] = flag;
    header[257..265].copy_from_slice(b"ustar\x0000");
    header[148..156].fill(b' ');
    let sum: u64 = header.iter().map(|b| u64::from(*b)).sum();
    octal(&mut header[148..155], sum);
}

/// Octal digits, zero-padded, with a zero byte after them; 0 where they do not fit, with a record that says it right.
fn octal(field: &mut [u8], value: u64) {
    let digits = field.len() - 1;
    let value = if fits(value, digits as u32) { value } else { 0 };
    for (at, byte) in field[..digits].iter_mut().enumerate() {
        *byte = b'0' + ((value >> (3 * (digits - 1 - at))) & 7) as u8;
    }
    field[digits] = 0;
}
