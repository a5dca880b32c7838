//! Descriptions of terminals, for programs that draw on them.

use super::tree::Tree;
use crate::Result;
use std::path::Path;

/// The terminals that people have, and those that multiplexers pretend to be.
const TERMINALS: [&str; 13] = [
    "ansi",
    "dumb",
    "linux",
    "rxvt",
    "screen",
    "screen-256color",
    "tmux",
    "tmux-256color",
    "vt100",
    "vt102",
    "vt220",
    "xterm",
    "xterm-256color",
];

const FOLDERS: [&str; 3] = ["/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo"];

/// Whether a library of this name reads descriptions of terminals.
pub fn is_needed_by(library: &[u8]) -> bool {
    [&b"libtinfo"[..], b"libncurses", b"libslang"].iter().any(|name| library.starts_with(name))
}

/// Takes over the descriptions that this host has.
pub fn add(tree: &mut Tree) -> Result<()> {
    for terminal in TERMINALS {
        let found = FOLDERS
            .iter()
            .map(|folder| Path::new(folder).join(&terminal[..1]).join(terminal))
            .find(|path| path.exists());
        if let Some(path) = found {
            tree.add_host(&path)?;
        }
    }
    Ok(())
}
