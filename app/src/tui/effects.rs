//! What the user interface wants done outside, done.

use super::engine::EngineThreads;
use super::preferences;
use super::screen::Screen;
use anyhow::Result;
use std::ops::ControlFlow;
use teu_ui::Effect;

/// Carries one effect out; says `Break` when the program is to end.
pub fn carry_out(effect: Effect, screen: &mut Screen, engine: &mut EngineThreads) -> Result<ControlFlow<()>> {
    match effect {
        Effect::Engine(command) => engine.send(command),
        Effect::Quit => return Ok(ControlFlow::Break(())),
        Effect::CopyToClipboard(text) => screen.write_raw(clipboard_sequence(&text).as_bytes())?,
        Effect::Suspend => screen.suspend()?,
        Effect::RedrawAll => screen.forget()?,
        Effect::CaptureMouse(capture) => screen.capture_mouse(capture)?,
        Effect::SaveTheme(name) => {
            if let Err(error) = preferences::save_theme(&name) {
                engine.notice(format!("the theme is not remembered: {error:#}"));
            }
        }
        Effect::WriteFile { name, text } => match std::fs::write(&name, text) {
            Ok(()) => engine.done(format!("wrote {name}")),
            Err(error) => engine.notice(format!("cannot write {name}: {error}")),
        },
    }
    Ok(ControlFlow::Continue(()))
}

/// OSC 52: terminals put its base64 payload on the clipboard, over ssh as well.
fn clipboard_sequence(text: &str) -> String {
    use base64::Engine as _;
    format!("\x1b]52;c;{}\x07", base64::engine::general_purpose::STANDARD.encode(text))
}
