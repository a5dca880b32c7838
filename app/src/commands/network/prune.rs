//! `teu network prune`.

use super::Outcome;
use crate::arguments::PruneArguments;
use crate::commands::prune::told;
use crate::commands::{confirm, now, say};
use crate::filter::PruneFilter;
use teu_core::{Engine, EventKind};

/// Removes networks that no container is on.
pub fn run(engine: &Engine, arguments: &PruneArguments) -> Outcome {
    let filter = PruneFilter::new(&arguments.filter, &["until"], now())?;
    let networks = engine.networks()?;
    let unused = networks.unused(|network| filter.matches(network.created_at, &network.spec.labels))?;
    if arguments.dry_run {
        for name in &unused {
            say(name)?;
        }
        return Ok(0);
    }
    if !arguments.force
        && !confirm::ask("This will remove all custom networks not used by at least one container.")?
    {
        return Ok(0);
    }
    let removed = networks.prune(&unused)?;
    told(engine, EventKind::Network, 0);
    if !removed.is_empty() {
        say("Deleted Networks:")?;
        for name in removed {
            say(&name)?;
        }
    }
    Ok(0)
}
