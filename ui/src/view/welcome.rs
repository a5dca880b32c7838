//! What an empty store shows: a way to begin.

use super::paint::Paint;
use crate::action::Action;
use crate::model::Model;
use crate::theme::Role;
use ratatui::layout::Rect;

const LOGO: [&str; 3] = ["▀█▀ █▀▀ █ █", " █  █▀▀ █ █", " ▀  ▀▀▀ ▀▀▀"];

pub(super) fn draw(model: &Model, paint: &mut Paint, area: Rect) {
    let shown = |action| model.settings.keymap.shown(&model.layers(), action).unwrap_or_default();
    let (demo, help, palette, quit) =
        (shown(Action::DemoUp), shown(Action::Help), shown(Action::Palette), shown(Action::Quit));
    let accent = paint.bold(Role::Accent);
    let (text, muted) = (paint.style(Role::Text), paint.style(Role::Muted));
    let commands: [(&str, &str); 3] = [
        ("teu image from-host -t tools bash ls cat", "an image of host programs"),
        ("teu import rootfs.tar NAME", "an image of a tar archive"),
        ("teu run -it tools bash", "a container"),
    ];
    let tall = area.height >= 16;
    let block = if tall { 15 } else { 10 };
    let wide: u16 = 72.min(area.width.saturating_sub(2));
    let x = area.x + area.width.saturating_sub(wide) / 2;
    let mut y = area.y + area.height.saturating_sub(block) / 2;
    if tall {
        for line in LOGO {
            paint.text(x, y, wide, line, accent);
            y += 1;
        }
        y += 1;
    }
    let long = "Nothing here yet. This is teu, the terminal container workstation.";
    let greeting = if long.len() <= usize::from(wide) { long } else { "Nothing here yet. To begin:" };
    paint.text(x, y, wide, greeting, text);
    y += 2;
    let badge = [
        (format!(" {demo} "), paint.style(Role::Badge)),
        ("  start the demo".into(), paint.bold(Role::Text)),
    ];
    let pieces: Vec<(&str, _)> = badge.iter().map(|(text, style)| (text.as_str(), *style)).collect();
    let used = paint.pieces(x, y, wide, &pieces);
    let note = "  four lively containers made of this host's programs";
    if used + note.len() as u16 <= wide {
        paint.text(x + used, y, wide - used, note, muted);
    } else {
        y += 1;
        paint.text(x + 5, y, wide.saturating_sub(5), note.trim_start(), muted);
    }
    y += 2;
    paint.text(x, y, wide, "or from a shell", muted);
    y += 1;
    for (command, words) in commands {
        let used = paint.text(x + 2, y, wide.saturating_sub(2), command, paint.style(Role::Info));
        let at = x + 44;
        if used < 42 && at + words.len() as u16 <= x + wide {
            paint.text(at, y, wide - 44, words, muted);
        }
        y += 1;
    }
    y += 1;
    let keys = [(help, "keys"), (palette, "every command"), (quit, "quit")];
    let mut at = x;
    for (key, words) in &keys {
        at += paint.text(at, y, wide, key, paint.style(Role::Accent)) + 1;
        at += paint.text(at, y, wide, words, muted) + 3;
    }
}
