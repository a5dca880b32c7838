//! Shells and attachments: terminals in tabs, and several beside each other in one tab.

use super::Model;
use super::layout::inner;
use super::split::{Axis, Split};
use crate::terminal::{Copying, Spot, Terminal};
use ratatui::layout::Rect;
use teu_api::session::TerminalSize;
use teu_api::{ContainerId, SessionId};

/// What a terminal was opened for, and what opens it again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A shell of the container's own.
    Shell,
    /// A shell with tools of the host.
    Debug,
    /// The container's first process.
    Main,
}

/// One terminal.
#[derive(Debug)]
pub struct Shell {
    /// What ties the engine's answers to it.
    pub ticket: u64,
    /// Whose.
    pub container: ContainerId,
    /// The container's name.
    pub name: String,
    /// What it was opened for.
    pub kind: Kind,
    /// Which session, once it is open.
    pub session: Option<SessionId>,
    /// What runs in it.
    pub title: String,
    /// Its screen.
    pub terminal: Terminal,
    /// What is looked at and marked in it, while that is not simply its end.
    pub copying: Copying,
    /// Where the mouse went down in it and is still held.
    pub dragged_from: Option<Spot>,
    /// How it ended, when it did and is still shown.
    pub ended: Option<String>,
    /// Whether it rang its bell since it last had the keys.
    pub rang: bool,
}

impl Shell {
    /// What it is called: its program's own title, or what runs in it.
    pub fn label(&self) -> &str {
        if self.terminal.title().is_empty() { &self.title } else { self.terminal.title() }
    }
}

/// Terminals that share the main area.
#[derive(Debug)]
pub struct ShellTab {
    /// How they share it.
    pub split: Split,
    /// The one that has the keys.
    pub focus: u64,
    /// Whether that one has the whole area for now.
    pub zoomed: bool,
}

/// Every terminal that is open.
#[derive(Debug, Default)]
pub struct Shells {
    /// The terminals, in the order of their opening.
    pub all: Vec<Shell>,
    /// The tabs.
    pub tabs: Vec<ShellTab>,
    /// The tab in front.
    pub active: usize,
    /// Whether the prefix key was pressed and the next key is for teu.
    pub prefix: bool,
    /// Whether every key goes to the program, the prefix too.
    pub locked: bool,
    /// The terminal that was last told that it has the keyboard.
    pub told_focus: Option<u64>,
}

impl Shells {
    /// The tab in front.
    pub fn tab(&self) -> Option<&ShellTab> {
        self.tabs.get(self.active)
    }

    /// The terminal that has the keys.
    pub fn current(&self) -> Option<&Shell> {
        self.get(self.tab()?.focus)
    }

    /// The terminal that has the keys, to change.
    pub fn current_mut(&mut self) -> Option<&mut Shell> {
        let focus = self.tab()?.focus;
        self.by_ticket(focus)
    }

    /// The terminal of a ticket.
    pub fn get(&self, ticket: u64) -> Option<&Shell> {
        self.all.iter().find(|shell| shell.ticket == ticket)
    }

    /// The terminal of a ticket, to change.
    pub fn by_ticket(&mut self, ticket: u64) -> Option<&mut Shell> {
        self.all.iter_mut().find(|shell| shell.ticket == ticket)
    }

    /// Brings a terminal to the front.
    pub fn show(&mut self, ticket: u64) {
        if let Some(at) = self.tabs.iter().position(|tab| tab.split.tickets().contains(&ticket)) {
            self.active = at;
            let tab = &mut self.tabs[at];
            tab.zoomed &= tab.focus == ticket;
            tab.focus = ticket;
            self.prefix = false;
        }
    }

    /// Puts a terminal into a tab of its own, in front.
    pub fn open(&mut self, shell: Shell) {
        let ticket = shell.ticket;
        self.all.push(shell);
        self.tabs.push(ShellTab { split: Split::Leaf(ticket), focus: ticket, zoomed: false });
        self.show(ticket);
    }

    /// Puts a terminal beside or below the one that has the keys; says whether there was room.
    pub fn open_beside(&mut self, shell: Shell, axis: Axis, area: Rect) -> bool {
        let ticket = shell.ticket;
        let Some(tab) = self.tabs.get_mut(self.active) else { return false };
        if !tab.split.cut(tab.focus, axis, ticket, area) {
            return false;
        }
        tab.zoomed = false;
        self.all.push(shell);
        self.show(ticket);
        true
    }

    /// Takes a terminal away and gives it back.
    pub fn remove(&mut self, ticket: u64) -> Option<Shell> {
        let at = self.all.iter().position(|shell| shell.ticket == ticket)?;
        let shell = self.all.remove(at);
        self.prefix = false;
        self.locked = false;
        let Some(at) = self.tabs.iter().position(|tab| tab.split.tickets().contains(&ticket)) else {
            return Some(shell);
        };
        let tab = self.tabs.remove(at);
        let order = tab.split.tickets();
        let place = order.iter().position(|there| *there == ticket).unwrap_or(0);
        if let Some(split) = tab.split.without(ticket) {
            let left = split.tickets();
            let next = left[place.saturating_sub(1).min(left.len() - 1)];
            let focus = if tab.focus == ticket { next } else { tab.focus };
            self.tabs.insert(at, ShellTab { split, focus, zoomed: tab.zoomed && tab.focus != ticket });
        } else if self.active > at || self.active == self.tabs.len() {
            self.active = self.active.saturating_sub(1);
        }
        Some(shell)
    }

    /// Brings the tab so many places further to the front, round and round.
    pub fn turn(&mut self, places: isize) {
        let count = self.tabs.len() as isize;
        if count > 0 {
            self.active = (self.active as isize + places).rem_euclid(count) as usize;
        }
    }
}

impl Model {
    /// The area that the terminals of a tab share: the whole pane, but for the tab line when there are several.
    pub(crate) fn shell_area(&self, tab: &ShellTab) -> Rect {
        let main = self.regions().main;
        match tab.split {
            Split::Leaf(_) => main,
            Split::Pair { .. } if tab.zoomed => main,
            Split::Pair { .. } => {
                let line = 1.min(main.height);
                Rect { y: main.y + line, height: main.height - line, ..main }
            }
        }
    }

    /// The terminals of a tab that are in view with their places, borders included.
    pub(crate) fn shell_places(&self, tab: &ShellTab) -> Vec<(u64, Rect)> {
        let area = self.shell_area(tab);
        if tab.zoomed { vec![(tab.focus, area)] } else { tab.split.places(area) }
    }

    /// The size that a terminal's place gives it; `None` for one that another hides.
    pub(crate) fn shell_size(&self, ticket: u64) -> Option<TerminalSize> {
        let place = |tab: &ShellTab| self.shell_places(tab).into_iter().find(|(there, _)| *there == ticket);
        let (_, place) = self.shells.tabs.iter().find_map(place)?;
        let place = inner(place);
        Some(TerminalSize { columns: place.width.max(1), rows: place.height.max(1) })
    }
}
