//! Names and numbers of system calls, for each architecture that a filter here can speak of.

mod aarch64;
mod i386;
mod x32;
mod x86_64;

use oci_spec::runtime::Arch;

/// One system call interface.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Interface {
    X86_64,
    X32,
    I386,
    Aarch64,
}

impl Interface {
    /// The native one of this build.
    pub(super) fn native() -> Self {
        if cfg!(target_arch = "aarch64") { Self::Aarch64 } else { Self::X86_64 }
    }

    /// The one that the configuration names; `None` for those that this machine cannot execute.
    pub(super) fn of(arch: Arch) -> Option<Self> {
        let found = match arch {
            Arch::ScmpArchNative => Self::native(),
            Arch::ScmpArchX86_64 => Self::X86_64,
            Arch::ScmpArchX32 => Self::X32,
            Arch::ScmpArchX86 => Self::I386,
            Arch::ScmpArchAarch64 => Self::Aarch64,
            _ => return None,
        };
        let is_arm = found == Self::Aarch64;
        (is_arm == cfg!(target_arch = "aarch64")).then_some(found)
    }

    /// `AUDIT_ARCH_*` of `<linux/audit.h>`.
    pub(super) fn audit(self) -> u32 {
        match self {
            Self::X86_64 | Self::X32 => 0xc000_003e,
            Self::I386 => 0x4000_0003,
            Self::Aarch64 => 0xc000_00b7,
        }
    }

    /// The number of a call by name.
    pub(super) fn number(self, name: &str) -> Option<u32> {
        let table = match self {
            Self::X86_64 => x86_64::TABLE,
            Self::X32 => x32::TABLE,
            Self::I386 => i386::TABLE,
            Self::Aarch64 => aarch64::TABLE,
        };
        table.binary_search_by(|(known, _)| known.cmp(&name)).ok().map(|at| table[at].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_and_agree_with_the_c_library() {
        for table in [x86_64::TABLE, x32::TABLE, i386::TABLE, aarch64::TABLE] {
            assert!(table.is_sorted_by(|a, b| a.0 < b.0));
        }
        #[cfg(target_arch = "x86_64")]
        assert_eq!(Interface::X86_64.number("mount_setattr"), Some(442));
        assert_eq!(Interface::I386.number("socketcall"), Some(102));
        assert_eq!(Interface::Aarch64.number("openat"), Some(56));
        assert_eq!(Interface::X86_64.number("socketcall"), None);
    }
}
