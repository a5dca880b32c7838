//! Exactly what was planned goes, unless it came into use meanwhile.

use super::{PruneItem, PruneKind, PruneOutcome, PrunePlan};
use crate::gc::Unused;
use crate::{Lock, Result, Store, StoreError, database, error::DatabaseContext as _};
use std::collections::{HashMap, HashSet};
use teu_api::ContainerId;

impl Store {
    /// Carries out a plan. What cannot be removed is reported and does not stop the rest.
    pub fn apply_prune(&self, plan: &PrunePlan) -> Result<PruneOutcome> {
        let mut outcome = PruneOutcome::default();
        for item in &plan.items {
            let removed = match item.kind {
                PruneKind::Container => self.prune_container(item),
                PruneKind::Volume => self.remove_volume(&item.id),
                PruneKind::Image => self.prune_image(item),
                PruneKind::BuildCache => self.remove_build_cache(&item.id),
                // All at once below: each look at what is unused reads all there is.
                PruneKind::Layer | PruneKind::Blob | PruneKind::BuildStep => continue,
            };
            match removed {
                Ok(()) => outcome.count(item),
                // Somebody else removed it: it is gone, but not by us.
                Err(error) if error.is_not_found() => {}
                Err(error) => outcome.kept.push((item.clone(), error)),
            }
        }
        if outcome.removed.iter().any(|item| item.kind == PruneKind::Image) {
            self.making_room(|| self.write_index())?;
        }
        self.making_room(|| self.prune_steps(plan, &mut outcome))?;
        self.making_room(|| self.prune_content(plan, &mut outcome))?;
        Ok(outcome)
    }

    fn prune_container(&self, item: &PruneItem) -> Result<()> {
        let id = ContainerId::parse(&item.id)
            .ok_or_else(|| StoreError::not_found("container", item.id.as_str()))?;
        if self.container(&id)?.state.status.is_live() {
            return Err(StoreError::conflict(
                format!("container {} was started meanwhile", item.id),
                "stop it first",
            ));
        }
        self.remove_container(&id, false)
    }

    fn prune_image(&self, item: &PruneItem) -> Result<()> {
        let tags: Vec<String> = self.image_tags(&item.id)?.iter().map(crate::Reference::familiar).collect();
        if tags.iter().any(|tag| !item.names.contains(tag)) {
            return Err(StoreError::conflict(
                format!("image {} was given another name meanwhile", item.id),
                "plan again",
            ));
        }
        self.remove_image_if_unused(&item.id)
    }

    fn prune_steps(&self, plan: &PrunePlan, outcome: &mut PruneOutcome) -> Result<()> {
        let steps: Vec<&PruneItem> =
            plan.items.iter().filter(|item| item.kind == PruneKind::BuildStep).collect();
        let keys: Vec<String> = steps.iter().map(|item| item.id.clone()).collect();
        if !keys.is_empty() {
            self.remove_build_steps(&keys)?;
            for item in steps {
                outcome.count(item);
            }
        }
        Ok(())
    }

    fn prune_content(&self, plan: &PrunePlan, outcome: &mut PruneOutcome) -> Result<()> {
        let is_content = |item: &&PruneItem| matches!(item.kind, PruneKind::Layer | PruneKind::Blob);
        let mut planned: HashMap<(PruneKind, String), &PruneItem> =
            plan.items.iter().filter(is_content).map(|item| ((item.kind, item.id.clone()), item)).collect();
        if planned.is_empty() {
            return Ok(());
        }
        let transaction = database::write(self.connection())?;
        let sweep = Lock::try_sweep(self.paths())?;
        let mut unused = match sweep {
            Some(_) => self.unused_content(&transaction, &HashSet::new(), &HashSet::new())?,
            None => Vec::new(),
        };
        let mut removed = Vec::new();
        unused.retain(|unused| {
            let key = match unused {
                Unused::Layer(chain) => (PruneKind::Layer, chain.clone()),
                Unused::Blob(digest, _) => (PruneKind::Blob, digest.clone()),
            };
            let item = planned.remove(&key);
            removed.extend(item);
            item.is_some()
        });
        self.remove_content(&transaction, &unused)?;
        transaction.commit().database("remove unused content")?;
        for item in removed {
            outcome.count(item);
        }
        for item in planned.into_values() {
            let message = format!("{} {} came into use meanwhile", item.kind, item.id);
            outcome.kept.push((item.clone(), StoreError::conflict(message, "plan again")));
        }
        Ok(())
    }
}

impl PruneOutcome {
    fn count(&mut self, item: &PruneItem) {
        self.total += item.bytes;
        self.removed.push(item.clone());
    }
}
