//! What an empty store shows: a way to begin.

use super::paint::Paint;
use crate::action::Action;
use crate::model::Model;
use crate::theme::Role;
use ratatui::layout::Rect;

const LOGO: [&str; 3] = ["▀█▀ █▀▀ █ █", " █  █▀▀ █ █", " ▀  ▀▀▀ ▀▀▀"];

pub(super) fn draw(model: &Model, paint: &mut Paint, area: Rect) {
    let layers = model.layers();
    let shown = |action| model.settings.keymap.shown(&layers, action).unwrap_or_default();
    let ways = [
        (Action::DemoUp, "Start the demo", "four lively containers made of this host's programs"),
        (Action::Pull, "Pull an image", "from a registry, by its name"),
        (Action::Import, "Import an image", "from a tar archive of a root file system"),
    ];
    let commands: [(&str, &str); 2] = [
        ("teu image from-host -t tools bash ls cat", "an image of host programs"),
        ("teu run -it tools bash", "a container"),
    ];
    let (text, muted) = (paint.style(Role::Text), paint.style(Role::Muted));
    let tall = area.height >= 19;
    let block = if tall { 18 } else { 12 };
    let wide: u16 = 76.min(area.width.saturating_sub(2));
    let x = area.x + area.width.saturating_sub(wide) / 2;
    let mut y = area.y + area.height.saturating_sub(block) / 2;
    if tall {
        for line in LOGO {
            paint.text(x, y, wide, line, paint.bold(Role::Accent));
            y += 1;
        }
        y += 1;
    }
    let long = "Nothing here yet. This is teu, the terminal container workstation.";
    let greeting = if long.len() <= usize::from(wide) { long } else { "Nothing here yet. To begin:" };
    paint.text(x, y, wide, greeting, text);
    y += 2;
    for (action, words, note) in ways {
        let key = format!(" {} ", shown(action));
        let mut used = paint.text(x, y, wide, &key, paint.style(Role::Badge)) + 2;
        used += paint.text(x + used, y, wide.saturating_sub(used), words, paint.bold(Role::Text));
        let column = used.max(22);
        if column + note.len() as u16 <= wide {
            paint.text(x + column, y, wide - column, note, muted);
        }
        y += if tall { 2 } else { 1 };
    }
    y += u16::from(!tall);
    paint.text(x, y, wide, "or from a shell", muted);
    y += 1;
    for (command, words) in commands {
        let used = paint.text(x + 2, y, wide.saturating_sub(2), command, paint.style(Role::Info));
        if used < 42 && 44 + words.len() as u16 <= wide {
            paint.text(x + 44, y, wide - 44, words, muted);
        }
        y += 1;
    }
    y += 1;
    let keys = [(Action::Help, "keys"), (Action::Palette, "every command"), (Action::Quit, "quit")];
    let mut at = x;
    for (action, words) in keys {
        at += paint.text(at, y, wide, &shown(action), paint.style(Role::Accent)) + 1;
        at += paint.text(at, y, wide, words, muted) + 3;
    }
}
