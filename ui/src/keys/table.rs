//! The default keymap: a table to read. The help screen and the key hints are generated from it.

#[allow(clippy::enum_glob_use)] // The table is to be read, not its prefixes.
use crate::action::Action::{self, *};

/// Where a key has a meaning. A key is looked up in the focused layer first, then in `Global`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Layer {
    /// A list has the focus.
    List,
    /// The log has the focus.
    Log,
    /// Another detail tab has the focus.
    Detail,
    /// Everywhere but in a terminal and in text fields.
    Global,
    /// After the prefix key in a terminal.
    Shell,
}

impl Layer {
    /// Every layer, as help shows them.
    pub const ALL: &'static [Self] = &[Self::List, Self::Log, Self::Detail, Self::Shell, Self::Global];

    /// Its name in keymap files.
    pub fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Log => "log",
            Self::Detail => "detail",
            Self::Global => "global",
            Self::Shell => "shell",
        }
    }

    /// Its heading in the help.
    pub fn heading(self) -> &'static str {
        match self {
            Self::List => "List",
            Self::Log => "Log",
            Self::Detail => "Details",
            Self::Global => "Everywhere",
            Self::Shell => "In a shell, after ctrl-]",
        }
    }
}

/// Layer, keys, action. The first key is the one shown in hints.
pub(super) const TABLE: &[(Layer, &[&str], Action)] = &[
    (Layer::List, &["enter"], Menu),
    (Layer::List, &["e"], Shell),
    (Layer::List, &["a"], Attach),
    (Layer::List, &["l", "right"], ShowLogs),
    (Layer::List, &["i"], ShowInspect),
    (Layer::List, &["P"], Prune),
    (Layer::List, &["S"], Stop),
    (Layer::List, &["u"], Start),
    (Layer::List, &["r"], Restart),
    (Layer::List, &["p"], Pause),
    (Layer::List, &["K"], Kill),
    (Layer::List, &["d", "del"], Remove),
    (Layer::List, &["s"], Sort),
    (Layer::List, &["I"], SortReverse),
    (Layer::List, &["/"], Filter),
    (Layer::List, &["space"], Mark),
    (Layer::List, &["V"], MarkRange),
    (Layer::List, &["A"], MarkAll),
    (Layer::List, &["y"], CopyId),
    (Layer::List, &["Y"], CopyName),
    (Layer::List, &["up", "k"], Up),
    (Layer::List, &["down", "j"], Down),
    (Layer::List, &["pgup", "ctrl-b"], PageUp),
    (Layer::List, &["pgdn", "ctrl-f"], PageDown),
    (Layer::List, &["home", "g"], Top),
    (Layer::List, &["end", "G"], Bottom),
    (Layer::List, &["ctrl-u"], LogUp),
    (Layer::List, &["ctrl-d"], LogDown),
    (Layer::Log, &["f"], Follow),
    (Layer::Log, &["w"], Wrap),
    (Layer::Log, &["t"], Timestamps),
    (Layer::Log, &["/"], Search),
    (Layer::Log, &["n"], NextMatch),
    (Layer::Log, &["N"], PreviousMatch),
    (Layer::Log, &["&"], Filter),
    (Layer::Log, &["v"], Level),
    (Layer::Log, &["J"], Unfold),
    (Layer::Log, &["y"], CopyLine),
    (Layer::Log, &["E"], Export),
    (Layer::Log, &["e"], Shell),
    (Layer::Log, &["up", "k"], Up),
    (Layer::Log, &["down", "j"], Down),
    (Layer::Log, &["pgup", "ctrl-b"], PageUp),
    (Layer::Log, &["pgdn", "ctrl-f"], PageDown),
    (Layer::Log, &["home", "g"], Top),
    (Layer::Log, &["end", "G"], Bottom),
    (Layer::Log, &["left", "h"], Left),
    (Layer::Log, &["right", "l"], Right),
    (Layer::Detail, &["up", "k"], Up),
    (Layer::Detail, &["down", "j"], Down),
    (Layer::Detail, &["pgup", "ctrl-b"], PageUp),
    (Layer::Detail, &["pgdn", "ctrl-f"], PageDown),
    (Layer::Detail, &["home", "g"], Top),
    (Layer::Detail, &["end", "G"], Bottom),
    (Layer::Detail, &["left", "h"], Left),
    (Layer::Detail, &["enter", "space", "l"], Right),
    (Layer::Detail, &["y"], CopyLine),
    (Layer::Detail, &["e"], Shell),
    (Layer::Shell, &["ctrl-]", "q"], ShellLeave),
    (Layer::Shell, &["n", "tab"], ShellNext),
    (Layer::Shell, &["p"], ShellPrevious),
    (Layer::Shell, &["e"], ShellNew),
    (Layer::Shell, &["s", "pgup"], ShellScroll),
    (Layer::Shell, &["y"], ShellCopy),
    (Layer::Shell, &["L"], ShellLock),
    (Layer::Shell, &["x"], ShellClose),
    (Layer::Shell, &["]"], ShellPrefix),
    (Layer::Global, &["?", "f1"], Help),
    (Layer::Global, &[":", "ctrl-p"], Palette),
    (Layer::Global, &["tab"], NextPane),
    (Layer::Global, &["shift-tab"], PreviousPane),
    (Layer::Global, &["]"], NextTab),
    (Layer::Global, &["["], PreviousTab),
    (Layer::Global, &["z"], Zoom),
    (Layer::Global, &[">"], Wider),
    (Layer::Global, &["<"], Narrower),
    (Layer::Global, &["o"], OpenSessions),
    (Layer::Global, &["U"], Undo),
    (Layer::Global, &["1"], ShowContainers),
    (Layer::Global, &["2"], ShowImages),
    (Layer::Global, &["3"], ShowVolumes),
    (Layer::Global, &["4"], ShowNetworks),
    (Layer::Global, &["5"], ShowStacks),
    (Layer::Global, &["6"], ShowEvents),
    (Layer::Global, &["T"], Themes),
    (Layer::Global, &["!"], Notices),
    (Layer::Global, &["@"], Tasks),
    (Layer::Global, &["f2"], ToggleMouse),
    (Layer::Global, &["D"], DemoUp),
    (Layer::Global, &["ctrl-l"], Redraw),
    (Layer::Global, &["ctrl-z"], Suspend),
    (Layer::Global, &["esc"], Back),
    (Layer::Global, &["q", "ctrl-c"], Quit),
];
