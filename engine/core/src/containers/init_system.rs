//! System containers: whether the first process is an init that runs a whole system, and which one. It decides what is
//! mounted for it and which signal asks it to shut down.

use crate::engine::Engine;
use rustix::fs::{Mode, OFlags, ResolveFlags, fstat, openat2};
use std::fs;
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd};
use std::path::Path;
use teu_api::Failure;
use teu_api::container::{ContainerSpec, InitSystem};

impl Engine {
    /// Which init the container's first process is, by its program's name and what that leads to in the image. A program
    /// of another name is none, so that nobody pays for the look.
    pub(super) fn init_system(&self, spec: &ContainerSpec) -> Result<InitSystem, Failure> {
        let args = spec.args();
        let always = spec.host.systemd == "always";
        if spec.host.systemd == "false" || (!always && !could_be(&args)) {
            return Ok(InitSystem::None);
        }
        let known = match by_name(&args) {
            Some(known) => Some(known),
            None => self.stack(&spec.layers)?.and_then(|root| by_file(root.as_fd(), &args[0])),
        };
        Ok(known.unwrap_or(if always { InitSystem::Systemd } else { InitSystem::Other }))
    }
}

/// The signal that asks an init to shut the system down.
pub(super) fn stop_signal(init: InitSystem) -> Option<&'static str> {
    match init {
        InitSystem::None => None,
        // systemd(1): "Halts the machine, starts the halt.target unit".
        InitSystem::Systemd => Some("SIGRTMIN+3"),
        // busybox's init: power off, after its inittab's shutdown actions.
        InitSystem::Busybox => Some("SIGUSR2"),
        // runsvdir(8): sends TERM to all runsv processes, then ends.
        InitSystem::Runsvdir => Some("SIGHUP"),
        // init(8) of System V runs its powerfail entries; openrc-init shuts down.
        InitSystem::Other => Some("SIGPWR"),
    }
}

/// Whether it is worth a look, from the command line alone.
fn could_be(args: &[String]) -> bool {
    let Some(program) = args.first() else { return false };
    matches!(
        program.as_str(),
        "/sbin/init" | "/usr/sbin/init" | "/usr/local/sbin/init" | "/bin/init" | "init" | "/linuxrc"
    ) || by_name(args).is_some()
        || matches!(base(program), "openrc-init" | "runit" | "runit-init")
}

fn by_name(args: &[String]) -> Option<InitSystem> {
    let program = args.first()?;
    match base(program) {
        "systemd" => Some(InitSystem::Systemd),
        "runsvdir" => Some(InitSystem::Runsvdir),
        "busybox" if args.get(1).is_some_and(|applet| base(applet) == "init") => Some(InitSystem::Busybox),
        _ => None,
    }
}

/// What the program's path leads to inside the image: `/sbin/init` is a link in most.
fn by_file(root: BorrowedFd<'_>, program: &str) -> Option<InitSystem> {
    let open = |path: &str| {
        let flags = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
        openat2(root, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty(), flags).ok()
    };
    let file = if program.contains('/') {
        open(program)?
    } else {
        ["/sbin/", "/usr/sbin/", "/bin/", "/usr/bin/"]
            .iter()
            .find_map(|folder| open(&[*folder, program].concat()))?
    };
    let target = fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd())).ok()?;
    // busybox is whatever it is called.
    let may_be_busybox = matches!(base(program), "init" | "linuxrc");
    match base(&target.to_string_lossy()) {
        "systemd" => return Some(InitSystem::Systemd),
        "busybox" if may_be_busybox => return Some(InitSystem::Busybox),
        "runsvdir" => return Some(InitSystem::Runsvdir),
        _ => {}
    }
    // Some images have a hard link for each of busybox's names.
    let same = |path: &str| {
        let (Some(one), Ok(other)) = (open(path).and_then(|file| fstat(file).ok()), fstat(&file)) else {
            return false;
        };
        (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)
    };
    (may_be_busybox && (same("/bin/busybox") || same("/usr/bin/busybox"))).then_some(InitSystem::Busybox)
}

fn base(path: &str) -> &str {
    Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn an_init_is_told_by_where_its_path_leads() {
        let root = tempfile::tempdir().unwrap();
        for folder in ["sbin", "bin", "lib/systemd"] {
            fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        let opened = rustix::fs::open(root.path(), OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).unwrap();
        let look = |target: Option<&str>| {
            let init = root.path().join("sbin/init");
            let _ = fs::remove_file(&init);
            match target {
                Some(target) => symlink(target, init).unwrap(),
                None => fs::write(init, "").unwrap(),
            }
            by_file(opened.as_fd(), "/sbin/init")
        };
        fs::write(root.path().join("lib/systemd/systemd"), "").unwrap();
        fs::write(root.path().join("bin/busybox"), "").unwrap();
        assert_eq!(look(Some("/lib/systemd/systemd")), Some(InitSystem::Systemd));
        assert_eq!(look(Some("../bin/busybox")), Some(InitSystem::Busybox));
        assert_eq!(look(Some("/nowhere")), None);
        assert_eq!(look(None), None);
        fs::remove_file(root.path().join("sbin/init")).unwrap();
        fs::hard_link(root.path().join("bin/busybox"), root.path().join("sbin/init")).unwrap();
        assert_eq!(by_file(opened.as_fd(), "init"), Some(InitSystem::Busybox));
    }

    #[test]
    fn only_names_of_inits_are_looked_at() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        for (command, look) in [
            ("/sbin/init", true),
            ("/usr/lib/systemd/systemd --log-level=info", true),
            ("busybox init", true),
            ("busybox sh", false),
            ("sh", false),
            ("/app/init", false),
            ("runsvdir /etc/service", true),
        ] {
            assert_eq!(could_be(&words(command)), look, "{command}");
        }
    }
}
