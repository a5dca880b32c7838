//! The clipboard: through the terminal (OSC 52, which works over ssh too) and through the desktop's own program.

use super::screen::Screen;
use anyhow::Result;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::thread;

/// Terminals ignore longer sequences, and some show them as text.
const LONGEST: usize = 74_994;

/// Puts a text on the clipboard. The desktop's program is not waited for.
pub fn copy(screen: &mut Screen, text: String) -> Result<()> {
    if let Some(sequence) = sequence(&text) {
        screen.write_raw(sequence.as_bytes())?;
    }
    if let Some((program, arguments)) = program(|name| std::env::var_os(name).is_some_and(|v| !v.is_empty()))
    {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        // A desktop without the program still has what the terminal did.
        if let Ok(mut child) = command.spawn() {
            thread::spawn(move || {
                if let Some(mut stdin) = child.stdin.take() {
                    let _ = stdin.write_all(text.as_bytes());
                }
                child.wait()
            });
        }
    }
    Ok(())
}

fn program(is_set: impl Fn(&str) -> bool) -> Option<(&'static str, &'static [&'static str])> {
    if cfg!(target_os = "macos") {
        Some(("pbcopy", &[]))
    } else if is_set("WAYLAND_DISPLAY") {
        Some(("wl-copy", &[]))
    } else if is_set("DISPLAY") {
        Some(("xclip", &["-selection", "clipboard"]))
    } else {
        None
    }
}

fn sequence(text: &str) -> Option<String> {
    use base64::Engine as _;
    let coded = base64::engine::general_purpose::STANDARD.encode(text);
    (coded.len() <= LONGEST).then(|| format!("\x1b]52;c;{coded}\x07"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_desktop_names_its_program() {
        assert_eq!(program(|name| name == "WAYLAND_DISPLAY").map(|(name, _)| name), Some("wl-copy"));
        assert_eq!(program(|name| name == "DISPLAY").map(|(name, _)| name), Some("xclip"));
        assert_eq!(program(|_| false), None);
        assert_eq!(sequence("ab").as_deref(), Some("\x1b]52;c;YWI=\x07"));
        assert_eq!(sequence(&"x".repeat(80_000)), None);
    }
}
