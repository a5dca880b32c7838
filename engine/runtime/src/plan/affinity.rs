//! CPUs that an added process may run on.

use crate::error::{Result, RuntimeError};
use oci_spec::runtime::ExecCPUAffinity;
use rustix::thread::CpuSet;

/// CPU affinity of a process that joins a container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Affinity {
    /// Until it is in the container's cgroup.
    pub first: Option<CpuSet>,
    /// When its program begins.
    pub last: Option<CpuSet>,
}

/// Reads the entry.
pub(super) fn read(wanted: Option<&ExecCPUAffinity>) -> Result<Affinity> {
    let Some(wanted) = wanted else { return Ok(Affinity::default()) };
    Ok(Affinity {
        first: wanted.initial().as_deref().map(list).transpose()?,
        last: wanted.cpu_affinity_final().as_deref().map(list).transpose()?,
    })
}

/// Reads a list such as `0-3,7`.
fn list(text: &str) -> Result<CpuSet> {
    let wrong = || RuntimeError::invalid("process.execCPUAffinity", format!("\"{text}\" is no list of CPUs"));
    let mut set = CpuSet::new();
    for part in text.split(',') {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (from, to): (usize, usize) =
            (from.parse().map_err(|_| wrong())?, to.parse().map_err(|_| wrong())?);
        if from > to || to >= CpuSet::MAX_CPU {
            return Err(wrong());
        }
        (from..=to).for_each(|cpu| set.set(cpu));
    }
    Ok(set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_cpus() {
        let set = list("0-2,5").unwrap();
        assert_eq!((0..8).filter(|cpu| set.is_set(*cpu)).collect::<Vec<_>>(), [0, 1, 2, 5]);
        for wrong in ["", "x", "2-1", "0-99999", "1,,2", "-1"] {
            assert!(list(wrong).is_err(), "{wrong}");
        }
    }
}
