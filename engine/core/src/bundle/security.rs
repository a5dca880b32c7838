//! `--security-opt`, parsed.

use teu_api::Failure;

/// Where the system call filter comes from.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum SeccompChoice {
    /// The default filter.
    #[default]
    Default,
    /// No filter.
    Unconfined,
    /// The text of a profile in Docker's format.
    Profile(String),
}

/// What the options ask for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SecurityOptions {
    /// The system call filter.
    pub seccomp: SeccompChoice,
    /// Whether set-user-id programs gain nothing.
    pub no_new_privileges: bool,
    /// An AppArmor profile.
    pub apparmor: Option<String>,
    /// Whether `/proc` and `/sys` are left open.
    pub system_paths_unconfined: bool,
    /// Further paths to hide.
    pub mask: Vec<String>,
    /// Paths to leave open.
    pub unmask: Vec<String>,
}

impl SecurityOptions {
    /// Parses the options as stored: a profile's text stands in place of its file name.
    pub fn parse(options: &[String]) -> Result<Self, Failure> {
        let mut parsed = Self::default();
        for option in options {
            let (key, value) = option.split_once(['=', ':']).unwrap_or((option, ""));
            match (key, value) {
                ("seccomp", "unconfined") => parsed.seccomp = SeccompChoice::Unconfined,
                ("seccomp", "" | "builtin") => parsed.seccomp = SeccompChoice::Default,
                ("seccomp", profile) => parsed.seccomp = SeccompChoice::Profile(profile.to_owned()),
                ("no-new-privileges", "" | "true") => parsed.no_new_privileges = true,
                ("no-new-privileges", "false") => parsed.no_new_privileges = false,
                ("apparmor", "unconfined") => parsed.apparmor = None,
                ("apparmor", profile) => parsed.apparmor = Some(profile.to_owned()),
                ("systempaths", "unconfined") => parsed.system_paths_unconfined = true,
                ("mask", paths) => parsed.mask.extend(paths.split(':').map(str::to_owned)),
                ("unmask", "ALL") => parsed.system_paths_unconfined = true,
                ("unmask", paths) => parsed.unmask.extend(paths.split(':').map(str::to_owned)),
                ("label", "disable") => {}
                ("label", _) => {
                    return Err(Failure::unsupported(
                        "--security-opt label: SELinux labels are not supported",
                    )
                    .hint("use label=disable"));
                }
                _ => {
                    return Err(Failure::usage(format!("invalid --security-opt: {option:?}"))
                        .hint("known are seccomp, no-new-privileges, apparmor, systempaths, mask, unmask and label=disable"));
                }
            }
        }
        Ok(parsed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read() {
        let options = ["seccomp=unconfined", "no-new-privileges", "systempaths=unconfined", "mask=/a:/b"]
            .map(str::to_owned);
        let parsed = SecurityOptions::parse(&options).unwrap();
        assert_eq!(parsed.seccomp, SeccompChoice::Unconfined);
        assert!(parsed.no_new_privileges && parsed.system_paths_unconfined);
        assert_eq!(parsed.mask, ["/a", "/b"]);
        assert!(SecurityOptions::parse(&["nonsense".to_owned()]).is_err());
    }
}
