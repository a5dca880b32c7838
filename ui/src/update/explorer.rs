//! Looking through an image's layers.

use super::navigate::distance;
use super::prompt;
use crate::action::Action;
use crate::model::explorer::{Mark, Part};
use crate::model::notice::NoticeKind;
use crate::model::overlay::Overlay;
use crate::model::pager::Pager;
use crate::model::prompt::Purpose;
use crate::model::{Focus, Model, Pane, Tab};
use crate::msg::Effect;
use crate::view::layers_places;
use ratatui::layout::Position;
use teu_api::Command;
use teu_api::details::ImagePath;

/// Whether the layers are in front and have the keys.
pub(crate) fn is_open(model: &Model) -> bool {
    model.pane == Pane::Images && model.tab() == Tab::Layers
}

pub(super) fn act(model: &mut Model, action: Action, out: &mut Vec<Effect>) {
    let explorer = &mut model.details.explorer;
    let files = &mut explorer.files;
    match action {
        Action::ExploreTogether => explorer.together = !explorer.together,
        Action::ExploreAdded => files.kinds.added = !files.kinds.added,
        Action::ExploreModified => files.kinds.modified = !files.kinds.modified,
        Action::ExploreRemoved => files.kinds.removed = !files.kinds.removed,
        Action::ExploreSame => files.kinds.same = !files.kinds.same,
        Action::ExploreSize => files.by_size = !files.by_size,
        Action::ExploreOwners => explorer.owners = !explorer.owners,
        Action::FoldAll => files.fold_all(),
        Action::Open => return open(model, out),
        Action::Extract => return ask_where(model),
        _ => return,
    }
    match action {
        Action::ExploreTogether => explorer.refresh(),
        Action::ExploreOwners | Action::FoldAll => {}
        _ => explorer.files.show(),
    }
}

/// Opens the selected layer, folder or file.
fn open(model: &mut Model, out: &mut Vec<Effect>) {
    let explorer = &mut model.details.explorer;
    if explorer.part == Part::Layers {
        explorer.part = Part::Files;
        return;
    }
    let Some((from, line)) = explorer.selected() else { return };
    if line.folder {
        explorer.files.turn();
    } else {
        view(model, from, out);
    }
}

fn view(model: &mut Model, from: ImagePath, out: &mut Vec<Effect>) {
    model.overlay = Some(Overlay::File(Pager::new(from.clone())));
    out.push(Effect::Engine(Command::ReadImageFile(from)));
}

/// Asks where something is to be copied to.
pub(super) fn ask_where(model: &mut Model) {
    let from = match &model.overlay {
        Some(Overlay::File(pager)) => Some(pager.from.clone()),
        _ if model.details.explorer.part == Part::Files => {
            model.details.explorer.selected().map(|(from, _)| from)
        }
        _ => None,
    };
    let Some(from) = from else {
        model.say(NoticeKind::Info, "select a file or a folder of the layer first: tab goes there");
        return;
    };
    let name = from.path.rsplit('/').next().unwrap_or_default().to_owned();
    let words = format!("where /{} goes on this host", crate::text::clean(&from.path));
    let text = format!("./{}", crate::text::clean(&name));
    prompt::ask(model, "Extract", &words, text, Purpose::Extract(from));
}

pub(super) fn extract(model: &mut Model, from: ImagePath, to: String, out: &mut Vec<Effect>) {
    model.say(NoticeKind::Progress, format!("copying /{} to {to}", crate::text::clean(&from.path)));
    out.push(Effect::Engine(Command::ExtractImagePath { from, to, overwrite: false }));
}

pub(super) fn ask_filter(model: &mut Model) {
    let text = model.details.explorer.filter().text().to_owned();
    let words = "fuzzy words, /regex, !not; esc shows everything";
    prompt::ask(model, "Filter files", words, text, Purpose::FilterFiles);
}

pub(super) fn go(model: &mut Model, action: Action) {
    let places = layers_places(model);
    let explorer = &mut model.details.explorer;
    match explorer.part {
        Part::Layers => {
            let rows = distance(action, usize::from(places.layers.height));
            explorer.select_layer(explorer.layer.saturating_add_signed(rows));
        }
        Part::Files => {
            let rows = distance(action, usize::from(places.files.height));
            let at = explorer.files.at().saturating_add_signed(rows);
            explorer.files.select(at);
        }
    }
}

pub(super) fn sideways(model: &mut Model, right: bool) {
    let explorer = &mut model.details.explorer;
    match (explorer.part, right) {
        (Part::Layers, true) => explorer.part = Part::Files,
        (Part::Layers, false) => model.focus = Focus::List,
        (Part::Files, true) => {
            if explorer.files.selected().is_some_and(|line| line.folder && !explorer.files.is_open(line)) {
                explorer.files.turn();
            }
        }
        (Part::Files, false) => {
            if !explorer.files.fold() {
                explorer.part = Part::Layers;
            }
        }
    }
}

/// One step on through list, layers and files, or back; false where the list is next.
pub(super) fn turn_part(model: &mut Model, back: bool) -> bool {
    let explorer = &mut model.details.explorer;
    let (from, to) = if back { (Part::Files, Part::Layers) } else { (Part::Layers, Part::Files) };
    if explorer.part == from {
        explorer.part = to;
        return true;
    }
    explorer.part = if back { Part::Files } else { Part::Layers };
    false
}

pub(super) fn click(model: &mut Model, at: Position, double: bool, out: &mut Vec<Effect>) {
    let places = layers_places(model);
    let explorer = &mut model.details.explorer;
    if places.layers.contains(at) {
        explorer.part = Part::Layers;
        let row = explorer.layer_offset + usize::from(at.y - places.layers.y);
        if row < explorer.layers().len() {
            explorer.select_layer(row);
        }
    } else if places.files.contains(at) {
        explorer.part = Part::Files;
        let row = explorer.files.offset + usize::from(at.y - places.files.y);
        if row < explorer.files.len() {
            let again = row == explorer.files.at();
            explorer.files.select(row);
            if double || (again && explorer.files.selected().is_some_and(|line| line.folder)) {
                open(model, out);
            }
        }
    }
}

pub(super) fn wheel(model: &mut Model, rows: isize, at: Position) {
    let places = layers_places(model);
    let explorer = &mut model.details.explorer;
    if places.layers.contains(at) {
        explorer.select_layer(explorer.layer.saturating_add_signed(rows.signum()));
    } else {
        explorer.files.select(explorer.files.at().saturating_add_signed(rows));
    }
}

/// What is copied of the selected line.
pub(super) fn line_text(model: &Model) -> String {
    match model.details.explorer.selected() {
        Some((from, line)) if line.mark != Mark::Removed => format!("/{}", from.path),
        _ => String::new(),
    }
}
