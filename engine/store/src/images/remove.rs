//! `rmi`, by Docker's rules: names go first; the image goes with its last name, unless a container needs it.

use super::find::FoundBy;
use super::record::ImageRecord;
use crate::error::DatabaseContext as _;
use crate::events::{self, EventKind, NewEvent};
use crate::{Lock, Reference, Result, Staging, Store, StoreError, database};
use rusqlite::{Connection, params};
use std::collections::{BTreeSet, HashSet};
use std::fmt;

/// One step of a removal, as Docker prints it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Removed {
    /// A name is gone.
    Untagged(String),
    /// An image or a layer is gone, by its digest.
    Deleted(String),
}

impl fmt::Display for Removed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Untagged(name) => write!(f, "Untagged: {name}"),
            Self::Deleted(digest) => write!(f, "Deleted: {digest}"),
        }
    }
}

struct User {
    id: String,
    live: bool,
}

impl Store {
    /// Removes a name, or an image with all its names when it is named by its id, and what nothing else needs.
    /// `force` removes an image that stopped containers use, or that has several names.
    pub fn remove_image(&self, reference: &str, force: bool) -> Result<Vec<Removed>> {
        self.making_room(|| self.remove_image_now(reference, force))
    }

    fn remove_image_now(&self, reference: &str, force: bool) -> Result<Vec<Removed>> {
        let (image, found_by) = self.locate_image(reference)?;
        let tags = self.image_tags(&image.id)?;
        let repo_digests = self.image_repo_digests(&image.id)?;
        let (tags, repo_digests) = match found_by {
            FoundBy::Tag(name) if tags.len() > 1 => {
                // The digests of a repository go with its last tag there.
                let same = |other: &&Reference| other.repository() == name.repository();
                let last = tags.iter().filter(same).count() == 1;
                let digests = repo_digests
                    .into_iter()
                    .filter(|digest| last && digest.repository() == name.repository());
                return self.untag(&image, vec![name.clone()], digests.collect());
            }
            FoundBy::Digest(name) if !tags.is_empty() || repo_digests.len() > 1 => {
                return self.untag(&image, Vec::new(), vec![name]);
            }
            FoundBy::Tag(name) | FoundBy::Digest(name) => {
                self.refuse_used(&image, force, |user| {
                    format!(
                        "conflict: unable to remove repository reference \"{}\" (must force) - container {user} is using its referenced image {}",
                        name.familiar(),
                        image.short_id()
                    )
                })?;
                (tags, repo_digests)
            }
            FoundBy::Id => {
                let repositories: BTreeSet<String> = tags.iter().map(Reference::repository).collect();
                if repositories.len() > 1 && !force {
                    return Err(StoreError::conflict(
                        format!(
                            "conflict: unable to delete {} (must be forced) - image is referenced in multiple repositories",
                            image.short_id()
                        ),
                        "remove it by name, or force it with -f",
                    ));
                }
                self.refuse_used(&image, force, |user| {
                    format!(
                        "conflict: unable to delete {} (must be forced) - image is being used by stopped container {user}",
                        image.short_id()
                    )
                })?;
                (tags, repo_digests)
            }
        };
        let removed = self.delete(&image, &tags, &repo_digests, force)?;
        self.write_index()?;
        Ok(removed)
    }

    /// Removes an image with all its names, unless any container uses it. The caller writes the index.
    pub(crate) fn remove_image_if_unused(&self, id: &str) -> Result<()> {
        let image = self.image(id)?;
        self.refuse_used(&image, false, |user| {
            format!("image {} is being used by container {user}", image.short_id())
        })?;
        let (tags, digests) = (self.image_tags(id)?, self.image_repo_digests(id)?);
        self.making_room(|| self.delete(&image, &tags, &digests, false).map(drop))
    }

    fn refuse_used(&self, image: &ImageRecord, force: bool, message: impl Fn(&str) -> String) -> Result<()> {
        let users = self.image_users(&image.id)?;
        let short = |user: &User| user.id.get(..12).unwrap_or(&user.id).to_owned();
        if let Some(user) = users.iter().find(|user| user.live) {
            let user = short(user);
            return Err(StoreError::conflict(
                format!(
                    "conflict: unable to delete {} (cannot be forced) - image is being used by running container {user}",
                    image.short_id()
                ),
                format!("stop and remove the container first: teu rm -f {user}"),
            ));
        }
        match users.first() {
            Some(user) if !force => {
                let user = short(user);
                Err(StoreError::conflict(
                    message(&user),
                    format!("remove the container first (teu rm {user}), or force it with -f"),
                ))
            }
            _ => Ok(()),
        }
    }

    fn image_users(&self, id: &str) -> Result<Vec<User>> {
        let query = || -> rusqlite::Result<Vec<User>> {
            let mut statement = self.connection().prepare_cached(
                "SELECT id, status IN ('running', 'paused', 'restarting') FROM containers WHERE image_id = ? ORDER BY created_at",
            )?;
            statement.query_map([id], |row| Ok(User { id: row.get(0)?, live: row.get(1)? }))?.collect()
        };
        query().database("look for an image's users")
    }

    fn untag(
        &self,
        image: &ImageRecord,
        tags: Vec<Reference>,
        digests: Vec<Reference>,
    ) -> Result<Vec<Removed>> {
        let transaction = database::write(self.connection())?;
        let removed = untag(&transaction, &image.id, &tags, &digests)?;
        transaction.commit().database("untag an image")?;
        self.write_index()?;
        Ok(removed)
    }

    fn delete(
        &self,
        image: &ImageRecord,
        tags: &[Reference],
        digests: &[Reference],
        force: bool,
    ) -> Result<Vec<Removed>> {
        let transaction = database::write(self.connection())?;
        // Looked at again: a container may have been made since.
        self.refuse_used(image, force, |user| {
            format!(
                "conflict: unable to delete {} - container {user} came to use it meanwhile",
                image.short_id()
            )
        })?;
        let blobs = image_blobs(&transaction, &image.id).database("list an image's blobs")?;
        let layers: Vec<String> =
            self.image_layer_records(&image.id)?.into_iter().map(|layer| layer.chain_id).collect();
        let mut removed = untag(&transaction, &image.id, tags, digests)?;
        transaction.execute("DELETE FROM images WHERE id = ?", [&image.id]).database("remove an image")?;
        removed.push(Removed::Deleted(image.id.clone()));
        events::append(
            &transaction,
            &NewEvent::new(EventKind::Image, "delete", &image.id).with("name", image.id.as_str()),
        )?;

        // While another process puts content in, what this image leaves behind may be what that one builds on: it stays
        // for a later prune.
        let sweep = Lock::try_sweep(self.paths())?;
        let kept =
            used_layers(&transaction, &HashSet::new(), &HashSet::new()).database("list layers in use")?;
        let unused = |chain: &&String| sweep.is_some() && !kept.contains(*chain);
        let gone: Vec<&String> = layers.iter().rev().filter(unused).collect();
        for chain in &gone {
            transaction
                .execute("DELETE FROM layers WHERE chain_id = ?", [chain])
                .database("remove a layer")?;
            removed.push(Removed::Deleted((*chain).clone()));
        }
        let kept = used_blobs(&transaction, &HashSet::new()).database("list blobs in use")?;
        let staging = Staging::new(self.paths(), "image")?;
        // The rows go first: killed between, this leaves content that nothing names, and never an image without its
        // content. Nobody else can put the same content in meanwhile.
        transaction.commit().database("remove an image")?;
        for chain in gone {
            staging.take_in(&self.paths().layers().join(chain.trim_start_matches("sha256:")))?;
        }
        for blob in blobs.iter().filter(|blob| sweep.is_some() && !kept.contains(*blob)) {
            staging.take_in(&self.paths().blobs().join(blob.trim_start_matches("sha256:")))?;
        }
        staging.remove()?;
        Ok(removed)
    }
}

fn untag(
    connection: &Connection,
    image: &str,
    tags: &[Reference],
    digests: &[Reference],
) -> Result<Vec<Removed>> {
    let mut removed = Vec::new();
    for (table, names) in [("tags", tags), ("repo_digests", digests)] {
        for name in names {
            connection
                .execute(
                    &format!("DELETE FROM {table} WHERE name = ? AND image_id = ?"),
                    params![name.to_string(), image],
                )
                .database("untag an image")?;
            let familiar = name.familiar();
            events::append(
                connection,
                &NewEvent::new(EventKind::Image, "untag", image).with("name", familiar.as_str()),
            )?;
            removed.push(Removed::Untagged(familiar));
        }
    }
    Ok(removed)
}

fn image_blobs(connection: &Connection, id: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare_cached(
        "SELECT blob FROM image_layers WHERE image_id = ?1 UNION SELECT id FROM images WHERE id = ?1
         UNION SELECT manifest_digest FROM images WHERE id = ?1",
    )?;
    statement.query_map([id], |row| row.get(0))?.collect()
}

/// Layers that an image or a container stands on, but for those left out.
pub(crate) fn used_layers(
    connection: &Connection,
    without_images: &HashSet<&str>,
    without_containers: &HashSet<&str>,
) -> rusqlite::Result<HashSet<String>> {
    let mut used = HashSet::new();
    let mut statement = connection.prepare_cached("SELECT image_id, chain_id FROM image_layers")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if !without_images.contains(row.get_ref(0)?.as_str()?) {
            used.insert(row.get(1)?);
        }
    }
    let mut statement = connection.prepare_cached("SELECT id, layers FROM containers")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if !without_containers.contains(row.get_ref(0)?.as_str()?) {
            used.extend(
                row.get_ref(1)?.as_str()?.split(' ').filter(|chain| !chain.is_empty()).map(str::to_owned),
            );
        }
    }
    let mut statement = connection.prepare_cached("SELECT chain_id FROM build_steps")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        used.insert(row.get(0)?);
    }
    Ok(used)
}

/// Blobs that an image consists of, but for those left out.
pub(crate) fn used_blobs(
    connection: &Connection,
    without_images: &HashSet<&str>,
) -> rusqlite::Result<HashSet<String>> {
    let mut statement = connection.prepare_cached(
        "SELECT image_id, blob FROM image_layers UNION ALL SELECT id, id FROM images
         UNION ALL SELECT id, manifest_digest FROM images UNION ALL SELECT '', blob FROM build_steps",
    )?;
    let mut used = HashSet::new();
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if !without_images.contains(row.get_ref(0)?.as_str()?) {
            used.insert(row.get(1)?);
        }
    }
    Ok(used)
}
