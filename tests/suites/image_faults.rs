//! Full disks, bombs and hostile names while images come and go.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use std::process::Command;
use teu_tests::registry::Registry;
use teu_tests::{Teu, skip};

/// Runs a script in a mount namespace of its own, where `$disk` is a small file system; mounts end with it.
fn on_small_disk(teu: &Teu, size: &str, name: &str, script: &str) -> Option<String> {
    let disk = tempfile::tempdir().expect("a folder");
    let script = format!(
        "set -u; disk={}; teu={}; name={name}; export TEU_ROOT=$disk NO_COLOR=1
        mount -t tmpfs -o size={size},mode=0755 tmpfs $disk || exit 99
        fill() {{ dd if=/dev/zero of=$disk/fill bs=4k 2>/dev/null; }}
        {script}",
        disk.path().display(),
        teu.binary().display()
    );
    let output = Command::new("unshare").args(["-m", "sh", "-c", &script]).output().expect("unshare runs");
    if output.status.code() == Some(99) {
        return None;
    }
    Some(format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn a_pull_on_a_full_disk_says_so_and_leaves_nothing() {
    let test = "a_pull_on_a_full_disk_says_so_and_leaves_nothing";
    let Some(registry) = Registry::start(test, false) else { return };
    let teu = Teu::with_busybox();
    let name = registry.name("box:1");
    teu.run(["tag", "busybox", &name]).ok();
    teu.run(["push", "-q", &name]).ok();
    let script = "
        $teu images -q
        $teu pull $name >/dev/null 2>$disk/said; echo code $?
        cat $disk/said
        echo staged $(ls $disk/staging | wc -l) blobs $(ls $disk/store/blobs/sha256 | wc -l) layers $(ls $disk/layers | wc -l)
        $teu images -q
        mount -o remount,size=60m $disk
        $teu pull -q $name; echo code $?
        $teu image cat $name /bin/busybox | wc -c";
    let Some(said) = on_small_disk(&teu, "2500k", &name, script) else {
        skip(test, "mounts are not allowed here");
        return;
    };
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], "code 1", "{said}");
    assert!(lines[1].contains("No space left on device") && lines[1].contains("teu system prune"), "{said}");
    assert_eq!(lines[2], "staged 0 blobs 0 layers 0", "{said}");
    assert_eq!((lines[3], lines[4]), (name.as_str(), "code 0"), "{said}");
    assert!(lines[5].parse::<u64>().is_ok_and(|bytes| bytes > 100_000), "{said}");
    teu.finish();
}

#[test]
fn images_can_be_removed_from_a_disk_without_a_free_byte() {
    let test = "images_can_be_removed_from_a_disk_without_a_free_byte";
    let teu = Teu::with_busybox();
    let archive = tempfile::NamedTempFile::new().expect("a file");
    let path = archive.path().to_str().expect("a path");
    teu.run(["save", "-o", path, "busybox"]).ok();
    let script = format!(
        "
        $teu load -q -i {path}; $teu import {path} other >/dev/null; $teu tag busybox third
        fill; echo free $(df --output=avail $disk | tail -1)
        $teu tag busybox no; echo code $?
        $teu rmi third; echo code $?
        $teu image prune -a -f | tail -1; echo code $?
        $teu images -q; ls $disk/store/blobs/sha256 $disk/layers | grep -c ..............
        rm $disk/fill; $teu load -q -i {path}; $teu images -q | wc -l"
    );
    let Some(said) = on_small_disk(&teu, "40m", "none", &script) else {
        skip(test, "mounts are not allowed here");
        return;
    };
    for part in ["free 0\n", "database or disk is full", "code 1", "Untagged: third:latest\ncode 0"] {
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        let part = part.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(&part), "{part} is missing: {said}");
    }
    assert!(said.contains("Total reclaimed space: ") && !said.contains("space: 0B"), "{said}");
    assert!(said.contains("Loaded image: busybox:latest\n1\n"), "what was removed can come back: {said}");
    teu.finish();
}

#[test]
fn a_bomb_is_bounded_by_the_users_own_word() {
    let Some(registry) = Registry::start("a_bomb_is_bounded_by_the_users_own_word", false) else { return };
    let teu = Teu::with_busybox();
    // 40 MB of zeros in a layer of some kilobytes.
    let script = "dd if=/dev/zero of=/zeros bs=1000000 count=40 2>/dev/null";
    teu.run(["run", "--name", "bomb", "--network", "none", "busybox", "sh", "-c", script]).ok();
    let name = registry.name("bomb:1");
    teu.run(["commit", "bomb", &name]).ok();
    teu.run(["push", "-q", &name]).ok();
    let puller = Teu::new();
    let config = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(config.path().join("teu")).expect("a folder");
    let pull = |largest: &str| {
        let text = format!("largest-layer = \"{largest}\"\n");
        std::fs::write(config.path().join("teu/registries.toml"), text).expect("a file");
        puller.command(["pull", "-q", &name]).env("XDG_CONFIG_HOME", config.path()).output().expect("it runs")
    };
    let refused = pull("20MB");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("unpacks to more than 20000000 bytes"), "{said}");
    let left = |folder: &str| std::fs::read_dir(puller.root().join(folder)).expect("a folder").count();
    assert_eq!((left("staging"), puller.run(["images", "-q"]).ok().as_str()), (0, ""));
    assert!(pull("60MB").status.success());
    puller.finish();
    teu.finish();
}

#[test]
fn names_with_control_characters_reach_neither_store_nor_terminal() {
    let teu = Teu::with_busybox();
    let folder = tempfile::tempdir().expect("a folder");
    let (good, tree, bad) =
        (folder.path().join("good.tar"), folder.path().join("tree"), folder.path().join("bad.tar"));
    teu.run(["save", "-o", good.to_str().expect("a path"), "busybox"]).ok();
    std::fs::create_dir(&tree).expect("a folder");
    let tar = |words: &[&std::ffi::OsStr]| {
        assert!(Command::new("tar").args(words).status().expect("tar runs").success());
    };
    tar(&["-C".as_ref(), tree.as_ref(), "-xf".as_ref(), good.as_ref()]);
    std::fs::remove_file(tree.join("index.json")).ok();
    std::fs::remove_file(tree.join("oci-layout")).ok();
    let manifest = std::fs::read_to_string(tree.join("manifest.json")).expect("Docker's list");
    let hostile = manifest.replace("busybox:latest", r"box\u001b[2J:latest");
    assert!(hostile != manifest, "the archive names what it is to name: {manifest}");
    std::fs::write(tree.join("manifest.json"), hostile).expect("a file");
    tar(&["-C".as_ref(), tree.as_ref(), "-cf".as_ref(), bad.as_ref(), ".".as_ref()]);

    let other = Teu::new();
    let said = other.run(["load", "-i", bad.to_str().expect("a path")]).fails_with(1);
    assert!(said.contains("invalid reference format") && !said.contains('\u{1b}'), "{said}");
    assert_eq!(other.run(["images", "-q"]).ok(), "");
    for word in ["x\u{1b}[2J", "x\ny", "\u{202e}x"] {
        for command in ["pull", "push", "rmi", "history"] {
            let said = other.run([command, word]).fails_with(1);
            assert!(
                said.lines().count() == 1 && !said.chars().any(|c| c.is_control() || c == '\u{202e}'),
                "{said}"
            );
        }
    }
    // A file's name may hold anything: it is kept as it is, and shown so that a terminal takes no orders from it.
    let script = r#"touch "$(printf '/evil\033[2J')""#;
    teu.run(["run", "--name", "box", "--network", "none", "busybox", "sh", "-c", script]).ok();
    teu.run(["commit", "box", "evil"]).ok();
    let layers = teu.run(["image", "layers", "evil"]).ok();
    assert!(layers.contains(r"evil\x1b[2J") && !layers.contains('\u{1b}'), "{layers}");
    other.finish();
    teu.finish();
}
