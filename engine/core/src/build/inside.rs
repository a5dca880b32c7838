//! Paths inside of a tree whose links nobody may follow out of it.

use crate::containers::copy::inside as open_inside;
use rustix::fs::{OFlags, readlinkat};
use std::os::fd::{BorrowedFd, OwnedFd};

/// Opens something inside a root.
pub(super) fn inside(root: BorrowedFd<'_>, path: &str, flags: OFlags) -> rustix::io::Result<OwnedFd> {
    let path = path.trim_start_matches('/');
    open_inside(root, if path.is_empty() { b"." } else { path.as_bytes() }, flags)
}

/// Links that are followed for one path.
const LINKS: u32 = 40;

/// Where a path leads by the links that are in a tree: the kernel makes a mount point there.
pub(super) fn real(root: Option<BorrowedFd<'_>>, path: &str) -> String {
    let Some(root) = root else { return path.to_owned() };
    let mut waiting: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
    let (mut way, mut links) = (String::new(), 0);
    while let Some(part) = waiting.pop() {
        match part.as_str() {
            "" | "." => continue,
            ".." => {
                way.truncate(way.rfind('/').unwrap_or(0));
                continue;
            }
            _ => {}
        }
        let next = format!("{way}/{part}");
        let link = inside(root, &next, OFlags::PATH | OFlags::NOFOLLOW)
            .and_then(|handle| readlinkat(&handle, "", Vec::new()));
        match link {
            Ok(target) if links < LINKS => {
                links += 1;
                let target = String::from_utf8_lossy(target.as_bytes()).into_owned();
                if target.starts_with('/') {
                    way.clear();
                }
                waiting.extend(target.split('/').rev().map(str::to_owned));
            }
            _ => way = next,
        }
    }
    way
}
