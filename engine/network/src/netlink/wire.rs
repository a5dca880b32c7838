//! The form of a netlink message: a header, a fixed part, and attributes that nest (netlink(7)).

/// Size of `struct nlmsghdr`.
pub const HEADER: usize = 16;
/// The receiver acts on the message.
pub const REQUEST: u16 = 0x1;
/// The receiver answers when it is done.
pub const ACK: u16 = 0x4;
/// Fail when it exists (with `CREATE`).
pub const EXCLUSIVE: u16 = 0x200;
/// All objects instead of one.
pub const DUMP: u16 = 0x300;
/// Make it when it does not exist.
pub const CREATE: u16 = 0x400;
/// The attribute holds attributes.
const NESTED: u16 = 0x8000;

/// A message being written.
pub struct Message {
    bytes: Vec<u8>,
}

impl Message {
    /// Begins a message of a kind with its fixed part.
    pub fn new(kind: u16, flags: u16, fixed: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(256);
        bytes.extend_from_slice(&0u32.to_ne_bytes());
        bytes.extend_from_slice(&kind.to_ne_bytes());
        bytes.extend_from_slice(&(flags | REQUEST).to_ne_bytes());
        bytes.extend_from_slice(&[0; 8]);
        let mut message = Self { bytes };
        message.fixed(fixed);
        message
    }

    /// Adds bytes that are no attribute: a fixed part.
    pub fn fixed(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.pad();
    }

    /// Adds an attribute.
    pub fn put(&mut self, kind: u16, payload: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(&((4 + payload.len()) as u16).to_ne_bytes());
        self.bytes.extend_from_slice(&kind.to_ne_bytes());
        self.fixed(payload);
        self
    }

    /// Adds a number in the machine's byte order.
    pub fn put_u32(&mut self, kind: u16, value: u32) -> &mut Self {
        self.put(kind, &value.to_ne_bytes())
    }

    /// Adds a text with the NUL that the kernel expects.
    pub fn put_text(&mut self, kind: u16, text: &str) -> &mut Self {
        let mut bytes = text.as_bytes().to_vec();
        bytes.push(0);
        self.put(kind, &bytes)
    }

    /// Adds an attribute that holds what `fill` adds.
    pub fn nest(&mut self, kind: u16, fill: impl FnOnce(&mut Self)) -> &mut Self {
        let start = self.bytes.len();
        self.put(kind | NESTED, &[]);
        fill(self);
        let length = (self.bytes.len() - start) as u16;
        self.bytes[start..start + 2].copy_from_slice(&length.to_ne_bytes());
        self
    }

    /// Asks for an answer when it is done.
    pub fn acknowledged(&mut self) {
        let flags = u16_at(&self.bytes, 6).unwrap_or_default() | ACK;
        self.bytes[6..8].copy_from_slice(&flags.to_ne_bytes());
    }

    /// The finished message under a sequence number.
    pub fn finish(mut self, sequence: u32) -> Vec<u8> {
        let length = self.bytes.len() as u32;
        self.bytes[..4].copy_from_slice(&length.to_ne_bytes());
        self.bytes[8..12].copy_from_slice(&sequence.to_ne_bytes());
        self.bytes
    }

    fn pad(&mut self) {
        let padded = self.bytes.len().next_multiple_of(4);
        self.bytes.resize(padded, 0);
    }
}

/// A message as received: its kind and what follows the header.
pub struct Received<'a> {
    /// The message's type.
    pub kind: u16,
    /// Its sequence number.
    pub sequence: u32,
    /// Fixed part and attributes.
    pub body: &'a [u8],
}

/// The messages in one datagram. A length that does not fit ends the sequence.
pub fn messages(mut bytes: &[u8]) -> impl Iterator<Item = Received<'_>> {
    std::iter::from_fn(move || {
        let length = u32_at(bytes, 0)? as usize;
        let message = bytes.get(..length).filter(|_| length >= HEADER)?;
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some(Received { kind: u16_at(message, 4)?, sequence: u32_at(message, 8)?, body: &message[HEADER..] })
    })
}

/// The attributes in a part of a message. A length that does not fit ends the sequence.
pub fn attributes(mut bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let length = usize::from(u16_at(bytes, 0)?);
        let kind = u16_at(bytes, 2)? & !NESTED;
        let payload = bytes.get(4..length)?;
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some((kind, payload))
    })
}

/// The number at an offset, in the machine's byte order.
pub fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_ne_bytes)
}

/// The short number at an offset, in the machine's byte order.
pub fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2)?.try_into().ok().map(u16::from_ne_bytes)
}

/// The text of an attribute, without its NUL.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.split(|b| *b == 0).next().unwrap_or_default()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_it_reads() {
        let mut message = Message::new(16, ACK, &[1, 2, 3, 4]);
        message.put_text(3, "teu0");
        message.nest(18, |inner| {
            inner.put_u32(1, 7).put(2, &[9]);
        });
        let bytes = message.finish(5);
        let read: Vec<_> = messages(&bytes).collect();
        assert_eq!((read.len(), read[0].kind, read[0].sequence), (1, 16, 5));
        let parts: Vec<_> = attributes(&read[0].body[4..]).collect();
        assert_eq!(text(parts[0].1), "teu0");
        let inner: Vec<_> = attributes(parts[1].1).collect();
        assert_eq!(inner, vec![(1, &7u32.to_ne_bytes()[..]), (2, &[9][..])]);
    }

    #[test]
    fn truncated_bytes_end_the_sequence() {
        assert_eq!(messages(&[1, 2, 3]).count(), 0);
        assert_eq!(messages(&[0; 64]).count(), 0);
        assert_eq!(messages(&[255; 64]).count(), 0);
        assert_eq!(attributes(&[255; 5]).count(), 0);
        assert_eq!(attributes(&[0; 5]).count(), 0);
    }
}
