//! What differs between the file trees of two images.

use crate::engine::Engine;
use rustix::fs::{FileType, Mode, OFlags, ResolveFlags, fstat, openat2, readlinkat};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::{AsFd as _, OwnedFd};
use teu_api::Failure;
use teu_store::{Change, ChangeKind};

/// Where a path's last state is: its layer's chain id, and what the layer's tree says of it.
struct Place {
    chain: String,
    last: Change,
}

impl Engine {
    /// Every path that one image has and the other has not, or has in another state; in order.
    pub fn diff_images(&self, first: &str, second: &str) -> Result<Vec<Change>, Failure> {
        let (before, after) = (self.tree(first)?, self.tree(second)?);
        let mut changes = Vec::new();
        for (path, place) in &before {
            let kind = match after.get(path) {
                None => ChangeKind::Removed,
                Some(other) if self.same(path, place, other)? => continue,
                Some(_) => ChangeKind::Modified,
            };
            let shown = after.get(path).unwrap_or(place);
            changes.push(Change { kind, ..shown.last.clone() });
        }
        for (_, place) in after.iter().filter(|(path, _)| !before.contains_key(*path)) {
            changes.push(Change { kind: ChangeKind::Added, ..place.last.clone() });
        }
        changes.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(changes)
    }

    /// An image's paths as its containers see them.
    fn tree(&self, name: &str) -> Result<BTreeMap<Vec<u8>, Place>, Failure> {
        let image = self.store().find_image(name)?;
        let mut tree: BTreeMap<Vec<u8>, Place> = BTreeMap::new();
        for layer in self.store().image_changes(&image.id)? {
            let (gone, here): (Vec<Change>, Vec<Change>) =
                layer.changes.into_iter().partition(|change| change.kind == ChangeKind::Removed);
            for change in gone {
                let start = [&change.path[..], b"/"].concat();
                let below: Vec<Vec<u8>> = tree
                    .range(start.clone()..)
                    .take_while(|(path, _)| path.starts_with(&start))
                    .map(|(path, _)| path.clone())
                    .collect();
                tree.remove(&change.path);
                for path in below {
                    tree.remove(&path);
                }
            }
            for change in here {
                let place = Place { chain: layer.layer.chain_id.clone(), last: change.clone() };
                tree.insert(change.path, place);
            }
        }
        Ok(tree)
    }

    fn same(&self, path: &[u8], first: &Place, second: &Place) -> Result<bool, Failure> {
        if first.chain == second.chain {
            return Ok(true);
        }
        if first.last.folder != second.last.folder || first.last.size != second.last.size {
            return Ok(false);
        }
        let failed = |error: io::Error| {
            Failure::internal(format!(
                "cannot compare {}: {error}",
                String::from_utf8_lossy(path).escape_debug()
            ))
        };
        let compared = self
            .open_in_layer(path, &first.chain, OFlags::PATH)
            .and_then(|a| Ok((a, self.open_in_layer(path, &second.chain, OFlags::PATH)?)))
            .and_then(|(a, b)| self.same_files(path, (&a, &first.chain), (&b, &second.chain)));
        compared.map_err(failed)
    }

    fn same_files(&self, path: &[u8], first: (&OwnedFd, &str), second: (&OwnedFd, &str)) -> io::Result<bool> {
        let (a, b) = (fstat(first.0)?, fstat(second.0)?);
        if (a.st_mode, a.st_uid, a.st_gid, a.st_rdev) != (b.st_mode, b.st_uid, b.st_gid, b.st_rdev) {
            return Ok(false);
        }
        match FileType::from_raw_mode(a.st_mode) {
            FileType::RegularFile => {
                let open = |chain: &str| self.open_in_layer(path, chain, OFlags::RDONLY).map(File::from);
                same_content(open(first.1)?, open(second.1)?)
            }
            FileType::Symlink => {
                Ok(readlinkat(first.0, "", Vec::new())? == readlinkat(second.0, "", Vec::new())?)
            }
            _ => Ok(true),
        }
    }

    /// Opens a path in one layer's tree, and only there.
    fn open_in_layer(&self, path: &[u8], chain: &str, flags: OFlags) -> io::Result<OwnedFd> {
        let folder = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = rustix::fs::open(self.store().paths().layer(chain), folder, Mode::empty())?;
        let flags = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let flags = if flags.contains(OFlags::PATH) { flags.difference(OFlags::NONBLOCK) } else { flags };
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        // A symbolic link as the last part is opened itself; one on the way there is refused with BENEATH's rules.
        Ok(openat2(root.as_fd(), path, flags, Mode::empty(), resolve)?)
    }
}

fn same_content(first: File, second: File) -> io::Result<bool> {
    let mut first = io::BufReader::with_capacity(64 << 10, first);
    let mut second = io::BufReader::with_capacity(64 << 10, second);
    let (mut a, mut b) = (vec![0; 64 << 10], vec![0; 64 << 10]);
    loop {
        let count = first.read(&mut a)?;
        match second.read_exact(&mut b[..count]) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
            other => other?,
        }
        if a[..count] != b[..count] {
            return Ok(false);
        }
        if count == 0 {
            return Ok(second.read(&mut b)? == 0);
        }
    }
}
