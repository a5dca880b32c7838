//! An image's layers and the files in them.

use super::paint::Paint;
use crate::model::explorer::{Explorer, Line, Mark, Part};
use crate::model::layout::inner;
use crate::model::{Focus, Model};
use crate::text::{bytes, clean, count, fit, wrap};
use crate::theme::Role;
use ratatui::layout::Rect;

/// From this width on, layers and files stand side by side.
const SIDE_BY_SIDE: u16 = 96;

/// Where the halves are, without their headings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Places {
    /// Lines of layers.
    pub layers: Rect,
    /// What is known of the selected layer, and what is wasted; empty where there is no room.
    pub about: Rect,
    /// The heading of the files.
    heading: Rect,
    /// Lines of files.
    pub files: Rect,
}

/// Where the halves are.
pub(crate) fn places(model: &Model) -> Places {
    let body = inner(model.regions().detail);
    let body = Rect { x: body.x + 1, width: body.width.saturating_sub(2), ..body };
    let count = model.details.explorer.layers().len() as u16;
    let none = Rect { width: 0, height: 0, ..body };
    if body.width >= SIDE_BY_SIDE {
        let left = body.width * 2 / 5;
        let layers = Rect { y: body.y + 1, width: left, height: count.min(body.height * 3 / 5), ..body };
        let below = layers.bottom() + 1;
        let about = Rect { y: below, height: body.bottom().saturating_sub(below), ..layers };
        let x = body.x + left + 2;
        let right = Rect { x, width: body.right().saturating_sub(x), ..body };
        let heading = Rect { height: 1, ..right };
        let files = Rect { y: right.y + 1, height: right.height.saturating_sub(1), ..right };
        return Places {
            layers: Rect { height: layers.height.min(body.height), ..layers },
            about,
            heading,
            files,
        };
    }
    // Headings cost a line each; files get what layers leave.
    let high = count.min((body.height.saturating_sub(2) / 3).max(1));
    let layers = Rect { y: body.y + 1, height: high.min(body.height.saturating_sub(1)), ..body };
    let heading = Rect { y: layers.bottom(), height: 1, ..body };
    let start = layers.bottom() + 1;
    let files = Rect { y: start, height: body.bottom().saturating_sub(start), ..body };
    Places { layers, about: none, heading, files }
}

pub(super) fn draw(model: &Model, paint: &mut Paint, area: Rect) {
    let body = inner(area);
    let selected = model.images.selected().map(|row| row.snapshot.id.as_str());
    let details = model.details.image.as_ref().filter(|(id, _)| Some(id.as_str()) == selected);
    match details {
        None => {
            let repository = model.images.selected().is_some_and(|row| row.tags().is_some());
            let words = if repository { "select one of its tags" } else { "reading…" };
            let room = body.width.saturating_sub(2);
            paint.text(body.x + 1, body.y, room, words, paint.style(Role::Muted));
        }
        Some((_, Err(failure))) => {
            let room = body.width.saturating_sub(2);
            paint.text(body.x + 1, body.y, room, &failure.message, paint.style(Role::Error));
        }
        Some((_, Ok(_))) if model.details.explorer.layers().is_empty() => {
            paint.text(body.x + 1, body.y, body.width, "it has no layers", paint.style(Role::Muted));
        }
        Some(_) => {
            let (explorer, at) = (&model.details.explorer, places(model));
            let focused = model.focus == Focus::Detail;
            draw_layers(paint, explorer, at.layers, focused && explorer.part == Part::Layers);
            draw_about(paint, explorer, at.about);
            draw_heading(paint, explorer, at.heading);
            draw_files(paint, explorer, at.files, focused && explorer.part == Part::Files);
            paint.scrollbar(
                Rect { y: at.files.y.saturating_sub(1), height: at.files.height + 2, ..area },
                explorer.files.offset,
                usize::from(at.files.height),
                explorer.files.len(),
            );
            let room = area.width.saturating_sub(4);
            let sums = sums(explorer);
            let used = paint.text(area.x + 2, area.bottom() - 1, room, &sums, paint.style(Role::Muted));
            if let Some((_, Ok(details))) = details
                && details.shared + details.unique > 0
            {
                let text = format!(" {} shared  {} its own ", bytes(details.shared), bytes(details.unique));
                let room = room.saturating_sub(used + 1);
                let end = area.right().saturating_sub(2);
                paint.pieces_right(end, area.bottom() - 1, room, &[(&text, paint.style(Role::Muted))]);
            }
        }
    }
}

fn sums(explorer: &Explorer) -> String {
    let layers = explorer.layers();
    let wasted: u64 = layers.iter().map(|layer| layer.wasted).sum();
    let size: u64 = layers.iter().map(|layer| layer.size).sum();
    let share = if size == 0 { 0 } else { 100 - (u128::from(wasted) * 100 / u128::from(size)).min(100) };
    let layers = count(layers.len(), "layer");
    format!(" {layers}  {}  {} wasted  {share} % efficient ", bytes(size), bytes(wasted))
}

fn select(paint: &mut Paint, area: Rect, y: u16, focused: bool) {
    paint.tint(Rect { y, height: 1, ..area }, paint.style(Role::Selection));
    if focused {
        paint.text(area.x.saturating_sub(1), y, 1, "▎", paint.style(Role::Accent));
    }
}

fn draw_layers(paint: &mut Paint, explorer: &Explorer, area: Rect, focused: bool) {
    let muted = paint.style(Role::Muted);
    let heading = format!("{:>3} {:>9}   {:<6}{:<6}{:<6}made by", "", "size", "new", "other", "gone");
    paint.text(area.x, area.y.saturating_sub(1), area.width, &heading, muted);
    let largest = explorer.layers().iter().map(|layer| layer.size).max().unwrap_or(0).max(1);
    for ((at, layer), y) in
        explorer.layers().iter().enumerate().skip(explorer.layer_offset).zip(area.top()..area.bottom())
    {
        let number = format!("{:>3} ", at + 1);
        let size = format!("{:>9} ", bytes(layer.size));
        let figure = |sign: char, figure: u64| {
            if figure == 0 { format!("{:<6}", "·") } else { format!("{:<6}", format!("{sign}{figure}")) }
        };
        let (added, modified, removed) =
            (figure('+', layer.added), figure('~', layer.modified), figure('-', layer.removed));
        let role = |figure: u64, role| if figure == 0 { Role::Faint } else { role };
        // An eighth for each eighth of the largest layer: the eye finds the heavy one.
        let level = ((layer.size * 8).div_ceil(largest)).min(8) as u32;
        let bar = char::from_u32(0x2580 + level).filter(|_| level > 0).unwrap_or(' ').to_string();
        let made = if layer.created_by.is_empty() { &layer.diff_id } else { &layer.created_by };
        let made = shorter(made);
        let pieces = [
            (number.as_str(), paint.style(Role::Faint)),
            (size.as_str(), paint.style(Role::Text)),
            (bar.as_str(), paint.style(Role::Block)),
            (" ", muted),
            (added.as_str(), paint.style(role(layer.added, Role::Good))),
            (modified.as_str(), paint.style(role(layer.modified, Role::Warning))),
            (removed.as_str(), paint.style(role(layer.removed, Role::Error))),
            (made, muted),
        ];
        paint.pieces(area.x, y, area.width, &pieces);
        if at == explorer.layer {
            select(paint, area, y, focused);
        }
    }
}

/// What made a layer without what every builder writes before it.
fn shorter(made: &str) -> &str {
    let made =
        made.strip_prefix("/bin/sh -c #(nop) ").or_else(|| made.strip_prefix("/bin/sh -c ")).unwrap_or(made);
    made.trim()
}

fn draw_about(paint: &mut Paint, explorer: &Explorer, area: Rect) {
    let Some(layer) = explorer.layers().get(explorer.layer).filter(|_| area.height > 1) else { return };
    let mut rows: Vec<(String, Role)> = Vec::new();
    let cells = usize::from(area.width.saturating_sub(1));
    rows.push((format!("layer {}", explorer.layer + 1), Role::Accent));
    rows.extend(wrap(&clean(&layer.created_by), cells).into_iter().take(4).map(|line| (line, Role::Text)));
    rows.push((fit(&layer.diff_id, cells).into_owned(), Role::Faint));
    if layer.left_out > 0 {
        rows.push((format!("{} more paths are not shown", layer.left_out), Role::Warning));
    }
    let waste = explorer.waste();
    if !waste.is_empty() {
        let sum: u64 = waste.iter().map(|one| one.bytes).sum();
        rows.push((String::new(), Role::Text));
        rows.push((format!("{} wasted in {}", bytes(sum), count(waste.len(), "path")), Role::Warning));
        rows.extend(
            waste
                .iter()
                .take(usize::from(area.height))
                .map(|one| (format!("{:>9}  {}×  /{}", bytes(one.bytes), one.times, one.path), Role::Muted)),
        );
    }
    for ((text, role), y) in rows.iter().zip(area.top()..area.bottom()) {
        paint.text(area.x, y, area.width, text, paint.style(*role));
    }
}

fn draw_heading(paint: &mut Paint, explorer: &Explorer, area: Rect) {
    let what = if explorer.together {
        format!("layers 1–{} together", explorer.layer + 1)
    } else {
        format!("layer {}", explorer.layer + 1)
    };
    let kinds = explorer.files.kinds;
    let role = |shown: bool, role| if shown { role } else { Role::Faint };
    let order = if explorer.files.by_size { "   by size" } else { "" };
    let filter = explorer.filter();
    let filter_text =
        if filter.is_empty() { String::new() } else { format!("   filter {}", clean(filter.text())) };
    let text = format!("{what}   ");
    let pieces = [
        (text.as_str(), paint.style(Role::Muted)),
        ("+", paint.bold(role(kinds.added, Role::Good))),
        (" ", paint.style(Role::Muted)),
        ("~", paint.bold(role(kinds.modified, Role::Warning))),
        (" ", paint.style(Role::Muted)),
        ("-", paint.bold(role(kinds.removed, Role::Error))),
        (" ", paint.style(Role::Muted)),
        ("=", paint.bold(role(kinds.same, Role::Text))),
        (order, paint.style(Role::Accent)),
        (filter_text.as_str(), paint.style(Role::Accent)),
    ];
    paint.pieces(area.x, area.y, area.width, &pieces);
}

/// Permissions as `ls -l` writes them.
pub(super) fn permissions(mode: u32) -> String {
    let kind = match mode & 0o170_000 {
        0o040_000 => 'd',
        0o120_000 => 'l',
        0o020_000 => 'c',
        0o060_000 => 'b',
        0o010_000 => 'p',
        0o140_000 => 's',
        _ => '-',
    };
    let mut text = String::from(kind);
    for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
        let bits = mode >> shift & 7;
        text.push(if bits & 4 != 0 { 'r' } else { '-' });
        text.push(if bits & 2 != 0 { 'w' } else { '-' });
        text.push(match (mode & special != 0, bits & 1 != 0) {
            (true, true) => letter,
            (true, false) => letter.to_ascii_uppercase(),
            (false, true) => 'x',
            (false, false) => '-',
        });
    }
    text
}

fn draw_files(paint: &mut Paint, explorer: &Explorer, area: Rect, focused: bool) {
    let files = &explorer.files;
    if files.is_empty() {
        let text = if explorer.filter().is_empty() {
            "nothing of these kinds: + ~ - = turn them on"
        } else {
            "nothing matches; esc clears the filter"
        };
        paint.text(area.x, area.y, area.width, text, paint.style(Role::Muted));
    }
    for ((at, line), y) in files.rows().enumerate().skip(files.offset).zip(area.top()..area.bottom()) {
        draw_line(paint, explorer, line, Rect { y, height: 1, ..area });
        if at == files.at() {
            select(paint, area, y, focused);
        }
    }
}

fn draw_line(paint: &mut Paint, explorer: &Explorer, line: &Line, area: Rect) {
    let (sign, role) = match line.mark {
        Mark::Added => ("+", Role::Good),
        Mark::Modified => ("~", Role::Warning),
        Mark::Removed => ("-", Role::Error),
        Mark::Same => (" ", Role::Muted),
    };
    let files = &explorer.files;
    let mut pieces = vec![(sign.to_owned(), paint.style(role))];
    if explorer.owners {
        let owner = format!(" {} {:>9}", permissions(line.mode), format!("{}:{}", line.uid, line.gid));
        let special = line.mode & 0o6000 != 0 && line.mode & 0o170_000 == 0o100_000;
        pieces.push((owner, paint.style(if special { Role::Error } else { Role::Faint })));
    }
    let size_role = if line.mark == Mark::Removed { Role::Faint } else { Role::Muted };
    pieces.push((format!(" {:>9}  ", bytes(line.size)), paint.style(size_role)));
    pieces.push(("  ".repeat(usize::from(line.depth).min(16)), paint.style(Role::Text)));
    let fold = match (files.has_below(line), files.is_open(line)) {
        (true, true) => "▾ ",
        (true, false) => "▸ ",
        _ => "  ",
    };
    pieces.push((fold.to_owned(), paint.style(Role::Muted)));
    let name_role = match (line.mark, line.folder, line.mode & 0o170_000) {
        (Mark::Removed, ..) => Role::Error,
        (_, true, _) => Role::Info,
        (_, _, 0o120_000) => Role::Accent,
        (Mark::Same, ..) => Role::Muted,
        _ if line.mode & 0o111 != 0 && line.mode & 0o170_000 == 0o100_000 => Role::Good,
        _ => Role::Text,
    };
    let end = match (line.folder, line.mode & 0o170_000) {
        (true, _) => "/",
        (_, 0o120_000) => "@",
        _ => "",
    };
    pieces.push((format!("{}{end}", line.name), paint.style(name_role)));
    let pieces: Vec<_> = pieces.iter().map(|(text, style)| (text.as_str(), *style)).collect();
    paint.pieces(area.x, area.y, area.width, &pieces);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_read_as_in_a_listing() {
        assert_eq!(permissions(0o100_644), "-rw-r--r--");
        assert_eq!(permissions(0o104_755), "-rwsr-xr-x");
        assert_eq!(permissions(0o041_777), "drwxrwxrwt");
        assert_eq!(permissions(0o102_644), "-rw-r-Sr--");
        assert_eq!(permissions(0o120_777), "lrwxrwxrwx");
    }
}
