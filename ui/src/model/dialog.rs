//! What lies over the panes: dialogs, menus, and the line being typed.

use crate::action::Action;
use teu_api::Command;

/// A dialog.
#[derive(Debug)]
pub enum Dialog {
    /// The keys.
    Help {
        /// The first row in view.
        scroll: usize,
    },
    /// A question before something that cannot be taken back.
    Confirm(Confirm),
    /// What can be done with the selected or marked rows.
    Menu {
        /// The rows.
        rows: Vec<MenuRow>,
        /// The one selected.
        at: usize,
    },
    /// Every action, to be found by typing.
    Palette {
        /// What was typed.
        text: String,
        /// The row selected among those that match.
        at: usize,
    },
    /// The themes, tried as the selection moves.
    Themes {
        /// The one selected.
        at: usize,
        /// The one in force before.
        before: String,
    },
    /// What may go, and what goes.
    Prune(super::prune::Wizard),
    /// A question that is answered by typing.
    Prompt(super::prompt::Prompt),
    /// Long work.
    Tasks {
        /// The number of the one selected; `None` while there is none.
        selected: Option<u64>,
    },
    /// Past messages.
    Notices {
        /// How many rows are scrolled up from the end.
        scroll: usize,
    },
}

/// A question.
#[derive(Debug)]
pub struct Confirm {
    /// What it is about.
    pub title: String,
    /// What will happen, line by line.
    pub lines: Vec<String>,
    /// The word on the button that does it.
    pub verb: &'static str,
    /// Whether that button has the focus.
    pub yes: bool,
    /// What is done.
    pub then: Deed,
}

/// What follows a yes.
#[derive(Clone, Debug)]
pub enum Deed {
    /// Remove things after a while in which that can be taken back: what is asked of the engine, and the row's key.
    Remove(Vec<(Command, String)>),
    /// Start, stop, pause or kill what is selected.
    Lifecycle(Action),
    /// Ask the engine.
    Ask(Vec<Command>),
    /// Leave the editor without writing.
    LeaveEditor,
    /// End the shell in front.
    CloseShell,
}

/// A row of an action menu.
#[derive(Clone, Debug)]
pub struct MenuRow {
    /// What it does.
    pub action: Action,
    /// Its words.
    pub label: String,
    /// The key that does the same.
    pub key: Option<String>,
    /// The command that does the same, or why it cannot be done now.
    pub note: String,
    /// Whether it can be done now.
    pub enabled: bool,
}

/// What is being typed into the bottom line.
#[derive(Clone, Debug)]
pub struct Input {
    /// What for.
    pub purpose: Purpose,
    /// What was typed.
    pub text: String,
    /// What stood there before, for Escape.
    pub before: String,
    /// What is wrong with it.
    pub error: Option<String>,
}

/// What a typed line is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// The list's filter.
    FilterList,
    /// What log lines must match.
    FilterLog,
    /// A search in the log.
    SearchLog,
    /// The name of an image to pull.
    Pull,
    /// An archive to import, and the image's name.
    Import,
    /// The span of time that the log is read for.
    LogWindow,
    /// The file that the log is written to.
    ExportLog,
    /// A search in the terminal in front.
    SearchShell,
}
