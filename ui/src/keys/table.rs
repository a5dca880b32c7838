//! The default keymap: a table to read. The help screen and the key hints are generated from it.

#[allow(clippy::enum_glob_use)] // The table is to be read, not its prefixes.
use crate::action::Action::{self, *};

/// Where a key has a meaning. Several layers are in force at once ([`crate::Model`] says which); the first that knows a
/// key decides.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Layer {
    /// A removal can still be taken back.
    Pending,
    /// The list of containers has the focus.
    Containers,
    /// The list of images has the focus.
    Images,
    /// The list of volumes has the focus.
    Volumes,
    /// The list of networks has the focus.
    Networks,
    /// The list of stacks has the focus.
    Stacks,
    /// The list of events has the focus.
    Events,
    /// There is nothing yet: the welcome is shown.
    Welcome,
    /// Any list has the focus.
    List,
    /// The log has the focus.
    Log,
    /// A tree (inspect, layers, files) has the focus.
    Tree,
    /// Another detail tab has the focus.
    Detail,
    /// Everywhere but in a terminal and in text fields.
    Global,
    /// After the prefix key in a terminal.
    Shell,
}

impl Layer {
    /// Every layer, as help shows them.
    pub const ALL: &'static [Self] = &[
        Self::Welcome,
        Self::Pending,
        Self::Containers,
        Self::Images,
        Self::Volumes,
        Self::Networks,
        Self::Stacks,
        Self::Events,
        Self::List,
        Self::Log,
        Self::Tree,
        Self::Detail,
        Self::Shell,
        Self::Global,
    ];

    /// Its name in keymap files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Welcome => "welcome",
            Self::Pending => "pending",
            Self::Containers => "containers",
            Self::Images => "images",
            Self::Volumes => "volumes",
            Self::Networks => "networks",
            Self::Stacks => "stacks",
            Self::Events => "events",
            Self::List => "list",
            Self::Log => "log",
            Self::Tree => "tree",
            Self::Detail => "detail",
            Self::Global => "global",
            Self::Shell => "shell",
        }
    }

    /// Its heading in the help.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Welcome => "On an empty store",
            Self::Pending => "While a removal can be taken back",
            Self::Containers => "Containers",
            Self::Images => "Images",
            Self::Volumes => "Volumes",
            Self::Networks => "Networks",
            Self::Stacks => "Stacks",
            Self::Events => "Events",
            Self::List => "Any list",
            Self::Log => "Log",
            Self::Tree => "Trees: inspect, layers",
            Self::Detail => "Details",
            Self::Global => "Everywhere",
            Self::Shell => "In a shell, after ctrl-]",
        }
    }
}

/// Layer, keys, action. The first keys are those shown in hints; several keys in a row are written with blanks between.
pub(super) const TABLE: &[(Layer, &[&str], Action)] = &[
    (Layer::Pending, &["u", "U"], Undo),
    // The welcome.
    (Layer::Welcome, &["D", "d", "enter"], DemoUp),
    (Layer::Welcome, &["p"], Pull),
    (Layer::Welcome, &["i"], Import),
    // Containers.
    (Layer::Containers, &["e"], Shell),
    (Layer::Containers, &["a"], Attach),
    (Layer::Containers, &["X"], Debug),
    (Layer::Containers, &["l", "right", "t l"], ShowLogs),
    (Layer::Containers, &["i", "t n"], ShowInspect),
    (Layer::Containers, &["t s"], ShowStats),
    (Layer::Containers, &["t i"], ShowInfo),
    (Layer::Containers, &["t e"], ShowEnv),
    (Layer::Containers, &["t t"], ShowTop),
    (Layer::Containers, &["t m"], ShowMounts),
    (Layer::Containers, &["t p"], ShowPorts),
    (Layer::Containers, &["t h"], ShowHealth),
    (Layer::Containers, &["S"], Stop),
    (Layer::Containers, &["u"], Start),
    (Layer::Containers, &["r"], Restart),
    (Layer::Containers, &["p"], Pause),
    (Layer::Containers, &["K"], Kill),
    (Layer::Containers, &["w"], OpenPort),
    // Images.
    (Layer::Images, &["p"], Pull),
    (Layer::Images, &["O"], Import),
    (Layer::Images, &["t i"], ShowInfo),
    (Layer::Images, &["l", "right", "t l"], ShowLayers),
    (Layer::Images, &["t h"], ShowHistory),
    // Volumes.
    // Networks.
    (Layer::Networks, &["i"], ShowInspect),
    // Stacks.
    (Layer::Stacks, &["l", "right"], ShowLogs),
    (Layer::Stacks, &["S"], Stop),
    (Layer::Stacks, &["u"], Start),
    (Layer::Stacks, &["r"], Restart),
    (Layer::Stacks, &["p"], Pause),
    (Layer::Stacks, &["K"], Kill),
    // Events.
    // Any list.
    (Layer::List, &["enter"], Menu),
    (Layer::List, &["P"], Prune),
    (Layer::List, &["d", "del"], Remove),
    (Layer::List, &["s", "shift-right"], Sort),
    (Layer::List, &["shift-left"], SortPrevious),
    (Layer::List, &["I"], SortReverse),
    (Layer::List, &["+"], ColumnWider),
    (Layer::List, &["-"], ColumnNarrower),
    (Layer::List, &["="], ColumnsReset),
    (Layer::List, &["/"], Filter),
    (Layer::List, &["space"], Mark),
    (Layer::List, &["V"], MarkRange),
    (Layer::List, &["A", "ctrl-a"], MarkAll),
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
    // Log.
    (Layer::Log, &["f"], Follow),
    (Layer::Log, &["w"], Wrap),
    (Layer::Log, &["t"], Timestamps),
    (Layer::Log, &["/"], Search),
    (Layer::Log, &["n"], NextMatch),
    (Layer::Log, &["N"], PreviousMatch),
    (Layer::Log, &["&"], Filter),
    (Layer::Log, &["v"], Level),
    (Layer::Log, &["J"], Unfold),
    (Layer::Log, &["enter"], Fold),
    (Layer::Log, &["s"], Window),
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
    // Trees.
    (Layer::Tree, &["left", "h"], Left),
    (Layer::Tree, &["enter", "space", "l", "right"], Right),
    (Layer::Tree, &["y"], CopyLine),
    // Other details.
    (Layer::Detail, &["up", "k"], Up),
    (Layer::Detail, &["down", "j"], Down),
    (Layer::Detail, &["pgup", "ctrl-b"], PageUp),
    (Layer::Detail, &["pgdn", "ctrl-f"], PageDown),
    (Layer::Detail, &["home", "g"], Top),
    (Layer::Detail, &["end", "G"], Bottom),
    (Layer::Detail, &["left", "h"], Left),
    (Layer::Detail, &["y"], CopyLine),
    (Layer::Detail, &["e"], Shell),
    // Terminals.
    (Layer::Shell, &["ctrl-]", "q"], ShellLeave),
    (Layer::Shell, &["n", "tab"], ShellNext),
    (Layer::Shell, &["p"], ShellPrevious),
    (Layer::Shell, &["e", "c"], ShellNew),
    (Layer::Shell, &["|", "%"], ShellBeside),
    (Layer::Shell, &["-", "\""], ShellBelow),
    (Layer::Shell, &["o"], ShellOther),
    (Layer::Shell, &["left", "h"], ShellLeft),
    (Layer::Shell, &["right", "l"], ShellRight),
    (Layer::Shell, &["up", "k"], ShellUp),
    (Layer::Shell, &["down", "j"], ShellDown),
    (Layer::Shell, &["ctrl-left"], ShellPushLeft),
    (Layer::Shell, &["ctrl-right"], ShellPushRight),
    (Layer::Shell, &["ctrl-up"], ShellPushUp),
    (Layer::Shell, &["ctrl-down"], ShellPushDown),
    (Layer::Shell, &["z"], ShellZoom),
    (Layer::Shell, &["!"], ShellBreak),
    (Layer::Shell, &["s", "[", "pgup"], ShellScroll),
    (Layer::Shell, &["/"], ShellSearch),
    (Layer::Shell, &["y"], ShellCopy),
    (Layer::Shell, &["L"], ShellLock),
    (Layer::Shell, &["d"], Debug),
    (Layer::Shell, &["r"], ShellAgain),
    (Layer::Shell, &["x"], ShellClose),
    (Layer::Shell, &["]"], ShellPrefix),
    // Everywhere.
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
