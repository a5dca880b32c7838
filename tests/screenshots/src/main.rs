//! The screenshot maker: drives the real program against the demo and writes what its screen shows.
//!
//! Every picture is made by the program itself in a real terminal; nothing is drawn by hand.

mod picture;
mod scenes;
mod stack;

use anyhow::{Context as _, Result};
use std::path::{Path, PathBuf};

fn main() -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .context("tests/ stands in the workspace")?
        .join("screenshots");
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    for (name, screen) in scenes::all(&wanted) {
        let svg = picture::svg(&screen);
        write(&folder.join(format!("{name}.svg")), svg.as_bytes())?;
        write(&folder.join(format!("{name}.png")), &picture::png(&svg)?)?;
    }
    Ok(())
}

fn write(path: &PathBuf, content: &[u8]) -> Result<()> {
    std::fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))?;
    println!("{}", path.display());
    Ok(())
}
