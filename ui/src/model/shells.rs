//! Shells and attachments: terminals shown as tabs.

use crate::terminal::Terminal;
use teu_api::session::TerminalSize;
use teu_api::{ContainerId, SessionId};

/// One terminal.
#[derive(Debug)]
pub struct Shell {
    /// What ties the engine's answers to it.
    pub ticket: u64,
    /// Whose.
    pub container: ContainerId,
    /// The container's name.
    pub name: String,
    /// Which session, once it is open.
    pub session: Option<SessionId>,
    /// What runs in it.
    pub title: String,
    /// Its screen.
    pub terminal: Terminal,
    /// Whether keys scroll instead of going to the program.
    pub scrolling: bool,
}

/// Every terminal that is open.
#[derive(Debug, Default)]
pub struct Shells {
    /// The tabs.
    pub tabs: Vec<Shell>,
    /// The tab in front.
    pub active: usize,
    /// Whether the prefix key was pressed and the next key is for teu.
    pub prefix: bool,
    /// Whether every key goes to the program, the prefix too.
    pub locked: bool,
}

impl Shells {
    /// The tab in front.
    pub fn current(&self) -> Option<&Shell> {
        self.tabs.get(self.active)
    }

    /// The tab in front, to change.
    pub fn current_mut(&mut self) -> Option<&mut Shell> {
        self.tabs.get_mut(self.active)
    }

    /// The tab of a ticket.
    pub fn by_ticket(&mut self, ticket: u64) -> Option<&mut Shell> {
        self.tabs.iter_mut().find(|shell| shell.ticket == ticket)
    }

    /// The first tab of a container.
    pub fn of(&self, container: &ContainerId) -> Option<usize> {
        self.tabs.iter().position(|shell| shell.container == *container)
    }

    /// Opens a tab and brings it to the front.
    pub fn open(&mut self, ticket: u64, container: ContainerId, name: String, size: TerminalSize) {
        self.tabs.push(Shell {
            ticket,
            container,
            name,
            session: None,
            title: "shell".into(),
            terminal: Terminal::new(size),
            scrolling: false,
        });
        self.active = self.tabs.len() - 1;
        self.prefix = false;
    }

    /// Takes a tab away and gives it back.
    pub fn remove(&mut self, ticket: u64) -> Option<Shell> {
        let at = self.tabs.iter().position(|shell| shell.ticket == ticket)?;
        let shell = self.tabs.remove(at);
        if self.active > at || self.active == self.tabs.len() {
            self.active = self.active.saturating_sub(1);
        }
        self.prefix = false;
        self.locked = false;
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
