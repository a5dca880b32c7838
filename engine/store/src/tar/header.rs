//! The 512-byte header: POSIX ustar, GNU and old Unix.

use std::io;

/// The unit that archives are made of.
pub const BLOCK: usize = 512;

/// One header.
pub struct Header<'a>(pub &'a [u8; BLOCK]);

pub fn damaged(why: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.into())
}

impl<'a> Header<'a> {
    /// Whether the stored checksum is that of the header, counted with signed or unsigned bytes: both were written.
    pub fn checksum_fits(&self) -> bool {
        let Ok(stored) = number(self.field(148, 8)) else { return false };
        let unsigned: u64 =
            self.0.iter().enumerate().map(|(at, b)| u64::from(if is_checksum(at) { b' ' } else { *b })).sum();
        let signed: i64 = self
            .0
            .iter()
            .enumerate()
            .map(|(at, b)| i64::from(if is_checksum(at) { b' ' } else { *b } as i8))
            .sum();
        stored == unsigned || i64::try_from(stored) == Ok(signed)
    }

    pub fn name(&self) -> Vec<u8> {
        let name = text(self.field(0, 100));
        let prefix = if self.is_ustar() { text(self.field(345, 155)) } else { &[] };
        if prefix.is_empty() { name.to_vec() } else { [prefix, b"/", name].concat() }
    }

    pub fn mode(&self) -> io::Result<u64> {
        number(self.field(100, 8))
    }

    pub fn uid(&self) -> io::Result<u64> {
        number(self.field(108, 8))
    }

    pub fn gid(&self) -> io::Result<u64> {
        number(self.field(116, 8))
    }

    pub fn size(&self) -> io::Result<u64> {
        number(self.field(124, 12))
    }

    pub fn modified(&self) -> io::Result<i64> {
        signed_number(self.field(136, 12))
    }

    pub fn type_flag(&self) -> u8 {
        self.0[156]
    }

    pub fn link(&self) -> &'a [u8] {
        text(self.field(157, 100))
    }

    pub fn device(&self) -> io::Result<(u64, u64)> {
        Ok((number(self.field(329, 8))?, number(self.field(337, 8))?))
    }

    /// POSIX: the magic is `ustar` and a zero byte.
    pub fn is_ustar(&self) -> bool {
        self.field(257, 6) == b"ustar\0"
    }

    pub fn field(&self, at: usize, length: usize) -> &'a [u8] {
        &self.0[at..at + length]
    }
}

fn is_checksum(at: usize) -> bool {
    (148..156).contains(&at)
}

fn text(field: &[u8]) -> &[u8] {
    &field[..field.iter().position(|b| *b == 0).unwrap_or(field.len())]
}

/// A number that cannot be negative.
pub fn number(field: &[u8]) -> io::Result<u64> {
    signed_number(field)?.try_into().map_err(|_| damaged("a number in the header is negative"))
}

/// Octal digits, or GNU's base 256 for what does not fit.
fn signed_number(field: &[u8]) -> io::Result<i64> {
    let damaged_number = || damaged("a number in the header is damaged");
    if field[0] & 0x80 != 0 {
        // Two's complement; bit 7 of the first byte is the mark, bit 6 the sign.
        let mut value: i128 = if field[0] & 0x40 != 0 { -1 } else { 0 };
        for (at, byte) in field.iter().enumerate() {
            let byte = if at == 0 { byte & 0x7f | if value < 0 { 0x80 } else { 0 } } else { *byte };
            value = (value << 8) | i128::from(byte);
        }
        return i64::try_from(value).map_err(|_| damaged_number());
    }
    let digits = text(field).trim_ascii();
    digits.iter().try_fold(0_i64, |value, digit| match digit {
        b'0'..=b'7' => value
            .checked_mul(8)
            .and_then(|v| v.checked_add(i64::from(digit - b'0')))
            .ok_or_else(damaged_number),
        _ => Err(damaged_number()),
    })
}
