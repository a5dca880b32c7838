//! Disk use.

use super::PruneKind;
use crate::error::{DatabaseContext as _, IoContext as _};
use crate::{Digest, Result, Store, files};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, openat, statat};
use rustix::io::Errno;
use std::collections::{HashMap, HashSet};
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::Path;
use teu_api::ContainerId;
use teu_api::image::ImageSnapshot;

/// Bytes of each layer and blob, and how many need it.
pub(super) struct Sizes {
    /// What each image consists of.
    parts: HashMap<String, Vec<(PruneKind, String)>>,
    users: HashMap<(PruneKind, String), (u32, u64)>,
}

impl Sizes {
    /// Reads all of them, with the containers as users but these.
    pub fn read(store: &Store, without_containers: &HashSet<String>) -> Result<Self> {
        let mut sizes = Self::of_images(store)?;
        sizes.count_containers(store, without_containers).database("count what containers need")?;
        sizes.count_steps(store).database("count what builds keep")?;
        Ok(sizes)
    }

    /// Reads all of them, with the images alone as users.
    pub fn of_images(store: &Store) -> Result<Self> {
        Self::query(store).database("count what images share")
    }

    fn query(store: &Store) -> rusqlite::Result<Self> {
        let mut sizes = Self { parts: HashMap::new(), users: HashMap::new() };
        let mut statement = store.connection().prepare_cached(
            "SELECT i.image_id, i.chain_id, l.size, i.blob, i.blob_size FROM image_layers i JOIN layers l USING (chain_id)",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let image: String = row.get(0)?;
            for (kind, id, bytes) in [(PruneKind::Layer, 1, 2), (PruneKind::Blob, 3, 4)] {
                let part = (kind, row.get::<_, String>(id)?);
                sizes.users.entry(part.clone()).or_insert((0, row.get::<_, i64>(bytes)? as u64)).0 += 1;
                sizes.parts.entry(image.clone()).or_default().push(part);
            }
        }
        Ok(sizes)
    }

    fn count_containers(
        &mut self,
        store: &Store,
        without_containers: &HashSet<String>,
    ) -> rusqlite::Result<()> {
        let mut statement = store.connection().prepare_cached("SELECT id, layers FROM containers")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if without_containers.contains(row.get_ref(0)?.as_str()?) {
                continue;
            }
            for chain in row.get_ref(1)?.as_str()?.split(' ') {
                if let Some((users, _)) = self.users.get_mut(&(PruneKind::Layer, chain.to_owned())) {
                    *users += 1;
                }
            }
        }
        Ok(())
    }

    /// Steps of builds keep what they made, too.
    fn count_steps(&mut self, store: &Store) -> rusqlite::Result<()> {
        let mut statement =
            store.connection().prepare_cached("SELECT key, chain_id, blob, blob_size FROM build_steps")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (key, chain): (String, String) = (row.get(0)?, row.get(1)?);
            let layer =
                Digest::parse(&chain).ok().and_then(|chain| store.layers().get(&chain).ok().flatten());
            let bytes = layer.map_or(0, |layer| layer.size);
            for part in [
                (PruneKind::Layer, chain, bytes),
                (PruneKind::Blob, row.get(2)?, row.get::<_, i64>(3)? as u64),
            ] {
                let (kind, id, bytes) = part;
                self.users.entry((kind, id.clone())).or_insert((0, bytes)).0 += 1;
                self.parts.entry(key.clone()).or_default().push((kind, id));
            }
        }
        Ok(())
    }

    /// Counts an image or a step of a build as gone, and returns the bytes that nothing needs any more with it.
    pub fn take(&mut self, image: &str) -> u64 {
        let mut freed = 0;
        for part in self.parts.remove(image).unwrap_or_default() {
            if let Some((users, bytes)) = self.users.get_mut(&part) {
                *users -= 1;
                if *users == 0 {
                    freed += *bytes;
                }
            }
        }
        freed
    }

    /// What an image consists of: each part with its bytes and how many need it.
    fn parts(&self, image: &str) -> Vec<ImagePart> {
        let part = |part: &(PruneKind, String)| {
            let (users, bytes) = self.users.get(part).copied()?;
            Some(ImagePart { kind: part.0, id: part.1.clone(), bytes, users })
        };
        let mut parts: Vec<ImagePart> =
            self.parts.get(image).into_iter().flatten().filter_map(part).collect();
        // The same empty layer may be in an image twice.
        parts.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
        parts
    }

    /// The unpacked bytes of an image that other images have too, and those that it has alone.
    fn split(&self, image: &str) -> (u64, u64) {
        let (mut shared, mut unique) = (0, 0);
        for part in self.parts.get(image).into_iter().flatten().filter(|(kind, _)| *kind == PruneKind::Layer)
        {
            match self.users.get(part) {
                Some((1, bytes)) => unique += bytes,
                Some((_, bytes)) => shared += bytes,
                None => {}
            }
        }
        (shared, unique)
    }

    fn all(&self) -> u64 {
        self.users.values().map(|(_, bytes)| bytes).sum()
    }
}

/// An image's share of the disk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImageUsage {
    /// The image.
    pub image: ImageSnapshot,
    /// Unpacked bytes that other images have too.
    pub shared: u64,
    /// Unpacked bytes that it has alone.
    pub unique: u64,
}

/// A layer or blob of an image.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImagePart {
    /// Which of both.
    pub kind: PruneKind,
    /// Its chain id or digest.
    pub id: String,
    /// Its bytes.
    pub bytes: u64,
    /// How often images, and containers that stay, need it.
    pub users: u32,
}

/// A volume's share of the disk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VolumeUsage {
    /// The volume's name.
    pub name: String,
    /// How many containers have it.
    pub users: u32,
    /// Bytes of its files.
    pub bytes: u64,
}

/// What takes up the disk.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DiskUsage {
    /// Each image.
    pub images: Vec<ImageUsage>,
    /// Bytes of all images' layers and blobs, each counted once.
    pub images_total: u64,
    /// Bytes that removing all unused images would free.
    pub images_reclaimable: u64,
    /// Each container's own bytes: its changes and logs.
    pub containers: Vec<(ContainerId, u64)>,
    /// Each volume.
    pub volumes: Vec<VolumeUsage>,
    /// Layers and blobs that nothing names.
    pub unused_content: u64,
}

impl Store {
    /// Measures what takes up the disk.
    pub fn disk_usage(&self) -> Result<DiskUsage> {
        let alone = Sizes::of_images(self)?;
        let images = self.images()?;
        let mut usage = DiskUsage { images_total: alone.all(), ..DiskUsage::default() };
        let mut sizes = Sizes::read(self, &HashSet::new())?;
        for image in images {
            if image.containers == 0 {
                usage.images_reclaimable += sizes.take(&image.id);
            }
            let (shared, unique) = alone.split(&image.id);
            usage.images.push(ImageUsage { image, shared, unique });
        }
        for container in self.containers()? {
            let bytes = folder_size(&self.paths().container(&container.id))?;
            usage.containers.push((container.id, bytes));
        }
        let users = self.users_of_volumes()?;
        for volume in self.volumes()? {
            let users = users.get(&volume.name).map_or(0, Vec::len) as u32;
            usage.volumes.push(VolumeUsage {
                bytes: folder_size(&volume.mountpoint)?,
                name: volume.name,
                users,
            });
        }
        let content = super::PruneRequest { content: true, ..super::PruneRequest::default() };
        usage.unused_content = self.plan_prune(&content)?.total;
        Ok(usage)
    }

    /// Unpacked bytes of an image that other images have too, and those that it has alone.
    pub fn image_shares(&self, id: &str) -> Result<(u64, u64)> {
        Ok(Sizes::of_images(self)?.split(id))
    }

    /// What the images of a plan consist of, in the plan's order: so can be told what a part of the plan frees.
    pub fn prune_parts(&self, plan: &super::PrunePlan) -> Result<Vec<Vec<ImagePart>>> {
        let containers = plan.items.iter().filter(|item| item.kind == PruneKind::Container);
        let gone: HashSet<String> = containers.map(|item| item.id.clone()).collect();
        let sizes = Sizes::read(self, &gone)?;
        let parts = |item: &super::PruneItem| match item.kind {
            PruneKind::Image => sizes.parts(&item.id),
            _ => Vec::new(),
        };
        Ok(plan.items.iter().map(parts).collect())
    }

    /// Bytes that a container's own files take up: its changes and logs.
    pub fn container_size(&self, id: &ContainerId) -> Result<u64> {
        folder_size(&self.paths().container(id))
    }
}

/// Bytes that the files below a folder take up on the disk; 0 where there is none. Hard links count once.
pub(crate) fn folder_size(path: &Path) -> Result<u64> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let root = match rustix::fs::open(path, flags, Mode::empty()) {
        Err(Errno::NOENT) => return Ok(0),
        root => root.on("open", path)?,
    };
    let mut seen = HashSet::new();
    let mut bytes = 0;
    measure(&root, &mut seen, &mut bytes, 0).on("measure", path)?;
    Ok(bytes)
}

/// Deeper trees are not measured: what a container makes must not exhaust this process's descriptors.
const DEEPEST: u32 = 200;

fn measure(
    folder: &OwnedFd,
    seen: &mut HashSet<(u64, u64)>,
    bytes: &mut u64,
    depth: u32,
) -> rustix::io::Result<()> {
    for name in files::list(folder.as_fd())? {
        let stat = match statat(folder, &name, AtFlags::SYMLINK_NOFOLLOW) {
            // It belongs to something alive.
            Err(Errno::NOENT) => continue,
            stat => stat?,
        };
        if stat.st_nlink <= 1
            || FileType::from_raw_mode(stat.st_mode) == FileType::Directory
            || seen.insert((stat.st_dev, stat.st_ino))
        {
            *bytes += stat.st_blocks as u64 * 512;
        }
        if FileType::from_raw_mode(stat.st_mode) == FileType::Directory && depth < DEEPEST {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            match openat(folder, &name, flags, Mode::empty()) {
                Ok(inner) => measure(&inner, seen, bytes, depth + 1)?,
                Err(Errno::NOENT | Errno::NOTDIR) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}
