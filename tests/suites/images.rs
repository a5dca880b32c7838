//! Images from this host and from archives.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use std::process::Command;
use teu_tests::Teu;

#[test]
fn an_image_from_the_host_runs_its_programs() {
    let teu = Teu::new();
    teu.run(["image", "from-host", "-t", "tools", "bash", "ls", "cat", "id"]).ok();
    let table = teu.run(["images"]).ok();
    assert!(
        table.starts_with("REPOSITORY") && table.contains("tools") && table.contains("latest"),
        "{table}"
    );
    assert_eq!(
        teu.run(["run", "--rm", "--network", "none", "tools", "bash", "-c", "echo $BASH_VERSION | cut -c1"])
            .code,
        127,
        "cut is not there"
    );
    assert_eq!(
        teu.run(["run", "--rm", "--network", "none", "tools", "bash", "-c", "echo ${#BASH_VERSION}"]).code,
        0
    );
    assert!(
        teu.run(["run", "--rm", "--network", "none", "tools", "cat", "/etc/passwd"])
            .ok()
            .contains("root:x:0:0")
    );
    assert_eq!(
        teu.run([
            "run",
            "--rm",
            "--network",
            "none",
            "-u",
            "65534",
            "tools",
            "bash",
            "-c",
            ": > /tmp/mine && echo ok"
        ])
        .ok(),
        "ok"
    );
    assert_eq!(teu.run(["rmi", "tools"]).code, 0);
    assert_eq!(teu.run(["images", "-q"]).ok(), "");
    teu.finish();
}

#[test]
fn the_same_programs_make_the_same_image() {
    let teu = Teu::new();
    for name in ["one", "two"] {
        let mut command = teu.command(["image", "from-host", "-t", name, "cat"]);
        assert!(command.env("SOURCE_DATE_EPOCH", "1700000000").status().expect("it runs").success());
    }
    let ids = teu.run(["images", "-q", "--no-trunc"]).ok();
    let unique: std::collections::BTreeSet<&str> = ids.lines().collect();
    assert_eq!(unique.len(), 1, "{ids}");
    teu.finish();
}

#[test]
fn an_archive_of_a_root_file_system_becomes_an_image() {
    let teu = Teu::new();
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("root");
    std::fs::create_dir_all(root.join("bin")).expect("a folder");
    std::fs::copy("/bin/busybox", root.join("bin/busybox")).expect("busybox is installed");
    std::os::unix::fs::symlink("busybox", root.join("bin/sh")).expect("a link");
    std::os::unix::fs::symlink("busybox", root.join("bin/echo")).expect("a link");
    let archive = folder.path().join("rootfs.tar");
    let status = Command::new("tar")
        .arg("-C")
        .arg(&root)
        .arg("-cf")
        .arg(&archive)
        .arg(".")
        .status()
        .expect("tar runs");
    assert!(status.success());
    let id = teu.run([archive.as_os_str(), "imported:1".as_ref()].iter().fold(
        vec!["import".as_ref()],
        |mut words: Vec<&std::ffi::OsStr>, word| {
            words.push(word);
            words
        },
    ));
    assert!(id.ok().starts_with("sha256:"));
    assert_eq!(
        teu.run(["run", "--rm", "--network", "none", "imported:1", "/bin/echo", "hello"]).ok(),
        "hello"
    );
    assert!(teu.run(["import", "/no/such/file.tar", "x"]).fails_with(1).contains("/no/such/file.tar"));
    teu.finish();
}

#[test]
fn an_image_in_use_is_kept() {
    let teu = Teu::with_busybox();
    teu.run(["create", "--name", "user", "--network", "none", "busybox", "true"]).ok();
    let message = teu.run(["rmi", "busybox"]).fails_with(1);
    assert!(message.contains("busybox") && message.contains("container"), "{message}");
    teu.run(["rm", "user"]).ok();
    let said = teu.run(["rmi", "busybox"]).ok();
    assert!(said.contains("Untagged: busybox:latest") && said.contains("Deleted: sha256:"), "{said}");
    teu.finish();
}

#[test]
fn containers_write_to_layers_of_their_own() {
    let teu = Teu::with_busybox();
    let run = |name: &str, script: &str| {
        teu.run(["run", "--name", name, "--network", "none", "busybox", "sh", "-c", script]).ok()
    };
    assert_eq!(run("first", "echo mine > /file; rm /etc/passwd; cat /file"), "mine");
    assert_eq!(run("second", "ls /file 2>/dev/null; cat /etc/passwd | grep -c root"), "1");
    teu.run(["start", "-a", "first"]);
    teu.finish();
}
