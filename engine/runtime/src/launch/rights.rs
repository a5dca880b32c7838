//! The child's capability sets.
//!
//! Without no_new_privs only CAP_SYS_ADMIN may load a filter, and a filter may refuse whatever comes after it. So that
//! the filter can be the last thing before the exec, the capability is held until then, and dropped right after. Where
//! another exec lies in between it is carried over as an ambient one: that of another user than root has no other.

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

/// Whether an exec in between would lose it. Root regains what its bounding set has.
pub(super) fn are_lost_at_exec(plan: &ProcessPlan, filter_follows: bool) -> bool {
    let regained = plan.uid == 0 && plan.capabilities.bounding & SYS_ADMIN != 0;
    are_held(plan, filter_follows) && !regained
}

/// Makes what the filter needs inheritable while the bounding set still has it.
pub(super) fn prepare_to_carry() -> Step<()> {
    let mut sets = rustix::thread::capabilities(None).at(Stage::Capabilities, 6)?;
    sets.inheritable |= CapabilitySet::SYS_ADMIN;
    rustix::thread::set_capabilities(None, sets).at(Stage::Capabilities, 6)
}

/// The sets that a trampoline, which carried the capability over its exec, leaves behind it. What an exec gives depends
/// on the inheritable, ambient and bounding sets alone: the permitted one holds up the ambient one and no more.
pub(super) fn after_filter(masks: &CapabilityMasks) -> CapabilitySets {
    let ambient = CapabilitySet::from_bits_retain(ambient(masks));
    let inheritable = CapabilitySet::from_bits_retain(masks.inheritable);
    CapabilitySets { effective: ambient, permitted: ambient, inheritable }
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

/// Sets the other four sets, as the plan has them but for what is held, and maybe carried over an exec.
pub(super) fn set(masks: &CapabilityMasks, held: bool, carried: bool) -> Step<()> {
    let extra = |with: bool| if with { SYS_ADMIN } else { 0 };
    apply(masks, extra(held), extra(carried)).at(Stage::Capabilities, 3)?;
    let ambient = ambient(masks) | extra(carried);
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
    apply(masks, 0, 0).at(Stage::Capabilities, 5)
}

fn apply(masks: &CapabilityMasks, held: u64, carried: u64) -> Result<(), Errno> {
    let sets = CapabilitySets {
        effective: CapabilitySet::from_bits_retain(masks.effective | held),
        permitted: CapabilitySet::from_bits_retain(masks.permitted | held),
        inheritable: CapabilitySet::from_bits_retain(masks.inheritable | carried),
    };
    rustix::thread::set_capabilities(None, sets)
}
