//! The everyday commands around containers: completion, manual pages, events, update, diff and cp.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::Path;
use teu_tests::Teu;

/// A container that stays, and runs a script first.
#[track_caller]
fn keep(teu: &Teu, name: &str, script: &str) {
    let script = format!("{script}\ntouch /tmp/ready; exec sleep 1000");
    teu.run([
        "run",
        "-d",
        "--init=false",
        "--network",
        "none",
        "--name",
        name,
        "busybox",
        "sh",
        "-c",
        &script,
    ])
    .ok();
    teu.wait_until("the script is done", || teu.run(["exec", name, "ls", "/tmp/ready"]).code == 0);
}

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(path).expect("a file")
}

#[test]
fn shells_are_told_words_and_names() {
    let teu = Teu::with_busybox();
    keep(&teu, "web", "");
    teu.run(["create", "--name", "idle", "--network", "none", "busybox", "true"]).ok();
    assert_eq!(teu.run(["__complete", "containers"]).ok(), "idle\nweb");
    assert_eq!(teu.run(["__complete", "running"]).ok(), "web");
    assert_eq!(teu.run(["__complete", "images"]).ok(), "busybox:latest");
    let script = teu.root().join("teu.bash");
    std::fs::write(&script, teu.run(["completion", "bash"]).ok()).expect("a file");
    // The real shell completes a running container's name after `teu exec`.
    let words = format!(
        "source {}; COMP_WORDS=({} exec w); COMP_CWORD=2; _teu_with_names teu w exec; echo ${{COMPREPLY[*]}}",
        script.display(),
        teu.binary().display()
    );
    let shell = std::process::Command::new("bash")
        .args(["-c", &words])
        .env("TEU_ROOT", teu.root())
        .output()
        .expect("bash runs");
    let offered = String::from_utf8_lossy(&shell.stdout).into_owned();
    assert!(offered.split_whitespace().any(|word| word == "web"), "{offered}");
    assert!(!offered.split_whitespace().any(|word| word == "idle"), "{offered}");
    teu.finish();
}

#[test]
fn manual_pages_are_printed_and_written() {
    let teu = Teu::new();
    assert!(teu.run(["man", "container", "ls"]).ok().contains(".TH teu-container-ls 1"));
    assert!(teu.run(["man", "dance"]).fails_with(1).contains("has no command dance"));
    let folder = teu.root().join("man");
    teu.run(["man", "--directory", &folder.display().to_string()]).ok();
    assert!(read(folder.join("teu-run.1")).contains("cap\\-add"));
}

#[test]
fn events_are_listed_filtered_and_followed() {
    let teu = Teu::with_busybox();
    let mut live = teu.spawn([
        "events",
        "--filter",
        "type=container",
        "--format",
        "{{.Action}} {{.Actor.Attributes.name}}",
    ]);
    let mut lines = BufReader::new(live.stdout.take().expect("a pipe")).lines();
    // The follower shows what comes after it began: something it has shown proves that it did.
    let mut next = || lines.next().expect("a line").expect("text");
    std::thread::scope(|scope| {
        let seen = scope.spawn(&mut next);
        while !seen.is_finished() {
            teu.run(["create", "--rm", "--network", "none", "busybox", "true"]).ok();
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        assert!(seen.join().expect("a line").starts_with("create "));
    });
    teu.run([
        "run",
        "--name",
        "short",
        "--label",
        "tier=front",
        "--network",
        "none",
        "busybox",
        "sh",
        "-c",
        "exit 3",
    ]);
    let mut actions = Vec::new();
    while actions.last().is_none_or(|action| action != "die short") {
        actions.push(next());
    }
    actions.retain(|action| action.ends_with(" short"));
    assert_eq!(actions, ["create short", "start short", "die short"]);
    live.kill().expect("it runs still");
    live.wait().expect("it ended");

    let listed = |filters: &[&str]| {
        let filters = filters.iter().flat_map(|filter| ["--filter", filter]);
        teu.run(["events", "--since", "1h", "--until", "0s"].into_iter().chain(filters)).ok()
    };
    let die = listed(&["container=short", "event=die"]);
    let id = teu.inspect("short", "{{.Id}}");
    assert!(die.contains(&format!(" container die {id} (exitCode=3, ")), "{die}");
    assert!(die.ends_with("image=busybox, name=short, tier=front)"), "{die}");
    assert_eq!(listed(&["label=tier=front", "event=start"]).lines().count(), 1);
    assert_eq!(listed(&["label=tier=back"]), "");
    let json =
        teu.run(["events", "--since", "1h", "--until", "0s", "--format", "json", "--filter", "event=die"]);
    let event: serde_json::Value = serde_json::from_str(&json.ok()).expect("one JSON object");
    assert_eq!(event["Actor"]["Attributes"]["exitCode"], "3");
    assert_eq!((event["Type"].as_str(), event["status"].as_str()), (Some("container"), Some("die")));
    assert!(teu.run(["events", "--filter", "colour=red"]).fails_with(1).contains("invalid filter"));
    teu.finish();
}

#[test]
fn limits_change_while_a_container_runs_and_stay_when_it_starts_again() {
    let teu = Teu::with_busybox();
    teu.run(["run", "-d", "--name", "web", "--network", "none", "-m", "64m", "busybox", "sleep", "1000"])
        .ok();
    assert_eq!(
        teu.run([
            "update",
            "-m",
            "128m",
            "--pids-limit",
            "50",
            "--cpus",
            "0.5",
            "--restart",
            "on-failure:3",
            "web"
        ])
        .ok(),
        "web"
    );
    let files = "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null || cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max; cat /sys/fs/cgroup/cpu.max 2>/dev/null || true";
    let limits = teu.run(["exec", "web", "sh", "-c", files]).ok();
    let lines: Vec<&str> = limits.split_whitespace().collect();
    assert_eq!(lines[..3], ["134217728", "50", "50000"], "{limits}");
    assert_eq!(
        teu.inspect("web", "{{.HostConfig.Memory}} {{.HostConfig.RestartPolicy.Name}}"),
        "134217728 on-failure"
    );
    assert!(teu.run(["update", "-m", "1m", "web"]).fails_with(1).contains("6MB"));
    assert!(teu.run(["update", "--cpu-quota", "1000", "web"]).fails_with(1).contains("CPU"));
    assert_eq!(teu.inspect("web", "{{.HostConfig.Memory}}"), "134217728", "what is refused is not stored");
    teu.run(["restart", "-t", "0", "web"]).ok();
    assert_eq!(teu.run(["exec", "web", "sh", "-c", files]).ok(), limits);
    assert!(teu.run(["update", "web"]).fails_with(1).contains("one or more flags"));
    teu.finish();
}

#[test]
fn a_policy_given_to_a_running_container_is_followed() {
    let teu = Teu::with_busybox();
    teu.run(["run", "-d", "--name", "web", "--network", "none", "busybox", "sleep", "1000"]).ok();
    teu.run(["update", "--restart", "always", "web"]).ok();
    let pid = teu.inspect("web", "{{.State.Pid}}");
    teu.run(["exec", "web", "kill", "-9", "1"]);
    let killed = std::process::Command::new("kill").args(["-9", &pid]).status().expect("kill runs");
    assert!(killed.success());
    teu.wait_until("it runs again", || {
        let again = teu.inspect("web", "{{.State.Running}} {{.State.Pid}}");
        again.starts_with("true") && again != format!("true {pid}")
    });
    teu.finish();
}

#[test]
fn diff_tells_added_changed_and_deleted_paths() {
    let teu = Teu::with_busybox();
    teu.run(["create", "--name", "new", "--network", "none", "busybox", "true"]).ok();
    assert_eq!(teu.run(["diff", "new"]).ok(), "");
    let script =
        "echo hi > /etc/new; mkdir -p /a/b; echo x > /a/b/c; rm /etc/passwd; rm -rf /home; chmod 4755 /root";
    teu.run(["run", "--name", "web", "--network", "none", "busybox", "sh", "-c", script]).ok();
    let shown = teu.run(["diff", "web"]).ok();
    for line in ["A /a", "A /a/b", "A /a/b/c", "C /etc", "A /etc/new", "D /etc/passwd", "C /root"] {
        assert!(shown.lines().any(|shown| shown == line), "{line} in {shown}");
    }
    for point in ["/etc/hosts", "/dev", "/proc", "/sys"] {
        assert!(!shown.lines().any(|line| line.ends_with(point)), "{point} is only mounted on: {shown}");
    }
    let mut sorted: Vec<&str> = shown.lines().collect();
    sorted.sort_by_key(|line| line[2..].to_owned());
    assert_eq!(sorted, shown.lines().collect::<Vec<_>>());
    teu.run(["run", "--name", "quiet", "--network", "none", "busybox", "true"]).ok();
    assert_eq!(teu.run(["diff", "quiet"]).ok(), "", "mount points are no changes");
    teu.finish();
}

/// Copies by Docker's rules, with a container that runs or one that does not.
fn copies(teu: &Teu, name: &str) {
    let here = tempfile::tempdir().expect("a folder");
    let at = |path: &str| here.path().join(path).display().to_string();
    let inside = |path: &str| format!("{name}:{path}");
    std::fs::create_dir_all(here.path().join("tree/inner")).expect("folders");
    std::fs::write(here.path().join("tree/inner/file"), "deep").expect("a file");
    std::fs::write(here.path().join("tree/tool"), "#!/bin/sh").expect("a file");
    std::fs::set_permissions(
        here.path().join("tree/tool"),
        std::os::unix::fs::PermissionsExt::from_mode(0o755),
    )
    .expect("a mode");
    symlink("tool", here.path().join("tree/link")).expect("a link");
    let cp = |words: &[&str]| teu.run(["cp", "-q"].iter().chain(words));

    // A file to a name, over itself, into a folder; a folder to a new name, into a folder, and its contents.
    std::fs::write(here.path().join("file"), "one").expect("a file");
    cp(&[&at("file"), &inside("/tmp/named")]).ok();
    std::fs::write(here.path().join("file"), "two").expect("a file");
    cp(&[&at("file"), &inside("/tmp/named")]).ok();
    cp(&[&at("file"), &inside("/tmp/")]).ok();
    cp(&[&at("tree"), &inside("/tmp/new")]).ok();
    cp(&[&at("tree"), &inside("/tmp")]).ok();
    cp(&[&at("tree/."), &inside("/tmp/new")]).ok();
    assert!(cp(&[&at("tree"), &inside("/tmp/named")]).fails_with(1).contains("cannot copy directory"));
    assert!(cp(&[&at("file"), &inside("/nowhere/")]).fails_with(1).contains("must exist"));
    assert!(cp(&[&at("file"), &inside("/no/where")]).fails_with(1).contains("Could not find the file"));
    assert!(cp(&[&at("missing"), &inside("/tmp")]).fails_with(1).contains("missing"));
    assert!(cp(&[&inside("/missing"), &at("x")]).fails_with(1).contains("Could not find the file /missing"));

    // And back.
    cp(&[&inside("/tmp/named"), &at("back")]).ok();
    assert_eq!(read(here.path().join("back")), "two");
    cp(&[&inside("/tmp/file"), here.path().join("back").to_str().expect("text")]).ok();
    cp(&[&inside("/tmp/new"), &at("whole")]).ok();
    assert_eq!(read(here.path().join("whole/inner/file")), "deep");
    assert!(!here.path().join("whole/tree").exists(), "contents went into the folder itself");
    assert_eq!(
        std::fs::metadata(here.path().join("whole/tool")).expect("it is there").mode() & 0o7777,
        0o755
    );
    assert_eq!(std::fs::read_link(here.path().join("whole/link")).expect("a link"), Path::new("tool"));
    cp(&[&inside("/tmp/tree"), &at("whole")]).ok();
    assert_eq!(read(here.path().join("whole/tree/inner/file")), "deep");
    // -L follows the source itself.
    cp(&["-L", &inside("/tmp/new/link"), &at("followed")]).ok();
    assert_eq!(read(here.path().join("followed")), "#!/bin/sh");
    cp(&[&inside("/tmp/new/link"), &at("kept")]).ok();
    assert!(std::fs::symlink_metadata(here.path().join("kept")).expect("it is there").is_symlink());
    // Owners stay on the way in, and with -a on the way back.
    std::os::unix::fs::chown(here.path().join("file"), Some(1234), Some(4321)).expect("root may");
    cp(&[&at("file"), &inside("/tmp/owned")]).ok();
    cp(&["-a", &inside("/tmp/owned"), &at("owned")]).ok();
    cp(&[&inside("/tmp/owned"), &at("mine")]).ok();
    let owner = |path: &str| {
        let metadata = std::fs::metadata(here.path().join(path)).expect("it is there");
        (metadata.uid(), metadata.gid())
    };
    assert_eq!((owner("owned"), owner("mine")), ((1234, 4321), (0, 0)));
    // A path is cleaned by its letters, and one must be named.
    cp(&[&at("file"), &inside("tmp/absent/../owned")]).ok();
    assert!(cp(&[&at("file"), &inside("")]).fails_with(1).contains("no path in container"));
    // A link as the target: the file that it leads to, there already or not, gets the content and the mode.
    let file = here.path().join("file");
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("a mode");
    for (link, to) in [("to-file", "mine"), ("to-nothing", "made"), ("round", "round")] {
        symlink(to, here.path().join(link)).expect("a link");
    }
    cp(&[&at("to-file"), &inside("/tmp/to-file")]).ok();
    cp(&[&at("to-nothing"), &inside("/tmp/to-nothing")]).ok();
    std::fs::write(&file, "through").expect("a file");
    cp(&[&at("file"), &inside("/tmp/owned")]).ok();
    cp(&[&inside("/tmp/owned"), &at("to-file")]).ok();
    cp(&[&inside("/tmp/owned"), &at("to-nothing")]).ok();
    assert_ne!(cp(&[&inside("/tmp/owned"), &at("round")]).code, 0);
    cp(&[&at("file"), &inside("/tmp/to-nothing")]).ok();
    cp(&[&inside("/tmp/made"), &at("back-through")]).ok();
    for name in ["mine", "made", "back-through"] {
        assert_eq!(read(here.path().join(name)), "through", "{name}");
        let mode = std::fs::metadata(here.path().join(name)).expect("it is there").mode();
        assert_eq!(mode & 0o7777, 0o600, "{name}");
    }
    // Archives, by the real tar.
    let pack =
        std::process::Command::new("tar").args(["-C", &at("."), "-cf", "-", "tree"]).output().expect("tar");
    teu.run(["exec", name, "true"]);
    teu.run_with_input(["cp", "-", &inside("/home")], &pack.stdout).ok();
    let pack_again =
        std::process::Command::new("tar").args(["-C", &at("."), "-czf", "-", "tree"]).output().expect("tar");
    teu.run_with_input(["cp", "-", &inside("/home")], &pack_again.stdout).ok();
    let unpack = format!(
        "TEU_ROOT={} {} cp {name}:/home/tree - | tar -xOf - tree/inner/file",
        teu.root().display(),
        teu.binary().display()
    );
    let text = std::process::Command::new("sh").args(["-c", &unpack]).output().expect("a shell");
    assert_eq!(String::from_utf8_lossy(&text.stdout), "deep");
    assert!(
        teu.run_with_input(["cp", "-", &inside("/tmp/named")], &pack.stdout)
            .fails_with(1)
            .contains("must be a directory")
    );
}

#[test]
fn files_are_copied_to_and_from_a_running_container() {
    let teu = Teu::with_busybox();
    keep(&teu, "web", "mkdir -p /home");
    copies(&teu, "web");
    // What is mounted on stays the mounted file, and gets the content.
    let hosts = teu.root().join("hosts");
    std::fs::write(&hosts, "10.1.2.3 copied\n").expect("a file");
    teu.run(["cp", &hosts.display().to_string(), "web:/etc/hosts"]).ok();
    assert_eq!(teu.run(["exec", "web", "cat", "/etc/hosts"]).ok(), "10.1.2.3 copied");
    // The whole root: what the kernel shows in it is no file of the container's.
    teu.run(["exec", "web", "ln", "/home/tree/tool", "/home/tree/twin"]).ok();
    let whole = teu.root().join("whole");
    teu.run(["cp", "web:/", &whole.display().to_string()]).ok();
    assert_eq!(read(whole.join("home/tree/inner/file")), "deep");
    for name in ["proc", "sys", "dev"] {
        assert_eq!(std::fs::read_dir(whole.join(name)).expect("a folder").count(), 0, "{name}");
    }
    let list = format!("{} cp web:/ - | tar -tvf -", teu.binary().display());
    let list = std::process::Command::new("sh").args(["-c", &list]).env("TEU_ROOT", teu.root()).output();
    let list = String::from_utf8(list.expect("a shell").stdout).expect("text");
    assert!(list.contains("./home/tree/twin link to ./home/tree/tool"), "{list}");
    assert!(list.contains("./proc\n") || list.contains("./proc/\n"), "{list}");
    assert!(!list.contains("./proc/1"), "{list}");
    teu.finish();
}

#[test]
fn files_are_copied_to_and_from_a_stopped_container() {
    let teu = Teu::with_busybox();
    teu.run(["volume", "create", "data"]).ok();
    teu.run([
        "create",
        "--name",
        "web",
        "--network",
        "none",
        "-v",
        "data:/data",
        "busybox",
        "cat",
        "/data/hosts",
        "/tmp/hosts",
    ])
    .ok();
    teu.run(["create", "--name", "sealed", "--network", "none", "--read-only", "busybox", "true"]).ok();
    std::fs::create_dir(teu.root().join("home")).expect("a folder");
    teu.run(["cp", &teu.root().join("home").display().to_string(), "web:/"]).ok();
    copies(&teu, "web");
    let hosts = teu.root().join("hosts");
    std::fs::write(&hosts, "copied\n").expect("a file");
    let hosts = hosts.display().to_string();
    teu.run(["cp", &hosts, "web:/tmp"]).ok();
    teu.run(["cp", &hosts, "web:/data/"]).ok();
    assert_eq!(teu.run(["start", "-a", "web"]).ok(), "copied\ncopied", "into the root and into the volume");
    assert!(teu.run(["cp", &hosts, "sealed:/tmp"]).fails_with(1).contains("read-only"));
    assert!(teu.run(["cp", "web:/a", "sealed:/b"]).fails_with(1).contains("between containers"));
    teu.finish();
}

/// Links that a container makes lead nowhere but into its own root: each is shown to be a real way out for who
/// resolves paths on the host.
#[test]
fn links_of_a_container_do_not_lead_out_of_it() {
    let teu = Teu::with_busybox();
    let outside = tempfile::tempdir().expect("a folder");
    let secret = outside.path().join("secret");
    std::fs::write(&secret, "of the host").expect("a file");
    let script = format!(
        "ln -s {0} /leak; ln -s {1} /out; ln -s ../../../../../..{1} /up; ln -s /proc/self/root /magic; mkdir /tree; ln -s {0} /tree/secret",
        secret.display(),
        outside.path().display()
    );
    keep(&teu, "evil", &script);
    let pid = teu.inspect("evil", "{{.State.Pid}}");
    // The unprotected way: the link as the container wrote it, read on the host, is the host's secret.
    let link = std::fs::read_link(format!("/proc/{pid}/root/leak")).expect("the link is there");
    assert_eq!(read(link), "of the host");
    let got = teu.root().join("got");
    let target = got.display().to_string();
    assert_ne!(teu.run(["cp", "-L", "evil:/leak", &target]).code, 0);
    assert_ne!(teu.run(["cp", "evil:/out/secret", &target]).code, 0);
    assert_ne!(teu.run(["cp", "evil:/up/secret", &target]).code, 0);
    assert_ne!(teu.run(["cp", &format!("evil:/magic{}", secret.display()), &target]).code, 0);
    assert!(!got.exists());
    // Written through: nothing outside changes.
    let new = teu.root().join("new");
    std::fs::write(&new, "of the container").expect("a file");
    let new = new.display().to_string();
    for way in ["evil:/leak", "evil:/out/secret", "evil:/up/secret", "evil:/out", "evil:/up/"] {
        teu.run(["cp", &new, way]);
        assert_eq!(read(&secret), "of the host", "{way}");
    }
    // A copied tree keeps the link as a link.
    teu.run(["cp", "evil:/tree", &target]).ok();
    assert!(std::fs::symlink_metadata(got.join("secret")).expect("it is there").is_symlink());
    // A link that lies here in the way is not written through either.
    std::fs::remove_file(got.join("secret")).expect("it was there");
    let trap = teu.root().join("trap");
    std::fs::create_dir_all(trap.join("tree")).expect("folders");
    symlink(&secret, trap.join("tree/secret")).expect("a link");
    teu.run(["exec", "evil", "sh", "-c", "rm /tree/secret; echo evil > /tree/secret"]).ok();
    teu.run(["cp", "evil:/tree", &trap.display().to_string()]).ok();
    assert_eq!(read(&secret), "of the host");
    assert_eq!(read(trap.join("tree/secret")), "evil\n");
    // Set-id programs of a container do not become the caller's.
    teu.run(["exec", "evil", "sh", "-c", "cp /bin/busybox /suid && chmod 6755 /suid"]).ok();
    teu.run(["cp", "evil:/suid", &teu.root().join("suid").display().to_string()]).ok();
    assert_eq!(std::fs::metadata(teu.root().join("suid")).expect("it is there").mode() & 0o6000, 0);
    // Devices are refused, and a file of endless zeros costs nothing.
    assert!(teu.run(["cp", "evil:/dev/null", &target]).fails_with(1).contains("device"));
    teu.run([
        "exec",
        "evil",
        "sh",
        "-c",
        "dd if=/dev/zero of=/huge bs=1 count=1 seek=1000000000000 2>/dev/null",
    ])
    .ok();
    let huge = teu.root().join("huge");
    teu.run(["cp", "evil:/huge", &huge.display().to_string()]).ok();
    assert!(std::fs::metadata(&huge).expect("it is there").blocks() < 10_000, "holes stay holes");
    teu.finish();
}

/// A container that swaps a folder for a link to the host's while it is copied into, over and over.
#[test]
fn a_container_that_swaps_folders_for_links_gets_nothing_of_the_host() {
    let teu = Teu::with_busybox();
    let outside = tempfile::tempdir().expect("a folder");
    std::fs::write(outside.path().join("file"), "of the host").expect("a file");
    let script = format!(
        "mkdir /a; echo inside > /a/file; ln -s {} /b; \
         (while :; do mv /a /c; mv /b /a; mv /a /b; mv /c /a; done) 2>/dev/null &",
        outside.path().display()
    );
    keep(&teu, "evil", &script);
    let here = teu.root().join("file");
    std::fs::write(&here, "copied in").expect("a file");
    for round in 0..40 {
        teu.run(["cp", &here.display().to_string(), "evil:/a/file"]);
        assert_eq!(read(outside.path().join("file")), "of the host", "round {round}");
        let back = teu.root().join(format!("back{round}"));
        if teu.run(["cp", "evil:/a/file", &back.display().to_string()]).code == 0 {
            assert_ne!(read(&back), "of the host", "round {round}");
        }
    }
    assert_eq!(std::fs::read_dir(outside.path()).expect("the folder").count(), 1);
    teu.finish();
}

/// Archives whose names lead out of the folder that they are unpacked in.
#[test]
fn archives_do_not_lead_out_of_a_container() {
    let teu = Teu::with_busybox();
    keep(&teu, "web", "mkdir /in");
    let outside = tempfile::tempdir().expect("a folder");
    let make = |words: &[&str]| {
        let made =
            std::process::Command::new("tar").args(words).current_dir(outside.path()).output().expect("tar");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        made.stdout
    };
    std::fs::write(outside.path().join("x"), "evil").expect("a file");
    let up = make(&["-cPf", "-", "--transform", "s,^x$,../../escaped,", "x"]);
    assert!(teu.run_with_input(["cp", "-", "web:/in"], &up).fails_with(1).contains("leads out"));
    // First a link out, then a file through it.
    symlink(outside.path(), outside.path().join("door")).expect("a link");
    let mut door = make(&["-cf", "-", "door"]);
    let through = make(&["-cPf", "-", "--transform", "s,^x$,door/planted,", "x"]);
    door.truncate(512);
    door.extend(through);
    teu.run_with_input(["cp", "-", "web:/in"], &door);
    assert!(!outside.path().join("planted").exists());
    assert_eq!(teu.run(["exec", "web", "ls", "/"]).ok().matches("escaped").count(), 0);
    teu.finish();
}

#[test]
fn an_init_reaps_orphans_and_hands_signals_on() {
    let teu = Teu::with_busybox();
    let run = |words: &[&str]| teu.run(["run", "--rm", "--network", "none"].iter().chain(words));
    // The need is real: without it the program is process 1, and signals without a handler are lost on it.
    assert_eq!(run(&["busybox", "sh", "-c", "echo $$"]).ok(), "1");
    assert_eq!(run(&["--init", "busybox", "sh", "-c", "exit 7"]).code, 7);
    assert_eq!(run(&["--init", "busybox", "sh", "-c", "kill -TERM $$; sleep 100"]).code, 143);
    assert!(run(&["--init", "busybox", "no-such-program"]).fails_with(127).contains("no-such-program"));
    assert_eq!(run(&["--init", "-u", "1234", "busybox", "sh", "-c", "test $$ != 1 && id -u"]).ok(), "1234");
    // Orphans: each is left by its parent, ends, and is gone.
    let orphans = "for i in 1 2 3 4 5; do (sleep 0.05 &) ; done; sleep 0.5; \
        grep -l '^State:.Z' /proc/[0-9]*/status | wc -l";
    assert_eq!(run(&["--init", "busybox", "sh", "-c", orphans]).ok(), "0");
    // Nothing of ours can be looked into from the inside.
    let look = "cat /proc/1/environ /proc/1/maps 2>/dev/null | wc -c; ls -l /proc/1/fd 2>/dev/null | wc -l";
    let seen = run(&["--init", "busybox", "sh", "-c", look]).ok();
    assert_eq!(seen.split_whitespace().next(), Some("0"), "{seen}");
    // SIGTERM ends a program that would ignore it as process 1.
    teu.run(["run", "-d", "--init", "--name", "init", "--network", "none", "busybox", "sleep", "1000"]).ok();
    teu.run(["stop", "-t", "60", "init"]).ok();
    assert_eq!(teu.inspect("init", "{{.State.ExitCode}}"), "143");
    teu.finish();
}
