//! `teu update`.

use super::{Outcome, say};
use crate::arguments::UpdateArguments;
use crate::arguments::values::{number, restart, size};
use teu_api::Failure;
use teu_core::{Engine, Update};

/// Changes limits and restart policies, and prints the containers' names.
pub fn run(engine: &Engine, arguments: &UpdateArguments) -> Outcome {
    let update = read(arguments)?;
    if update == Update::default() {
        return Err(Failure::usage("you must provide one or more flags when using this command")
            .hint("as teu update --memory 512m CONTAINER"));
    }
    super::each(&arguments.containers, |name| {
        engine.update(&engine.find(name)?.id, &update)?;
        say(name)
    })
}

fn read(arguments: &UpdateArguments) -> Result<Update, Failure> {
    let bytes = |flag: &str, text: &Option<String>| {
        text.as_deref().map(|text| if text == "-1" { Ok(-1) } else { size::flag(flag, text) }).transpose()
    };
    Ok(Update {
        memory: bytes("--memory", &arguments.memory)?,
        memory_swap: bytes("--memory-swap", &arguments.memory_swap)?,
        memory_reservation: bytes("--memory-reservation", &arguments.memory_reservation)?,
        nano_cpus: arguments.cpus.as_deref().map(number::cpus).transpose()?,
        cpu_shares: arguments.cpu_shares,
        cpu_quota: arguments.cpu_quota,
        cpu_period: arguments.cpu_period,
        cpuset_cpus: arguments.cpuset_cpus.clone(),
        cpuset_mems: arguments.cpuset_mems.clone(),
        pids_limit: arguments.pids_limit,
        blkio_weight: arguments.blkio_weight,
        restart: arguments.restart.as_deref().map(restart::parse).transpose()?,
    })
}
