//! The themes that are compiled in.

use super::{Appearance, Colors, Theme};
use ratatui::style::Color;

const FILES: &[&str] = &[
    include_str!("../../../themes/harbor.toml"),
    include_str!("../../../themes/daylight.toml"),
    include_str!("../../../themes/contrast.toml"),
    include_str!("../../../themes/spectrum.toml"),
    include_str!("../../../themes/gruvbox.toml"),
    include_str!("../../../themes/nord.toml"),
    include_str!("../../../themes/catppuccin.toml"),
    include_str!("../../../themes/solarized-dark.toml"),
    include_str!("../../../themes/solarized-light.toml"),
    include_str!("../../../themes/terminal.toml"),
];

/// The theme for dark terminals whose user has chosen none.
pub(crate) const DARK: &str = "harbor";
/// The theme for light terminals whose user has chosen none.
pub(crate) const LIGHT: &str = "daylight";

/// Every theme that is compiled in, the default one first.
pub fn builtin() -> Vec<Theme> {
    FILES.iter().filter_map(|text| Theme::parse(text).ok()).collect()
}

/// The compiled-in theme of that name.
pub fn by_name(name: &str) -> Option<Theme> {
    builtin().into_iter().find(|theme| theme.name == name)
}

pub(super) fn harbor() -> Theme {
    Theme::parse(FILES[0]).unwrap_or_else(|_| bare())
}

/// The terminal's own colours; used only where the first file cannot be read, which a test rules out.
fn bare() -> Theme {
    let reset = Color::Reset;
    let colors = Colors {
        background: reset,
        surface: reset,
        text: reset,
        muted: reset,
        faint: reset,
        accent: reset,
        on_accent: reset,
        selection: reset,
        good: reset,
        paused: reset,
        warning: reset,
        error: reset,
        info: reset,
        cpu: reset,
        memory: reset,
        network: reset,
        block: reset,
        stderr: reset,
        highlight: reset,
        series: vec![reset],
    };
    Theme::from_colors("bare".into(), "Bare".into(), Appearance::Dark, colors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_a_theme_with_its_own_name() {
        let themes: Vec<_> = FILES
            .iter()
            .map(|text| Theme::parse(text).map_err(|e| format!("{e} in {text}")).unwrap())
            .collect();
        let names: std::collections::BTreeSet<_> = themes.iter().map(|t| t.name.clone()).collect();
        assert_eq!(names.len(), FILES.len());
        assert!(names.len() >= 8);
        assert!(themes.iter().any(|t| t.appearance == Appearance::Light));
        assert_eq!(harbor().name, "harbor");
    }

    #[test]
    fn text_stands_out_from_its_ground() {
        for theme in builtin().iter().filter(|t| t.name != "terminal") {
            let c = &theme.colors;
            for (what, color, least) in [
                ("text", c.text, 5.0),
                ("muted", c.muted, 3.0),
                ("accent", c.accent, 3.0),
                ("error", c.error, 3.0),
            ] {
                for ground in [c.background, c.surface, c.selection] {
                    let ratio = contrast(color, ground);
                    assert!(ratio >= least, "{}: {what} on {ground:?} has {ratio:.1}", theme.name);
                }
            }
        }
    }

    fn luminance(color: Color) -> f64 {
        let Color::Rgb(r, g, b) = color else { panic!("{color:?}") };
        let part = |c: u8| {
            let c = f64::from(c) / 255.0;
            if c <= 0.03928 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b)
    }

    fn contrast(a: Color, b: Color) -> f64 {
        let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
        a.max(b) / a.min(b)
    }
}
