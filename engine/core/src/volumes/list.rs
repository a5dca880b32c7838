//! `volume ls` and `volume inspect`.

use super::{Backing, backing};
use crate::engine::Engine;
use rustix::fs::{AtFlags, FileType, Mode, OFlags, openat, statat};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::os::fd::{AsFd as _, OwnedFd};
use teu_api::Failure;
use teu_api::container::MountKind;
use teu_api::volume::VolumeSnapshot;
use teu_store::{VolumeRecord, files};

impl Engine {
    /// Every volume, by name, with the containers that have it.
    pub fn volumes(&self) -> Result<Vec<VolumeSnapshot>, Failure> {
        let mut users: HashMap<String, Vec<String>> = HashMap::new();
        for container in self.store().containers()? {
            let mounts = container.spec.host.mounts.iter().filter(|mount| mount.kind == MountKind::Volume);
            let named: HashSet<&str> = mounts.map(|mount| mount.source.as_str()).collect();
            for volume in named {
                users.entry(volume.to_owned()).or_default().push(container.name.clone());
            }
        }
        let snapshot = |record: VolumeRecord| VolumeSnapshot {
            containers: users.remove(&record.name).unwrap_or_default(),
            name: record.name,
            driver: record.driver,
            mountpoint: record.mountpoint.display().to_string(),
            created_at: record.created_at,
            size: None,
            anonymous: record.anonymous,
            labels: record.labels,
        };
        Ok(self.store().volumes()?.into_iter().map(snapshot).collect())
    }

    /// The volume as Docker's `inspect` shows it, with its size and how many containers have it.
    pub fn inspect_volume(&self, name: &str) -> Result<Value, Failure> {
        let record = self.store().volume(name)?;
        let created = jiff::Timestamp::from_nanosecond(i128::from(record.created_at));
        let none = |empty: bool, value: Value| if empty { Value::Null } else { value };
        Ok(json!({
            "CreatedAt": created.map_or_else(|_| String::new(), |time| format!("{time:.0}")),
            "Driver": record.driver,
            "Labels": none(record.labels.is_empty(), json!(record.labels)),
            "Mountpoint": record.mountpoint,
            "Name": record.name,
            "Options": none(record.options.is_empty(), json!(record.options)),
            "Scope": "local",
            "UsageData": {
                "RefCount": self.store().volume_users(name)?.len(),
                "Size": self.volume_size(name)?.map_or(-1, |size| size as i64),
            },
        }))
    }

    /// Bytes that a volume occupies on disk; `None` where its files are elsewhere.
    pub fn volume_size(&self, name: &str) -> Result<Option<u64>, Failure> {
        let record = self.store().volume(name)?;
        let folder = match backing(name, &record.options) {
            Ok(Backing::Folder) => record.mountpoint,
            // What is mounted from elsewhere occupies nothing of ours.
            _ => return Ok(None),
        };
        Ok(Some(disk_usage(crate::images::stack::open_folder(&folder)?)))
    }
}

/// Bytes that a tree occupies. What disappears or cannot be read meanwhile is not counted. Folders are opened one after
/// the other by descriptor, so that no link a container puts there leads out of the volume.
fn disk_usage(root: OwnedFd) -> u64 {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut seen = HashSet::new();
    let mut total = 0;
    let mut waiting = vec![root];
    while let Some(folder) = waiting.pop() {
        for name in files::list(folder.as_fd()).unwrap_or_default() {
            let Ok(stat) = statat(&folder, &name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
            if stat.st_nlink > 1 && !seen.insert((stat.st_dev, stat.st_ino)) {
                continue;
            }
            total += stat.st_blocks as u64 * 512;
            if FileType::from_raw_mode(stat.st_mode) == FileType::Directory {
                waiting.extend(openat(&folder, &name, flags, Mode::empty()).ok());
            }
        }
    }
    total
}
