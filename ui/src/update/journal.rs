//! The engine's journal as rows of the events pane.

use crate::model::Model;
use crate::model::plain::PlainRow;
use crate::theme::Role;
use teu_api::event::JournalEntry;

/// Events kept.
const KEPT: usize = 2_000;

pub(super) fn take(model: &mut Model, entries: Vec<JournalEntry>) {
    if entries.is_empty() {
        return;
    }
    // Who looks at the latest goes on to do so.
    let latest = model.events.at() == 0;
    let mut rows = model.events.take_items();
    rows.extend(entries.iter().map(row));
    let surplus = rows.len().saturating_sub(KEPT);
    rows.drain(..surplus);
    model.events.replace(rows);
    if latest {
        model.events.select(0);
    }
}

/// The colour of what happened: what begins is good, what fails is bad, what ends is quiet.
fn role(entry: &JournalEntry) -> Role {
    let failed = entry.attributes.get("exitCode").is_some_and(|code| code != "0");
    match entry.action.split([' ', ':']).next().unwrap_or_default() {
        "die" if failed => Role::Error,
        "oom" | "kill" => Role::Error,
        "health_status" if entry.action.contains("unhealthy") => Role::Error,
        "health_status" | "start" | "unpause" => Role::Good,
        "create" | "pull" | "import" | "load" | "tag" | "push" | "connect" | "mount" => Role::Info,
        "pause" => Role::Paused,
        "restart" | "update" | "rename" => Role::Warning,
        _ => Role::Muted,
    }
}

fn row(entry: &JournalEntry) -> PlainRow {
    let role = role(entry);
    let short = || {
        entry.id.split_once(':').map_or(entry.id.as_str(), |(_, digits)| digits).chars().take(12).collect()
    };
    let name: String = entry.attributes.get("name").cloned().unwrap_or_else(short);
    let code = entry.attributes.get("exitCode").filter(|_| entry.action == "die");
    let what = code.map_or_else(|| entry.action.clone(), |code| format!("die, exit {code}"));
    let mut known = vec![
        ("of".to_owned(), entry.kind.clone(), Role::Text),
        ("name".to_owned(), name.clone(), Role::Text),
        ("what".to_owned(), what.clone(), role),
        ("id".to_owned(), entry.id.clone(), Role::Muted),
    ];
    let more = entry.attributes.iter().filter(|(key, _)| *key != "name");
    known.extend(more.map(|(key, value)| (key.clone(), value.clone(), Role::Muted)));
    let name = name.strip_suffix(":latest").map(str::to_owned).unwrap_or(name);
    PlainRow {
        key: format!("{:020}", entry.seq),
        name,
        sign: Some(("●", role)),
        columns: vec![(entry.kind.clone(), Role::Muted), (what, role)],
        size: 0,
        at: entry.at,
        known,
    }
}
