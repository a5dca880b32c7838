//! Namespace modes: `host`, `container:NAME`, …

use super::wrong;
use teu_api::Failure;
use teu_api::container::NamespaceMode;

/// Which namespace a mode is for; each knows words of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NamespaceKind {
    /// `--pid`
    Pid,
    /// `--ipc`
    Ipc,
    /// `--uts`
    Uts,
    /// `--userns`
    User,
    /// `--cgroupns`
    Cgroup,
}

/// Reads a mode.
pub fn parse(kind: NamespaceKind, text: &str) -> Result<NamespaceMode, Failure> {
    use NamespaceKind::{Cgroup, Ipc, Pid, User, Uts};
    let other = text.strip_prefix("container:").filter(|name| !name.is_empty());
    Ok(match (kind, text, other) {
        (_, "", _) => NamespaceMode::Default,
        (_, "host", _) => NamespaceMode::Host,
        (Pid | Ipc, _, Some(name)) => NamespaceMode::Container(name.to_owned()),
        (Ipc | Cgroup | Pid | Uts, "private", _) => NamespaceMode::Private,
        (Ipc, "shareable", _) => NamespaceMode::Shareable,
        (Ipc, "none", _) => NamespaceMode::None,
        (User, "private", _) => NamespaceMode::Private,
        (User, _, None)
            if ["auto", "keep-id", "nomap"].contains(&text.split(':').next().unwrap_or_default()) =>
        {
            NamespaceMode::Other(text.to_owned())
        }
        _ => {
            let (flag, name, known) = match kind {
                Pid => ("--pid", "PID", "host and container:NAME"),
                Ipc => ("--ipc", "IPC", "none, private, shareable, host and container:NAME"),
                Uts => ("--uts", "UTS", "host"),
                User => ("--userns", "USER", "host, private, auto, keep-id and nomap"),
                Cgroup => ("--cgroupns", "CGROUP", "host and private"),
            };
            return Err(wrong(format!("{flag}: invalid {name} mode {text:?}"), format!("known are {known}")));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_knows_its_words() {
        use NamespaceKind::{Cgroup, Ipc, Pid, User, Uts};
        assert_eq!(parse(Pid, "container:web").unwrap(), NamespaceMode::Container("web".into()));
        assert_eq!(parse(Ipc, "shareable").unwrap(), NamespaceMode::Shareable);
        assert_eq!(parse(User, "keep-id:uid=5").unwrap(), NamespaceMode::Other("keep-id:uid=5".into()));
        for (kind, bad) in
            [(Pid, "container:"), (Pid, "none"), (Uts, "container:web"), (Cgroup, "shareable"), (User, "x")]
        {
            assert!(parse(kind, bad).is_err(), "{kind:?} {bad}");
        }
    }
}
