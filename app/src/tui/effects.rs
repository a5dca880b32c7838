//! What the user interface wants done outside, done.

use super::engine::EngineThreads;
use super::screen::Screen;
use super::{browser, clipboard, preferences};
use anyhow::Result;
use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::PathBuf;
use teu_ui::Effect;

/// Carries one effect out; says `Break` when the program is to end.
pub fn carry_out(effect: Effect, screen: &mut Screen, engine: &mut EngineThreads) -> Result<ControlFlow<()>> {
    match effect {
        Effect::Engine(command) => engine.send(command),
        Effect::Quit => return Ok(ControlFlow::Break(())),
        Effect::CopyToClipboard(text) => clipboard::copy(screen, text)?,
        Effect::OpenUrl(url) if browser::open(&url) => engine.done(format!("opened {url}")),
        Effect::OpenUrl(url) => {
            clipboard::copy(screen, url.clone())?;
            engine.done(format!("copied {url}: there is no browser to open it in here"));
        }
        Effect::Suspend => screen.suspend()?,
        Effect::RedrawAll => screen.forget()?,
        Effect::CaptureMouse(capture) => screen.capture_mouse(capture)?,
        Effect::SaveTheme(name) => {
            if let Err(error) = preferences::save_theme(&name) {
                engine.notice(format!("the theme is not remembered: {error:#}"));
            }
        }
        Effect::WriteFile { name, text } => match write_new(&name, &text) {
            Ok(()) => engine.done(format!("wrote {name}")),
            Err(error) => engine.notice(format!("cannot write {name}: {error}")),
        },
    }
    Ok(ControlFlow::Continue(()))
}

/// Writes a file that must not be there yet; a `~` in front is the user's home.
fn write_new(name: &str, text: &str) -> std::io::Result<()> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let path = match (name.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(name),
    };
    let mut file = std::fs::File::create_new(path)?;
    file.write_all(text.as_bytes())
}
