//! Start, stop, restart, pause and kill; why an action cannot be done now; and the command that does the same.

use crate::action::Action;
use crate::model::container::ContainerRow;
use crate::model::dialog::{Confirm, Deed, Dialog};
use crate::model::{Confirmation, Focus, Model, Pane};
use crate::msg::Effect;
use crate::text::{clean, count};
use teu_api::Command;
use teu_api::container::Status;

/// Does it, or asks first where the user wants to be asked.
pub(super) fn ask(model: &mut Model, action: Action, out: &mut Vec<Effect>) {
    let ends = matches!(action, Action::Stop | Action::Restart | Action::Kill);
    if !ends || model.settings.confirm != Confirmation::All {
        return carry_out(model, action, out);
    }
    let names: Vec<String> =
        model.targets().iter().map(|row| format!("• {}", clean(&row.snapshot.name))).collect();
    let verb = match action {
        Action::Stop => "Stop",
        Action::Restart => "Restart",
        _ => "Kill",
    };
    let title = format!("{verb} {}?", count(names.len(), "container"));
    let then = Deed::Lifecycle(action);
    model.dialog = Some(Dialog::Confirm(Confirm { title, lines: names, verb, yes: true, then }));
}

pub(super) fn carry_out(model: &mut Model, action: Action, out: &mut Vec<Effect>) {
    let targets: Vec<_> = model.targets().iter().map(|row| row.snapshot.id.clone()).collect();
    for row in model.containers.items_mut() {
        let status = row.snapshot.state.status;
        if !targets.contains(&row.snapshot.id) || refusal(row, action).is_some() {
            continue;
        }
        let id = row.snapshot.id.clone();
        let (command, busy) = match action {
            Action::Start => (Command::Start(id), "starting"),
            Action::Stop => (Command::Stop(id), "stopping"),
            Action::Restart => (Command::Restart(id), "restarting"),
            Action::Pause if status == Status::Paused => (Command::Unpause(id), "waking"),
            Action::Pause => (Command::Pause(id), "pausing"),
            _ => (Command::Kill { id, signal: "SIGKILL".into() }, "killing"),
        };
        row.busy = Some(busy);
        out.push(Effect::Engine(command));
    }
    model.containers.clear_marks();
}

/// Why an action cannot be done with a container.
fn refusal(row: &ContainerRow, action: Action) -> Option<&'static str> {
    let status = row.snapshot.state.status;
    match (action, status) {
        (Action::Start, Status::Running | Status::Restarting) => Some("it is running"),
        (Action::Start, Status::Paused) => Some("it is paused; p lets it go on"),
        (Action::Stop, status) if !status.is_live() => Some("it is not running"),
        (Action::Kill, Status::Running | Status::Paused) => None,
        (Action::Kill, _) => Some("it is not running"),
        (Action::Pause, Status::Running | Status::Paused) => None,
        (Action::Pause, _) => Some("it is not running"),
        (Action::Shell | Action::Debug | Action::Attach, Status::Running) => None,
        (Action::Shell | Action::Debug | Action::Attach, Status::Paused) => {
            Some("it is paused; p lets it go on")
        }
        (Action::Shell | Action::Debug | Action::Attach, _) => Some("it is not running; u starts it"),
        (_, Status::Removing) => Some("it is being removed"),
        _ => None,
    }
}

fn changes(action: Action) -> bool {
    use Action::{
        Attach, Debug, DemoDown, DemoUp, Import, Kill, Pause, Prune, Pull, Remove, Restart, Shell, Start,
        Stop,
    };
    use Action::{
        ServiceShell, StackDown, StackFewer, StackMore, StackRestart, StackStop, StackUp, StackWatch,
    };
    let stack = matches!(
        action,
        StackUp | StackDown | StackStop | StackRestart | StackMore | StackFewer | StackWatch | ServiceShell
    );
    stack
        || matches!(
            action,
            Pull | Import
                | Prune
                | Start
                | Stop
                | Restart
                | Pause
                | Kill
                | Remove
                | Shell
                | Debug
                | Attach
                | DemoUp
                | DemoDown
        )
}

/// Why an action cannot be done now; `None` when it can.
pub(crate) fn obstacle(model: &Model, action: Action) -> Option<String> {
    use Action::{Attach, Debug, Kill, Pause, Remove, Restart, Shell, Start, Stop};
    if model.settings.readonly && changes(action) {
        return Some("teu was opened read-only".into());
    }
    if let Some(reason) = super::stack::obstacle(model, action) {
        return Some(reason);
    }
    match action {
        Debug if model.focus == Focus::Shell => None,
        Start | Stop | Restart | Pause | Kill | Shell | Debug | Attach | Remove => {
            if action == Remove && matches!(model.pane, Pane::Images | Pane::Volumes | Pane::Networks) {
                return super::remove::things(model).is_empty().then(|| "nothing is selected".into());
            }
            let one = matches!(action, Shell | Debug | Attach);
            if model.pane != Pane::Containers && (one || model.targets().is_empty()) {
                return Some("that is for containers".into());
            }
            let targets =
                if one { model.containers.selected().into_iter().collect() } else { model.targets() };
            if targets.is_empty() {
                return Some("no container is selected".into());
            }
            if let [row] = targets[..]
                && model.is_pending(&row.snapshot.id)
            {
                return Some("it is about to be removed; u takes that back".into());
            }
            let refusals: Vec<_> = targets.iter().map(|row| refusal(row, action)).collect();
            // With several, those that can are done.
            refusals.iter().all(Option::is_some).then(|| refusals[0].unwrap_or_default().to_owned())
        }
        Action::OpenSessions if model.offered.is_empty() && model.shells.all.is_empty() => {
            Some("no shell is open".into())
        }
        Action::ShowVolumes if !model.is_told(Pane::Volumes) => {
            Some("the engine has not told of any yet".into())
        }
        Action::ShowNetworks if !model.is_told(Pane::Networks) => {
            Some("the engine has not told of any yet".into())
        }
        Action::ShowLayers | Action::ShowHistory
            if model.images.selected().is_some_and(|row| row.tags().is_some()) =>
        {
            Some("that is a repository; select one of its tags".into())
        }
        Action::OpenPort if super::ports::url(model).is_none() => Some("it publishes no port".into()),
        Action::Undo if model.pending.is_empty() => Some("nothing is about to be removed".into()),
        _ => None,
    }
}

/// The command that does the same as an action.
pub(crate) fn equivalent(model: &Model, action: Action) -> Option<String> {
    let names = || {
        let targets = model.targets();
        targets.iter().map(|row| row.snapshot.name.clone()).collect::<Vec<_>>().join(" ")
    };
    let one = || model.containers.selected().map(|row| row.snapshot.name.clone()).unwrap_or_default();
    let paused =
        || model.containers.selected().is_some_and(|row| row.snapshot.state.status == Status::Paused);
    let live = || model.targets().iter().any(|row| row.snapshot.state.status.is_live());
    Some(match action {
        Action::Remove if model.pane == Pane::Images => {
            format!("teu rmi {}", super::remove::things(model).join(" "))
        }
        Action::Remove if model.pane == Pane::Volumes => {
            format!("teu volume rm {}", super::remove::things(model).join(" "))
        }
        Action::Remove if model.pane == Pane::Networks => {
            format!("teu network rm {}", super::remove::things(model).join(" "))
        }
        Action::Start => format!("teu start {}", names()),
        Action::Stop => format!("teu stop {}", names()),
        Action::Restart => format!("teu restart {}", names()),
        Action::Pause if paused() => format!("teu unpause {}", names()),
        Action::Pause => format!("teu pause {}", names()),
        Action::Kill => format!("teu kill {}", names()),
        Action::Remove if live() => format!("teu rm -f {}", names()),
        Action::Remove => format!("teu rm {}", names()),
        Action::Shell => format!("teu exec -it {} sh", one()),
        Action::Debug => format!("teu debug {}", one()),
        Action::Attach => format!("teu attach {}", one()),
        Action::ShowLogs => format!("teu logs -f {}", one()),
        Action::Export | Action::Window => super::log::equivalent(model),
        Action::ShowInspect if model.pane == Pane::Containers => format!("teu inspect {}", one()),
        Action::ShowTop => format!("teu top {}", one()),
        Action::ShowStats => format!("teu stats {}", one()),
        Action::ShowHistory => format!("teu history {}", model.selected_image()?.name()),
        Action::ShowLayers => format!("teu image layers {}", model.selected_image()?.name()),
        Action::ShowPorts => format!("teu port {}", one()),
        Action::OpenPort => format!("xdg-open {}", super::ports::url(model)?),
        Action::Pull => "teu pull IMAGE".into(),
        Action::Import => "teu import FILE NAME".into(),
        Action::ShowEvents => "teu events".into(),
        Action::ShowContainers => "teu ps -a".into(),
        Action::ShowImages => "teu images".into(),
        Action::ShowVolumes => "teu volume ls".into(),
        Action::ShowNetworks => "teu network ls".into(),
        Action::ShowStacks => "teu compose ls".into(),
        Action::ShowInspect if model.pane == Pane::Networks => {
            format!("teu network inspect {}", model.networks.selected()?.name)
        }
        Action::Prune => match model.pane {
            Pane::Containers => "teu container prune".into(),
            Pane::Images => "teu image prune -a".into(),
            Pane::Volumes => "teu volume prune -a".into(),
            _ => "teu system prune -a --volumes".into(),
        },
        Action::DemoUp => "teu demo".into(),
        Action::DemoDown => "teu demo --down".into(),
        _ => return super::stack::equivalent(model, action),
    })
}
