//! Kernel objects that belong to a state folder: processes, mounts, control groups, sockets.

use std::path::{Path, PathBuf};

/// Everything of this state folder and these containers that the kernel still knows, described one by one.
pub fn of(root: &Path, ids: &[&str]) -> Vec<String> {
    let mut found: Vec<String> =
        processes_of(root).into_iter().map(|pid| format!("process {pid}: {}", command_line(pid))).collect();
    found.extend(mounts_of(root).into_iter().map(|line| format!("mount {line}")));
    found.extend(control_groups_of(ids).into_iter().map(|path| format!("control group {}", path.display())));
    found.extend(sockets_of(root).into_iter().map(|line| format!("socket {line}")));
    found
}

/// Processes whose command line or environment names the state folder, but for this test itself.
pub fn processes_of(root: &Path) -> Vec<i32> {
    let needle = root.as_os_str().as_encoded_bytes();
    let own = std::process::id() as i32;
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(|pid| *pid != own)
        .filter(|pid| {
            let holds = |file: &str| {
                std::fs::read(format!("/proc/{pid}/{file}")).is_ok_and(|text| contains(&text, needle))
            };
            // A zombie has neither; it is its parent's to reap.
            holds("cmdline") || holds("environ")
        })
        .collect()
}

fn contains(text: &[u8], needle: &[u8]) -> bool {
    text.windows(needle.len()).any(|window| window == needle)
}

fn command_line(pid: i32) -> String {
    let text = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&text).replace('\0', " ")
}

/// Mounts of this mount namespace at or below the state folder.
pub fn mounts_of(root: &Path) -> Vec<String> {
    let text = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let root = root.to_string_lossy();
    text.lines().filter(|line| line.contains(&*root)).map(str::to_owned).collect()
}

/// Control groups named after these containers, in every hierarchy.
pub fn control_groups_of(ids: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut hierarchies = vec![PathBuf::from("/sys/fs/cgroup")];
    hierarchies.extend(
        std::fs::read_dir("/sys/fs/cgroup").into_iter().flatten().flatten().map(|entry| entry.path()),
    );
    for hierarchy in hierarchies {
        found.extend(ids.iter().map(|id| hierarchy.join("teu").join(id)).filter(|path| path.exists()));
    }
    found
}

/// Unix sockets bound below the state folder.
pub fn sockets_of(root: &Path) -> Vec<String> {
    let text = std::fs::read_to_string("/proc/net/unix").unwrap_or_default();
    let root = root.to_string_lossy();
    text.lines().filter(|line| line.contains(&*root)).map(str::to_owned).collect()
}
