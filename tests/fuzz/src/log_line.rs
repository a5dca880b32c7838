//! Lines of a log: whatever a container writes, what is kept of it is safe to print and no longer than it was.

use teu_ui::model::log::Window;
use teu_ui::text::{decode, is_safe};

/// Decodes the bytes as one line, and reads them as a span of time.
pub fn check(bytes: &[u8]) {
    let decoded = decode(bytes);
    assert!(decoded.text.chars().all(is_safe), "{:?}", decoded.text);
    assert!(decoded.runs.is_sorted_by_key(|run| run.start));
    assert!(decoded.runs.iter().all(|run| decoded.text.is_char_boundary(run.start as usize)));
    // Bytes that are no text become a sign of three bytes; tabs become up to eight blanks.
    assert!(decoded.text.len() <= bytes.len() * 8);
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(window) = Window::parse(text)
    {
        window.ends(1_795_514_400_000_000_000, 3600);
    }
}
