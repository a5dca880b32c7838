//! Prune plans and their execution, in the user interface's words.

use super::cancel::Cancel;
use teu_api::details::{PrunePart, PruneRow, PruneRowKind, PruneScope};
use teu_api::{Failure, FailureKind};
use teu_core::images::{
    ImagePart, PruneBuilds, PruneImages, PruneItem, PruneKind, PruneOutcome, PrunePlan, PruneRequest,
    PruneVolumes,
};
use teu_core::{Engine, Paths};

/// What would go; nothing is changed.
pub fn plan(paths: &Paths, scope: PruneScope) -> Result<Vec<PruneRow>, Failure> {
    let engine = Engine::open(paths.clone())?;
    let is = |one: PruneScope| scope == one || scope == PruneScope::Everything;
    let request = PruneRequest {
        containers: is(PruneScope::Containers),
        images: if is(PruneScope::Images) { PruneImages::Unused } else { PruneImages::None },
        volumes: if is(PruneScope::Volumes) { PruneVolumes::Unused } else { PruneVolumes::None },
        builds: if scope == PruneScope::Everything { PruneBuilds::Unused } else { PruneBuilds::None },
        content: is(PruneScope::Images),
        ..PruneRequest::default()
    };
    let plan = engine.store().plan_prune(&request)?;
    let mut named: Vec<String> =
        engine.volumes()?.into_iter().filter(|v| !v.anonymous).map(|v| v.name).collect();
    named.sort();
    let parts = engine.store().prune_parts(&plan)?;
    let containers = engine.store().containers()?;
    let gone = |id: &str| plan.items.iter().any(|item| item.kind == PruneKind::Container && item.id == id);
    let standing = |image: &str| {
        let on = containers.iter().filter(|record| record.spec.image_id == image);
        on.map(|record| record.id.to_string()).filter(|id| gone(id)).collect::<Vec<_>>()
    };
    let row = |(item, parts): (PruneItem, Vec<ImagePart>)| {
        let precious = item.kind == PruneKind::Volume && named.binary_search(&item.id).is_ok();
        let after = if item.kind == PruneKind::Image { standing(&item.id) } else { Vec::new() };
        PruneRow {
            kind: match item.kind {
                PruneKind::Container => PruneRowKind::Container,
                PruneKind::Volume => PruneRowKind::Volume,
                PruneKind::Image => PruneRowKind::Image,
                PruneKind::BuildStep => PruneRowKind::BuildStep,
                PruneKind::BuildCache => PruneRowKind::BuildCache,
                PruneKind::Layer => PruneRowKind::Layer,
                PruneKind::Blob => PruneRowKind::Blob,
            },
            id: item.id,
            names: item.names,
            reason: item.reason,
            bytes: item.bytes,
            after,
            parts: parts
                .into_iter()
                .map(|part| PrunePart {
                    id: format!("{} {}", part.kind, part.id),
                    bytes: part.bytes,
                    users: part.users,
                })
                .collect(),
            precious,
        }
    };
    Ok(plan.items.iter().cloned().zip(parts).map(row).collect())
}

/// Removes exactly these, unless they came into use meanwhile; says what became of them. What is gone before it is taken
/// back stays gone.
pub fn apply(
    engine: &Engine,
    rows: Vec<PruneRow>,
    cancel: &Cancel,
    progress: &dyn Fn(String),
) -> Result<String, Failure> {
    cancel.heed();
    let item = |row: PruneRow| PruneItem {
        kind: match row.kind {
            PruneRowKind::Container => PruneKind::Container,
            PruneRowKind::Volume => PruneKind::Volume,
            PruneRowKind::Image => PruneKind::Image,
            PruneRowKind::BuildStep => PruneKind::BuildStep,
            PruneRowKind::BuildCache => PruneKind::BuildCache,
            PruneRowKind::Layer => PruneKind::Layer,
            PruneRowKind::Blob => PruneKind::Blob,
        },
        id: row.id,
        names: row.names,
        reason: row.reason,
        bytes: row.bytes,
    };
    let items: Vec<PruneItem> = rows.into_iter().map(item).collect();
    let count = items.len();
    // One after the other, so that it can be taken back between two; layers, blobs and steps at once, since each look at
    // what is unused reads all there is.
    let is_content =
        |item: &PruneItem| matches!(item.kind, PruneKind::Layer | PruneKind::Blob | PruneKind::BuildStep);
    let (content, single): (Vec<_>, Vec<_>) = items.into_iter().partition(is_content);
    let mut steps: Vec<Vec<PruneItem>> = single.into_iter().map(|item| vec![item]).collect();
    steps.push(content);
    let mut outcome = PruneOutcome::default();
    for items in steps.into_iter().filter(|items| !items.is_empty()) {
        cancel.check()?;
        let plan = PrunePlan { total: items.iter().map(|item| item.bytes).sum(), items };
        let step = engine.store().apply_prune(&plan)?;
        outcome.total += step.total;
        outcome.removed.extend(step.removed);
        outcome.kept.extend(step.kept);
        progress(format!("{} of {count}", outcome.removed.len()));
    }
    let freed = teu_ui::text::bytes(outcome.total);
    let removed = teu_ui::text::count(outcome.removed.len(), "thing");
    match outcome.kept.into_iter().next() {
        None => Ok(format!("removed {removed}, freed {freed}")),
        Some((item, why)) => {
            let name = item.names.first().unwrap_or(&item.id);
            let text = format!("removed {removed}, freed {freed}; {} {name} stays: {why}", item.kind);
            Err(Failure::new(FailureKind::Conflict, text).hint("P plans again"))
        }
    }
}
