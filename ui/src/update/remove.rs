//! Removal: asked for, waiting a little, taken back or carried out.

use super::navigate::with_list;
use crate::action::Action;
use crate::model::container::ContainerRow;
use crate::model::dialog::{Confirm, Deed, Dialog};
use crate::model::list::Row as _;
use crate::model::notice::NoticeKind;
use crate::model::{Confirmation, Model, Pane, PendingRemoval};
use crate::text::clean;
use std::collections::BTreeMap;
use teu_api::Command;
use teu_api::image::ImageSnapshot;

/// More names than this are counted, not listed.
const LISTED: usize = 8;

/// What a removal is for where the list shows no containers: names of images, volumes or networks.
pub(super) fn things(model: &Model) -> Vec<String> {
    match model.pane {
        Pane::Images => model.image_targets().iter().map(|row| row.reference().to_owned()).collect(),
        Pane::Volumes | Pane::Networks => model.plain().targets().iter().map(|row| row.key.clone()).collect(),
        _ => Vec::new(),
    }
}

fn ask_things(model: &mut Model) {
    let names = things(model);
    let command = |name: &String| match model.pane {
        Pane::Images => Command::RemoveImage { reference: name.clone(), force: false },
        Pane::Volumes => Command::RemoveVolume(name.clone()),
        _ => Command::RemoveNetwork(name.clone()),
    };
    let keys: Vec<String> = match model.pane {
        Pane::Images => model.image_targets().iter().map(|row| row.key().to_owned()).collect(),
        _ => names.clone(),
    };
    let removals: Vec<(Command, String)> = names.iter().map(command).zip(keys).collect();
    let mut lines: Vec<String> = names.iter().take(LISTED).map(|name| format!("• {}", clean(name))).collect();
    if names.len() > LISTED {
        lines.push(format!("• and {} more", names.len() - LISTED));
    }
    lines.push(String::new());
    lines.push(match model.pane {
        Pane::Images => {
            // An image may be there by several of its tags.
            let images: BTreeMap<&str, &ImageSnapshot> =
                model.image_targets().iter().map(|row| (row.snapshot.id.as_str(), &row.snapshot)).collect();
            let users: u32 = images.values().map(|image| image.containers).sum();
            let freed: u64 = images.values().map(|image| image.size).sum();
            match users {
                0 => format!(
                    "Frees up to {}; layers shared with other images stay.",
                    crate::text::bytes(freed)
                ),
                1 => "A container uses it: it will be refused.".into(),
                n => format!("{n} containers use them: those will be refused."),
            }
        }
        Pane::Volumes => "The files in it are gone for good.".into(),
        _ => "Networks in use are refused.".into(),
    });
    let kind = model.pane.title().to_lowercase();
    let title = match &names[..] {
        [name] => format!("Remove {}?", clean(name)),
        _ => format!("Remove {} {kind}?", names.len()),
    };
    let yes = model.pane != Pane::Volumes;
    settle(model, Confirm { title, lines, verb: "Remove", yes, then: Deed::Remove(removals) });
}

/// Asks, unless the user wants no questions.
fn settle(model: &mut Model, question: Confirm) {
    match (model.settings.confirm, question.then) {
        (Confirmation::Nothing, Deed::Remove(removals)) => schedule(model, removals),
        (_, then) => model.dialog = Some(Dialog::Confirm(Confirm { then, ..question })),
    }
}

pub(super) fn ask(model: &mut Model) {
    if matches!(model.pane, Pane::Images | Pane::Volumes | Pane::Networks) {
        return ask_things(model);
    }
    let targets = model.targets();
    let mut lines: Vec<String> = Vec::new();
    for row in targets.iter().take(LISTED) {
        let status = row.snapshot.state.status;
        let fate = if status.is_live() { ": will be killed first" } else { "" };
        lines.push(format!("• {} ({}{fate})", clean(&row.snapshot.name), status.as_str()));
    }
    if targets.len() > LISTED {
        lines.push(format!("• and {} more", targets.len() - LISTED));
    }
    lines.push(String::new());
    let one = targets.len() == 1;
    let (whose, with) = if one { ("Its", "it") } else { ("Their", "them") };
    lines.push(format!(
        "{whose} files and {} log go with {with}; images and named volumes stay.",
        whose.to_lowercase()
    ));
    let live = targets.iter().any(|row| row.snapshot.state.status.is_live());
    let title = match targets[..] {
        [row] => format!("Remove {}?", clean(&row.snapshot.name)),
        _ => format!("Remove {} containers?", targets.len()),
    };
    let removal = |row: &&ContainerRow| {
        let (id, force) = (row.snapshot.id.clone(), row.snapshot.state.status.is_live());
        (Command::Remove { id, force }, row.snapshot.id.to_string())
    };
    let removals = targets.iter().map(removal).collect();
    settle(model, Confirm { title, lines, verb: "Remove", yes: !live, then: Deed::Remove(removals) });
}

/// Has removals carried out after a while in which they can be taken back.
pub(super) fn schedule(model: &mut Model, removals: Vec<(Command, String)>) {
    let due = model.now + i64::from(model.settings.undo_seconds) * 1_000_000_000;
    let count = removals.len();
    // A stack's containers are rows of the pane of containers.
    let pane = if model.pane == Pane::Stacks { Pane::Containers } else { model.pane };
    let known = |row: &(Pane, String)| model.pending.iter().any(|p| p.row == *row);
    let fresh: Vec<PendingRemoval> = removals
        .into_iter()
        .map(|(command, key)| PendingRemoval { command, row: (pane, key), due })
        .filter(|removal| !known(&removal.row))
        .collect();
    model.pending.extend(fresh);
    with_list!(model, list => list.clear_marks());
    if model.settings.undo_seconds == 0 {
        return;
    }
    let key = model.settings.keymap.shown(&model.layers(), Action::Undo).unwrap_or_default();
    let (what, seconds) = (crate::text::count(count, "removal"), model.settings.undo_seconds);
    model.say(NoticeKind::Info, format!("{what} in {seconds} s: {key} takes back"));
}

pub(super) fn undo(model: &mut Model) {
    let count = model.pending.len();
    model.pending.clear();
    let what = crate::text::count(count, "removal");
    model.say(NoticeKind::Done, format!("{what} taken back"));
}
