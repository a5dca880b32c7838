//! The pictures that the README shows are there and show something.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use std::collections::HashMap;
use std::path::Path;

/// The files that a Markdown text shows as pictures.
fn pictures(text: &str) -> Vec<&str> {
    let ends = text.split("![").skip(1).filter_map(|rest| rest.split_once("](")?.1.split_once(')'));
    ends.map(|(target, _)| target).filter(|target| !target.contains("://")).collect()
}

#[test]
fn every_picture_of_the_readme_shows_something() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ stands in the workspace");
    let readme = std::fs::read_to_string(root.join("README.md")).expect("a README");
    let shown = pictures(&readme);
    assert!(!shown.is_empty(), "the README shows no picture");
    for name in shown {
        let picture = resvg::tiny_skia::Pixmap::load_png(root.join(name));
        let picture = picture.unwrap_or_else(|why| panic!("{name}: {why}; cargo screenshots makes it"));
        let mut colors: HashMap<[u8; 4], usize> = HashMap::new();
        for pixel in picture.pixels() {
            *colors.entry([pixel.red(), pixel.green(), pixel.blue(), pixel.alpha()]).or_default() += 1;
        }
        let ground = colors.values().copied().max().unwrap_or(0);
        let drawn = picture.pixels().len() - ground;
        // A screen of text covers several per cent of its ground, in many shades.
        assert!(drawn * 100 > picture.pixels().len(), "{name} is blank");
        assert!(colors.len() > 50, "{name} shows no text");
    }
}
