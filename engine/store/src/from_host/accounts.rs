//! The folders and files that programs expect anywhere.

use super::tree::Tree;
use std::fs;
use std::path::Path;

/// Folders of every root file system, and the host's links at the top: where `/bin` is a link to `/usr/bin`, it must be
/// one in the image too.
pub fn folders(tree: &mut Tree) {
    for link in ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"] {
        if let Ok(target) = fs::read_link(link) {
            tree.link(Path::new(link), &target);
            let target = Path::new("/").join(target);
            if let Some(target) = target.to_str() {
                tree.folder(target, 0o755);
            }
        }
    }
    for folder in ["/dev", "/etc", "/proc", "/run", "/sys", "/usr", "/var"] {
        tree.folder(folder, 0o755);
    }
    tree.folder("/root", 0o700);
    tree.folder("/tmp", 0o1777);
    tree.folder("/var/tmp", 0o1777);
}

/// Users and groups, and how names are looked up. What the user added stays.
pub fn files(tree: &mut Tree, glibc: bool) {
    let shell = if tree.contains(Path::new("/bin/bash")) && !tree.contains(Path::new("/bin/sh")) {
        "/bin/bash"
    } else {
        "/bin/sh"
    };
    let mut file = |path: &str, content: &str| {
        if !tree.contains(Path::new(path)) {
            tree.file(path, 0o644, content);
        }
    };
    file(
        "/etc/passwd",
        &format!(
            "root:x:0:0:root:/root:{shell}\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
        ),
    );
    file("/etc/group", "root:x:0:\nnogroup:x:65534:\n");
    if glibc {
        file(
            "/etc/nsswitch.conf",
            "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nnetworks: files\nservices: files\nprotocols: files\n",
        );
    }
}
