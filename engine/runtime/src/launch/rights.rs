//! The child's capability sets.
//!
//! Without no_new_privs only CAP_SYS_ADMIN may load a filter, and a filter may refuse whatever comes after it. So that
//! the filter can be the last thing before the exec, the capability is held until then, and dropped right after.

use super::wire::{At, Stage, Step};
use crate::plan::ProcessPlan;
use crate::plan::capability::CapabilityMasks;
use rustix::io::Errno;
use rustix::thread::{CapabilitySet, CapabilitySets};

const SYS_ADMIN: u64 = 1 << 21;

/// Takes away for ever what the bounding set does not name.
pub(super) fn bound(masks: &CapabilityMasks) -> Step<()> {
    for bit in (0..=63u32).map(|capability| 1u64 << capability).filter(|bit| masks.bounding & bit == 0) {
        match rustix::thread::remove_capability_from_bounding_set(CapabilitySet::from_bits_retain(bit)) {
            Ok(()) => {}
            // The first number that this kernel does not have.
            Err(Errno::INVAL) => break,
            Err(error) => return Err(error).at(Stage::Capabilities, 0),
        }
    }
    Ok(())
}

/// Sets the other four sets, as the plan has them but for what the filter still needs.
pub(super) fn set(plan: &ProcessPlan, filter_follows: bool) -> Step<()> {
    let masks = &plan.capabilities;
    let extra = if filter_follows && !plan.no_new_privileges { SYS_ADMIN } else { 0 };
    apply(masks, extra).at(Stage::Capabilities, 3)?;
    // What is not both permitted and inheritable cannot be ambient; runc leaves it out as well.
    let ambient = masks.ambient & masks.permitted & masks.inheritable;
    for bit in (0..=63u32).map(|capability| 1u64 << capability).filter(|bit| ambient & bit != 0) {
        let one = CapabilitySet::from_bits_retain(bit);
        rustix::thread::configure_capability_in_ambient_set(one, true).at(Stage::Capabilities, 4)?;
    }
    Ok(())
}

/// Drops what was held for the filter.
pub(super) fn settle(plan: &ProcessPlan) -> Step<()> {
    let masks = &plan.capabilities;
    if plan.no_new_privileges || masks.effective & masks.permitted & SYS_ADMIN != 0 {
        return Ok(());
    }
    apply(masks, 0).at(Stage::Capabilities, 5)
}

fn apply(masks: &CapabilityMasks, extra: u64) -> Result<(), Errno> {
    let sets = CapabilitySets {
        effective: CapabilitySet::from_bits_retain(masks.effective | extra),
        permitted: CapabilitySet::from_bits_retain(masks.permitted | extra),
        inheritable: CapabilitySet::from_bits_retain(masks.inheritable),
    };
    rustix::thread::set_capabilities(None, sets)
}
