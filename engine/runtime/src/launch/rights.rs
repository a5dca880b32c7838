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

/// Whether CAP_SYS_ADMIN is held until a filter is loaded.
pub(super) fn are_held(plan: &ProcessPlan, filter_follows: bool) -> bool {
    filter_follows && !plan.no_new_privileges
}

/// Whether the four sets are after an exec of a program without capabilities of its own what they were before: root
/// regains all that its bounding set has, another user keeps what is ambient and no more (`capabilities(7)`).
pub(super) fn outlast_an_exec(uid: u32, masks: &CapabilityMasks) -> bool {
    if uid == 0 {
        masks.effective == masks.bounding
            && masks.permitted == masks.bounding
            && masks.inheritable & !masks.bounding == 0
    } else {
        (masks.effective | masks.permitted) & !ambient(masks) == 0
    }
}

/// What is not both permitted and inheritable cannot be ambient; runc leaves it out as well.
fn ambient(masks: &CapabilityMasks) -> u64 {
    masks.ambient & masks.permitted & masks.inheritable
}

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

/// Sets the other four sets, as the plan has them but for what is held.
pub(super) fn set(masks: &CapabilityMasks, held: bool) -> Step<()> {
    apply(masks, if held { SYS_ADMIN } else { 0 }).at(Stage::Capabilities, 3)?;
    let ambient = ambient(masks);
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

fn apply(masks: &CapabilityMasks, held: u64) -> Result<(), Errno> {
    let sets = CapabilitySets {
        effective: CapabilitySet::from_bits_retain(masks.effective | held),
        permitted: CapabilitySet::from_bits_retain(masks.permitted | held),
        inheritable: CapabilitySet::from_bits_retain(masks.inheritable),
    };
    rustix::thread::set_capabilities(None, sets)
}
