//! Which capabilities a container gets: Docker's fourteen, with what the user adds and drops.

use teu_api::Failure;

/// Docker's default set.
const DEFAULT: [&str; 14] = [
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_FSETID",
    "CAP_FOWNER",
    "CAP_MKNOD",
    "CAP_NET_RAW",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETFCAP",
    "CAP_SETPCAP",
    "CAP_NET_BIND_SERVICE",
    "CAP_SYS_CHROOT",
    "CAP_KILL",
    "CAP_AUDIT_WRITE",
];

/// Every capability, in the kernel's order (include/uapi/linux/capability.h).
const ALL: [&str; 41] = [
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP",
    "CAP_LINUX_IMMUTABLE",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST",
    "CAP_NET_ADMIN",
    "CAP_NET_RAW",
    "CAP_IPC_LOCK",
    "CAP_IPC_OWNER",
    "CAP_SYS_MODULE",
    "CAP_SYS_RAWIO",
    "CAP_SYS_CHROOT",
    "CAP_SYS_PTRACE",
    "CAP_SYS_PACCT",
    "CAP_SYS_ADMIN",
    "CAP_SYS_BOOT",
    "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE",
    "CAP_SYS_TIME",
    "CAP_SYS_TTY_CONFIG",
    "CAP_MKNOD",
    "CAP_LEASE",
    "CAP_AUDIT_WRITE",
    "CAP_AUDIT_CONTROL",
    "CAP_SETFCAP",
    "CAP_MAC_OVERRIDE",
    "CAP_MAC_ADMIN",
    "CAP_SYSLOG",
    "CAP_WAKE_ALARM",
    "CAP_BLOCK_SUSPEND",
    "CAP_AUDIT_READ",
    "CAP_PERFMON",
    "CAP_BPF",
    "CAP_CHECKPOINT_RESTORE",
];

/// The capabilities of a container. `held` are those that this process has itself: nothing more can be given,
/// and a wish for more than that is an error only where the user named the capability.
pub fn resolve(privileged: bool, add: &[String], drop: &[String], held: u64) -> Result<Vec<String>, Failure> {
    let holds = |name: &str| ALL.iter().position(|c| *c == name).is_some_and(|bit| held >> bit & 1 == 1);
    let mut names: Vec<&str> = Vec::new();
    let (add, drop) = (normalise_all(add)?, normalise_all(drop)?);
    let add_all = add.contains(&"ALL");
    if privileged || add_all {
        names.extend(ALL.iter().filter(|name| holds(name)));
    } else if !drop.contains(&"ALL") {
        names.extend(DEFAULT.iter().filter(|name| holds(name)));
    }
    if !privileged || add_all {
        names.retain(|name| !drop.contains(name));
    }
    for name in add {
        if name == "ALL" || names.contains(&name) {
            continue;
        }
        if !holds(name) {
            return Err(Failure::unsupported(format!(
                "--cap-add {name}: this process does not hold that capability itself"
            ))
            .hint("leave it out, or run teu with more privileges"));
        }
        names.push(name);
    }
    Ok(names.into_iter().map(str::to_owned).collect())
}

fn normalise_all(names: &[String]) -> Result<Vec<&'static str>, Failure> {
    names.iter().map(|name| normalise(name)).collect()
}

fn normalise(name: &str) -> Result<&'static str, Failure> {
    let upper = name.to_ascii_uppercase();
    if upper == "ALL" {
        return Ok("ALL");
    }
    let full = if upper.starts_with("CAP_") { upper } else { format!("CAP_{upper}") };
    ALL.iter().find(|known| **known == full).copied().ok_or_else(|| {
        Failure::usage(format!("invalid capability \"{name}\""))
            .hint("see capabilities(7) for the names, without CAP_ or with it")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERYTHING: u64 = (1 << 41) - 1;
    const WITHOUT_RESOURCE: u64 = EVERYTHING & !(1 << 24);

    fn strings(names: &[&str]) -> Vec<String> {
        names.iter().map(|n| (*n).to_owned()).collect()
    }

    #[test]
    fn the_default_is_dockers_fourteen() {
        assert_eq!(resolve(false, &[], &[], EVERYTHING).unwrap().len(), 14);
    }

    #[test]
    fn adding_and_dropping() {
        let some = resolve(false, &strings(&["net_admin"]), &strings(&["ALL"]), EVERYTHING).unwrap();
        assert_eq!(some, ["CAP_NET_ADMIN"]);
        let most = resolve(false, &strings(&["ALL"]), &strings(&["SYS_ADMIN"]), EVERYTHING).unwrap();
        assert_eq!(most.len(), 40);
        assert!(!most.contains(&"CAP_SYS_ADMIN".to_owned()));
    }

    #[test]
    fn only_what_is_held_can_be_given() {
        assert_eq!(resolve(true, &[], &[], WITHOUT_RESOURCE).unwrap().len(), 40);
        assert!(resolve(false, &strings(&["SYS_RESOURCE"]), &[], WITHOUT_RESOURCE).is_err());
        assert!(
            resolve(false, &strings(&["NET_FLY"]), &[], EVERYTHING).unwrap_err().message.contains("NET_FLY")
        );
    }
}
