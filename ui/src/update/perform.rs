//! An action, however it was asked for: by key, menu, palette or mouse.

use super::{
    clipboard, columns, dialog, explorer, filter, hub, lifecycle, log, menu, navigate, ports, prune, quit,
    remove, shell, stack, themes,
};
use crate::action::Action;
use crate::model::dialog::{Dialog, Purpose};
use crate::model::monitor::Monitor;
use crate::model::notice::NoticeKind;
use crate::model::overlay::Overlay;
use crate::model::{Focus, Model, Pane, Tab};
use crate::msg::Effect;
use teu_api::Command;

pub(super) fn perform(model: &mut Model, action: Action, out: &mut Vec<Effect>) {
    if let Some(reason) = super::obstacle(model, action) {
        model.say(NoticeKind::Info, format!("{}: {reason}", action.words()));
        return;
    }
    match action {
        Action::Quit => quit::quit(model, out),
        Action::Suspend => out.push(Effect::Suspend),
        Action::Redraw => out.push(Effect::RedrawAll),
        Action::Help => model.dialog = Some(Dialog::Help { scroll: 0 }),
        Action::Notices => model.dialog = Some(Dialog::Notices { scroll: 0 }),
        Action::Palette => model.dialog = Some(Dialog::Palette { text: String::new(), at: 0 }),
        Action::Themes => themes::open(model),
        Action::Menu => menu::open(model),
        Action::ToggleMouse => {
            model.mouse_captured = !model.mouse_captured;
            let whose = if model.mouse_captured { "teu" } else { "the terminal: text can be selected" };
            model.say(NoticeKind::Info, format!("the mouse is {whose}"));
            out.push(Effect::CaptureMouse(model.mouse_captured));
        }
        Action::Back => navigate::back(model),
        Action::NextPane | Action::PreviousPane => {
            navigate::turn_focus(model, action == Action::PreviousPane);
        }
        Action::Zoom => model.zoomed = !model.zoomed,
        Action::Wider => model.split = (model.split + 4).min(200),
        Action::Narrower => model.split = (model.split - 4).max(-200),
        Action::ShowContainers => navigate::show(model, Pane::Containers),
        Action::ShowImages => navigate::show(model, Pane::Images),
        Action::ShowVolumes => navigate::show(model, Pane::Volumes),
        Action::ShowNetworks => navigate::show(model, Pane::Networks),
        Action::ShowStacks => navigate::show(model, Pane::Stacks),
        Action::ShowEvents => navigate::show(model, Pane::Events),
        Action::Up | Action::Down | Action::PageUp | Action::PageDown | Action::Top | Action::Bottom => {
            navigate::go(model, action);
        }
        Action::Left | Action::Right => navigate::sideways(model, action == Action::Right),
        Action::NextTab => navigate::turn_tab(model, 1),
        Action::PreviousTab => navigate::turn_tab(model, -1),
        Action::ShowLogs => navigate::show_tab(model, Tab::Logs),
        Action::ShowInspect => navigate::show_tab(model, Tab::Inspect),
        Action::ShowTop => navigate::show_tab(model, Tab::Top),
        Action::ShowStats => navigate::show_tab(model, Tab::Stats),
        Action::ShowInfo => navigate::show_tab(model, Tab::Info),
        Action::ShowEnv => navigate::show_tab(model, Tab::Env),
        Action::ShowMounts => navigate::show_tab(model, Tab::Mounts),
        Action::ShowPorts => navigate::show_tab(model, Tab::Ports),
        Action::ShowHealth => navigate::show_tab(model, Tab::Health),
        Action::ShowLayers => navigate::show_tab(model, Tab::Layers),
        Action::ShowHistory => navigate::show_tab(model, Tab::History),
        Action::Prune => prune::open(model, out),
        Action::Tasks => model.dialog = Some(Dialog::Tasks { selected: model.tasks.at(0) }),
        Action::Sort => columns::sort(model, 1),
        Action::SortPrevious => columns::sort(model, -1),
        Action::ColumnWider => columns::widen(model, 2),
        Action::ColumnNarrower => columns::widen(model, -2),
        Action::ColumnsReset => columns::reset(model),
        Action::SortReverse => navigate::reverse(model),
        Action::Filter if model.focus == Focus::Detail && explorer::is_open(model) => {
            explorer::ask_filter(model);
        }
        Action::Filter if model.focus == Focus::Detail => filter::open(model, Purpose::FilterLog),
        Action::Filter => filter::open(model, Purpose::FilterList),
        Action::Search => filter::open(model, Purpose::SearchLog),
        Action::Window => filter::open(model, Purpose::LogWindow),
        Action::Export if model.tab() == Tab::Logs => filter::open(model, Purpose::ExportLog),
        Action::Mark | Action::MarkAll | Action::MarkRange => navigate::mark(model, action),
        Action::Shell => shell::open(model, out),
        Action::Attach => shell::attach(model, out),
        Action::OpenSessions => shell::open_offered(model, out),
        Action::Start | Action::Stop | Action::Restart | Action::Pause | Action::Kill => {
            lifecycle::ask(model, action, out);
        }
        Action::Remove => remove::ask(model),
        Action::Undo => remove::undo(model),
        Action::CopyId | Action::CopyName | Action::CopyLine | Action::Export => {
            clipboard::copy(model, action, out);
        }
        Action::Follow
        | Action::Wrap
        | Action::Timestamps
        | Action::NextMatch
        | Action::PreviousMatch
        | Action::Level
        | Action::Unfold
        | Action::Fold
        | Action::LogUp
        | Action::LogDown => log::act(model, action),
        Action::Pull => filter::open(model, Purpose::Pull),
        Action::Import => filter::open(model, Purpose::Import),
        Action::OpenPort => ports::open(model, out),
        Action::FoldAll if model.focus == Focus::List && model.pane == Pane::Images => {
            model.images.fold_all();
        }
        Action::ExploreTogether
        | Action::ExploreAdded
        | Action::ExploreModified
        | Action::ExploreRemoved
        | Action::ExploreSame
        | Action::ExploreSize
        | Action::ExploreOwners
        | Action::FoldAll
        | Action::Open
        | Action::Extract => explorer::act(model, action, out),
        Action::ShowServices => navigate::show_tab(model, Tab::Services),
        Action::ShowGraph => navigate::show_tab(model, Tab::Graph),
        Action::ShowDrift => navigate::show_tab(model, Tab::Drift),
        Action::StackUp
        | Action::StackDown
        | Action::StackStop
        | Action::StackRestart
        | Action::StackMore
        | Action::StackFewer
        | Action::StackEdit
        | Action::StackRebuild
        | Action::StackWatch
        | Action::ServiceShell
        | Action::ServiceOpen => stack::act(model, action, out),
        Action::PullImage => hub::open(model),
        Action::Monitor => model.overlay = Some(Overlay::Monitor(Monitor::default())),
        // Only in the editor, which has keys of its own.
        Action::EditorSave | Action::EditorUp | Action::EditorNext => {}
        // Only in a file, which has keys of its own.
        Action::Hex => {}
        Action::DemoUp => {
            model.say(NoticeKind::Progress, "starting the demo: images are made of this host's own programs");
            out.push(Effect::Engine(Command::DemoUp));
        }
        Action::DemoDown => dialog::confirm_demo_down(model),
        Action::Debug => shell::debug(model, out),
        Action::ShellLeave
        | Action::ShellNext
        | Action::ShellPrevious
        | Action::ShellNew
        | Action::ShellBeside
        | Action::ShellBelow
        | Action::ShellOther
        | Action::ShellLeft
        | Action::ShellRight
        | Action::ShellUp
        | Action::ShellDown
        | Action::ShellPushLeft
        | Action::ShellPushRight
        | Action::ShellPushUp
        | Action::ShellPushDown
        | Action::ShellZoom
        | Action::ShellBreak
        | Action::ShellClose
        | Action::ShellAgain
        | Action::ShellPrefix
        | Action::ShellScroll
        | Action::ShellSearch
        | Action::ShellLock
        | Action::ShellCopy => shell::act(model, action, out),
    }
}
