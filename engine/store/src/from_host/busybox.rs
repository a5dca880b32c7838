//! The programs that one busybox stands for, read from the table of names in its file.

use crate::Result;
use crate::error::IoContext as _;
use std::path::Path;

/// The table's first two names, which no other text has in this order.
const FIRST: &[u8] = b"\0[\0[[\0";

/// The names of its programs; none where the table is not found.
pub fn applets(path: &Path) -> Result<Vec<String>> {
    Ok(parse(&std::fs::read(path).on("read", path)?))
}

fn parse(content: &[u8]) -> Vec<String> {
    let Some(start) = content.windows(FIRST.len()).position(|window| window == FIRST) else {
        return Vec::new();
    };
    let mut names: Vec<String> = Vec::new();
    for name in content[start + 1..].split(|b| *b == 0) {
        let is_name = !name.is_empty()
            && name.len() < 32
            && name
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'[' | b'_' | b'-' | b'.' | b'+'));
        let Some(name) = std::str::from_utf8(name).ok().filter(|_| is_name) else { break };
        // The table is sorted; what comes after it is not part of it.
        if names.last().is_some_and(|last| last.as_str() >= name) {
            break;
        }
        names.push(name.to_owned());
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_ends_where_the_order_does() {
        assert_eq!(parse(b"junk\0[\0[[\0ash\0cat\0zcat\0abc\0"), ["[", "[[", "ash", "cat", "zcat"]);
        assert_eq!(parse(b"\0[\0[[\0cat\0\x01\0"), ["[", "[[", "cat"]);
        assert!(parse(b"no table").is_empty());
    }
}
