//! Volumes from the command line: what outlives containers, and what goes with them.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use teu_tests::{Teu, host, isolate_mounts};

fn run(teu: &Teu, words: &[&str]) -> String {
    teu.run(["run", "--rm", "--network", "none"].iter().chain(words)).ok()
}

fn volumes(teu: &Teu) -> Vec<String> {
    teu.run(["volume", "ls", "-q"]).ok().lines().map(str::to_owned).collect()
}

/// Ends a test; its volumes go with its state folder.
#[track_caller]
fn finish(teu: Teu) {
    let staged = std::fs::read_dir(teu.root().join("staging")).expect("the staging folder").count();
    assert_eq!(staged, 0, "nothing half-made is left");
    teu.finish();
}

#[test]
fn data_outlives_containers() {
    let teu = Teu::with_busybox();
    run(&teu, &["-v", "data:/data", "busybox", "sh", "-c", "echo kept > /data/file"]);
    assert_eq!(run(&teu, &["-v", "data:/elsewhere", "busybox", "cat", "/elsewhere/file"]), "kept");
    let read_only =
        teu.run(["run", "--rm", "--network", "none", "-v", "data:/data:ro", "busybox", "touch", "/data/x"]);
    assert_ne!(read_only.code, 0);
    teu.run(["create", "--name", "box", "-v", "data:/data", "busybox", "true"]).ok();
    assert!(teu.run(["volume", "rm", "data"]).fails_with(1).contains("in use"));
    assert_eq!(teu.run(["volume", "prune", "-af"]).ok(), "Total reclaimed space: 0B");
    teu.run(["rm", "box"]).ok();
    assert_eq!(teu.run(["volume", "rm", "data"]).ok(), "data");
    assert!(volumes(&teu).is_empty());
    assert!(teu.run(["volume", "rm", "data"]).fails_with(1).contains("data"));
    finish(teu);
}

#[test]
fn new_volumes_take_the_images_content_and_owner() {
    let teu = Teu::with_busybox();
    let tree = tempfile::tempdir().expect("a folder");
    let pack = "mkdir -p srv/deep etc && echo text > srv/deep/file && ln -s deep/file srv/link && chmod 640 srv/deep/file \
                && chown -R 123:456 srv && chmod 2750 srv && tar cf image.tar srv etc";
    let made = std::process::Command::new("sh")
        .args(["-c", pack])
        .current_dir(tree.path())
        .status()
        .expect("a shell");
    assert!(made.success());
    let archive = tree.path().join("image.tar");
    teu.run(["import", archive.to_str().expect("a path"), "content"]).ok();
    // The image has no programs: another looks at what came of it.
    teu.run(["create", "--name", "box", "-v", "data:/srv", "content", "nothing"]).ok();
    let look = "stat -c '%a %u:%g' /x; stat -c '%a %u:%g' /x/deep/file; cat /x/link";
    assert_eq!(run(&teu, &["-v", "data:/x", "busybox", "sh", "-c", look]), "2750 123:456\n640 123:456\ntext");
    // One that has content keeps it, and nocopy leaves it empty.
    run(&teu, &["-v", "data:/x", "busybox", "rm", "-r", "/x/deep"]);
    teu.run(["create", "--name", "again", "-v", "data:/srv", "content", "nothing"]).ok();
    assert_eq!(run(&teu, &["-v", "data:/x", "busybox", "ls", "/x"]), "link");
    teu.run(["create", "--name", "bare", "-v", "bare:/srv:nocopy", "content", "nothing"]).ok();
    assert_eq!(run(&teu, &["-v", "bare:/x", "busybox", "ls", "/x"]), "");
    teu.run(["rm", "box", "again", "bare"]).ok();
    finish(teu);
}

#[test]
fn anonymous_volumes_go_with_their_container() {
    let teu = Teu::with_busybox();
    run(&teu, &["-v", "/data", "busybox", "touch", "/data/x"]);
    assert!(volumes(&teu).is_empty(), "--rm removes them");
    teu.run([
        "run",
        "--name",
        "box",
        "--network",
        "none",
        "-v",
        "/data",
        "busybox",
        "sh",
        "-c",
        "echo 1 > /data/one",
    ])
    .ok();
    let name = volumes(&teu).pop().expect("a volume");
    assert_eq!(name.len(), 64);
    assert_eq!(run(&teu, &["--volumes-from", "box", "busybox", "cat", "/data/one"]), "1");
    assert_eq!(volumes(&teu), std::slice::from_ref(&name), "one that another has stays");
    let refused = teu.run([
        "run",
        "--rm",
        "--network",
        "none",
        "--volumes-from",
        "box:ro",
        "busybox",
        "touch",
        "/data/x",
    ]);
    assert_ne!(refused.code, 0);
    teu.run(["rm", "box"]).ok();
    assert_eq!(volumes(&teu), std::slice::from_ref(&name), "rm without -v leaves it");
    assert!(teu.run(["volume", "prune", "-f"]).ok().contains(&name));
    teu.run(["run", "--name", "box", "--network", "none", "-v", "/data", "busybox", "true"]).ok();
    teu.run(["rm", "-v", "box"]).ok();
    assert!(volumes(&teu).is_empty());
    // A name that is taken leaves no volume behind.
    teu.run(["create", "--name", "box", "busybox", "true"]).ok();
    teu.run(["create", "--name", "box", "-v", "/data", "busybox", "true"]).fails_with(1);
    assert!(volumes(&teu).is_empty());
    finish(teu);
}

#[test]
fn folders_in_volumes_are_mounted_and_never_left() {
    let teu = Teu::with_busybox();
    run(
        &teu,
        &[
            "-v",
            "data:/d",
            "busybox",
            "sh",
            "-c",
            "mkdir /d/sub; echo deep > /d/sub/file; ln -s / /d/out; ln -s sub /d/in",
        ],
    );
    let mount = |path: &str| format!("type=volume,src=data,dst=/s,volume-subpath={path}");
    assert_eq!(run(&teu, &["--mount", &mount("sub"), "busybox", "cat", "/s/file"]), "deep");
    assert_eq!(run(&teu, &["--mount", &mount("in"), "busybox", "cat", "/s/file"]), "deep");
    for bad in ["none", "out", "out/etc"] {
        let output =
            teu.run(["run", "--rm", "--network", "none", "--mount", &mount(bad), "busybox", "ls", "/s"]);
        assert!(output.fails_with(125).contains(bad));
    }
    finish(teu);
}

#[test]
fn volumes_travel_as_archives() {
    let teu = Teu::with_busybox();
    run(
        &teu,
        &[
            "-v",
            "data:/d",
            "busybox",
            "sh",
            "-c",
            "mkdir /d/sub; echo text > /d/sub/file; ln -s sub/file /d/link; chown 7:8 /d/sub",
        ],
    );
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("data.tar");
    let path = path.to_str().expect("a path");
    teu.run(["volume", "export", "-o", path, "data"]).ok();
    let bytes = std::fs::read(path).expect("an archive");
    assert_eq!(teu.run_with_input(["volume", "import", "copy"], &bytes).ok(), "");
    assert_eq!(
        run(&teu, &["-v", "copy:/d", "busybox", "sh", "-c", "cat /d/link; stat -c %u:%g /d/sub"]),
        "text\n7:8"
    );
    assert!(teu.run(["volume", "import", "copy", path]).fails_with(1).contains("not empty"));
    // Names that lead out of the volume, and archives that are none, change nothing.
    let evil = "mkdir -p a && touch evil a/b && tar cPf evil.tar --transform 's,^evil,../../../evil,' evil";
    let made = std::process::Command::new("sh")
        .args(["-c", evil])
        .current_dir(folder.path())
        .status()
        .expect("a shell");
    assert!(made.success());
    let evil = folder.path().join("evil.tar");
    teu.run(["volume", "import", "bad", evil.to_str().expect("a path")]).fails_with(1);
    teu.run_with_input(["volume", "import", "bad"], b"this is no archive at all, however long it goes on")
        .fails_with(1);
    assert_eq!(run(&teu, &["-v", "bad:/d", "busybox", "ls", "-A", "/d"]), "");
    assert!(teu.run(["volume", "export", "nothing"]).fails_with(1).contains("nothing"));
    finish(teu);
}

#[test]
fn the_local_driver_mounts_what_it_is_told() {
    let teu = Teu::with_busybox();
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("file"), "host").expect("a file");
    let device = format!("device={}", folder.path().display());
    teu.run(["volume", "create", "-o", "type=none", "-o", &device, "-o", "o=bind", "bound"]).ok();
    assert_eq!(run(&teu, &["-v", "bound:/m", "busybox", "cat", "/m/file"]), "host");
    teu.run(["volume", "create", "-o", "type=tmpfs", "-o", "device=tmpfs", "-o", "o=size=1m", "memory"]).ok();
    assert!(
        run(&teu, &["-v", "memory:/m", "busybox", "grep", " /m ", "/proc/mounts"]).contains("size=1024k")
    );
    for (words, part) in [
        (&["-o", "colour=red", "bad"][..], "colour"),
        (&["-d", "nfs", "bad"], "nfs"),
        (&["-o", "type=nfs", "bad"], "device"),
        (&["a/b"], "a/b"),
    ] {
        let said = teu.run(["volume", "create"].iter().chain(words)).fails_with(1);
        assert!(said.contains(part) && said.lines().count() == 1, "{said}");
    }
    assert_eq!(volumes(&teu), ["bound", "memory"]);
    teu.run(["volume", "create", "--label", "keep=1", "kept"]).ok();
    teu.run(["volume", "prune", "-af", "--filter", "label!=keep"]).ok();
    assert_eq!(volumes(&teu), ["kept"]);
    assert!(folder.path().join("file").exists(), "what was mounted from elsewhere stays there");
    finish(teu);
}

#[test]
fn mounts_below_a_mount_follow_its_propagation() {
    isolate_mounts();
    let teu = Teu::with_busybox();
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().display().to_string();
    host(&format!("mount -t tmpfs t {source} && mount --make-shared {source} && mkdir {source}/in"));
    let rights = ["--cap-add", "SYS_ADMIN", "--security-opt", "seccomp=unconfined"];
    let mounted_by_container = |propagation: &str| {
        let bind = format!("{source}:/x:{propagation}");
        let script = "mount -t tmpfs u /x/in && touch /x/in/mark";
        run(&teu, &[&rights[..], &["-v", &bind, "busybox", "sh", "-c", script]].concat());
        let seen = folder.path().join("in/mark").exists();
        if seen {
            host(&format!("umount {source}/in"));
        }
        seen
    };
    assert!(mounted_by_container("rshared") && mounted_by_container("shared"));
    assert!(!mounted_by_container("rslave") && !mounted_by_container("rprivate"));
    // A slave sees what the host mounts later, a private mount does not.
    for (name, propagation) in [("slave", "rslave"), ("private", "rprivate")] {
        let bind = format!("{source}:/x:{propagation}");
        teu.run(["run", "-d", "--name", name, "--network", "none", "-v", &bind, "busybox", "sleep", "1000"])
            .ok();
    }
    host(&format!("mount -t tmpfs v {source}/in && touch {source}/in/later"));
    assert_eq!(teu.run(["exec", "slave", "ls", "/x/in"]).ok(), "later");
    assert_eq!(teu.run(["exec", "private", "ls", "/x/in"]).ok(), "");
    // Read-only is so all the way down, unless told otherwise; what lies below may stay behind.
    let touch = |mount: &str| {
        let words = ["run", "--rm", "--network", "none", "--mount", mount, "busybox", "touch", "/x/in/later"];
        teu.run(words).code
    };
    let mount = format!("type=bind,src={source},dst=/x");
    assert_eq!(touch(&mount), 0);
    assert_ne!(touch(&format!("{mount},readonly")), 0);
    assert_eq!(touch(&format!("{mount},readonly,bind-recursive=writable")), 0);
    let alone = format!("{mount},bind-recursive=disabled");
    assert_eq!(run(&teu, &["--mount", &alone, "busybox", "ls", "/x/in"]), "");
    teu.run(["rm", "-f", "slave", "private"]).ok();
    // What cannot be shared is said.
    host(&format!("umount {source}/in; mount --make-private {source}"));
    let bind = format!("{source}:/x:rshared");
    let said = teu.run(["run", "--rm", "--network", "none", "-v", &bind, "busybox", "true"]).fails_with(125);
    assert!(said.contains("not a shared mount") && said.lines().count() == 1, "{said}");
    host(&format!("umount {source}"));
    finish(teu);
}

#[test]
fn many_processes_at_once_share_a_new_volume() {
    let teu = Teu::with_busybox();
    let words = [
        "run",
        "--rm",
        "--network",
        "none",
        "-v",
        "shared:/etc",
        "busybox",
        "sh",
        "-c",
        "cat /etc/passwd | wc -l",
    ];
    let starters: Vec<_> = (0..8).map(|_| teu.spawn(words)).collect();
    for starter in starters {
        let output = starter.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_ne!(String::from_utf8_lossy(&output.stdout).trim(), "0");
    }
    assert_eq!(volumes(&teu), ["shared"]);
    finish(teu);
}

#[test]
fn a_file_system_of_another_machine_that_cannot_be_mounted_is_one_clear_line() {
    let teu = Teu::with_busybox();
    let kernel = std::fs::read_to_string("/proc/filesystems").expect("a kernel");
    let options = ["-o", "type=nfs", "-o", "device=:/export", "-o", "o=addr=127.0.0.1,vers=4,soft"];
    teu.run(["volume", "create"].iter().chain(&options).chain(&["far"])).ok();
    if kernel.lines().any(|line| line.trim_start_matches("nodev").trim().starts_with("nfs")) {
        teu_tests::skip("a kernel without NFS", "this one has it, and no server is at hand");
    } else {
        let said = teu.run(["run", "--rm", "--network", "none", "-v", "far:/far", "busybox", "true"]);
        let said = said.fails_with(125);
        assert!(
            said.contains("cannot mount nfs at /far: this kernel does not have that file system"),
            "{said}"
        );
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    let options = ["-o", "type=nfs", "-o", "device=:/export", "-o", "o=addr=no.such.host.invalid"];
    teu.run(["volume", "create"].iter().chain(&options).chain(&["lost"])).ok();
    let said = teu.run(["run", "--rm", "--network", "none", "-v", "lost:/lost", "busybox", "true"]);
    assert!(said.fails_with(125).contains("lost: cannot resolve the server no.such.host.invalid"));
    // What could not be mounted holds nothing back.
    teu.run(["volume", "rm", "far", "lost"]).ok();
    finish(teu);
}
