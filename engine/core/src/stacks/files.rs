//! Secrets and configs that are no files on the host: each is kept in the state folder under the digest of what it
//! is, and mounted read-only. So a container never runs without them, whoever was killed when, and its image cannot
//! lead the writing astray.

use crate::engine::Engine;
use std::collections::HashSet;
use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};
use teu_api::Failure;
use teu_api::container::{MountKind, MountSpec};
use teu_compose::FileContent;
use teu_store::{Digest, Paths};

/// The folder of a stack's files. Its parent is closed to everyone but the engine's user.
fn folder(paths: &Paths, stack: &str) -> PathBuf {
    paths.root().join("stacks").join(stack)
}

/// Keeps a file and returns the mount that brings it into a container.
pub fn keep(paths: &Paths, stack: &str, content: &FileContent) -> Result<MountSpec, Failure> {
    let folder = folder(paths, stack);
    let number = |text: &str| -> Result<Option<u32>, Failure> {
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|_| {
            Failure::usage(format!("{}: `{text}` is not the number of a user or group", content.target))
                .hint("uid and gid are numbers")
        })
    };
    let (uid, gid) = (number(&content.uid)?, number(&content.gid)?);
    let whole = format!("{}\n{}\n{:o}\n{}", content.uid, content.gid, content.mode, content.content);
    let path = folder.join(Digest::of(whole.as_bytes()).hex());
    write(&folder, &path, content, uid, gid).map_err(|error| {
        Failure::internal(format!("cannot keep the file for {}: {error}", content.target))
            .hint("check free space and permissions of the state folder")
    })?;
    Ok(MountSpec {
        kind: MountKind::Bind,
        source: path.display().to_string(),
        target: content.target.clone(),
        read_only: true,
        ..MountSpec::default()
    })
}

fn write(
    folder: &Path,
    path: &Path,
    content: &FileContent,
    uid: Option<u32>,
    gid: Option<u32>,
) -> io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    // Two at once write the same: each its own file, and the last name wins.
    let staged = path.with_extension(format!("{:?}", std::thread::current().id()).replace(['(', ')'], "-"));
    let mut file = File::create(&staged)?;
    file.write_all(content.content.as_bytes())?;
    fchown(&file, uid, gid)?;
    file.set_permissions(Permissions::from_mode(content.mode & 0o777))?;
    file.sync_all()?;
    fs::rename(&staged, path)
}

impl Engine {
    /// Removes a stack's kept files that no container mounts any more.
    pub fn sweep_stack(&self, stack: &str) -> Result<(), Failure> {
        let folder = folder(self.store().paths(), stack);
        let Ok(entries) = fs::read_dir(&folder) else { return Ok(()) };
        let used: HashSet<String> = self
            .store()
            .containers()?
            .into_iter()
            .flat_map(|record| record.spec.host.mounts.into_iter().map(|mount| mount.source))
            .collect();
        for entry in entries.flatten() {
            if !used.contains(&entry.path().display().to_string()) {
                // One that cannot be removed now is so with the next sweep.
                let _ = fs::remove_file(entry.path());
            }
        }
        // Folders that still hold something stay.
        let _ = fs::remove_dir(&folder);
        let _ = folder.parent().map(fs::remove_dir);
        Ok(())
    }
}
