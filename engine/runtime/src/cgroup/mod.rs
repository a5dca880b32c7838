//! The container's control groups: v2, v1 and hybrid hosts behind one type.
//!
//! On v1 a cgroup is one directory for each controller. The child joins them itself by writing "0" to their
//! `tasks` files: a single thread moving itself costs microseconds, while moving a process from outside waits for
//! a grace period of 5 to 20 ms in every hierarchy.

mod devices;
mod hierarchy;
mod oom;
mod usage;
mod v1;
mod v2;

pub(crate) use hierarchy::unescape;
pub use hierarchy::{Hierarchy, Version};
pub use oom::OomWatch;
pub use usage::CpuTime;

use crate::error::{ErrorClass, Result, RuntimeError, shown};
use crate::plan::{c_path, c_string};
use oci_spec::runtime::LinuxResources;
use rustix::fs::{Mode, OFlags};
use std::ffi::CString;
use std::fs;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where cgroups go when the configuration names no path.
pub const DEFAULT_PARENT: &str = "/teu";

/// One directory of a cgroup.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Branch {
    /// Its controller on v1 ("memory", "systemd"); empty on v2.
    controller: String,
    path: PathBuf,
}

/// A container's cgroup.
#[derive(Debug)]
pub struct Cgroup {
    path: PathBuf,
    version: Version,
    branches: Vec<Branch>,
    /// Where its cpuset would be on v1, which is made only when it is asked for.
    cpuset: Option<PathBuf>,
    /// On a hybrid host its place in v2, which has no limits: what tells processes apart by it finds the container's.
    beside: Option<PathBuf>,
    /// The v2 directory, for births into it.
    directory: Option<OwnedFd>,
}

impl Cgroup {
    /// Creates the cgroup at a path below the hierarchies' roots and sets the limits. Directories that exist are
    /// taken over; a limit whose controller is missing is an error, and then nothing is left. `for_systemd`: with a place
    /// in systemd's own hierarchy on v1, which no other container pays for.
    pub fn create(path: &Path, resources: Option<&LinuxResources>, for_systemd: bool) -> Result<Self> {
        let hierarchy = Hierarchy::detect()?;
        if for_systemd
            && hierarchy.version != Version::Unified
            && !hierarchy.roots.iter().any(|root| root.controller == hierarchy::SYSTEMD)
        {
            return Err(RuntimeError::of(
                ErrorClass::Unsupported,
                "make",
                "a place for systemd in the control groups",
                "this host has no hierarchy name=systemd; mount it once: mkdir -p /sys/fs/cgroup/systemd && \
                 mount -t cgroup -o none,name=systemd systemd /sys/fs/cgroup/systemd",
            ));
        }
        let relative = relative(path);
        let mut branches = Vec::new();
        for root in &hierarchy.roots {
            // Making a cpuset rebuilds scheduling domains (a quarter of a millisecond): only when it is asked for.
            if root.controller == "cpuset" && !resources.is_some_and(v1::wants_cpuset) {
                continue;
            }
            if root.controller == hierarchy::SYSTEMD && !for_systemd {
                continue;
            }
            branches.push(Branch { controller: root.controller.clone(), path: root.path.join(&relative) });
        }
        let mut made = Vec::new();
        let beside = hierarchy.beside.as_ref().map(|root| root.join(&relative));
        let result = branches.iter().try_for_each(|branch| match hierarchy.version {
            Version::Unified => v2::make(&hierarchy, &branch.path, &mut made),
            _ => v1::make(&branch.controller, &branch.path, &mut made),
        });
        // Whoever may not make it there stays where its maker is, as without v2.
        let beside = beside.filter(|path| v1::make("", path, &mut made).is_ok());
        let cpuset = hierarchy.cpuset(&relative);
        let mut cgroup =
            Self { path: relative, version: hierarchy.version, branches, cpuset, beside, directory: None };
        let is_new = |branch: &Branch| made.contains(&branch.path);
        let taken_over = !cgroup.branches.iter().all(is_new);
        let result = result.and_then(|()| {
            if taken_over {
                cgroup.is_free()?;
            }
            cgroup.directory = cgroup.open_directory()?;
            match resources {
                Some(resources) => cgroup.apply(resources, true),
                None => Ok(()),
            }
        });
        match result {
            Ok(()) => Ok(cgroup),
            Err(error) => {
                for path in made.iter().rev() {
                    let _ = fs::remove_dir(path);
                }
                Err(error)
            }
        }
    }

    /// Opens a cgroup that exists in at least one hierarchy.
    pub fn open(path: &Path) -> Result<Self> {
        let hierarchy = Hierarchy::detect()?;
        let relative = relative(path);
        let branches: Vec<_> = hierarchy
            .roots
            .iter()
            .map(|root| Branch { controller: root.controller.clone(), path: root.path.join(&relative) })
            .filter(|branch| branch.path.is_dir())
            .collect();
        let cpuset = hierarchy.cpuset(&relative);
        let beside = hierarchy.beside.map(|root| root.join(&relative)).filter(|path| path.is_dir());
        let mut cgroup =
            Self { path: relative, version: hierarchy.version, branches, cpuset, beside, directory: None };
        cgroup.directory = cgroup.open_directory()?;
        Ok(cgroup)
    }

    /// Whether a container may move in where a cgroup was found: in one with other processes their limits would be its
    /// own, and its end theirs; in a frozen one it would never start.
    fn is_free(&self) -> Result<()> {
        let refuse = |reason: &str| {
            Err(RuntimeError::of(ErrorClass::Conflict, "use cgroup", shown(&self.path), reason))
        };
        if self.is_frozen()? {
            return refuse("container's cgroup unexpectedly frozen");
        }
        match self.pids()?.as_slice() {
            [] => Ok(()),
            pids => refuse(&format!("container's cgroup is not empty: {} process(es) in it", pids.len())),
        }
    }

    /// Its directory for a controller of v1.
    pub(crate) fn directory(&self, controller: &str) -> Option<PathBuf> {
        self.branches.iter().find(|branch| branch.controller == controller).map(|branch| branch.path.clone())
    }

    /// Has every controller that is at one directory at another instead: those that share a hierarchy stay together.
    pub(crate) fn redirect(&mut self, from: &Path, to: &Path) {
        for branch in self.branches.iter_mut().filter(|branch| branch.path == from) {
            branch.path = to.to_path_buf();
        }
    }

    fn open_directory(&self) -> Result<Option<OwnedFd>> {
        let path = match self.version {
            Version::Unified => self.branches.first().map(|branch| &branch.path),
            _ => self.beside.as_ref(),
        };
        path.map(|path| open_directory(path)).transpose()
    }

    /// Its path below the hierarchies' roots.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the host has the one v2 hierarchy alone.
    pub fn is_unified(&self) -> bool {
        self.version == Version::Unified
    }

    /// Whether its directories exist.
    pub fn exists(&self) -> bool {
        self.branches.iter().any(|branch| branch.path.is_dir())
    }

    /// Its directories by controller, as the kernel takes them.
    pub(crate) fn views(&self) -> Result<Vec<(CString, CString)>> {
        let pair = |branch: &Branch| {
            Ok((c_string(branch.controller.as_bytes(), "cgroup")?, c_path(&branch.path, "cgroup")?))
        };
        self.branches.iter().map(pair).collect()
    }

    /// The v2 directory that a child can be born in.
    pub(crate) fn unified_directory(&self) -> Option<BorrowedFd<'_>> {
        self.directory.as_ref().map(AsFd::as_fd)
    }

    /// The v2 directory that a process is in, where it moved within this cgroup: one whose controllers are handed down
    /// takes no process itself.
    pub(crate) fn directory_of(&self, pid: i32) -> Result<OwnedFd> {
        let file = format!("/proc/{pid}/cgroup");
        let text = read(Path::new(&file))?;
        let found = text.lines().find_map(|line| line.strip_prefix("0::"));
        let inner =
            found.and_then(|path| Path::new(path.trim_start_matches('/')).strip_prefix(&self.path).ok());
        let unified = if self.is_unified() {
            self.branches.first().map(|branch| &branch.path)
        } else {
            self.beside.as_ref()
        };
        let Some((inner, unified)) = inner.zip(unified) else {
            let reason = format!("its cgroup {} is not below {}", found.unwrap_or("-"), self.path.display());
            return Err(RuntimeError::of(ErrorClass::Conflict, "join", format!("process {pid}"), reason));
        };
        open_directory(&unified.join(inner))
    }

    /// The v1 `tasks` files that a child writes "0" to; none on v2.
    pub(crate) fn task_files(&self) -> Result<Vec<OwnedFd>> {
        if self.is_unified() {
            return Ok(Vec::new());
        }
        self.branches
            .iter()
            .map(|branch| {
                let path = branch.path.join("tasks");
                rustix::fs::open(&path, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())
                    .map_err(|error| RuntimeError::kernel("open cgroup", shown(&path), error))
            })
            .collect()
    }

    /// Moves the calling process into the cgroup. It must be single-threaded.
    pub fn join_self(&self) -> Result<()> {
        if let Some(branch) = self.branches.first().filter(|_| self.is_unified()) {
            return write(&branch.path.join("cgroup.procs"), "0");
        }
        for file in self.task_files()? {
            rustix::io::write(&file, b"0")
                .map_err(|error| RuntimeError::kernel("join cgroup", shown(&self.path), error))?;
        }
        Ok(())
    }

    /// Changes limits.
    pub fn update(&self, resources: &LinuxResources) -> Result<()> {
        let late = self.cpuset.as_ref().filter(|_| v1::wants_cpuset(resources));
        let Some(path) = late else { return self.apply(resources, false) };
        if self.has_cpuset() {
            // Whoever made it late may have been killed before all were in it.
            return self.apply(resources, false).and_then(|()| self.move_into(path));
        }
        v1::make("cpuset", path, &mut Vec::new())?;
        let cpuset = Branch { controller: "cpuset".into(), path: path.clone() };
        let branches = self.branches.iter().cloned().chain([cpuset]).collect();
        let whole = Self {
            path: self.path.clone(),
            version: self.version,
            branches,
            cpuset: None,
            beside: None,
            directory: None,
        };
        let result = whole.apply(resources, false).and_then(|()| self.move_into(path));
        if result.is_err() {
            // Those that are in it already go back first; what failed is told.
            if let (Ok(inside), Some(parent)) = (read(&path.join("cgroup.procs")), path.parent()) {
                for pid in inside.lines() {
                    let _ = fs::write(parent.join("cgroup.procs"), pid);
                }
            }
            let _ = fs::remove_dir(path);
        }
        result
    }

    /// Moves every process of the cgroup into one more of its directories, also those that are born meanwhile.
    fn move_into(&self, path: &Path) -> Result<()> {
        let procs = path.join("cgroup.procs");
        for _ in 0..100 {
            let inside = read(&procs)?;
            let inside: Vec<i32> = inside.lines().filter_map(|line| line.parse().ok()).collect();
            let outside: Vec<i32> = self.pids()?.into_iter().filter(|pid| !inside.contains(pid)).collect();
            if outside.is_empty() {
                return Ok(());
            }
            for pid in outside {
                match fs::write(&procs, pid.to_string()) {
                    Ok(()) => {}
                    // It has ended.
                    Err(error) if error.raw_os_error() == Some(3) => {}
                    Err(error) => return Err(RuntimeError::kernel("join cgroup", shown(path), error)),
                }
            }
        }
        let reason = "processes are born faster than they can be moved";
        Err(RuntimeError::of(ErrorClass::Kernel, "join cgroup", shown(path), reason))
    }

    fn apply(&self, resources: &LinuxResources, fresh: bool) -> Result<()> {
        let rules = resources.devices().as_deref().unwrap_or_default();
        let rules = if fresh && !rules.is_empty() { devices::with_defaults(rules) } else { rules.to_vec() };
        match self.directory.as_ref().filter(|_| self.is_unified()) {
            Some(directory) => {
                v2::apply(&self.branches[0].path, resources)?;
                if rules.is_empty() { Ok(()) } else { devices::apply_v2(directory.as_fd(), &rules) }
            }
            None => {
                v1::apply(self, resources)?;
                if rules.is_empty() {
                    Ok(())
                } else {
                    devices::apply_v1(self.need("devices", "device rules")?, &rules)
                }
            }
        }
    }

    fn branch(&self, controller: &str) -> Option<&Path> {
        self.branches
            .iter()
            .find(|b| b.controller == controller || b.controller.is_empty())
            .map(|b| b.path.as_path())
    }

    /// Whether it is bound to CPUs of its own on v1.
    pub(crate) fn has_cpuset(&self) -> bool {
        self.branches.iter().any(|branch| branch.controller == "cpuset")
    }

    /// The directory of a controller, or the clear error that this host lacks it.
    fn need(&self, controller: &str, what: &str) -> Result<&Path> {
        self.branch(controller).ok_or_else(|| {
            RuntimeError::of(
                ErrorClass::Unsupported,
                "set",
                what.to_string(),
                format!("this host has no {controller} cgroup controller"),
            )
        })
    }

    /// A branch that every process of the container is in.
    fn any(&self) -> Option<&Path> {
        self.branch("pids").or_else(|| self.branches.first().map(|branch| branch.path.as_path()))
    }

    /// Process ids in the cgroup and below, as the caller sees them.
    pub fn pids(&self) -> Result<Vec<i32>> {
        let mut pids = Vec::new();
        if let Some(path) = self.any() {
            collect_pids(path, &mut pids)
                .map_err(|error| RuntimeError::kernel("list", shown(path), error))?;
        }
        pids.sort_unstable();
        pids.dedup();
        Ok(pids)
    }

    /// Stops every process where it is, and waits until the kernel says so.
    pub fn freeze(&self) -> Result<()> {
        self.set_frozen(true)
    }

    /// Lets frozen processes go on.
    pub fn thaw(&self) -> Result<()> {
        self.set_frozen(false)
    }

    fn set_frozen(&self, frozen: bool) -> Result<()> {
        let path = self.need("freezer", "the frozen state")?;
        let (file, value) = match (self.is_unified(), frozen) {
            (true, true) => ("cgroup.freeze", "1"),
            (true, false) => ("cgroup.freeze", "0"),
            (false, true) => ("freezer.state", "FROZEN"),
            (false, false) => ("freezer.state", "THAWED"),
        };
        for attempt in 0..500u32 {
            // v1 can stay FREEZING while a process is in an uninterruptible state: writing again retries.
            if attempt == 0 || !self.is_unified() {
                write(&path.join(file), value)?;
            }
            if self.is_frozen()? == frozen {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        // Never leave half of the processes stopped.
        let _ = write(&path.join(file), if self.is_unified() { "0" } else { "THAWED" });
        Err(RuntimeError::of(ErrorClass::Kernel, "freeze", shown(&self.path), "some processes do not stop"))
    }

    /// Whether all processes are stopped by [`Cgroup::freeze`].
    pub fn is_frozen(&self) -> Result<bool> {
        let Some(path) = self.branch("freezer") else { return Ok(false) };
        if self.is_unified() {
            return Ok(read(&path.join("cgroup.events"))?.lines().any(|line| line == "frozen 1"));
        }
        Ok(read(&path.join("freezer.state"))?.trim() == "FROZEN")
    }

    /// Sends a signal to every process in the cgroup.
    pub fn signal_all(&self, signal: i32) -> Result<()> {
        for pid in self.pids()? {
            if let (Some(pid), Ok(signal)) =
                (rustix::process::Pid::from_raw(pid), nix::sys::signal::Signal::try_from(signal))
            {
                match nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid.as_raw_pid()), signal) {
                    Ok(()) | Err(nix::errno::Errno::ESRCH) => {}
                    Err(error) => {
                        return Err(RuntimeError::kernel(
                            "signal process",
                            pid.as_raw_pid().to_string(),
                            error,
                        ));
                    }
                }
            }
        }
        Ok(())
    }

    /// Kills every process in the cgroup, however fast they fork.
    pub fn kill_all(&self) -> Result<()> {
        if let Some(branch) = self.branches.first().filter(|_| self.is_unified()) {
            match fs::write(branch.path.join("cgroup.kill"), "1") {
                Ok(()) => return Ok(()),
                // Before Linux 5.14 there is no such file; a removed cgroup has nobody to kill.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(RuntimeError::kernel("kill", shown(&self.path), error)),
            }
        }
        let mut frozen = false;
        for round in 0..200u32 {
            let pids = self.pids()?;
            if pids.is_empty() {
                break;
            }
            if round == 3 {
                // Something forks faster than it is killed: stop it first. Signals act once it is thawed.
                frozen = self.freeze().is_ok();
            }
            self.signal_all(9)?;
            if frozen {
                let _ = self.thaw();
                frozen = false;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        if !frozen && self.branch("freezer").is_some() && !self.is_unified() {
            // A container that was paused dies only once it is thawed.
            let _ = self.branch("freezer").map(|path| fs::write(path.join("freezer.state"), "THAWED"));
        }
        Ok(())
    }

    /// Ends all processes in the group of this path, and removes it.
    pub(crate) fn remove(path: &Path) -> Result<()> {
        let cgroup = Self::open(path)?;
        cgroup.kill_all()?;
        cgroup.delete()
    }

    /// Removes the cgroup and what was made below it. Waits a little for processes that are dying.
    pub fn delete(&self) -> Result<()> {
        let mut failures = Vec::new();
        for path in self.branches.iter().map(|branch| &branch.path).chain(&self.cpuset).chain(&self.beside) {
            if let Err(error) = remove_tree(path) {
                failures.push(format!("{}: {}", path.display(), crate::error::plain(&error)));
            }
        }
        if failures.is_empty() {
            return Ok(());
        }
        Err(RuntimeError::of(ErrorClass::Kernel, "remove cgroup", shown(&self.path), failures.join("; ")))
    }
}

fn open_directory(path: &Path) -> Result<OwnedFd> {
    rustix::fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
        .map_err(|error| RuntimeError::kernel("open cgroup", shown(path), error))
}

fn relative(path: &Path) -> PathBuf {
    crate::plan::clean(path).strip_prefix("/").unwrap_or(path).to_path_buf()
}

fn collect_pids(path: &Path, pids: &mut Vec<i32>) -> io::Result<()> {
    match fs::read_to_string(path.join("cgroup.procs")) {
        Ok(text) => pids.extend(text.lines().filter_map(|line| line.parse::<i32>().ok())),
        Err(error) if matches!(error.raw_os_error(), Some(2 | 19)) => return Ok(()),
        // A threaded v2 cgroup lists its processes in its parent.
        Err(error) if error.raw_os_error() == Some(95) => {}
        Err(error) => return Err(error),
    }
    for entry in fs::read_dir(path)?.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            collect_pids(&entry.path(), pids)?;
        }
    }
    Ok(())
}

fn remove_tree(path: &Path) -> io::Result<()> {
    let mut pause = Duration::from_micros(200);
    for attempt in 0..24 {
        match fs::remove_dir(path) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            // EBUSY: a process is still dying, or there are cgroups below.
            Err(error) if error.raw_os_error() == Some(16) && attempt < 23 => {}
            Err(error) => return Err(error),
        }
        if let Ok(entries) = fs::read_dir(path) {
            for entry in entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())) {
                let _ = remove_tree(&entry.path());
            }
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
    Ok(())
}

fn write(path: &Path, value: &str) -> Result<()> {
    fs::write(path, value)
        .map_err(|error| RuntimeError::kernel("write", format!("{value} to {}", path.display()), error))
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| RuntimeError::kernel("read", shown(path), error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controllers_that_share_a_hierarchy_are_redirected_together() {
        let branch =
            |controller: &str, path: &str| Branch { controller: controller.into(), path: path.into() };
        let mut cgroup = Cgroup {
            path: "box".into(),
            version: Version::Legacy,
            branches: vec![branch("cpu", "/c/box"), branch("cpuacct", "/c/box"), branch("memory", "/m/box")],
            cpuset: None,
            beside: None,
            directory: None,
        };
        let from = cgroup.directory("cpuacct").unwrap();
        cgroup.redirect(&from, Path::new("/c/box/below"));
        // Once more for the other controller of the two, as `--cgroup cpu,cpuacct:below` asks.
        cgroup.redirect(&from, Path::new("/c/box/below"));
        let at = |controller: &str| cgroup.directory(controller).unwrap();
        assert_eq!(at("cpu"), Path::new("/c/box/below"));
        assert_eq!((at("cpuacct"), at("memory")), (at("cpu"), PathBuf::from("/m/box")));
    }
}
