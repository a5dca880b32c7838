//! Text from a registry, made fit to be shown: hostile answers must not steer a terminal.

/// The text with control characters replaced and its length bounded.
pub(crate) fn printable(text: &str, limit: usize) -> String {
    let mut shown: String =
        text.chars().take(limit).map(|c| if is_harmless(c) { c } else { '\u{fffd}' }).collect();
    if text.chars().nth(limit).is_some() {
        shown.push('…');
    }
    shown
}

/// Whether a character neither controls a terminal nor reorders what stands around it.
fn is_harmless(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
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
