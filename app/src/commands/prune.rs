//! `teu container prune`, `teu image prune` and `teu system prune`: a plan is made, shown, and carried out exactly.

use super::{Outcome, complain, confirm, now, print, say};
use crate::arguments::values::timestamp;
use crate::arguments::{BuilderPruneArguments, ImagePruneArguments, PruneArguments, SystemPruneArguments};
use crate::filter::Filters;
use crate::output::{decimal_size, safe, short_id, table};
use jiff::tz::TimeZone;
use teu_api::Failure;
use teu_core::images::{
    LabelCondition, PruneBuilds, PruneImages, PruneItem, PruneKind, PruneRequest, PruneVolumes,
};
use teu_core::{Engine, EventKind, NewEvent};

/// Removes all containers that do not run.
pub fn containers(engine: &Engine, arguments: &PruneArguments) -> Outcome {
    let mut request = PruneRequest { containers: true, ..PruneRequest::default() };
    narrow(&mut request, &arguments.filter, &[])?;
    carry_out(engine, &request, arguments.dry_run, arguments.force)
}

/// Removes images that nobody uses.
pub fn images(engine: &Engine, arguments: &ImagePruneArguments) -> Outcome {
    let images = if arguments.all { PruneImages::Unused } else { PruneImages::Dangling };
    // What interrupted pulls left has neither age nor labels: a condition spares it.
    let mut request =
        PruneRequest { images, content: arguments.filter.is_empty(), ..PruneRequest::default() };
    if narrow(&mut request, &arguments.filter, &["dangling"])?.truth("dangling")? == Some(false) {
        request.images = PruneImages::Unused;
    }
    carry_out(engine, &request, arguments.dry_run, arguments.force)
}

/// Removes the cache of builds.
pub fn builds(engine: &Engine, arguments: &BuilderPruneArguments) -> Outcome {
    let builds = if arguments.all { PruneBuilds::All } else { PruneBuilds::Unused };
    let mut request = PruneRequest { builds, ..PruneRequest::default() };
    narrow(&mut request, &arguments.filter, &[])?;
    carry_out(engine, &request, arguments.dry_run, arguments.force)
}

/// Removes everything that is not in use.
pub fn system(engine: &Engine, arguments: &SystemPruneArguments) -> Outcome {
    let mut request = PruneRequest {
        containers: true,
        images: if arguments.all { PruneImages::Unused } else { PruneImages::Dangling },
        volumes: if arguments.volumes { PruneVolumes::Anonymous } else { PruneVolumes::None },
        builds: if arguments.all { PruneBuilds::All } else { PruneBuilds::Unused },
        content: arguments.filter.is_empty(),
        ..PruneRequest::default()
    };
    narrow(&mut request, &arguments.filter, &[])?;
    carry_out(engine, &request, arguments.dry_run, arguments.force)
}

/// Reads `--filter` into the request.
fn narrow(request: &mut PruneRequest, texts: &[String], keys: &[&str]) -> Result<Filters, Failure> {
    let known: Vec<&str> = ["label", "label!", "until"].into_iter().chain(keys.iter().copied()).collect();
    let filters = Filters::parse(texts, &known)?;
    for value in filters.values("until") {
        let moment = timestamp::parse(value, now(), &TimeZone::system())?;
        request.until = Some(request.until.map_or(moment, |other| other.min(moment)));
    }
    for (key, negated) in [("label", false), ("label!", true)] {
        for text in filters.values(key) {
            let (name, value) =
                text.split_once('=').map_or((text.as_str(), None), |(name, value)| (name, Some(value)));
            request.labels.push(LabelCondition {
                name: name.to_owned(),
                value: value.map(str::to_owned),
                negated,
            });
        }
    }
    Ok(filters)
}

fn carry_out(engine: &Engine, request: &PruneRequest, dry_run: bool, force: bool) -> Outcome {
    let plan = engine.store().plan_prune(request)?;
    if dry_run || (!force && !plan.items.is_empty()) {
        print(&shown(&plan.items))?;
        say(&format!("Total reclaimable space: {}", decimal_size(plan.total)))?;
    }
    if dry_run || (!force && !plan.items.is_empty() && !confirm::ask("This will remove all of these.")?) {
        return Ok(0);
    }
    let outcome = engine.store().apply_prune(&plan)?;
    for kind in [
        PruneKind::Container,
        PruneKind::Volume,
        PruneKind::Image,
        PruneKind::BuildStep,
        PruneKind::BuildCache,
        PruneKind::Layer,
        PruneKind::Blob,
    ] {
        let removed: Vec<&PruneItem> = outcome.removed.iter().filter(|item| item.kind == kind).collect();
        if !removed.is_empty() {
            say(&format!("Deleted {}:", plural(kind)))?;
            for item in removed {
                say(&line(item))?;
            }
            say("")?;
        }
    }
    for (kind, event, asked) in [
        (PruneKind::Container, EventKind::Container, request.containers),
        (PruneKind::Image, EventKind::Image, request.images != PruneImages::None),
        (PruneKind::Volume, EventKind::Volume, request.volumes != PruneVolumes::None),
    ] {
        if asked {
            let removed = outcome.removed.iter().filter(|item| item.kind == kind);
            told(engine, event, removed.map(|item| item.bytes).sum());
        }
    }
    for (item, why) in outcome.kept {
        complain(&Failure {
            message: format!("kept {} {}: {why}", item.kind, item.id),
            ..Failure::from(why)
        });
    }
    say(&format!("Total reclaimed space: {}", decimal_size(outcome.total)))?;
    Ok(0)
}

/// Records that things of a kind were pruned, as Docker does also where there were none.
pub fn told(engine: &Engine, kind: EventKind, reclaimed: u64) {
    super::record(engine, &NewEvent::new(kind, "prune", "").with("reclaimed", reclaimed.to_string()));
}

/// The plan, one line a thing.
fn shown(items: &[PruneItem]) -> String {
    let mut rows = vec![["KIND", "ID", "NAME", "REASON", "FREES"].map(str::to_owned).to_vec()];
    for item in items {
        let id = if item.kind == PruneKind::Volume { item.id.as_str() } else { short_id(&item.id) };
        let names = item.names.join(", ");
        rows.push(vec![
            item.kind.to_string(),
            safe(id).into_owned(),
            safe(if names.is_empty() { "<none>" } else { &names }).into_owned(),
            item.reason.clone(),
            decimal_size(item.bytes),
        ]);
    }
    table(&rows)
}

/// One thing that is gone, in Docker's words.
fn line(item: &PruneItem) -> String {
    if item.kind == PruneKind::BuildStep {
        return safe(&item.names.join(" ")).into_owned();
    }
    if item.kind != PruneKind::Image {
        return safe(&item.id).into_owned();
    }
    let names: Vec<String> = item.names.iter().map(|name| format!("untagged: {}\n", safe(name))).collect();
    format!("{}deleted: {}", names.concat(), item.id)
}

fn plural(kind: PruneKind) -> &'static str {
    match kind {
        PruneKind::Container => "Containers",
        PruneKind::Volume => "Volumes",
        PruneKind::Image => "Images",
        PruneKind::BuildStep => "Build steps",
        PruneKind::BuildCache => "Build caches",
        PruneKind::Layer => "Layers",
        PruneKind::Blob => "Blobs",
    }
}
