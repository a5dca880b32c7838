//! Which cgroup hierarchies this host has, from its mount table.

use crate::error::{Result, RuntimeError};
use std::fs;
use std::path::{Path, PathBuf};

/// Which interface the controllers are found at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Version {
    /// One v2 hierarchy.
    Unified,
    /// v1 hierarchies, with v2 beside them that carries no controller used here.
    Hybrid,
    /// v1 hierarchies alone.
    Legacy,
}

/// One mounted hierarchy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Root {
    /// The v1 controller, "systemd" for that named hierarchy, empty on v2.
    pub controller: String,
    /// Its mount point.
    pub path: PathBuf,
}

/// The host's hierarchies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hierarchy {
    /// Their version.
    pub version: Version,
    /// Where they are.
    pub roots: Vec<Root>,
    /// The mount point of v2 on a hybrid host.
    pub beside: Option<PathBuf>,
}

/// The hierarchy without controllers in which systemd keeps its units on v1.
pub(super) const SYSTEMD: &str = "systemd";

/// Controllers of v1 in the order in which they are joined.
const CONTROLLERS: [&str; 15] = [
    "memory",
    "cpu",
    "cpuacct",
    "pids",
    "freezer",
    "devices",
    "blkio",
    "cpuset",
    "hugetlb",
    "net_cls",
    "net_prio",
    "perf_event",
    "rdma",
    "misc",
    SYSTEMD,
];

impl Hierarchy {
    /// Reads the mount table.
    pub fn detect() -> Result<Self> {
        let table = fs::read_to_string("/proc/self/mountinfo")
            .map_err(|error| RuntimeError::kernel("read", "/proc/self/mountinfo", error))?;
        Ok(Self::parse(&table))
    }

    /// Where a cgroup's cpuset is on v1.
    pub(super) fn cpuset(&self, relative: &Path) -> Option<PathBuf> {
        let root = self.roots.iter().find(|root| root.controller == "cpuset")?;
        Some(root.path.join(relative))
    }

    /// Finds the hierarchies in the text of a mount table.
    pub fn parse(table: &str) -> Self {
        let mut unified = None;
        let mut legacy: Vec<Root> = Vec::new();
        for line in table.lines() {
            let Some((front, back)) = line.split_once(" - ") else { continue };
            let Some(point) = front.split(' ').nth(4).map(unescape) else { continue };
            let mut back = back.split(' ');
            match back.next() {
                Some("cgroup2") if unified.is_none() => unified = Some(point),
                Some("cgroup") => {
                    let options = back.nth(1).unwrap_or_default();
                    for option in options.split(',') {
                        // Named hierarchies have no limits: but for systemd's they are nothing to a container.
                        let option = option.strip_prefix("name=").unwrap_or(option);
                        if CONTROLLERS.contains(&option)
                            && !legacy.iter().any(|root| root.controller == option)
                        {
                            legacy.push(Root { controller: option.to_string(), path: point.clone() });
                        }
                    }
                }
                _ => {}
            }
        }
        if legacy.is_empty() {
            let roots = unified.into_iter().map(|path| Root { controller: String::new(), path }).collect();
            return Self { version: Version::Unified, roots, beside: None };
        }
        legacy.sort_by_key(|root| CONTROLLERS.iter().position(|name| *name == root.controller));
        let version = if unified.is_some() { Version::Hybrid } else { Version::Legacy };
        Self { version, roots: legacy, beside: unified }
    }
}

/// mountinfo writes space, tab, newline and backslash as octal escapes.
pub(crate) fn unescape(text: &str) -> PathBuf {
    PathBuf::from(
        text.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_unified_host() {
        let found = Hierarchy::parse(
            "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n",
        );
        assert_eq!(found.version, Version::Unified);
        assert_eq!(found.roots[0].path, PathBuf::from("/sys/fs/cgroup"));
    }

    #[test]
    fn finds_comounted_controllers_and_hybrid_hosts() {
        let table = "31 30 0:27 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n\
                     32 30 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\
                     33 30 0:29 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n\
                     34 30 0:30 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
        let found = Hierarchy::parse(table);
        assert_eq!(found.version, Version::Hybrid);
        let names: Vec<_> = found.roots.iter().map(|root| root.controller.as_str()).collect();
        assert_eq!(names, ["memory", "cpu", "cpuacct", "systemd"]);
        assert_eq!(found.roots[1].path, found.roots[2].path);
        assert_eq!(found.beside, Some(PathBuf::from("/sys/fs/cgroup/unified")));
    }
}
