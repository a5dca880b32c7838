//! State of containers under `--root`: one folder each, made with an exclusive mkdir, so that an id is taken once.

use super::report::Log;
use crate::cgroup::Cgroup;
use crate::error::{ErrorClass, Result, RuntimeError, shown};
use crate::launch::{HostMount, cgroup_path};
use oci_spec::runtime::Spec;
use rustix::fs::{FlockOperation, Mode, OFlags};
use serde::{Deserialize, Serialize};
use std::ffi::OsStr;
use std::fs;
use std::io::{ErrorKind, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Where containers are kept.
pub(super) struct Store {
    root: PathBuf,
    /// Cgroup paths are systemd's slice:prefix:name.
    pub systemd_cgroup: bool,
    /// Where warnings and steps go.
    pub log: Log,
}

/// What is remembered of one container.
#[derive(Serialize, Deserialize, Clone, Debug)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record {
    pub id: String,
    pub pid: i32,
    /// Start time of the process (field 22 of its stat): tells it from another with the same id.
    pub pid_start: u64,
    pub bundle: PathBuf,
    pub rootfs: PathBuf,
    pub created: String,
    pub cgroup: PathBuf,
    /// The root's mount in the caller's mount namespace, for a container without one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_mount: Option<HostMount>,
}

/// Life of a container.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Status {
    Created,
    Running,
    Paused,
    Stopped,
}

impl Status {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
        }
    }
}

/// The file that names the control group of a container that is being created.
const INTENT: &str = "cgroup";

/// Longest id.
const ID_LIMIT: usize = 1024;

impl Store {
    pub(super) fn new(root: PathBuf, systemd_cgroup: bool, log: Log) -> Self {
        Self { root, systemd_cgroup, log }
    }

    /// The folder of an id, which is checked: it becomes a path.
    pub(super) fn folder(&self, id: &str) -> Result<PathBuf> {
        let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+' | b'-' | b'.');
        if id.is_empty() || id.len() > ID_LIMIT || !id.bytes().all(good) || id.bytes().all(|b| b == b'.') {
            return Err(RuntimeError::invalid(
                format!("container id \"{id}\""),
                "letters, digits and _ + - . are allowed",
            ));
        }
        Ok(self.root.join(id))
    }

    /// Takes an id, and holds off other commands on it until the lock is dropped. What the container will have is noted, so
    /// that it is found should this process be killed before there is a record.
    pub(super) fn reserve(&self, id: &str, spec: &Spec) -> Result<(PathBuf, OwnedFd)> {
        let folder = self.make_folder(id)?;
        let reserved = self.lock(id).and_then(|lock| {
            let path = cgroup_path(spec, id);
            // One in which others are is refused later, and is not ours to remove.
            if Cgroup::open(&path)?.pids()?.is_empty() {
                replace(&folder.join(INTENT), path.as_os_str().as_bytes())?;
            }
            Ok(lock)
        });
        match reserved {
            Ok(lock) => Ok((folder, lock)),
            Err(error) => {
                // Nothing else was made yet.
                let _ = self.remove(id);
                Err(error)
            }
        }
    }

    /// Removes what a creation has left that ended half-way.
    pub(super) fn remove_unfinished(&self, id: &str) -> Result<()> {
        let cleared = match fs::read(self.folder(id)?.join(INTENT)) {
            Ok(path) => Cgroup::remove(Path::new(OsStr::from_bytes(&path))),
            Err(_) => Ok(()),
        };
        cleared.and(self.remove(id))
    }

    fn make_folder(&self, id: &str) -> Result<PathBuf> {
        let folder = self.folder(id)?;
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.root)
            .map_err(|error| RuntimeError::kernel("make", shown(&self.root), error))?;
        match fs::DirBuilder::new().mode(0o700).create(&folder) {
            Ok(()) => Ok(folder),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                Err(RuntimeError::of(ErrorClass::Conflict, "create", id, "a container with this id exists"))
            }
            Err(error) => Err(RuntimeError::kernel("make", shown(&folder), error)),
        }
    }

    /// Writes a record whole or not at all, with the configuration beside it.
    pub(super) fn save(&self, record: &Record, spec: &Spec) -> Result<()> {
        let folder = self.folder(&record.id)?;
        let json = |error: serde_json::Error| {
            RuntimeError::kernel("write", "state.json", std::io::Error::other(error))
        };
        replace(&folder.join("config.json"), &serde_json::to_vec(spec).map_err(json)?)?;
        replace(&folder.join("state.json"), &serde_json::to_vec(record).map_err(json)?)
    }

    /// Reads a record.
    pub(super) fn load(&self, id: &str) -> Result<Record> {
        let path = self.folder(id)?.join("state.json");
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(RuntimeError::of(ErrorClass::NotFound, "find", id, "does not exist"));
            }
            Err(error) => return Err(RuntimeError::kernel("read", shown(&path), error)),
        };
        serde_json::from_slice(&text)
            .map_err(|error| RuntimeError::kernel("read", shown(&path), std::io::Error::other(error)))
    }

    /// The configuration that the container was created with.
    pub(super) fn spec(&self, id: &str) -> Result<Spec> {
        let path = self.folder(id)?.join("config.json");
        read_json(&path)
    }

    /// Whether a container's processes end with its first one.
    pub(super) fn has_own_pids(&self, id: &str) -> bool {
        let kind = oci_spec::runtime::LinuxNamespaceType::Pid;
        self.spec(id).is_ok_and(|spec| {
            let namespaces =
                spec.linux().as_ref().and_then(|linux| linux.namespaces().clone()).unwrap_or_default();
            let is_new =
                |path: &Option<PathBuf>| path.as_ref().is_none_or(|path| path.as_os_str().is_empty());
            namespaces.iter().any(|one| one.typ() == kind && is_new(one.path()))
        })
    }

    /// All records; folders that are being created have none yet.
    pub(super) fn all(&self) -> Result<Vec<Record>> {
        let entries = match fs::read_dir(&self.root) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(RuntimeError::kernel("read", shown(&self.root), error)),
        };
        let mut records: Vec<Record> =
            entries.flatten().filter_map(|entry| self.load(entry.file_name().to_str()?).ok()).collect();
        records.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(records)
    }

    /// Holds off other commands on the same container until it is dropped.
    pub(super) fn lock(&self, id: &str) -> Result<OwnedFd> {
        let folder = self.folder(id)?;
        let fd =
            rustix::fs::open(&folder, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
                .map_err(|_| RuntimeError::of(ErrorClass::NotFound, "find", id, "does not exist"))?;
        rustix::fs::flock(&fd, FlockOperation::LockExclusive)
            .map_err(|error| RuntimeError::kernel("lock", shown(&folder), error))?;
        Ok(fd)
    }

    /// Where a container is in its life, from the kernel.
    pub(super) fn status(&self, record: &Record) -> Status {
        match process_start(record.pid) {
            Some(start) if start == record.pid_start => {}
            _ => return Status::Stopped,
        }
        match Cgroup::open(&record.cgroup).and_then(|cgroup| cgroup.is_frozen()) {
            Ok(true) => Status::Paused,
            _ if self.gate(record).exists() => Status::Created,
            _ => Status::Running,
        }
    }

    /// The fifo that a created container waits at; it is gone once the container was started.
    pub(super) fn gate(&self, record: &Record) -> PathBuf {
        self.root.join(&record.id).join("exec.fifo")
    }

    /// The fifo through which a failed exec is told.
    pub(super) fn result(&self, record: &Record) -> PathBuf {
        self.root.join(&record.id).join("result.fifo")
    }

    /// Forgets a container.
    pub(super) fn remove(&self, id: &str) -> Result<()> {
        let folder = self.folder(id)?;
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(RuntimeError::kernel("remove", shown(&folder), error))
            }
            _ => Ok(()),
        }
    }
}

/// The start time of a live process in clock ticks since boot; `None` when it is gone or a zombie.
pub(super) fn process_start(pid: i32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold anything, also parentheses.
    let mut fields = stat.get(stat.rfind(')')? + 2..)?.split(' ');
    let state = fields.next()?;
    (!matches!(state, "Z" | "X")).then(|| fields.nth(18)?.parse().ok())?
}

/// Reads a JSON file.
pub(super) fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T> {
    let text = fs::read(path).map_err(|error| RuntimeError::kernel("read", shown(path), error))?;
    serde_json::from_slice(&text).map_err(|error| RuntimeError::invalid(shown(path), error.to_string()))
}

/// Puts a file in place by rename, so that readers see the old or the new one.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let fail = |error| RuntimeError::kernel("write", shown(path), error);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.{}", std::process::id()));
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o644)
        .open(&temporary)
        .map_err(fail)?;
    let result = file.write_all(bytes).and_then(|()| fs::rename(&temporary, path));
    if result.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    result.map_err(fail)
}
