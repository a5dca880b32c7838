//! What would go.

use super::usage::{Sizes, folder_size};
use super::{
    LabelCondition, PruneBuilds, PruneImages, PruneItem, PruneKind, PrunePlan, PruneRequest, PruneVolumes,
};
use crate::error::DatabaseContext as _;
use crate::gc::Unused;
use crate::{Lock, Result, Store};
use std::collections::{BTreeMap, HashSet};

impl Store {
    /// Plans a prune without changing anything.
    pub fn plan_prune(&self, request: &PruneRequest) -> Result<PrunePlan> {
        // One transaction: the plan is of one moment.
        let transaction = self.connection().unchecked_transaction().database("plan a prune")?;
        let mut items = Vec::new();
        let containers = self.containers()?;
        if request.containers {
            // A step's container belongs to its build, also before and after it runs.
            let stopped = |container: &&crate::ContainerRecord| {
                !container.state.status.is_live() && container.build_lock().is_none()
            };
            for container in containers.iter().filter(stopped) {
                if fits(&container.spec.labels, &request.labels)
                    && request.until.is_none_or(|until| container.created_at < until)
                {
                    items.push(PruneItem {
                        kind: PruneKind::Container,
                        id: container.id.to_string(),
                        names: vec![container.name.clone()],
                        reason: container.state.status.as_str().to_owned(),
                        bytes: folder_size(&self.paths().container(&container.id))?,
                    });
                }
            }
        }
        let gone: HashSet<String> = items.iter().map(|item| item.id.clone()).collect();
        let stays = |id: &str| !gone.contains(id);
        if request.volumes != PruneVolumes::None {
            self.plan_volumes(request, &stays, &mut items)?;
        }
        let used: HashSet<&str> = containers
            .iter()
            .filter(|container| stays(container.id.as_str()))
            .map(|container| container.spec.image_id.as_str())
            .collect();
        let mut images = Vec::new();
        if request.images != PruneImages::None {
            for image in self.images()? {
                let wanted = image.tags.is_empty() || request.images == PruneImages::Unused;
                let old = request.until.is_none_or(|until| image.created_at.unwrap_or_default() < until);
                if wanted && old && !used.contains(image.id.as_str()) && fits(&image.labels, &request.labels)
                {
                    images.push(image);
                }
            }
        }
        let mut sizes = Sizes::read(self, &gone)?;
        for image in images {
            let reason = if image.tags.is_empty() { "dangling" } else { "unused" };
            let bytes = sizes.take(&image.id);
            items.push(PruneItem {
                kind: PruneKind::Image,
                id: image.id,
                names: image.tags,
                reason: reason.to_owned(),
                bytes,
            });
        }
        self.plan_builds(request, &mut sizes, &mut items)?;
        if request.content {
            self.plan_content(&transaction, &mut items)?;
        }
        let total = items.iter().map(|item| item.bytes).sum();
        Ok(PrunePlan { items, total })
    }

    fn plan_builds(
        &self,
        request: &PruneRequest,
        sizes: &mut Sizes,
        items: &mut Vec<PruneItem>,
    ) -> Result<()> {
        let all = request.builds == PruneBuilds::All;
        // Steps have no labels.
        if request.builds == PruneBuilds::None || !request.labels.is_empty() {
            return Ok(());
        }
        let old = |at: i64| request.until.is_none_or(|until| at < until);
        for step in self.build_steps()? {
            if (all || !step.in_use) && old(step.used_at) {
                items.push(PruneItem {
                    kind: PruneKind::BuildStep,
                    bytes: sizes.take(&step.key),
                    id: step.key,
                    names: vec![step.description],
                    reason: if step.in_use { "an image has it" } else { "unused" }.to_owned(),
                });
            }
        }
        if all && request.until.is_none() {
            for cache in self.build_caches()? {
                items.push(PruneItem {
                    kind: PruneKind::BuildCache,
                    id: cache.name,
                    names: Vec::new(),
                    reason: "kept by steps of builds".to_owned(),
                    bytes: cache.bytes,
                });
            }
        }
        Ok(())
    }

    fn plan_volumes(
        &self,
        request: &PruneRequest,
        stays: &dyn Fn(&str) -> bool,
        items: &mut Vec<PruneItem>,
    ) -> Result<()> {
        let users = self.users_of_volumes()?;
        for volume in self.volumes()? {
            let wanted = volume.anonymous || request.volumes == PruneVolumes::Unused;
            let users = users.get(&volume.name).map_or(&[][..], Vec::as_slice);
            let used = users.iter().any(|user| stays(user.as_str()));
            if wanted && !used && fits(&volume.labels, &request.labels) {
                items.push(PruneItem {
                    kind: PruneKind::Volume,
                    bytes: folder_size(&volume.mountpoint)?,
                    names: vec![volume.name.clone()],
                    id: volume.name,
                    reason: if volume.anonymous { "anonymous, unused" } else { "unused" }.to_owned(),
                });
            }
        }
        Ok(())
    }

    /// What nothing names now. While somebody puts content in, nobody can tell; then none is planned.
    fn plan_content(&self, connection: &rusqlite::Connection, items: &mut Vec<PruneItem>) -> Result<()> {
        let Some(_sweep) = Lock::try_sweep(self.paths())? else { return Ok(()) };
        for unused in self.unused_content(connection, &HashSet::new(), &HashSet::new())? {
            let (kind, id, bytes) = match unused {
                Unused::Layer(chain) => {
                    let folder = self.paths().layer(&chain);
                    (PruneKind::Layer, chain, folder_size(&folder)?)
                }
                Unused::Blob(digest, size) => (PruneKind::Blob, digest, size),
            };
            items.push(PruneItem {
                kind,
                id,
                names: Vec::new(),
                reason: "no image names it".to_owned(),
                bytes,
            });
        }
        Ok(())
    }
}

fn fits(labels: &BTreeMap<String, String>, conditions: &[LabelCondition]) -> bool {
    conditions.iter().all(|condition| {
        let found = labels.get(&condition.name);
        let holds = found.is_some_and(|found| condition.value.as_ref().is_none_or(|value| value == found));
        holds != condition.negated
    })
}
