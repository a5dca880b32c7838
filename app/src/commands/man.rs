//! `teu man`.

use super::{Outcome, say};
use crate::arguments::ManArguments;
use crate::manual::{Page, page, pages};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use teu_api::Failure;

/// Shows a manual page, or writes all of them into a folder.
pub fn run(arguments: &ManArguments) -> Outcome {
    match &arguments.directory {
        Some(directory) => write_all(Path::new(directory)),
        None => show(&page(&arguments.command)?),
    }
}

fn write_all(directory: &Path) -> Outcome {
    let failed = |path: &Path, error: io::Error| {
        Failure::usage(format!("cannot write {}: {error}", path.display()))
            .hint("name a folder to write into")
    };
    std::fs::create_dir_all(directory).map_err(|error| failed(directory, error))?;
    let pages = pages()?;
    for page in &pages {
        let path = directory.join(&page.file);
        std::fs::write(&path, &page.roff).map_err(|error| failed(&path, error))?;
    }
    say(&format!("{} manual pages in {}", pages.len(), directory.display()))?;
    Ok(0)
}

/// On a terminal man(1) lays the page out; anyone else gets its source.
fn show(page: &Page) -> Outcome {
    if io::stdout().is_terminal()
        && let Ok(mut man) = Command::new("man").args(["-l", "-"]).stdin(Stdio::piped()).spawn()
    {
        if let Some(mut input) = man.stdin.take() {
            // A reader who quits early has seen enough.
            let _ = input.write_all(&page.roff);
        }
        if man.wait().is_ok_and(|status| status.success()) {
            return Ok(0);
        }
    }
    super::print(&String::from_utf8_lossy(&page.roff))?;
    Ok(0)
}
