//! A host of a test's own, as far as networks go: no link, route or rule of the real one is touched.

use nix::sched::{CloneFlags, unshare};
use std::process::Command;

/// Moves this thread, and with it every program that it starts from now on, into a network namespace of its own. The
/// kernel takes it apart when the last of them has ended, however that came.
#[track_caller]
pub fn isolate_network() {
    unshare(CloneFlags::CLONE_NEWNET).expect("a network namespace");
    host("ip link set lo up");
}

/// Runs a command line on this thread's host and returns what it printed.
#[track_caller]
pub fn host(line: &str) -> String {
    let output = Command::new("sh").args(["-c", line]).output().expect("a shell");
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

/// Interfaces of containers and elements of the firewall's port maps that are still there.
pub fn network_leftovers() -> Vec<String> {
    let links = host("ip -o link show").lines().map(str::to_owned).collect::<Vec<_>>();
    let mut found: Vec<String> = links
        .into_iter()
        .filter(|line| line.split(": ").nth(1).is_some_and(|name| name.starts_with("tv")))
        .collect();
    for map in ["ports4", "ports6", "any4", "any6"] {
        let output = Command::new("nft").args(["list", "map", "inet", "teu", map]).output();
        let text =
            output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
        if text.contains("elements") {
            found.push(text);
        }
    }
    found
}
