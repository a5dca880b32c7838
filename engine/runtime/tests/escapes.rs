//! Ways out of containers that were found in other runtimes. Each is first shown to work on a path that is not
//! protected, so that a test which cannot fail is noticed; then it is tried on a container.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{Ended, bundle, request, run, shell};
use oci_spec::runtime::Spec;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use serde_json::{Value, json};
use std::fs;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use teu_runtime::{Console, Created, Result, create};

/// A folder that stands for the host, outside of every root.
fn outside() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn is_empty(dir: &Path) -> bool {
    fs::read_dir(dir).unwrap().next().is_none()
}

/// A configuration changed as JSON.
fn changed(spec: &Spec, change: impl FnOnce(&mut Value)) -> Spec {
    let mut value = serde_json::to_value(spec).unwrap();
    change(&mut value);
    serde_json::from_value(value).unwrap()
}

/// Without the mounts that hide what the image has at these places.
fn without_mounts(spec: &Spec, places: &[&str]) -> Spec {
    changed(spec, |value| {
        let keep = |mount: &Value| {
            let destination = mount["destination"].as_str().unwrap();
            !places.iter().any(|place| destination == *place || destination.starts_with(&format!("{place}/")))
        };
        value["mounts"].as_array_mut().unwrap().retain(keep);
        value["root"]["readonly"] = false.into();
    })
}

fn bind(destination: &str, source: &Path, options: &[&str]) -> Value {
    json!({"destination": destination, "type": "bind", "source": source, "options": options})
}

fn with_mount(spec: &Spec, mount: Value) -> Spec {
    changed(spec, |value| value["mounts"].as_array_mut().unwrap().push(mount))
}

/// Runs a configuration with a terminal to its end.
fn run_with_terminal(dir: &Path, spec: &Spec) -> Result<Ended> {
    let mut wanted = request(dir, spec);
    wanted.console = Console::Pty;
    let mut created = create(wanted)?;
    let master = created.take_console().unwrap();
    let running = created.start()?;
    let mut output = String::new();
    // A terminal ends with EIO once its last process is gone.
    let _ = fs::File::from(master).read_to_string(&mut output);
    let (code, _) = teu_sys::process::wait_child(running.pid).unwrap();
    running.cgroup.kill_all().unwrap();
    running.cgroup.delete().unwrap();
    Ok(Ended { output, code })
}

#[test]
fn a_link_in_the_place_of_dev_leads_nowhere() {
    let (dir, host) = (bundle(), outside());
    let dev = dir.path().join("rootfs/dev");
    let _ = fs::remove_dir(&dev);
    symlink(host.path(), &dev).unwrap();
    // The attack: whoever makes a node by path makes it on the host.
    fs::write(dev.join("probe"), "").unwrap();
    assert!(host.path().join("probe").exists());
    fs::remove_file(host.path().join("probe")).unwrap();
    for spec in [shell("true"), without_mounts(&shell("true"), &["/dev"])] {
        let _ = run(dir.path(), &spec);
        let _ = run_with_terminal(dir.path(), &spec);
        assert!(is_empty(host.path()));
    }
}

#[test]
fn a_link_in_the_place_of_the_console_leads_nowhere() {
    let (dir, host) = (bundle(), outside());
    let dev = dir.path().join("rootfs/dev");
    fs::create_dir_all(dev.join("pts")).unwrap();
    let victim = host.path().join("victim");
    symlink(&victim, dev.join("console")).unwrap();
    fs::write(dev.join("console"), "attacked").unwrap();
    assert!(victim.exists());
    fs::remove_file(&victim).unwrap();
    let spec = changed(&shell("tty"), |value| {
        value["mounts"].as_array_mut().unwrap().retain(|mount| mount["destination"] != "/dev");
        value["root"]["readonly"] = false.into();
    });
    let _ = run_with_terminal(dir.path(), &spec);
    assert!(is_empty(host.path()));
}

#[test]
fn a_swapped_null_device_does_not_unmask() {
    let (dir, volume) = (bundle(), outside());
    let root = dir.path().join("rootfs");
    fs::write(root.join("etc/secret"), "the secret\n").unwrap();
    // The volume that a hostile container prepared as /dev of the next: null is a file of its choice.
    fs::write(volume.path().join("null"), "the secret\n").unwrap();
    symlink(volume.path().join("null"), root.join("dev-null")).unwrap();
    // The attack: a runtime that covers paths with the container's own null device shows that file.
    assert_eq!(fs::read_to_string(root.join("dev-null")).unwrap(), "the secret\n");
    let spec = with_mount(
        &without_mounts(&shell("cat /etc/secret; stat -c %F /etc/secret"), &["/dev"]),
        bind("/dev", volume.path(), &["rbind"]),
    );
    let spec = changed(&spec, |value| value["linux"]["maskedPaths"] = json!(["/etc/secret"]));
    let ended = run(dir.path(), &spec).unwrap();
    assert_eq!(ended.output, "character special file\n");
    // A node that is none, in the image's own /dev, is refused rather than used.
    fs::create_dir_all(root.join("dev")).unwrap();
    symlink("/proc/sys/kernel/core_pattern", root.join("dev/null")).unwrap();
    let error = run(dir.path(), &without_mounts(&shell("true"), &["/dev"])).unwrap_err().to_string();
    assert!(error.contains("/dev/null"), "{error}");
}

#[test]
fn masked_paths_that_are_links_cover_nothing_outside() {
    let (dir, host) = (bundle(), outside());
    fs::write(host.path().join("file"), "host").unwrap();
    let root = dir.path().join("rootfs");
    symlink(host.path().join("file"), root.join("etc/out")).unwrap();
    assert_eq!(fs::read_to_string(root.join("etc/out")).unwrap(), "host");
    let spec = changed(&shell("true"), |value| {
        value["linux"]["maskedPaths"] = json!(["/etc/out"]);
        value["linux"]["readonlyPaths"] = json!(["/etc/out", "/../../etc/out"]);
    });
    let _ = run(dir.path(), &spec);
    assert_eq!(fs::read_to_string(host.path().join("file")).unwrap(), "host");
    fs::write(host.path().join("file"), "still writable").unwrap();
}

#[test]
fn procfs_is_procfs() {
    let (dir, fake) = (bundle(), outside());
    fs::create_dir_all(fake.path().join("sys/kernel")).unwrap();
    fs::create_dir_all(fake.path().join("self")).unwrap();
    fs::write(fake.path().join("sys/kernel/shm_rmid_forced"), "").unwrap();
    // The attack: what is written "to the kernel" through the container's /proc goes wherever its mounts lead.
    fs::write(fake.path().join("sys/kernel/shm_rmid_forced"), "1").unwrap();
    let base =
        changed(&without_mounts(&shell("cat /proc/sys/kernel/shm_rmid_forced"), &["/proc"]), |value| {
            value["linux"]["sysctl"] = json!({"kernel.shm_rmid_forced": "1"});
        });
    for mount in [
        bind("/proc", fake.path(), &["rbind"]),
        json!({"destination": "/proc", "type": "tmpfs", "source": "tmpfs"}),
        bind("/proc/self", fake.path(), &["rbind"]),
        bind("/proc/sys/kernel", fake.path(), &["bind"]),
    ] {
        let spec = with_mount(&base, mount.clone());
        let error = run(dir.path(), &spec).unwrap_err().to_string();
        assert!(error.contains("/proc") && error.lines().count() == 1, "{mount}: {error}");
    }
}

#[test]
fn renames_during_the_start_do_not_lead_out() {
    let (dir, host) = (bundle(), outside());
    let volume = dir.path().join("rootfs/volume");
    fs::create_dir_all(volume.join("place")).unwrap();
    symlink(host.path(), volume.join("link")).unwrap();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let (a, b) = (volume.join("place"), volume.join("link"));
                renameat_with(CWD, &a, CWD, &b, RenameFlags::EXCHANGE).unwrap();
            }
        });
        // The attack: between the look and the use the folder becomes a link.
        let mut hit = false;
        for _ in 0..200_000 {
            let place = volume.join("place");
            if !fs::symlink_metadata(&place).is_ok_and(|found| found.is_symlink()) {
                let _ = fs::create_dir(place.join("probe"));
            }
            if host.path().join("probe").exists() {
                hit = true;
                break;
            }
        }
        assert!(hit, "the race was never won on the unprotected path");
        fs::remove_dir(host.path().join("probe")).unwrap();
        let source = dir.path().join("source");
        fs::create_dir_all(&source).unwrap();
        let spec = with_mount(&shell("true"), bind("/volume/place/made", &source, &["rbind"]));
        for _ in 0..40 {
            let _ = run(dir.path(), &spec);
            assert!(is_empty(host.path()));
        }
        stop.store(true, Ordering::Relaxed);
    });
}

#[test]
fn the_id_that_changes_nothing_is_refused() {
    // The attack: setresuid(-1) leaves root what it is, and succeeds.
    let child = teu_sys::process::clone_child(&teu_sys::process::CloneRequest::default(), || {
        let nobody = nix::unistd::Uid::from_raw(u32::MAX);
        let changed = nix::unistd::setresuid(nobody, nobody, nobody);
        i32::from(changed.is_ok() && rustix::process::geteuid().is_root())
    })
    .unwrap();
    assert_eq!(teu_sys::process::wait_child(child.pid).unwrap().0, 1);
    let dir = bundle();
    for pointer in ["uid", "gid"] {
        let spec = changed(&shell("id"), |value| value["process"]["user"][pointer] = u32::MAX.into());
        let error = run(dir.path(), &spec).unwrap_err().to_string();
        assert!(error.contains("process.user"), "{error}");
    }
    let spec = changed(&shell("id"), |value| {
        value["process"]["user"]["additionalGids"] = json!([1, u32::MAX]);
    });
    assert!(run(dir.path(), &spec).is_err());
}

#[test]
fn inheritable_capabilities_raise_nobody() {
    // CVE-2022-24769: a program whose file has inheritable capabilities gains what the process has inheritable.
    let dir = bundle();
    let program = dir.path().join("rootfs/raised/cat");
    fs::create_dir(dir.path().join("rootfs/raised")).unwrap();
    fs::copy("/bin/busybox", &program).unwrap();
    // struct vfs_cap_data, revision 2, effective; inheritable: CAP_CHOWN.
    let mut attribute = Vec::new();
    for word in [0x0200_0001u32, 0, 1, 0, 0] {
        attribute.extend(word.to_le_bytes());
    }
    let flags = rustix::fs::XattrFlags::empty();
    let set = rustix::fs::setxattr(&program, "security.capability", &attribute, flags);
    if set == Err(rustix::io::Errno::OPNOTSUPP) {
        // The test runner holds back what `eprintln` says.
        use std::io::Write as _;
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED inheritable_capabilities_raise_nobody: no extended attributes here"
        );
        return;
    }
    set.unwrap();
    let permitted = |inheritable: Value| {
        let spec = changed(&shell(""), |value| {
            value["process"]["args"] = json!(["/raised/cat", "/proc/self/status"]);
            value["process"]["user"] = json!({"uid": 1000, "gid": 1000});
            value["process"]["noNewPrivileges"] = false.into();
            value["process"]["capabilities"]["inheritable"] = inheritable;
        });
        let output = run(dir.path(), &spec).unwrap().output;
        let line = output.lines().find(|line| line.starts_with("CapPrm:")).unwrap().to_string();
        u64::from_str_radix(line.split_whitespace().nth(1).unwrap(), 16).unwrap()
    };
    assert_eq!(permitted(json!(["CAP_CHOWN"])), 1, "the attack is real");
    assert_eq!(permitted(json!([])), 0);
}

#[test]
fn release_agents_are_out_of_reach() {
    let hierarchy = teu_runtime::cgroup::Hierarchy::detect().unwrap();
    let agents: Vec<PathBuf> = hierarchy
        .roots
        .iter()
        .map(|root| root.path.join("release_agent"))
        .filter(|path| path.exists())
        .collect();
    // The attack, on version 1: the file is there at a hierarchy's root, and whoever may write it runs a program on
    // the host. It is only opened here, not written to.
    for agent in &agents {
        fs::OpenOptions::new().write(true).open(agent).unwrap();
    }
    let dir = bundle();
    let script = "busybox find /sys/fs/cgroup -name release_agent; \
                  mkdir -p /tmp/c; mount -t cgroup -o memory c /tmp/c 2>&1; mount -t cgroup2 c /tmp/c 2>&1; \
                  echo x 2>&1 > /sys/fs/cgroup/memory/notify_on_release; echo done";
    let spec = changed(&shell(script), |value| {
        value["mounts"]
            .as_array_mut()
            .unwrap()
            .push(json!({"destination": "/tmp", "type": "tmpfs", "source": "t"}));
        let namespaces = value["linux"]["namespaces"].as_array_mut().unwrap();
        if !namespaces.iter().any(|one| one["type"] == "cgroup") {
            namespaces.push(json!({"type": "cgroup"}));
        }
    });
    let output = run(dir.path(), &spec).unwrap().output;
    assert!(!output.contains("release_agent"), "{output}");
    assert_eq!(output.matches("permission denied").count(), 2, "{output}");
    // Nor with the right to mount: the cgroup namespace's root is the container's own folder.
    let strong = changed(&spec, |value| {
        for set in ["bounding", "effective", "permitted"] {
            value["process"]["capabilities"][set] = json!(["CAP_SYS_ADMIN"]);
        }
        value["process"]["args"][2] =
            "mkdir -p /tmp/c; mount -t cgroup -o memory c /tmp/c && ls /tmp/c; ls /tmp/c | grep -c release_agent".into();
    });
    let output = run(dir.path(), &strong).unwrap().output;
    assert!(output.ends_with("0\n"), "{output}");
}

#[test]
fn annotations_and_names_are_data() {
    let evil = "x\", \"pid\": 1, \"y\": \"\n\u{1b}[2J/../../etc";
    // The attack: a state glued together as text says whatever the annotation wants.
    let glued = format!("{{\"annotations\": {{\"a\": \"{evil}\"}}}}").replace(['\n', '\u{1b}'], " ");
    let parsed: Value = serde_json::from_str(&glued).unwrap();
    assert_eq!(parsed["annotations"]["pid"], 1);
    let dir = bundle();
    let log = dir.path().join("state");
    let hook = json!({"path": "/bin/sh", "args": ["sh", "-c", format!("cat > {}", log.display())]});
    let spec = changed(&shell("true"), |value| {
        value["annotations"] = json!({"a": evil, evil: "b"});
        value["hooks"] = json!({"createRuntime": [hook]});
    });
    run(dir.path(), &spec).unwrap();
    let state: Value = serde_json::from_slice(&fs::read(log).unwrap()).unwrap();
    assert_eq!(state["annotations"], json!({"a": evil, evil: "b"}));
    assert_eq!(state["id"], "test");
}

#[test]
fn a_container_does_not_reach_its_creator() {
    // The attack: a descriptor or folder that a careless caller leaves open leads to the host.
    let host = fs::File::open("/").unwrap();
    rustix::io::fcntl_setfd(&host, rustix::io::FdFlags::empty()).unwrap();
    let number = std::os::fd::AsRawFd::as_raw_fd(&host);
    let script = "for f in /proc/self/fd/*; do busybox stat -L -c %d:%i $f; done";
    let seen = std::process::Command::new("/bin/busybox").args(["sh", "-c", script]).output().unwrap();
    let root = fs::metadata("/").unwrap();
    let root = format!("{}:{}", root.dev(), root.ino());
    assert!(String::from_utf8_lossy(&seen.stdout).lines().any(|line| line == root), "descriptor {number}");
    let dir = bundle();
    let spec =
        shell(&format!("{script}; cat /proc/1/environ /proc/1/cmdline; ls -l /proc/1/cwd /proc/1/root"));
    let output = run(dir.path(), &spec).unwrap().output;
    assert!(!output.lines().any(|line| line == root), "{output}");
    assert!(!output.contains(&dir.path().display().to_string()), "{output}");
    assert!(output.contains("cwd -> /\n"), "{output}");
}

#[test]
fn a_created_container_waits_with_nothing_to_take() {
    let dir = bundle();
    let spec = shell("true");
    let created: Created = create(request(dir.path(), &spec)).unwrap();
    // Not dumpable: only root of the host's own user namespace may look at its memory, files or program.
    let status = fs::metadata(format!("/proc/{}/environ", created.pid())).unwrap();
    assert_eq!((status.uid(), status.gid()), (0, 0));
    let open: Vec<PathBuf> = fs::read_dir(format!("/proc/{}/fd", created.pid()))
        .unwrap()
        .flatten()
        .filter_map(|entry| fs::read_link(entry.path()).ok())
        .collect();
    // The null device three times, and the socket to its creator.
    assert_eq!(open.len(), 4, "{open:?}");
    created.abort();
}
