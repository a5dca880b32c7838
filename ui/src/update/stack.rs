//! What is done to stacks and their services.

use super::navigate::distance;
use super::{editor, navigate};
use crate::action::Action;
use crate::model::dialog::{Confirm, Deed, Dialog};
use crate::model::notice::NoticeKind;
use crate::model::{Focus, Model, Pane, Tab};
use crate::msg::Effect;
use crate::text::clean;
use teu_api::Command;
use teu_api::container::Status;
use teu_api::stack::{StackDeed, StackRequest};

/// Whether services of a stack are in front: as a list or as a graph.
pub(crate) fn shows_services(model: &Model) -> bool {
    model.pane == Pane::Stacks && matches!(model.tab(), Tab::Services | Tab::Graph)
}

/// The services that an action is for: the selected one where services have the keys; all, as none named, otherwise.
fn services(model: &Model) -> Vec<String> {
    if model.focus == Focus::Detail && shows_services(model) {
        return model.service_row().map(|row| row.service.name).into_iter().collect();
    }
    Vec::new()
}

pub(super) fn act(model: &mut Model, action: Action, out: &mut Vec<Effect>) {
    let Some(stack) = model.stacks.selected() else { return };
    let name = stack.key.clone();
    match action {
        Action::StackUp => request(model, &name, StackDeed::Up, out),
        Action::StackStop => request(model, &name, StackDeed::Stop, out),
        Action::StackRestart => request(model, &name, StackDeed::Restart, out),
        Action::StackDown => ask_down(model, &name),
        Action::StackMore => scale(model, &name, 1, out),
        Action::StackFewer => scale(model, &name, -1, out),
        Action::StackEdit => editor::open(model, &name, out),
        Action::StackRebuild => {
            model.say(NoticeKind::Info, "building is not there yet in this version of teu");
        }
        Action::StackWatch => match model.board.watches.get(&name) {
            Some(watch) => out.push(Effect::Engine(Command::CancelTask(watch.task))),
            // The key may come again before the first has begun.
            None if !model.board.watches_asked.insert(name.clone()) => {}
            None => request(model, &name, StackDeed::Watch, out),
        },
        Action::ServiceShell => shell(model, out),
        Action::ServiceOpen => open(model),
        _ => {}
    }
}

fn request(model: &mut Model, name: &str, deed: StackDeed, out: &mut Vec<Effect>) {
    let services = services(model);
    send(model, name, services, deed, out);
}

pub(super) fn send(
    model: &mut Model,
    name: &str,
    services: Vec<String>,
    deed: StackDeed,
    out: &mut Vec<Effect>,
) {
    let source = model.board.source(name);
    // What happened the last time is told no more.
    model.board.steps.remove(name);
    let whose = match &services[..] {
        [service] => format!("{} of {}", clean(service), clean(name)),
        _ => clean(name).into_owned(),
    };
    model.say(NoticeKind::Progress, format!("{} {whose}", deed.doing()));
    out.push(Effect::Engine(Command::Stack(StackRequest { source, services, deed })));
}

fn ask_down(model: &mut Model, name: &str) {
    let source = model.board.source(name);
    let rows = model.stack_rows();
    let live = rows.iter().filter(|row| row.snapshot.state.status.is_live()).count();
    let lines = vec![
        format!(
            "{} go, {live} of them running, with the stack's networks.",
            crate::text::count(rows.len(), "container")
        ),
        "Volumes and images stay.".into(),
    ];
    let request = StackRequest { source, services: Vec::new(), deed: StackDeed::Down { volumes: false } };
    model.dialog = Some(Dialog::Confirm(Confirm {
        title: format!("Take {} down?", clean(name)),
        lines,
        verb: "Take down",
        yes: live == 0,
        then: Deed::Ask(vec![Command::Stack(request)]),
    }));
}

fn scale(model: &mut Model, name: &str, by: i32, out: &mut Vec<Effect>) {
    if services(model).is_empty() {
        model.say(NoticeKind::Info, "select a service first: tab goes to the services");
        return;
    }
    let Some(row) = model.service_row() else { return };
    let (service, count) = (row.service.name.clone(), row.containers.len() as u32);
    let wanted = count.saturating_add_signed(by);
    if wanted != count {
        send(model, name, vec![service], StackDeed::Scale(wanted), out);
    }
}

/// Opens a shell in the first container of the service that runs.
fn shell(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(row) = model.service_row() else { return };
    let running = row.containers.iter().find(|row| row.snapshot.state.status == Status::Running);
    match running.map(|row| row.snapshot.id.as_str().to_owned()) {
        Some(id) => {
            model.containers.select_key(&id);
            super::shell::open(model, out);
        }
        None => model.say(NoticeKind::Info, "nothing of this service runs"),
    }
}

/// Goes to the service's first container.
fn open(model: &mut Model) {
    let first = model
        .service_row()
        .and_then(|row| row.containers.first().map(|row| row.snapshot.id.as_str().to_owned()));
    match first {
        Some(id) => {
            navigate::show(model, Pane::Containers);
            model.containers.select_key(&id);
        }
        None => model.say(NoticeKind::Info, "there is no container of this service; u makes one"),
    }
}

pub(super) fn go(model: &mut Model, action: Action) {
    let height = usize::from(model.log_area().height);
    let rows = distance(action, height);
    let last = model.service_rows().len().saturating_sub(1);
    model.board.at = model.board.at.saturating_add_signed(rows).min(last);
}

/// Why an action on a stack cannot be done now.
pub(crate) fn obstacle(model: &Model, action: Action) -> Option<String> {
    let stack = matches!(
        action,
        Action::StackUp
            | Action::StackDown
            | Action::StackStop
            | Action::StackRestart
            | Action::StackRebuild
            | Action::StackWatch
            | Action::StackMore
            | Action::StackFewer
            | Action::StackEdit
            | Action::ServiceShell
            | Action::ServiceOpen
    );
    if !stack {
        return None;
    }
    let Some(row) = model.stacks.selected().filter(|_| model.pane == Pane::Stacks) else {
        return Some("no stack is selected".into());
    };
    let source = model.board.source(&row.key);
    match action {
        Action::StackWatch if model.is_watched() => None,
        Action::StackUp | Action::StackMore | Action::StackFewer | Action::StackEdit | Action::StackWatch
            if source.files.is_empty() =>
        {
            Some("its containers do not say which files it comes from".into())
        }
        Action::StackWatch => {
            let known = model.board.details_of(&row.key).and_then(|details| details.as_ref().ok());
            if known.is_some_and(|known| !known.services.iter().any(|service| service.watches)) {
                return Some("no service asks for it (develop.watch)".into());
            }
            let live = model.stack_rows().iter().any(|row| row.snapshot.state.status.is_live());
            (!live).then(|| "nothing of it runs; u brings it up".into())
        }
        Action::StackRebuild => Some("building is not there yet in this version of teu".into()),
        _ => None,
    }
}

/// The command that does the same.
pub(crate) fn equivalent(model: &Model, action: Action) -> Option<String> {
    let stack = model.stacks.selected()?;
    let source = model.board.source(&stack.key);
    let files = words(" -f ", &source.files);
    let chosen = services(model);
    let verb = match action {
        Action::StackUp => "up -d",
        Action::StackDown => return Some(format!("teu compose{files} -p {} down", stack.key)),
        Action::StackStop => "stop",
        Action::StackRestart => "restart",
        Action::StackWatch if model.is_watched() => return None,
        Action::StackWatch => "watch --no-up",
        Action::StackMore | Action::StackFewer => {
            let [service] = &chosen[..] else { return None };
            let count = model.service_row()?.containers.len() as u32;
            let wanted = count.saturating_add_signed(if action == Action::StackMore { 1 } else { -1 });
            return Some(format!("teu compose{files} -p {} scale {service}={wanted}", stack.key));
        }
        _ => return None,
    };
    Some(format!("teu compose{files} -p {} {verb}{}", stack.key, words(" ", &chosen)))
}

/// Each item behind the same words, as a command takes them.
fn words(before: &str, items: &[String]) -> String {
    items.iter().flat_map(|item| [before, item.as_str()]).collect()
}
