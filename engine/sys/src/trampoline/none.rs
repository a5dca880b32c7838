//! Machines whose instructions are not written down here: there is no trampoline, callers go another way.

/// No code.
pub(super) fn code() -> &'static [u8] {
    &[]
}
