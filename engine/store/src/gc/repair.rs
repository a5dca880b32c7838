//! Layers that were unpacked before the host last started, and are looked at once since.

use crate::error::{DatabaseContext as _, IoContext as _};
use crate::layers::Limits;
use crate::{Digest, Result, Staging, Store, StoreError, files};
use rusqlite::Connection;
use rustix::fs::{AtFlags, FileType, Mode, OFlags, openat, statat};
use rustix::io::Errno;
use std::collections::HashSet;
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::Path;

/// Deeper than any name in a layer reaches.
const DEEPEST: u32 = 2100;

struct Unsettled {
    chain: String,
    parent: Option<String>,
    diff: String,
    blob: String,
    size: u64,
    files: u64,
}

impl Store {
    /// Compares the files of layers that may not have reached the disk with what was made, and unpacks those anew
    /// that lost some. A file system that keeps data in order (ext4, xfs, btrfs as they come) loses a file's end or
    /// the file, never bytes in between, so that counting names and sizes is enough.
    pub(super) fn repair_layers(&self, transaction: &Connection) -> Result<()> {
        for layer in unsettled(transaction).database("list layers")? {
            let path = self.paths().layer(&layer.chain);
            // Its description was written last: where it is whole, so are names, owners and permissions.
            let described =
                self.layers().get(&Digest::parse(&layer.chain)?).is_ok_and(|found| found.is_some());
            if described && count(&path)? == Some((layer.files, layer.size)) {
                continue;
            }
            let whole = path.parent().unwrap_or(&path);
            let staging = Staging::new(self.paths(), "damaged")?;
            staging.take_in(whole)?;
            staging.remove()?;
            let parent = layer.parent.as_deref().map(Digest::parse).transpose()?;
            let blob = self.blobs().open(&Digest::parse(&layer.blob)?);
            let unpacked = blob.and_then(|blob| {
                self.layers().unpack(
                    blob,
                    parent.as_ref(),
                    Some(&Digest::parse(&layer.diff)?),
                    &Limits::default(),
                )
            });
            match unpacked {
                Ok(_) => {}
                // One lost image must not keep everything else from working; whoever uses it is told.
                Err(StoreError::NotFound { .. } | StoreError::Hostile { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        transaction
            .execute("UPDATE layers SET unsettled = 0 WHERE unsettled", [])
            .database("settle layers")?;
        Ok(())
    }
}

fn unsettled(connection: &Connection) -> rusqlite::Result<Vec<Unsettled>> {
    let mut statement = connection.prepare(
        "SELECT l.chain_id, below.chain_id, l.diff_id, i.blob, l.size, l.files
         FROM layers l JOIN image_layers i USING (chain_id)
         LEFT JOIN image_layers below ON below.image_id = i.image_id AND below.position = i.position - 1
         WHERE l.unsettled GROUP BY l.chain_id",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(Unsettled {
            chain: row.get(0)?,
            parent: row.get(1)?,
            diff: row.get(2)?,
            blob: row.get(3)?,
            size: row.get::<_, i64>(4)? as u64,
            files: row.get::<_, i64>(5)? as u64,
        })
    })?;
    rows.collect()
}

/// Names below a folder, and bytes of its files with hard links counted once; `None` where there is no such folder.
pub(crate) fn count(path: &Path) -> Result<Option<(u64, u64)>> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let root = match rustix::fs::open(path, flags, Mode::empty()) {
        Err(Errno::NOENT) => return Ok(None),
        root => root.on("open", path)?,
    };
    let (mut names, mut bytes, mut seen) = (0, 0, HashSet::new());
    let mut waiting = vec![(String::new().into_bytes(), 0)];
    while let Some((folder, depth)) = waiting.pop() {
        let at: &[u8] = if folder.is_empty() { b"." } else { &folder };
        let open: OwnedFd = openat(&root, at, flags, Mode::empty()).on("read", path)?;
        for name in files::list(open.as_fd()).on("read", path)? {
            names += 1;
            let stat = statat(&open, &name, AtFlags::SYMLINK_NOFOLLOW).on("read", path)?;
            match FileType::from_raw_mode(stat.st_mode) {
                FileType::RegularFile if stat.st_nlink <= 1 || seen.insert(stat.st_ino) => {
                    bytes += stat.st_size as u64;
                }
                FileType::Directory if depth < DEEPEST => {
                    let below = if folder.is_empty() {
                        name.into_bytes()
                    } else {
                        [&folder, &b"/"[..], name.as_bytes()].concat()
                    };
                    waiting.push((below, depth + 1));
                }
                _ => {}
            }
        }
    }
    Ok(Some((names, bytes)))
}
