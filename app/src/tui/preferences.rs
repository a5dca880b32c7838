//! What the user interface begins with: theme, keys, the terminal's colours, the host.

use anyhow::{Context as _, Result};
use ratatui::layout::Size;
use std::fs;
use std::path::{Path, PathBuf};
use teu_core::Paths;
use teu_ui::keys::Keymap;
use teu_ui::theme::{self, Theme};
use teu_ui::{ColorDepth, HostSummary, Settings};

/// The file that names the theme chosen last.
const THEME_FILE: &str = "theme";

/// Where the user's own files are: `$XDG_CONFIG_HOME/teu`, else `~/.config/teu`.
fn folder() -> PathBuf {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")));
    base.unwrap_or_else(|| PathBuf::from("/etc")).join("teu")
}

/// Remembers the theme by name.
pub fn save_theme(name: &str) -> Result<()> {
    let folder = folder();
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let path = folder.join(THEME_FILE);
    fs::write(&path, format!("{name}\n")).with_context(|| format!("cannot write {}", path.display()))
}

/// Where the last session is remembered: `$XDG_STATE_HOME/teu`, else `~/.local/state/teu`.
fn session_file() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = set("XDG_STATE_HOME").or_else(|| set("HOME").map(|home| home.join(".local/state")));
    base.map(|base| base.join("teu/session.toml"))
}

/// The line that says which store a session was on: another one's selection means nothing here.
fn session_heading(paths: &Paths) -> String {
    format!("store = {}\n", serde_json::Value::from(paths.database().display().to_string()))
}

/// Remembers where the session ended.
pub fn save_session(paths: &Paths, session: &str) -> Result<()> {
    let Some(file) = session_file() else { return Ok(()) };
    let failed = || format!("cannot write {}", file.display());
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).with_context(failed)?;
    }
    // Two that end at once must not mix: the whole file takes its place in one step.
    let half = file.with_extension(format!("{}.new", std::process::id()));
    fs::write(&half, session_heading(paths) + session).with_context(failed)?;
    fs::rename(&half, &file).with_context(failed)
}

/// Where the last session on this store ended; empty when there was none.
fn session(paths: &Paths) -> String {
    let text = session_file().and_then(|file| fs::read_to_string(file).ok()).unwrap_or_default();
    text.strip_prefix(&session_heading(paths)).unwrap_or_default().to_owned()
}

/// The settings to begin with. A file that is wrong is said so in a notice; the interface starts all the same.
pub fn settings(paths: &Paths, size: Size, readonly: bool) -> Settings {
    let folder = folder();
    let mut notices = Vec::new();
    let configuration = super::configuration::read(&folder.join("config.toml"), &mut notices);
    let user_themes = themes(&folder.join("themes"), &mut notices);
    let chosen = std::env::var("TEU_THEME")
        .ok()
        .or_else(|| fs::read_to_string(folder.join(THEME_FILE)).ok())
        .or_else(|| configuration.theme.clone());
    let chosen = chosen.and_then(|name| find_theme(name.trim(), &user_themes, &mut notices));
    let theme_chosen = chosen.is_some();
    // Until the terminal says what its background is, what the environment says of it.
    let light = std::env::var("COLORFGBG").ok().and_then(|value| super::background::from_variable(&value));
    let fallback =
        || light.filter(|light| *light).and_then(|_| theme::by_name("daylight")).unwrap_or_default();
    let theme = chosen.unwrap_or_else(fallback);
    let defaults = Settings::default();
    Settings {
        theme,
        user_themes,
        keymap: keymap(&folder.join("keys.toml"), &mut notices),
        size: (size.width, size.height),
        color_depth: color_depth(|name| std::env::var(name).ok()),
        readonly: readonly || configuration.readonly.unwrap_or(false),
        undo_seconds: configuration.undo_seconds.unwrap_or(defaults.undo_seconds),
        confirm: configuration.confirm.unwrap_or_default(),
        theme_chosen,
        host: host(),
        utc_offset: jiff::tz::TimeZone::system().to_offset(jiff::Timestamp::now()).seconds(),
        notices,
        session: session(paths),
        ..defaults
    }
}

/// Whether the terminal is to be asked for its background: the user has chosen no theme, and it is of a kind that does not
/// show the question as text.
pub fn asks_for_background(model: &teu_ui::Model) -> bool {
    let term = std::env::var("TERM").unwrap_or_default();
    model.wants_background() && !matches!(term.as_str(), "" | "dumb" | "linux")
}

fn find_theme(name: &str, own: &[Theme], notices: &mut Vec<String>) -> Option<Theme> {
    let found = own.iter().find(|theme| theme.name == name).cloned().or_else(|| theme::by_name(name));
    if found.is_none() && !name.is_empty() {
        notices.push(format!("there is no theme named {name}; T shows those there are"));
    }
    found
}

fn themes(folder: &Path, notices: &mut Vec<String>) -> Vec<Theme> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        match fs::read_to_string(&path)
            .map_err(|error| error.to_string())
            .and_then(|text| Theme::parse(&text).map_err(|error| error.to_string()))
        {
            Ok(theme) => found.push(theme),
            Err(why) => notices.push(format!("{}: {why}", path.display())),
        }
    }
    found
}

fn keymap(path: &Path, notices: &mut Vec<String>) -> Keymap {
    let Ok(text) = fs::read_to_string(path) else { return Keymap::default() };
    let (keymap, problems) = Keymap::with_user_keys(&text);
    notices.extend(
        problems
            .into_iter()
            .map(|problem| format!("{}:{}: {}", path.display(), problem.line, problem.message)),
    );
    keymap
}

/// How many colours the terminal says it has (https://no-color.org, and the custom of COLORTERM).
fn color_depth(variable: impl Fn(&str) -> Option<String>) -> ColorDepth {
    let value = |name: &str| variable(name).unwrap_or_default();
    if !value("NO_COLOR").is_empty() {
        return ColorDepth::None;
    }
    if matches!(value("COLORTERM").as_str(), "truecolor" | "24bit") {
        return ColorDepth::TrueColor;
    }
    match value("TERM").as_str() {
        term if term.contains("direct") || term.contains("kitty") || term.contains("alacritty") => {
            ColorDepth::TrueColor
        }
        term if term.contains("256color") => ColorDepth::Ansi256,
        "dumb" => ColorDepth::None,
        _ => ColorDepth::Ansi16,
    }
}

fn host() -> HostSummary {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_owned();
    let cpus = std::thread::available_parallelism().map_or(0, |count| count.get() as u32);
    HostSummary { name, cpus, memory: teu_core::host::total_memory() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_follow_the_environment() {
        let with = |set: &'static [(&str, &str)]| {
            color_depth(move |name| {
                set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(with(&[("NO_COLOR", "1"), ("COLORTERM", "truecolor")]), ColorDepth::None);
        assert_eq!(with(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]), ColorDepth::TrueColor);
        assert_eq!(with(&[("TERM", "xterm-256color")]), ColorDepth::Ansi256);
        assert_eq!(with(&[("TERM", "linux")]), ColorDepth::Ansi16);
    }
}
