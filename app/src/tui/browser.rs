//! Addresses opened in the desktop's browser.

use std::process::{Command, Stdio};
use std::thread;

/// The programs that open addresses, the likelier first.
const OPENERS: &[&str] = &["xdg-open", "open", "wslview"];

/// Opens an address; says whether there was something to open it with. Never waits for it.
pub fn open(url: &str) -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    // Without a desktop xdg-open falls back to browsers for terminals, which would draw over us.
    let desktop =
        set("DISPLAY") || set("WAYLAND_DISPLAY") || set("WSL_DISTRO_NAME") || cfg!(target_os = "macos");
    desktop && OPENERS.iter().any(|opener| start(opener, url))
}

fn start(opener: &str, url: &str) -> bool {
    let mut command = Command::new(opener);
    command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut child) = command.spawn() else { return false };
    thread::spawn(move || child.wait());
    true
}
