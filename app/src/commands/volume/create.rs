//! `teu volume create`.

use super::Outcome;
use crate::arguments::VolumeCreateArguments;
use crate::arguments::values::labels;
use crate::commands::say;
use teu_core::{Engine, NewVolume};

/// Makes a volume and prints its name. One without a name is anonymous, as `prune` understands it.
pub fn run(engine: &Engine, arguments: &VolumeCreateArguments) -> Outcome {
    let volume = engine.create_volume(&NewVolume {
        name: arguments.name.clone().unwrap_or_default(),
        driver: arguments.driver.clone(),
        labels: labels::map("--label", &arguments.label)?,
        options: labels::map("--opt", &arguments.opt)?,
        anonymous: arguments.name.is_none(),
    })?;
    say(&volume.name)?;
    Ok(0)
}
