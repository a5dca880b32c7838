//! What an entry's name means in a layer.

use std::fmt;

const WHITEOUT: &[u8] = b".wh.";
const OPAQUE: &[u8] = b".wh..wh..opq";
const AUFS: &[u8] = b".wh..wh.";

/// A name inside a layer: components that are neither empty, `.` nor `..`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Name(Vec<u8>);

impl Name {
    /// Checks and normalises a name from an archive. The error says what is wrong with it.
    pub fn parse(raw: &[u8]) -> Result<Self, &'static str> {
        if raw.first() == Some(&b'/') {
            return Err("the name is absolute");
        }
        if raw.contains(&0) {
            return Err("the name contains a zero byte");
        }
        let mut name = Vec::with_capacity(raw.len());
        for component in raw.split(|b| *b == b'/') {
            match component {
                b"" | b"." => {}
                b".." => return Err("the name leads out of the image with \"..\""),
                component => {
                    if !name.is_empty() {
                        name.push(b'/');
                    }
                    name.extend_from_slice(component);
                }
            }
        }
        Ok(Self(name))
    }

    /// Whether it is the layer's root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The folder and the last component.
    pub fn split(&self) -> (&[u8], &[u8]) {
        match self.0.iter().rposition(|b| *b == b'/') {
            Some(at) => (&self.0[..at], &self.0[at + 1..]),
            None => (&[], &self.0),
        }
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.0))
    }
}

/// A name for messages: hostile bytes escaped, length bounded.
pub fn shown(raw: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(&raw[..raw.len().min(200)]).escape_debug().to_string();
    if raw.len() > 200 {
        text.push('…');
    }
    text
}

/// What a file name says about lower layers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Marker<'a> {
    /// Nothing: an ordinary name.
    None,
    /// This name of lower layers is gone.
    Whiteout(&'a [u8]),
    /// All that lower layers have in this folder is gone.
    Opaque,
    /// Bookkeeping of aufs, which means nothing here.
    Ignored,
}

impl<'a> Marker<'a> {
    /// Reads the last component of a name.
    pub fn parse(name: &'a [u8]) -> Result<Self, &'static str> {
        if name == OPAQUE {
            return Ok(Self::Opaque);
        }
        if name.starts_with(AUFS) {
            return Ok(Self::Ignored);
        }
        match name.strip_prefix(WHITEOUT) {
            None => Ok(Self::None),
            Some(b"" | b"." | b"..") => Err("the whiteout leads out of its folder"),
            Some(hidden) => Ok(Self::Whiteout(hidden)),
        }
    }
}
