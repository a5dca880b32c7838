//! Editing a stack's file.

use super::stack;
use crate::action::Action;
use crate::keys::{KeyEvent, Layer, Lookup};
use crate::model::Model;
use crate::model::dialog::{Confirm, Deed, Dialog};
use crate::model::editor::{Afterwards, Editor};
use crate::model::notice::NoticeKind;
use crate::model::overlay::Overlay;
use crate::msg::Effect;
use crate::view::editor_place;
use teu_api::Command;
use teu_api::stack::StackDeed;

pub(super) fn open(model: &mut Model, name: &str, out: &mut Vec<Effect>) {
    let source = model.board.source(name);
    let Some(path) = source.files.first().cloned() else { return };
    model.overlay = Some(Overlay::Editor(Box::new(Editor::new(source, path.clone()))));
    out.push(Effect::Engine(Command::ReadStackFile(path)));
}

pub(super) fn key(model: &mut Model, key: KeyEvent, out: &mut Vec<Effect>) {
    let sequence = crate::keys::KeySequence(vec![key]);
    if let Lookup::Action(action) = model.settings.keymap.resolve(&[Layer::Editor], &sequence) {
        return act(model, action, out);
    }
    let (now, page) = (model.now, usize::from(editor_place(model).height).saturating_sub(1));
    if let Some(Overlay::Editor(editor)) = &mut model.overlay {
        editor.key(key, page, now);
    }
}

pub(super) fn act(model: &mut Model, action: Action, out: &mut Vec<Effect>) {
    let readonly = model.settings.readonly;
    let Some(Overlay::Editor(editor)) = &mut model.overlay else { return };
    match action {
        Action::EditorSave | Action::EditorUp if readonly => {
            model.say(NoticeKind::Info, "teu was opened read-only");
        }
        Action::EditorSave => save(model, Afterwards::Stay, out),
        Action::EditorUp => save(model, Afterwards::Up, out),
        Action::EditorNext => editor.next_finding(),
        Action::Back if editor.is_changed() => ask_to_leave(model),
        Action::Back => model.overlay = None,
        _ => {}
    }
}

fn ask_to_leave(model: &mut Model) {
    model.dialog = Some(Dialog::Confirm(Confirm {
        title: "Leave without saving?".into(),
        lines: vec!["What you wrote is not in the file: ctrl-s writes it.".into()],
        verb: "Leave",
        yes: false,
        then: Deed::LeaveEditor,
    }));
}

fn save(model: &mut Model, then: Afterwards, out: &mut Vec<Effect>) {
    let Some(Overlay::Editor(editor)) = &mut model.overlay else { return };
    let Some(before) = editor.saved.clone() else { return };
    let grave = editor.findings.iter().find(|finding| finding.grave && editor.checked);
    if then == Afterwards::Up
        && let Some(finding) = grave
    {
        let text = format!("not brought up: {}", finding.message);
        return model.say(NoticeKind::Info, text);
    }
    editor.then = then;
    if editor.is_changed() {
        let (path, text) = (editor.path.clone(), editor.text());
        out.push(Effect::Engine(Command::SaveStackFile { path, text, before: Some(before) }));
    } else if then == Afterwards::Up {
        up(model, out);
    } else {
        model.say(NoticeKind::Info, "there is nothing to write");
    }
}

/// The file was written.
pub(super) fn saved(model: &mut Model, path: &str, text: String, out: &mut Vec<Effect>) {
    model.say(NoticeKind::Done, format!("wrote {}", crate::text::clean(path)));
    let Some(Overlay::Editor(editor)) = &mut model.overlay else { return };
    if editor.path != path {
        return;
    }
    editor.saved = Some(text);
    // What the stack's file says is read again.
    model.details.asked = None;
    if std::mem::take(&mut editor.then) == Afterwards::Up {
        up(model, out);
    }
}

/// Brings the stack up, and shows how that goes.
fn up(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(Overlay::Editor(editor)) = &model.overlay else { return };
    let name = editor.source.name.clone();
    model.overlay = None;
    model.set_tab(crate::model::Tab::Services);
    stack::send(model, &name, Vec::new(), StackDeed::Up, out);
}

/// Has the text checked once its author pauses, and keeps the cursor in view.
pub(super) fn settle(model: &mut Model, out: &mut Vec<Effect>) {
    let place = editor_place(model);
    let now = model.now;
    let Some(Overlay::Editor(editor)) = &mut model.overlay else { return };
    editor.scroll_into(usize::from(place.width), usize::from(place.height));
    if editor.due.is_none_or(|due| due > now) {
        return;
    }
    editor.due = None;
    let (source, path, text) = (editor.source.clone(), editor.path.clone(), editor.text());
    let ticket = model.ticket();
    if let Some(Overlay::Editor(editor)) = &mut model.overlay {
        editor.ticket = ticket;
    }
    out.push(Effect::Engine(Command::CheckStackFile { source, path, text, ticket }));
}
