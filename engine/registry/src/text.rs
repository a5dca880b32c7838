//! Text from a registry, made fit to be shown: hostile answers must not steer a terminal.

use teu_api::error::is_commanding;

/// The text with control characters replaced and its length bounded.
pub(crate) fn printable(text: &str, limit: usize) -> String {
    let mut shown: String =
        text.chars().take(limit).map(|c| if is_commanding(c) { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(limit).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn escapes_do_not_pass() {
        assert_eq!(printable("a\u{1b}[2Jb\n", 10), "a\u{fffd}[2Jb\u{fffd}");
        assert_eq!(printable("abcdef", 3), "abc…");
        assert_eq!(printable("abc", 3), "abc");
    }
}
