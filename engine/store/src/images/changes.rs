//! What each layer of an image adds, changes and removes, and the bytes that later layers make useless.

use super::record::LayerRecord;
use crate::error::IoContext as _;
use crate::{Result, Store, files};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, ResolveFlags, openat2, statat};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::os::fd::AsFd as _;

/// What a layer does to a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChangeKind {
    /// It was not there before.
    Added,
    /// It was there, and is another or has another description.
    Modified,
    /// It was there, and is no more.
    Removed,
}

/// One path that a layer touches.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// The path without a leading slash; not always UTF-8.
    pub path: Vec<u8>,
    /// What the layer does to it.
    pub kind: ChangeKind,
    /// Whether it is a folder.
    pub folder: bool,
    /// Bytes of the file in this layer.
    pub size: u64,
    /// Its type and permissions, as stat(2) tells them; of a removed path those it had.
    pub mode: u32,
    /// Its owner.
    pub uid: u32,
    /// Its group.
    pub gid: u32,
}

/// What a layer does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LayerChanges {
    /// The layer.
    pub layer: LayerRecord,
    /// The paths it touches, in order; all that was below a removed folder counts with the folder.
    pub changes: Vec<Change>,
    /// Bytes of files in lower layers that this layer replaces or removes: they are in the image and of no use.
    pub wasted: u64,
}

#[derive(Clone, Copy)]
struct Known {
    folder: bool,
    size: u64,
    mode: u32,
    uid: u32,
    gid: u32,
}

impl Known {
    fn change(self, path: Vec<u8>, kind: ChangeKind) -> Change {
        let Self { folder, size, mode, uid, gid } = self;
        Change { path, kind, folder, size, mode, uid, gid }
    }
}

impl Store {
    /// What each layer of an image does, lowest first.
    pub fn image_changes(&self, id: &str) -> Result<Vec<LayerChanges>> {
        let mut merged: BTreeMap<Vec<u8>, Known> = BTreeMap::new();
        let mut all = Vec::new();
        for layer in self.image_layer_records(id)? {
            let mut changes = LayerChanges { wasted: 0, changes: Vec::new(), layer };
            self.layer_changes(&mut merged, &mut changes)?;
            changes.changes.sort_by(|a, b| a.path.cmp(&b.path));
            all.push(changes);
        }
        Ok(all)
    }

    fn layer_changes(&self, merged: &mut BTreeMap<Vec<u8>, Known>, layer: &mut LayerChanges) -> Result<()> {
        let path = self.paths().layer(&layer.layer.chain_id);
        let failed = || format!("cannot read {}", path.display());
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        let root = rustix::fs::open(&path, flags, Mode::empty()).context(failed)?;
        let mut waiting = vec![Vec::new()];
        while let Some(folder) = waiting.pop() {
            let at: &[u8] = if folder.is_empty() { b"." } else { &folder };
            let open = openat2(&root, at, flags, Mode::empty(), resolve).context(failed)?;
            let opaque = crate::layers::is_opaque(open.as_fd()).context(failed)?;
            if opaque {
                remove_below(merged, &folder, layer);
            }
            for name in files::list(open.as_fd()).context(failed)? {
                let mut path = folder.clone();
                if !path.is_empty() {
                    path.push(b'/');
                }
                path.extend_from_slice(name.to_bytes());
                let stat = statat(&open, &name, AtFlags::SYMLINK_NOFOLLOW).context(failed)?;
                let kind = FileType::from_raw_mode(stat.st_mode);
                if kind == FileType::CharacterDevice && stat.st_rdev == 0 {
                    remove(merged, path, layer);
                    continue;
                }
                let is_folder = kind == FileType::Directory;
                let size = if kind == FileType::RegularFile { stat.st_size as u64 } else { 0 };
                let known =
                    Known { folder: is_folder, size, mode: stat.st_mode, uid: stat.st_uid, gid: stat.st_gid };
                let before = merged.insert(path.clone(), known);
                if let Some(before) = before {
                    layer.wasted += before.size;
                    if before.folder && !is_folder {
                        remove_below(merged, &path, layer);
                    }
                }
                let kind = if before.is_some() { ChangeKind::Modified } else { ChangeKind::Added };
                layer.changes.push(known.change(path.clone(), kind));
                if is_folder {
                    waiting.push(path);
                }
            }
        }
        Ok(())
    }
}

fn remove(merged: &mut BTreeMap<Vec<u8>, Known>, path: Vec<u8>, layer: &mut LayerChanges) {
    // A whiteout of what never was there changes nothing.
    let Some(before) = merged.remove(&path) else { return };
    layer.wasted += before.size;
    if before.folder {
        let changes = layer.changes.len();
        remove_below(merged, &path, layer);
        layer.changes.truncate(changes);
    }
    layer.changes.push(before.change(path, ChangeKind::Removed));
}

fn remove_below(merged: &mut BTreeMap<Vec<u8>, Known>, folder: &[u8], layer: &mut LayerChanges) {
    let start = if folder.is_empty() { Vec::new() } else { [folder, b"/"].concat() };
    let below: Vec<Vec<u8>> = merged
        .range((Bound::Included(start.clone()), Bound::Unbounded))
        .take_while(|(path, _)| path.starts_with(&start))
        .map(|(path, _)| path.clone())
        .collect();
    for path in below {
        if let Some(before) = merged.remove(&path) {
            layer.wasted += before.size;
            layer.changes.push(before.change(path, ChangeKind::Removed));
        }
    }
}
