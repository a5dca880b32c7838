//! Extended headers of POSIX.1-2001: records `LENGTH KEY=VALUE\n` that replace fields of the header after them.

use super::entry::Time;
use super::header::damaged;
use std::collections::BTreeMap;
use std::io;

/// Records by key.
pub type Records = BTreeMap<Vec<u8>, Vec<u8>>;

/// What begins the key of an extended attribute's record, as Go's and GNU tar write it.
pub const XATTR: &[u8] = b"SCHILY.xattr.";

/// Adds an extended header's records; an empty value takes a key away, as POSIX says. GNU's first sparse format
/// repeats keys: those are gathered, separated by commas.
pub fn parse(mut bytes: &[u8], records: &mut Records) -> io::Result<()> {
    let broken = || damaged("an extended header is damaged");
    while !bytes.is_empty() {
        // Some writers pad the last block inside the declared size.
        if bytes.iter().all(|b| *b == 0) {
            break;
        }
        let space = bytes.iter().take(20).position(|b| *b == b' ').ok_or_else(broken)?;
        let length: usize =
            decimal(&bytes[..space]).and_then(|length| usize::try_from(length).ok()).ok_or_else(broken)?;
        if length <= space + 1 || length > bytes.len() || bytes[length - 1] != b'\n' {
            return Err(broken());
        }
        let record = &bytes[space + 1..length - 1];
        let equals = record.iter().position(|b| *b == b'=').ok_or_else(broken)?;
        let (key, value) = (&record[..equals], &record[equals + 1..]);
        if key.is_empty() {
            return Err(broken());
        }
        if matches!(key, b"GNU.sparse.offset" | b"GNU.sparse.numbytes") {
            let all = records.entry(b"GNU.sparse.map".to_vec()).or_default();
            if !all.is_empty() {
                all.push(b',');
            }
            all.extend_from_slice(value);
        } else if value.is_empty() && !key.starts_with(XATTR) {
            records.remove(key);
        } else {
            records.insert(key.to_vec(), value.to_vec());
        }
        bytes = &bytes[length..];
    }
    Ok(())
}

/// Refuses records that are larger together than this many bytes: an archive may hold any number of extended headers.
pub fn bound(records: &Records, largest: usize) -> io::Result<()> {
    let sum: usize = records.iter().map(|(key, value)| key.len() + value.len()).sum();
    if sum > largest {
        return Err(damaged(format!("extended headers hold more than {largest} bytes together")));
    }
    Ok(())
}

/// Decimal digits and nothing else.
pub fn decimal(text: &[u8]) -> Option<u64> {
    let valid = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    valid.then(|| std::str::from_utf8(text).ok()?.parse().ok()).flatten()
}

/// Seconds with an optional fraction, possibly negative.
pub fn time(text: &[u8]) -> Option<Time> {
    let (negative, digits) = match text.strip_prefix(b"-") {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (whole, fraction) = match digits.iter().position(|b| *b == b'.') {
        Some(at) => (&digits[..at], &digits[at + 1..]),
        None => (digits, &b""[..]),
    };
    let seconds = i64::try_from(decimal(whole)?).ok()?;
    let nanoseconds = if fraction.is_empty() {
        0
    } else {
        let mut padded = *b"000000000";
        let kept = fraction.len().min(9);
        padded[..kept].copy_from_slice(&fraction[..kept]);
        decimal(fraction.get(9..).filter(|rest| !rest.is_empty()).unwrap_or(b"0"))?;
        u32::try_from(decimal(&padded)?).ok()?
    };
    Some(match (negative, nanoseconds) {
        (false, _) => Time { seconds, nanoseconds },
        (true, 0) => Time { seconds: -seconds, nanoseconds: 0 },
        (true, _) => Time { seconds: -seconds - 1, nanoseconds: 1_000_000_000 - nanoseconds },
    })
}

/// Writes one record: its length counts itself.
pub fn write(key: &[u8], value: &[u8], out: &mut Vec<u8>) {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    out.extend_from_slice(length.to_string().as_bytes());
    out.push(b' ');
    out.extend_from_slice(key);
    out.push(b'=');
    out.extend_from_slice(value);
    out.push(b'\n');
}
