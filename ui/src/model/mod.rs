//! The state of the user interface.

mod arrangement;
pub mod board;
pub mod columns;
pub mod container;
pub mod details;
pub mod dialog;
pub mod editor;
pub mod explorer;
pub mod graph;
pub mod history;
pub mod hub;
pub mod image;
pub mod layout;
pub mod list;
pub mod log;
pub mod monitor;
pub mod notice;
pub mod overlay;
pub mod pager;
pub mod plain;
pub mod prompt;
pub mod prune;
mod session;
pub mod shells;
pub mod split;
pub mod task;
pub mod tree;

use crate::keys::{KeySequence, Keymap, Layer};
use crate::theme::{self, ColorDepth, Theme};
use board::Board;
use container::ContainerRow;
use details::Details;
use dialog::{Dialog, Input};
use history::History;
use hub::Pulls;
use image::ImageRow;
use list::List;
use log::LogPane;
use notice::Notices;
use overlay::Overlay;
use plain::PlainRow;
use shells::Shells;
use task::Tasks;
use teu_api::session::SessionSnapshot;
use teu_api::stats::StatsSample;
use teu_api::{Command, ContainerId};
use tree::Tree;

/// What the host is, for the header.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct HostSummary {
    /// Its name.
    pub name: String,
    /// Its CPUs; 0 when not known.
    pub cpus: u32,
    /// Its memory in bytes; 0 when not known.
    pub memory: u64,
}

/// What is asked about before it is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Confirmation {
    /// Whatever ends or removes something.
    All,
    /// Whatever removes something.
    #[default]
    Removals,
    /// Nothing; removals can still be taken back for a while.
    Nothing,
}

/// What is set from outside, once.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The theme to begin with, made for true colour; it is fitted to `color_depth`.
    pub theme: Theme,
    /// The user's own themes, beside those compiled in.
    pub user_themes: Vec<Theme>,
    /// The keymap.
    pub keymap: Keymap,
    /// Columns and rows.
    pub size: (u16, u16),
    /// The terminal's colours.
    pub color_depth: ColorDepth,
    /// Whether nothing may be changed.
    pub readonly: bool,
    /// The host.
    pub host: HostSummary,
    /// The local time's offset from UTC in seconds.
    pub utc_offset: i32,
    /// Most bytes of log lines kept.
    pub log_bytes: usize,
    /// How long a removal waits and can be taken back, in seconds; 0 removes at once.
    pub undo_seconds: u32,
    /// What is asked about before it is done.
    pub confirm: Confirmation,
    /// Whether the theme is the user's choice, so that the terminal's background does not decide.
    pub theme_chosen: bool,
    /// What to say at the start, for example what is wrong with a keymap file.
    pub notices: Vec<String>,
    /// Where an earlier session ended, as [`Model::session`] wrote it; empty for a first start.
    pub session: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::default(),
            user_themes: Vec::new(),
            keymap: Keymap::default(),
            size: (80, 24),
            color_depth: ColorDepth::TrueColor,
            readonly: false,
            host: HostSummary::default(),
            utc_offset: 0,
            log_bytes: 32 << 20,
            undo_seconds: 4,
            confirm: Confirmation::default(),
            theme_chosen: true,
            notices: Vec::new(),
            session: String::new(),
        }
    }
}

/// What the main area shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pane {
    /// Containers.
    Containers,
    /// Images.
    Images,
    /// Volumes.
    Volumes,
    /// Networks.
    Networks,
    /// Stacks.
    Stacks,
    /// What happened.
    Events,
}

impl Pane {
    /// Every pane, as the header shows them.
    pub const ALL: &'static [Self] =
        &[Self::Containers, Self::Images, Self::Volumes, Self::Networks, Self::Stacks, Self::Events];

    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Containers => "Containers",
            Self::Images => "Images",
            Self::Volumes => "Volumes",
            Self::Networks => "Networks",
            Self::Stacks => "Stacks",
            Self::Events => "Events",
        }
    }

    /// The layer of keys that mean something in its list only.
    pub(crate) fn layer(self) -> Layer {
        match self {
            Self::Containers => Layer::Containers,
            Self::Images => Layer::Images,
            Self::Volumes => Layer::Volumes,
            Self::Networks => Layer::Networks,
            Self::Stacks => Layer::Stacks,
            Self::Events => Layer::Events,
        }
    }
}

/// Where keys go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Focus {
    /// The list.
    List,
    /// The detail pane.
    Detail,
    /// The terminal in front.
    Shell,
}

/// What the detail pane shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tab {
    /// The log.
    Logs,
    /// Graphs.
    Stats,
    /// What is known of it.
    Info,
    /// Its environment.
    Env,
    /// Its processes.
    Top,
    /// Its mounts.
    Mounts,
    /// Its ports and addresses.
    Ports,
    /// Its health, now and before.
    Health,
    /// Everything about it.
    Inspect,
    /// The services of a stack.
    Services,
    /// What needs what in a stack.
    Graph,
    /// What differs between a stack's file and reality.
    Drift,
    /// An image's layers and their files.
    Layers,
    /// How an image was made.
    History,
}

impl Tab {
    /// The tabs of a pane, as its details show them.
    pub fn of(pane: Pane) -> &'static [Self] {
        match pane {
            Pane::Containers => &[
                Self::Logs,
                Self::Stats,
                Self::Info,
                Self::Env,
                Self::Top,
                Self::Mounts,
                Self::Ports,
                Self::Health,
                Self::Inspect,
            ],
            Pane::Images => &[Self::Info, Self::Layers, Self::History],
            Pane::Networks => &[Self::Info, Self::Inspect],
            Pane::Stacks => &[Self::Services, Self::Graph, Self::Logs, Self::Drift],
            Pane::Volumes | Pane::Events => &[Self::Info],
        }
    }

    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Logs => "Logs",
            Self::Stats => "Stats",
            Self::Info => "Info",
            Self::Env => "Env",
            Self::Top => "Top",
            Self::Mounts => "Mounts",
            Self::Ports => "Ports",
            Self::Health => "Health",
            Self::Inspect => "Inspect",
            Self::Layers => "Layers",
            Self::Services => "Services",
            Self::Graph => "Graph",
            Self::Drift => "Drift",
            Self::History => "History",
        }
    }
}

/// A removal that can still be taken back.
#[derive(Clone, Debug)]
pub(crate) struct PendingRemoval {
    /// What is asked of the engine when its time has come.
    pub command: Command,
    /// The row that it is for: its pane and key.
    pub row: (Pane, String),
    pub due: i64,
}

impl PendingRemoval {
    /// The container that it is for.
    pub fn container(&self) -> Option<&ContainerId> {
        match &self.command {
            Command::Remove { id, .. } => Some(id),
            _ => None,
        }
    }
}

/// What is dragged with the mouse.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Drag {
    /// A column's right edge; the column begins there.
    Column(&'static columns::Spec, u16),
    /// The border between list and details.
    Split,
    /// Rows of the list, from this one on.
    Rows(usize),
}

/// The state of the user interface. [`crate::update`] changes it, [`crate::view`] draws it.
#[derive(Debug)]
pub struct Model {
    pub(crate) settings: Settings,
    pub(crate) theme: Theme,
    pub(crate) themes: Vec<Theme>,
    pub(crate) now: i64,
    pub(crate) size: (u16, u16),
    pub(crate) loaded: bool,
    pub(crate) containers: List<ContainerRow>,
    pub(crate) images: List<ImageRow>,
    pub(crate) volumes: List<PlainRow>,
    pub(crate) networks: List<PlainRow>,
    pub(crate) stacks: List<PlainRow>,
    pub(crate) events: List<PlainRow>,
    pub(crate) volumes_told: bool,
    pub(crate) networks_told: bool,
    pub(crate) pane: Pane,
    pub(crate) focus: Focus,
    /// The tab in front, pane by pane.
    pub(crate) chosen: [Tab; Pane::ALL.len()],
    pub(crate) details: Details,
    pub(crate) tasks: Tasks,
    pub(crate) detail_scroll: usize,
    pub(crate) zoomed: bool,
    /// Cells that the user made the list wider, or narrower.
    pub(crate) split: i32,
    /// How wide the user made columns.
    pub(crate) widths: columns::Widths,
    /// What is dragged with the mouse.
    pub(crate) drag: Option<Drag>,
    pub(crate) log: LogPane,
    pub(crate) log_due: Option<i64>,
    pub(crate) log_turned: i64,
    pub(crate) shells: Shells,
    pub(crate) remembered_splits: Vec<arrangement::Arrangement>,
    pub(crate) has_keyboard: bool,
    pub(crate) offered: Vec<(ContainerId, SessionSnapshot)>,
    pub(crate) sessions_seen: bool,
    pub(crate) notices: Notices,
    /// Keys typed so far of several in a row.
    pub(crate) typed: KeySequence,
    pub(crate) dialog: Option<Dialog>,
    pub(crate) overlay: Option<Overlay>,
    pub(crate) board: Board,
    pub(crate) pulls: Pulls,
    pub(crate) host_sample: Option<StatsSample>,
    pub(crate) host_history: History,
    pub(crate) input: Option<Input>,
    pub(crate) pending: Vec<PendingRemoval>,
    pub(crate) next_ticket: u64,
    pub(crate) stats_watched: bool,
    pub(crate) mouse_captured: bool,
    pub(crate) last_click: Option<(i64, u16, u16)>,
    /// How many times in a row one cell was clicked.
    pub(crate) clicks: u8,
    pub(crate) dirty: bool,
}

impl Model {
    /// The state at the start: nothing is known yet.
    pub fn new(settings: Settings) -> Self {
        let depth = settings.color_depth;
        let mut themes = theme::builtin();
        for own in &settings.user_themes {
            themes.retain(|theme| theme.name != own.name);
            themes.push(own.clone());
        }
        let mut events: List<PlainRow> = List::default();
        // The latest first.
        events.set_sort(2);
        let mut notices = Notices::default();
        for text in &settings.notices {
            notices.say(0, notice::NoticeKind::Info, text.clone());
        }
        if settings.notices.len() > 1 {
            let what = crate::text::count(settings.notices.len(), "problem");
            notices.say(0, notice::NoticeKind::Info, format!("{what} in your settings: ! tells them"));
        }
        let session = settings.session.clone();
        let mut model = Self {
            theme: settings.theme.clone().with_depth(depth),
            themes,
            now: 0,
            size: settings.size,
            loaded: false,
            containers: List::default(),
            images: List::default(),
            volumes: List::default(),
            networks: List::default(),
            stacks: List::default(),
            events,
            volumes_told: false,
            networks_told: false,
            pane: Pane::Containers,
            focus: Focus::List,
            chosen: [Tab::Logs, Tab::Info, Tab::Info, Tab::Info, Tab::Services, Tab::Info],
            details: Details { turned: i64::MIN, ..Details::default() },
            tasks: Tasks::default(),
            detail_scroll: 0,
            zoomed: false,
            split: 0,
            widths: columns::Widths::default(),
            drag: None,
            log: LogPane::new(settings.log_bytes),
            log_due: None,
            log_turned: i64::MIN,
            shells: Shells::default(),
            remembered_splits: Vec::new(),
            has_keyboard: true,
            offered: Vec::new(),
            sessions_seen: false,
            notices,
            typed: KeySequence::default(),
            dialog: None,
            overlay: None,
            board: Board::default(),
            pulls: Pulls::default(),
            host_sample: None,
            host_history: History::default(),
            input: None,
            pending: Vec::new(),
            next_ticket: 1,
            stats_watched: false,
            mouse_captured: true,
            last_click: None,
            clicks: 0,
            dirty: true,
            settings,
        };
        model.restore(&session);
        model
    }

    /// The tab in front.
    pub(crate) fn tab(&self) -> Tab {
        self.chosen[self.pane as usize]
    }

    /// Brings a tab to the front, where the pane has it.
    pub(crate) fn set_tab(&mut self, tab: Tab) {
        if Tab::of(self.pane).contains(&tab) {
            self.chosen[self.pane as usize] = tab;
            self.detail_scroll = 0;
        }
    }

    /// The tree in front, when the tab shows one.
    pub(crate) fn tree(&self) -> Option<&Tree> {
        match self.tab() {
            Tab::Inspect => Some(&self.details.tree),
            _ => None,
        }
    }

    /// The tree in front, to change.
    pub(crate) fn tree_mut(&mut self) -> Option<&mut Tree> {
        match self.tab() {
            Tab::Inspect => Some(&mut self.details.tree),
            _ => None,
        }
    }

    /// Whether anything shown has changed since the last call.
    pub fn needs_redraw(&mut self) -> bool {
        std::mem::take(&mut self.dirty)
    }

    /// When [`crate::Msg::Tick`] is wanted: nanoseconds since the epoch; `None` when only events change anything.
    pub fn next_deadline(&self) -> Option<i64> {
        let ages = self.shown_rows().map(|row| crate::text::age(row.since(), self.now).1);
        // While a removal counts down, and only then, each second changes what is shown.
        let countdown = |due: i64| due - (due - self.now - 1).max(0) / 1_000_000_000 * 1_000_000_000;
        let removals = self.pending.iter().map(|p| countdown(p.due));
        ages.chain(removals)
            .chain(self.notices.deadline(self.now))
            .chain(self.log_due)
            .chain(self.details.due)
            .chain(crate::view::times_deadline(self))
            .chain(self.overlay.as_ref().and_then(Overlay::due))
            .min()
    }

    /// Whether the terminal's background is to choose the theme.
    pub fn wants_background(&self) -> bool {
        !self.settings.theme_chosen && self.settings.color_depth != ColorDepth::None
    }

    /// The name of the theme in force.
    pub fn theme_name(&self) -> &str {
        &self.theme.name
    }

    /// The shape of the cursor, as DECSCUSR numbers it; 0 is the terminal's own.
    pub fn cursor_shape(&self) -> u8 {
        let shell = self.shells.current().filter(|shell| {
            self.focus == Focus::Shell && shell.copying.cursor.is_none() && self.input.is_none()
        });
        shell.map_or(0, |shell| shell.terminal.cursor_shape())
    }

    /// Whether the mouse is to be captured.
    pub fn mouse_captured(&self) -> bool {
        self.mouse_captured
    }

    /// Containers in view whose age is shown.
    fn shown_rows(&self) -> impl Iterator<Item = &ContainerRow> {
        let shown = self.focus != Focus::Shell && self.pane == Pane::Containers;
        let height = usize::from(self.size.1);
        self.containers.rows().skip(self.containers.offset).take(if shown { height } else { 0 })
    }

    /// The layers in which keys are looked up, one after the other.
    pub(crate) fn layers(&self) -> Vec<Layer> {
        let mut layers = Vec::with_capacity(6);
        if let Some(overlay) = &self.overlay {
            return vec![overlay.layer(), Layer::Global];
        }
        if self.focus == Focus::Shell {
            return vec![Layer::Shell];
        }
        if self.is_welcome() {
            return vec![Layer::Welcome, Layer::Global];
        }
        if !self.pending.is_empty() {
            layers.push(Layer::Pending);
        }
        match self.focus {
            Focus::Detail if self.tab() == Tab::Logs => {
                layers.extend([Layer::Log, Layer::Global]);
                return layers;
            }
            Focus::Detail if matches!(self.tab(), Tab::Services | Tab::Graph) => {
                layers.extend([Layer::Board, self.pane.layer(), Layer::Detail]);
            }
            Focus::Detail if self.tab() == Tab::Layers => layers.push(Layer::Layers),
            Focus::Detail if self.tree().is_some() => layers.extend([Layer::Tree, Layer::Detail]),
            Focus::Detail => layers.push(Layer::Detail),
            _ => {}
        }
        layers.extend([self.pane.layer(), Layer::List, Layer::Global]);
        layers
    }

    /// Whether the store is known to be empty, so that the welcome is shown.
    pub(crate) fn is_welcome(&self) -> bool {
        self.loaded
            && self.containers.items().is_empty()
            && self.pane == Pane::Containers
            && self.focus != Focus::Shell
    }

    /// Whether log lines are in view.
    pub(crate) fn shows_log(&self) -> bool {
        self.overlay.is_none() && self.focus != Focus::Shell && self.tab() == Tab::Logs
    }

    /// The containers that an action is for: the marked or the selected one, or all of the selected stack.
    pub(crate) fn targets(&self) -> Vec<&ContainerRow> {
        match self.pane {
            Pane::Containers => self.containers.targets(),
            Pane::Stacks => {
                let projects: Vec<&str> =
                    self.stacks.targets().iter().map(|stack| stack.key.as_str()).collect();
                let rows = self.containers.items().iter();
                rows.filter(|row| row.snapshot.project().is_some_and(|p| projects.contains(&p))).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The containers of the selected stack, by name.
    pub(crate) fn stack_rows(&self) -> Vec<&ContainerRow> {
        let Some(stack) = self.stacks.selected() else { return Vec::new() };
        let rows = self.containers.items().iter();
        let mut rows: Vec<_> =
            rows.filter(|row| row.snapshot.project() == Some(stack.key.as_str())).collect();
        rows.sort_by(|a, b| a.snapshot.name.cmp(&b.snapshot.name));
        rows
    }

    /// Whether the engine has told of what a pane shows.
    pub(crate) fn is_told(&self, pane: Pane) -> bool {
        match pane {
            Pane::Volumes => self.volumes_told,
            Pane::Networks => self.networks_told,
            _ => true,
        }
    }

    /// The plain list of the pane in front.
    pub(crate) fn plain(&self) -> &List<PlainRow> {
        match self.pane {
            Pane::Volumes => &self.volumes,
            Pane::Networks => &self.networks,
            Pane::Events => &self.events,
            _ => &self.stacks,
        }
    }

    pub(crate) fn ticket(&mut self) -> u64 {
        self.next_ticket += 1;
        self.next_ticket
    }

    /// How many seconds are left to take the removal of a row back.
    pub(crate) fn seconds_left(&self, pane: Pane, key: &str) -> Option<i64> {
        let removal = self.pending.iter().find(|p| p.row.0 == pane && p.row.1 == key)?;
        Some((removal.due - self.now + 999_999_999).max(0) / 1_000_000_000)
    }

    /// Whether a container is about to be removed.
    pub(crate) fn is_pending(&self, id: &ContainerId) -> bool {
        self.pending.iter().any(|p| p.container() == Some(id))
    }
}
