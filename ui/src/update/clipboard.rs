//! Copying and exporting.

use crate::action::Action;
use crate::model::notice::NoticeKind;
use crate::model::tree::Tree;
use crate::model::{Model, Pane, Tab};
use crate::msg::Effect;

pub(super) fn copy(model: &mut Model, action: Action, out: &mut Vec<Effect>) {
    let (text, what) = match action {
        Action::CopyLine => (lines_in_view(model), "the lines in view"),
        Action::CopyName => (names(model), "the name"),
        _ => (ids(model), "the id"),
    };
    if text.is_empty() {
        return;
    }
    model.say(NoticeKind::Done, format!("copied {what}"));
    out.push(Effect::CopyToClipboard(text));
}

fn ids(model: &Model) -> String {
    let ids: Vec<&str> = match model.pane {
        Pane::Containers => model.containers.targets().iter().map(|row| row.snapshot.id.as_str()).collect(),
        Pane::Images => model.image_targets().iter().map(|row| row.snapshot.id.as_str()).collect(),
        _ => model.plain().targets().iter().map(|row| row.key.as_str()).collect(),
    };
    ids.join("\n")
}

fn names(model: &Model) -> String {
    let names: Vec<&str> = match model.pane {
        Pane::Containers => model.containers.targets().iter().map(|row| row.snapshot.name.as_str()).collect(),
        Pane::Images => model.images.targets().iter().map(|row| row.name()).collect(),
        _ => model.plain().targets().iter().map(|row| row.name.as_str()).collect(),
    };
    names.join("\n")
}

fn lines_in_view(model: &Model) -> String {
    if model.tab() != Tab::Logs {
        if super::explorer::is_open(model) {
            return super::explorer::line_text(model);
        }
        // Of a tree the value of the selected line, of the other tabs all they say.
        let value = model.tree().and_then(Tree::selected).map(|node| {
            let value = node.pieces.iter().skip(1).map(|(text, _)| text.as_str()).collect::<String>();
            value.trim().trim_matches('"').to_owned()
        });
        return value.unwrap_or_else(|| crate::view::detail_text(model));
    }
    let area = model.log_area();
    let (top, _) = model.log.view_top(usize::from(area.width), usize::from(area.height));
    let numbers = (top..model.log.len()).take(usize::from(area.height)).filter_map(|at| model.log.number(at));
    let lines = numbers.filter_map(|n| model.log.buffer.get(n)).map(|line| &*line.decoded.text);
    lines.collect::<Vec<_>>().join("\n")
}
