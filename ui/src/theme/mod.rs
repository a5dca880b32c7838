//! Themes: meanings to colours, for terminals of every colour depth.

mod builtin;
mod depth;
mod parse;

pub(crate) use builtin::{DARK, LIGHT};
pub use builtin::{builtin, by_name};
pub use depth::ColorDepth;
pub use parse::ThemeError;

use ratatui::style::{Color, Modifier, Style};

/// What a colour means. Views name meanings, never colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Plain text.
    Text,
    /// Text of second rank: labels, units, hints.
    Muted,
    /// Lines, separators, empty parts of graphs.
    Faint,
    /// What has the focus; keys in hints.
    Accent,
    /// A filled badge in the accent colour.
    Badge,
    /// The selected row.
    Selection,
    /// A marked row's sign.
    Marked,
    /// Running, healthy, done.
    Good,
    /// Paused.
    Paused,
    /// Restarting, unhealthy soon, nearly full.
    Warning,
    /// Failed, dead, dangerous.
    Error,
    /// Neither good nor bad news.
    Info,
    /// CPU graphs.
    Cpu,
    /// Memory graphs.
    Memory,
    /// Network graphs.
    Network,
    /// Block device graphs.
    Block,
    /// Log lines from standard error.
    Stderr,
    /// Times in logs.
    Time,
    /// A search match.
    Match,
    /// The ground of bars and dialogs.
    Surface,
}

const ROLES: usize = Role::Surface as usize + 1;

/// Whether a theme is for dark or light rooms.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Appearance {
    /// Light text on a dark ground.
    Dark,
    /// Dark text on a light ground.
    Light,
}

/// A theme, fitted to a colour depth.
#[derive(Clone, PartialEq, Debug)]
pub struct Theme {
    /// Its name, as in the file name.
    pub name: String,
    /// Its title, as the picker shows it.
    pub title: String,
    /// Dark or light.
    pub appearance: Appearance,
    colors: Colors,
    depth: ColorDepth,
    styles: [Style; ROLES],
}

/// The colours as the file says them.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Colors {
    pub background: Color,
    pub surface: Color,
    pub text: Color,
    pub muted: Color,
    pub faint: Color,
    pub accent: Color,
    pub on_accent: Color,
    pub selection: Color,
    pub good: Color,
    pub paused: Color,
    pub warning: Color,
    pub error: Color,
    pub info: Color,
    pub cpu: Color,
    pub memory: Color,
    pub network: Color,
    pub block: Color,
    pub stderr: Color,
    pub highlight: Color,
    pub series: Vec<Color>,
}

impl Default for Theme {
    /// Harbor, for true-colour terminals.
    fn default() -> Self {
        builtin::harbor()
    }
}

impl Theme {
    /// Reads a theme file.
    pub fn parse(text: &str) -> Result<Self, ThemeError> {
        parse::parse(text)
    }

    pub(crate) fn from_colors(name: String, title: String, appearance: Appearance, colors: Colors) -> Self {
        let depth = ColorDepth::TrueColor;
        let styles = [Style::new(); ROLES];
        Self { name, title, appearance, colors, depth, styles }.with_depth(depth)
    }

    /// The same theme for another colour depth.
    #[must_use]
    pub fn with_depth(mut self, depth: ColorDepth) -> Self {
        self.depth = depth;
        self.styles = if depth == ColorDepth::None { monochrome() } else { self.colored() };
        self
    }

    /// Red, green and blue of text, and of the ground that it stands on; where the theme leaves them to the terminal, what
    /// suits its appearance.
    pub fn ink_and_ground(&self) -> [(u8, u8, u8); 2] {
        let (light, dark) = ((255, 255, 255), (0, 0, 0));
        let (ink, ground) = if self.appearance == Appearance::Dark { (light, dark) } else { (dark, light) };
        let known = |color: Color, otherwise| match color {
            Color::Rgb(r, g, b) => (r, g, b),
            _ => otherwise,
        };
        [known(self.colors.text, ink), known(self.colors.background, ground)]
    }

    /// The style of a meaning, to be laid over [`Theme::base`].
    pub fn style(&self, role: Role) -> Style {
        self.styles[role as usize]
    }

    /// The style of every cell before anything is drawn.
    pub fn base(&self) -> Style {
        match self.depth {
            ColorDepth::None => Style::new(),
            // Sixteen colours hold no fine grounds: the terminal's own is the calmest.
            ColorDepth::Ansi16 => Style::new().fg(Color::Reset).bg(Color::Reset),
            _ => Style::new().fg(self.fit(self.colors.text)).bg(self.fit(self.colors.background)),
        }
    }

    /// The colour of the n-th of several things shown together.
    pub fn series(&self, n: usize) -> Style {
        let color = self.colors.series[n % self.colors.series.len()];
        match self.depth {
            ColorDepth::None => Style::new(),
            _ => Style::new().fg(self.fit(color)),
        }
    }

    /// A colour that a container asked for its words in, so that it can be read on this theme's ground: the sixteen of
    /// terminals become the theme's own, others come nearer to the text's colour until they stand out.
    pub fn legible(&self, color: Color) -> Color {
        let c = &self.colors;
        let Some(ground) = depth::luminance(c.background) else { return self.fit(color) };
        if !matches!(self.depth, ColorDepth::TrueColor | ColorDepth::Ansi256) {
            return self.fit(color);
        }
        let mut found = match color {
            Color::Black | Color::DarkGray | Color::Indexed(0 | 8) => c.muted,
            Color::Red | Color::LightRed | Color::Indexed(1 | 9) => c.error,
            Color::Green | Color::LightGreen | Color::Indexed(2 | 10) => c.good,
            Color::Yellow | Color::LightYellow | Color::Indexed(3 | 11) => c.warning,
            Color::Blue | Color::LightBlue | Color::Indexed(4 | 12) => c.network,
            Color::Magenta | Color::LightMagenta | Color::Indexed(5 | 13) => c.memory,
            Color::Cyan | Color::LightCyan | Color::Indexed(6 | 14) => c.info,
            Color::Gray | Color::White | Color::Indexed(7 | 15) => c.text,
            other => depth::plain(other),
        };
        for _ in 0..4 {
            let contrast =
                depth::luminance(found).map(|ink| (ink.max(ground) + 0.05) / (ink.min(ground) + 0.05));
            if contrast.is_none_or(|contrast| contrast >= LEGIBLE) {
                break;
            }
            found = between(found, c.text);
        }
        self.fit(found)
    }

    /// A colour that a container asked for, as near as the terminal can show it.
    pub fn foreign(&self, color: Color) -> Color {
        self.fit(color)
    }

    fn fit(&self, color: Color) -> Color {
        self.depth.fit(color)
    }

    fn colored(&self) -> [Style; ROLES] {
        let c = &self.colors;
        let fg = |color| Style::new().fg(self.fit(color));
        let few = self.depth == ColorDepth::Ansi16;
        let mut styles = [Style::new(); ROLES];
        let mut set = |role: Role, style| styles[role as usize] = style;
        set(Role::Text, if few { Style::new().fg(Color::Reset) } else { fg(c.text) });
        set(Role::Muted, if few { Style::new().fg(Color::Gray) } else { fg(c.muted) });
        set(Role::Faint, if few { Style::new().fg(Color::DarkGray) } else { fg(c.faint) });
        set(Role::Accent, fg(c.accent));
        set(Role::Badge, fg(c.on_accent).bg(self.fit(c.accent)));
        set(
            Role::Selection,
            if few { Style::new().bg(Color::DarkGray) } else { Style::new().bg(self.fit(c.selection)) },
        );
        set(Role::Marked, fg(c.accent).add_modifier(Modifier::BOLD));
        set(Role::Good, fg(c.good));
        set(Role::Paused, fg(c.paused));
        set(Role::Warning, fg(c.warning));
        set(Role::Error, fg(c.error));
        set(Role::Info, fg(c.info));
        set(Role::Cpu, fg(c.cpu));
        set(Role::Memory, fg(c.memory));
        set(Role::Network, fg(c.network));
        set(Role::Block, fg(c.block));
        set(Role::Stderr, fg(c.stderr));
        set(Role::Time, if few { Style::new().fg(Color::DarkGray) } else { fg(between(c.muted, c.faint)) });
        set(Role::Match, fg(c.background).bg(self.fit(c.highlight)));
        set(Role::Surface, if few { Style::new() } else { fg(c.text).bg(self.fit(c.surface)) });
        if few {
            set(Role::Badge, Style::new().fg(Color::Black).bg(self.fit(c.accent)));
            set(Role::Match, Style::new().fg(Color::Black).bg(Color::Yellow));
        }
        styles
    }
}

/// The least contrast of words with their ground (WCAG 2.2 asks it of large text).
const LEGIBLE: f64 = 3.0;

/// The colour halfway between two.
fn between(first: Color, second: Color) -> Color {
    match (first, second) {
        (Color::Rgb(r, g, b), Color::Rgb(red, green, blue)) => {
            Color::Rgb(r.midpoint(red), g.midpoint(green), b.midpoint(blue))
        }
        _ => first,
    }
}

/// NO_COLOR: meanings are told apart by weight alone.
fn monochrome() -> [Style; ROLES] {
    let mut styles = [Style::new(); ROLES];
    for role in [Role::Muted, Role::Faint, Role::Time] {
        styles[role as usize] = Style::new().add_modifier(Modifier::DIM);
    }
    for role in [Role::Accent, Role::Marked, Role::Error, Role::Warning] {
        styles[role as usize] = Style::new().add_modifier(Modifier::BOLD);
    }
    for role in [Role::Selection, Role::Badge, Role::Match] {
        styles[role as usize] = Style::new().add_modifier(Modifier::REVERSED);
    }
    styles
}
