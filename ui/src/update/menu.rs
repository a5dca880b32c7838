//! The action menu and the rows of the command palette.

use super::{equivalent, obstacle};
use crate::action::Action;
use crate::keys::Layer;
use crate::model::dialog::{Dialog, MenuRow};
use crate::model::{Model, Pane};
use crate::text::Filter;

const CONTAINER: &[Action] = &[
    Action::Shell,
    Action::Debug,
    Action::Attach,
    Action::ShowLogs,
    Action::ShowInspect,
    Action::ShowTop,
    Action::ShowStats,
    Action::OpenPort,
    Action::Start,
    Action::Stop,
    Action::Restart,
    Action::Pause,
    Action::Kill,
    Action::Remove,
    Action::CopyId,
    Action::CopyName,
];
const STACK: &[Action] = &[
    Action::ShowServices,
    Action::ShowGraph,
    Action::ShowLogs,
    Action::ShowDrift,
    Action::StackUp,
    Action::StackStop,
    Action::StackRestart,
    Action::StackDown,
    Action::StackEdit,
    Action::StackWatch,
    Action::StackRebuild,
    Action::Pause,
    Action::Kill,
    Action::Remove,
    Action::CopyName,
];
const IMAGE: &[Action] = &[
    Action::ShowLayers,
    Action::ShowHistory,
    Action::PullImage,
    Action::Pull,
    Action::Import,
    Action::Remove,
    Action::Prune,
    Action::CopyId,
    Action::CopyName,
];
const THING: &[Action] = &[Action::Remove, Action::Prune, Action::CopyId, Action::CopyName];
const NETWORK: &[Action] =
    &[Action::ShowInspect, Action::Remove, Action::Prune, Action::CopyId, Action::CopyName];
const EVENT: &[Action] = &[Action::CopyName];

pub(super) fn open(model: &mut Model) {
    let (actions, any) = match model.pane {
        Pane::Containers => (CONTAINER, model.containers.selected().is_some()),
        Pane::Images => (IMAGE, model.images.selected().is_some()),
        Pane::Volumes => (THING, model.plain().selected().is_some()),
        Pane::Networks => (NETWORK, model.plain().selected().is_some()),
        Pane::Stacks => (STACK, model.plain().selected().is_some()),
        Pane::Events => (EVENT, model.plain().selected().is_some()),
    };
    if !any {
        return;
    }
    let rows: Vec<MenuRow> = actions.iter().map(|action| row(model, *action)).collect();
    let at = rows.iter().position(|row| row.enabled).unwrap_or(0);
    model.dialog = Some(Dialog::Menu { rows, at });
}

fn row(model: &Model, action: Action) -> MenuRow {
    let reason = obstacle(model, action);
    // The list's own keys before those of the details: the menu is of what is selected.
    let layers = [&[model.pane.layer(), Layer::List][..], &model.layers()].concat();
    MenuRow {
        action,
        label: action.words().to_owned(),
        key: model.settings.keymap.shown(&layers, action),
        enabled: reason.is_none(),
        note: reason.or_else(|| equivalent(model, action)).unwrap_or_default(),
    }
}

/// Actions that make no sense out of their place: movements, and keys that work only while something is open.
fn is_listed(action: Action) -> bool {
    use Action::{Back, Bottom, Down, Left, Menu, PageDown, PageUp, Palette, Right, Top, Up};
    !matches!(action, Up | Down | Left | Right | PageUp | PageDown | Top | Bottom | Back | Menu | Palette)
        && !["shell-", "editor-", "explore-"].iter().any(|start| action.name().starts_with(start))
}

/// The rows of the palette that match what was typed, the best match first.
pub(crate) fn palette_rows(model: &Model, text: &str) -> Vec<MenuRow> {
    let filter = Filter::parse(text);
    let start = text.to_lowercase();
    let listed = Action::ALL.iter().filter(|action| is_listed(**action));
    let mut found: Vec<(bool, u32, Action)> = listed
        .filter_map(|action| {
            let score = filter.score(&format!("{} {}", action.name(), action.words()))?;
            let begins =
                !text.is_empty() && (action.name().starts_with(&start) || action.words().starts_with(&start));
            Some((begins, score, *action))
        })
        .collect();
    found.sort_by_key(|(begins, score, _)| std::cmp::Reverse((*begins, *score)));
    found.into_iter().map(|(.., action)| row(model, action)).collect()
}
