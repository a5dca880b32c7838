//! How terminals shared their tabs, written down for the next start.

use super::Model;
use super::split::{Axis, Split};
use teu_api::{ContainerId, SessionId};
use toml::{Table, Value};

/// Deeper trees than anybody splits are not read.
const DEEPEST: usize = 16;

/// One tab's arrangement by containers and sessions, which outlive tickets.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Arrangement {
    /// A session.
    Session(ContainerId, SessionId),
    /// Two parts.
    Pair(Axis, u32, Box<Self>, Box<Self>),
}

impl Arrangement {
    /// The tree of those sessions that are found.
    pub fn arrange(&self, found: &dyn Fn(&ContainerId, SessionId) -> Option<u64>) -> Option<Split> {
        match self {
            Self::Session(id, session) => found(id, *session).map(Split::Leaf),
            Self::Pair(axis, share, first, second) => match (first.arrange(found), second.arrange(found)) {
                (Some(first), Some(second)) => Some(Split::Pair {
                    axis: *axis,
                    share: *share,
                    first: Box::new(first),
                    second: Box::new(second),
                }),
                (one, two) => one.or(two),
            },
        }
    }

    fn of(model: &Model, split: &Split) -> Option<Self> {
        match split {
            Split::Leaf(ticket) => {
                let shell = model.shells.get(*ticket).filter(|shell| shell.ended.is_none())?;
                Some(Self::Session(shell.container.clone(), shell.session?))
            }
            Split::Pair { axis, share, first, second } => {
                match (Self::of(model, first), Self::of(model, second)) {
                    (Some(first), Some(second)) => {
                        Some(Self::Pair(*axis, *share, Box::new(first), Box::new(second)))
                    }
                    (one, two) => one.or(two),
                }
            }
        }
    }

    fn write(&self) -> Value {
        match self {
            Self::Session(id, session) => Table::from_iter([
                ("container".to_owned(), Value::from(id.as_str())),
                ("session".to_owned(), Value::from(i64::from(session.0))),
            ])
            .into(),
            Self::Pair(axis, share, first, second) => Table::from_iter([
                ("axis".to_owned(), Value::from(if *axis == Axis::Beside { "beside" } else { "below" })),
                ("share".to_owned(), Value::from(i64::from(*share))),
                ("first".to_owned(), first.write()),
                ("second".to_owned(), second.write()),
            ])
            .into(),
        }
    }

    fn read(value: &Value, depth: usize) -> Option<Self> {
        if depth > DEEPEST {
            return None;
        }
        if let Some(id) = value.get("container").and_then(Value::as_str) {
            let session = value.get("session").and_then(Value::as_integer)?;
            return Some(Self::Session(ContainerId::parse(id)?, SessionId(session.try_into().ok()?)));
        }
        let axis = if value.get("axis")?.as_str()? == "beside" { Axis::Beside } else { Axis::Below };
        let share = u32::try_from(value.get("share")?.as_integer()?).ok()?.clamp(50, 950);
        let part = |name: &str| Self::read(value.get(name)?, depth + 1).map(Box::new);
        Some(Self::Pair(axis, share, part("first")?, part("second")?))
    }
}

/// The arrangement of every tab that is split.
pub(super) fn remember(model: &Model) -> Value {
    let of = |tab: &super::shells::ShellTab| Arrangement::of(model, &tab.split);
    let split = model.shells.tabs.iter().filter_map(of).filter(|a| matches!(a, Arrangement::Pair(..)));
    split.map(|arrangement| arrangement.write()).collect::<Vec<_>>().into()
}

/// The arrangements of an earlier session.
pub(super) fn recall(from: Option<&Value>) -> Vec<Arrangement> {
    let tabs = from.and_then(Value::as_array).into_iter().flatten();
    tabs.filter_map(|tab| Arrangement::read(tab, 0)).collect()
}
