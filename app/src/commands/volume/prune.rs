//! `teu volume prune`.

use super::Outcome;
use crate::arguments::VolumePruneArguments;
use crate::commands::prune::told;
use crate::commands::{complain, confirm, now, say};
use crate::filter::PruneFilter;
use crate::output;
use teu_api::FailureKind;
use teu_core::{Engine, EventKind};

/// Removes volumes that no container has: anonymous ones, with `--all` named ones as well.
pub fn run(engine: &Engine, arguments: &VolumePruneArguments) -> Outcome {
    let filter = PruneFilter::new(&arguments.filter, &["all"], now())?;
    let all = arguments.all || filter.truth("all")?.unwrap_or(false);
    let mut unused = engine.unused_volumes(all)?;
    unused.retain(|volume| filter.matches(volume.created_at, &volume.labels));
    if arguments.dry_run {
        for volume in &unused {
            say(&volume.name)?;
        }
        return Ok(0);
    }
    let which = if all { "all" } else { "anonymous" };
    let warning = format!("This will remove {which} local volumes not used by at least one container.");
    if !arguments.force && !confirm::ask(&warning)? {
        return Ok(0);
    }
    let (mut removed, mut reclaimed, mut code) = (Vec::new(), 0, 0);
    for volume in unused {
        let size = engine.volume_size(&volume.name).ok().flatten().unwrap_or(0);
        match engine.remove_volume(&volume.name) {
            Ok(()) => {
                reclaimed += size;
                removed.push(volume.name);
            }
            // A container took it meanwhile, or another process was quicker.
            Err(failure) if matches!(failure.kind, FailureKind::Conflict | FailureKind::NotFound) => {}
            Err(failure) => {
                complain(&failure);
                code = 1;
            }
        }
    }
    if !removed.is_empty() {
        say("Deleted Volumes:")?;
        for name in &removed {
            say(name)?;
        }
        say("")?;
    }
    told(engine, EventKind::Volume, reclaimed);
    say(&format!("Total reclaimed space: {}", output::decimal_size(reclaimed)))?;
    Ok(code)
}
