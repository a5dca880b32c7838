//! Every theme: its frames, that its colours can be read, and that those for the colour-blind can be told apart.
#![allow(clippy::unwrap_used)]

mod common;

use common::{App, colors, demo_with};
use ratatui::style::Color;
use teu_ui::theme::{self, Role, Theme};
use teu_ui::{ColorDepth, Settings};

/// Linear red, green and blue.
fn linear(color: Color) -> Option<[f64; 3]> {
    let Color::Rgb(red, green, blue) = color else { return None };
    let one = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    Some([one(red), one(green), one(blue)])
}

/// The contrast of two colours (WCAG 2.2); none where the terminal decides on one of them.
fn contrast(one: Color, other: Color) -> Option<f64> {
    let luminance = |[red, green, blue]: [f64; 3]| 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    let (one, other) = (luminance(linear(one)?), luminance(linear(other)?));
    Some((one.max(other) + 0.05) / (one.min(other) + 0.05))
}

fn foreground(theme: &Theme, role: Role) -> Color {
    theme.style(role).fg.unwrap()
}

#[test]
fn every_theme_has_its_frame() {
    for theme in theme::builtin() {
        let name = theme.name.clone();
        let mut app = demo_with(App::with(60, 16, Settings { theme, ..Settings::default() }));
        insta::assert_snapshot!(format!("theme_{name}"), colors(app.draw()));
    }
}

#[test]
fn every_themes_words_can_be_read() {
    for theme in theme::builtin() {
        let ground = theme.base().bg.unwrap();
        let roles = [
            (Role::Text, 7.0),
            (Role::Muted, 4.0),
            (Role::Accent, 4.5),
            (Role::Good, 4.5),
            (Role::Paused, 4.5),
            (Role::Warning, 4.5),
            (Role::Error, 4.5),
            (Role::Info, 4.5),
            (Role::Stderr, 4.5),
        ];
        for (role, least) in roles {
            let least: f64 = if theme.name == "contrast" { 7.0 } else { least };
            if let Some(found) = contrast(foreground(&theme, role), ground) {
                assert!(found >= least, "{role:?} of {} has a contrast of {found:.1}", theme.name);
            }
        }
        let selection = theme.style(Role::Selection).bg.unwrap();
        if let Some(found) = contrast(foreground(&theme, Role::Text), selection) {
            assert!(found >= 4.5, "the selection of {} has a contrast of {found:.1}", theme.name);
        }
    }
}

/// How colours look to those who lack one kind of cones (Machado, Oliveira and Fernandes, 2009, severity 1).
const BLINDNESS: [(&str, [[f64; 3]; 3]); 2] = [
    ("protanopia", [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]),
    ("deuteranopia", [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]),
];

#[test]
fn good_and_bad_are_told_apart_by_the_colour_blind() {
    for name in ["spectrum", "contrast"] {
        let theme = theme::by_name(name).unwrap();
        for (kind, matrix) in BLINDNESS {
            let seen = |role| {
                let Color::Rgb(red, green, blue) = foreground(&theme, role) else {
                    panic!("{name} names no colours")
                };
                let parts = [red, green, blue].map(|part| f64::from(part) / 255.0);
                matrix.map(|row| row.iter().zip(parts).map(|(a, b)| a * b).sum::<f64>().clamp(0.0, 1.0))
            };
            for (one, other) in
                [(Role::Good, Role::Warning), (Role::Good, Role::Error), (Role::Warning, Role::Error)]
            {
                let distance: f64 =
                    seen(one).iter().zip(seen(other)).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
                assert!(distance > 0.25, "{one:?} and {other:?} of {name} under {kind}: {distance:.2}");
            }
        }
    }
}

#[test]
fn what_containers_colour_can_be_read() {
    let asked = [
        Color::Green,
        Color::Yellow,
        Color::Indexed(226),
        Color::Indexed(17),
        Color::Rgb(10, 10, 10),
        Color::Rgb(250, 250, 245),
    ];
    for theme in theme::builtin() {
        let ground = theme.base().bg.unwrap();
        for color in asked {
            if let Some(found) = contrast(theme.legible(color), ground) {
                assert!(found >= 3.0, "{color:?} in {} has a contrast of {found:.1}", theme.name);
            }
        }
    }
}

#[test]
fn frames_for_few_colours_are_wide_and_narrow() {
    for (depth, name) in [(ColorDepth::Ansi16, "16"), (ColorDepth::None, "none")] {
        let settings = Settings { color_depth: depth, ..Settings::default() };
        let mut app = demo_with(App::with(120, 24, settings));
        insta::assert_snapshot!(format!("wide_{name}"), colors(app.draw()));
    }
}
