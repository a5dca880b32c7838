//! Save, load, export, commit, compare, explain and prune.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use teu_tests::{Teu, skip};

fn run(teu: &Teu, image: &str, script: &str) -> String {
    teu.run(["run", "--rm", "--network", "none", image, "sh", "-c", script]).ok()
}

/// A container that ran this script in busybox.
fn changed(teu: &Teu, name: &str, base: &str, script: &str) {
    teu.run(["run", "--name", name, "--network", "none", base, "sh", "-c", script]).ok();
}

fn has(program: &str, test: &str) -> bool {
    let known =
        Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !known {
        skip(test, &format!("{program} is not installed"));
    }
    known
}

#[test]
fn what_is_saved_can_be_loaded() {
    let teu = Teu::with_busybox();
    changed(&teu, "box", "busybox", "echo new > /new; rm /etc/passwd");
    teu.run(["commit", "box", "made:1"]).ok();
    let id = teu.inspect("made:1", "{{.Id}}");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("images.tar");
    let path = file.to_str().expect("a path");
    teu.run(["save", "-o", path, "made:1", "busybox"]).ok();
    assert_eq!(
        std::fs::read_dir(folder.path()).expect("the folder").count(),
        1,
        "nothing beside the archive"
    );

    let other = Teu::new();
    assert_eq!(other.run(["load", "-i", path]).ok(), "Loaded image: made:1\nLoaded image: busybox:latest");
    assert_eq!(other.inspect("made:1", "{{.Id}}"), id);
    assert_eq!(run(&other, "made:1", "cat /new; ls /etc/passwd 2>/dev/null || echo gone"), "new\ngone");
    let again = other.command(["save", "made:1", "busybox"]).output().expect("it runs").stdout;
    assert_eq!(again, std::fs::read(&file).expect("the archive"), "the same images make the same archive");

    // From standard input, compressed, and as a folder.
    let compressed = Command::new("gzip").arg("-c").arg(path).output().expect("gzip runs").stdout;
    let third = Teu::new();
    assert!(third.run_with_input(["load"], &compressed).ok().contains("Loaded image: made:1"));
    let layout = folder.path().join("layout");
    std::fs::create_dir(&layout).expect("a folder");
    assert!(
        Command::new("tar").arg("-C").arg(&layout).args(["-xf", path]).status().expect("tar runs").success()
    );
    let fourth = Teu::new();
    assert!(
        fourth.run(["load", "-i", layout.to_str().expect("a path")]).ok().contains("Loaded image: made:1")
    );
    assert_eq!(fourth.inspect("made:1", "{{.Id}}"), id);
    for teu in [teu, other, third, fourth] {
        teu.finish();
    }
}

#[test]
fn broken_archives_change_nothing() {
    let teu = Teu::with_busybox();
    let folder = tempfile::tempdir().expect("a folder");
    let good = folder.path().join("good.tar");
    teu.run(["save", "-o", good.to_str().expect("a path"), "busybox"]).ok();
    let good = std::fs::read(&good).expect("the archive");
    let before = teu.run(["images", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}"]).ok();
    let mut flipped = good.clone();
    let at = flipped.windows(4).position(|window| window == b"\x7fELF").expect("a program in a layer");
    flipped[at + 100] ^= 1;
    for (what, bytes) in [
        ("cut", &good[..good.len() / 2]),
        ("empty", &[][..]),
        ("text", &b"no archive"[..]),
        ("flipped", &flipped),
    ] {
        let message = Teu::new().run_with_input(["load"], bytes).fails_with(1);
        assert_eq!(message.lines().count(), 1, "{what}: {message}");
        teu.run_with_input(["load"], bytes);
        assert_eq!(
            teu.run(["images", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}"]).ok(),
            before,
            "{what}"
        );
    }
    let missing = folder.path().join("missing.tar");
    let path = missing.to_str().expect("a path");
    assert!(teu.run(["save", "-o", path, "no-such-image"]).fails_with(1).contains("no-such-image"));
    assert!(teu.run(["export", "-o", path, "no-such-container"]).fails_with(1).contains("no-such-container"));
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 1, "no half archive stays");
    teu.finish();
}

#[test]
fn an_exported_container_can_be_imported() {
    let teu = Teu::with_busybox();
    let script = "mkdir -p /d/e; echo one > /d/one; ln /d/one /d/two; ln -s ../one /d/e/link; chmod 4751 /d/one; mkfifo /d/pipe; rm -r /root; mkdir /usr/new; chown 5:6 /d/e; touch -d '2001-02-03 04:05:06' /d/e/link /d/e";
    changed(&teu, "box", "busybox", script);
    let look = "cd /d; stat -c '%n %A %u:%g %s %h %Y' one two e pipe; readlink e/link; ls -d /root /usr/new 2>/dev/null; true";
    let want = "one -rwsr-x--x 0:0 4 2";
    // Running or not, the same archive.
    let stopped = teu.command(["export", "box"]).output().expect("it runs").stdout;
    let id = teu.run_with_input(["import", "--change", "CMD [\"true\"]", "-", "again:1"], &stopped).ok();
    assert!(id.starts_with("sha256:"), "{id}");
    let seen = run(&teu, "again:1", look);
    assert!(seen.starts_with(want) && seen.contains("../one") && seen.contains("e drwxr-xr-x 5:6"), "{seen}");
    assert!(seen.ends_with("/usr/new"), "the removed folder stays away: {seen}");
    teu.run(["create", "--name", "copy", "--network", "none", "again:1", "sh"]).ok();
    let again = teu.command(["export", "copy"]).output().expect("it runs").stdout;
    // But for the root's own time, which is that of the container's first change: three blocks.
    assert!(again[3 * 512..] == stopped[3 * 512..], "what was imported exports as it came");

    teu.run([
        "run",
        "-d",
        "--name",
        "live",
        "--network",
        "none",
        "-v",
        "/etc:/mounted:ro",
        "busybox",
        "sh",
        "-c",
        "echo x > /live; sleep 1000",
    ])
    .ok();
    teu.wait_until("the file", || teu.run(["exec", "live", "cat", "/live"]).stdout == "x\n");
    let live = teu.command(["export", "live"]).output().expect("it runs").stdout;
    let has = |name: &[u8]| live.windows(name.len()).any(|window| window == name);
    assert!(has(b"\0live\0") || has(b"live\0\0\0"), "the running container's own file is there");
    assert!(!has(b"mounted/passwd"), "what is mounted is not");
    assert_eq!(teu.run(["exec", "live", "cat", "/live"]).ok(), "x", "it goes on undisturbed");
    teu.finish();
}

#[test]
fn a_commit_holds_exactly_the_changes() {
    let teu = Teu::with_busybox();
    teu.run([
        "run",
        "-d",
        "--name",
        "box",
        "--network",
        "none",
        "-e",
        "A=1",
        "--label",
        "l=v",
        "busybox",
        "sh",
        "-c",
        "rm /etc/passwd; echo 22 > /etc/group; mkdir /new; echo 333 > /new/file; echo up; sleep 1000",
    ])
    .ok();
    teu.wait_until("the changes", || teu.run(["logs", "box"]).stdout == "up\n");
    let id = teu
        .run([
            "commit",
            "-a",
            "Someone",
            "-m",
            "a message",
            "-c",
            "CMD [\"cat\", \"/new/file\"]",
            "box",
            "made",
        ])
        .ok();
    assert_eq!(teu.inspect("box", "{{.State.Status}}"), "running", "it was frozen only meanwhile");
    assert_eq!(teu.inspect("made", "{{.Id}}"), id);
    assert_eq!(teu.run(["run", "--rm", "--network", "none", "made"]).ok(), "333");
    assert_eq!(
        run(&teu, "made", "echo $A; ls /etc/passwd 2>/dev/null || echo gone; cat /etc/group"),
        "1\ngone\n22"
    );
    let diff = teu.run(["image", "diff", "busybox", "made"]).ok();
    let own: Vec<&str> = diff
        .lines()
        .filter(|line| !line.contains("hostname") && !line.contains("hosts") && !line.contains("resolv"))
        .collect();
    assert_eq!(own, ["C /etc/group", "D /etc/passwd", "A /new", "A /new/file"]);
    let history = teu.run(["history", "--format", "{{.Comment}}|{{.Size}}", "made"]).ok();
    assert!(history.starts_with("a message|") && history.lines().count() == 2, "{history}");
    assert_eq!(teu.run(["history", "-q", "--no-trunc", "made"]).ok().lines().next(), Some(id.as_str()));
    let layers = teu.run(["image", "layers", "--json", "made"]).ok();
    let layers: serde_json::Value = serde_json::from_str(&layers).expect("JSON");
    let top = &layers["layers"][1];
    let change = |path: &str| {
        let found = top["changes"].as_array().into_iter().flatten().find(|change| change["path"] == path);
        found.map(|change| change["change"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(change("/etc/group").as_deref(), Some("changed"));
    assert_eq!(change("/etc/passwd").as_deref(), Some("removed"));
    assert_eq!(change("/new/file").as_deref(), Some("added"));
    let sizes = run(&teu, "busybox", "cat /etc/group /etc/passwd | wc -c");
    assert_eq!(layers["wasted"].to_string(), sizes, "what was replaced and removed is wasted");
    let text = teu.run(["image", "layers", "made"]).ok();
    assert!(text.contains("  A new/\n  A   file  4B\n") && text.contains("  D   passwd"), "{text}");
    teu.finish();
}

#[test]
fn others_read_the_store() {
    let test = "others_read_the_store";
    if !has("skopeo", test) || !has("umoci", test) {
        return;
    }
    let teu = Teu::with_busybox();
    changed(&teu, "box", "busybox", "echo new > /new; rm /etc/passwd");
    teu.run(["commit", "box", "made:1"]).ok();
    let store = teu.root().join("store");
    let output = Command::new("umoci").args(["list", "--layout"]).arg(&store).output().expect("umoci runs");
    let names: BTreeSet<String> =
        String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    assert_eq!(names, BTreeSet::from(["busybox:latest".to_owned(), "made:1".to_owned()]), "{output:?}");
    let image = format!("oci:{}:made:1", store.display());
    let output = Command::new("skopeo")
        .args(["inspect", "--format", "{{.Digest}}", &image])
        .output()
        .expect("skopeo runs");
    let digest = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    assert_eq!(
        teu.run(["images", "--digests", "--format", "{{.Digest}}", "made"]).ok(),
        digest,
        "{output:?}"
    );
    let folder = tempfile::tempdir().expect("a folder");
    let copy = format!("oci:{}:made", folder.path().join("layout").display());
    assert!(
        Command::new("skopeo").args(["copy", "-q", &image, &copy]).status().expect("skopeo runs").success()
    );
    let bundle = folder.path().join("bundle");
    let status = Command::new("umoci")
        .args(["unpack", "--image"])
        .arg(format!("{}:made", folder.path().join("layout").display()))
        .arg(&bundle)
        .stderr(Stdio::null())
        .status();
    assert!(status.expect("umoci runs").success());
    assert_eq!(std::fs::read_to_string(bundle.join("rootfs/new")).expect("the file"), "new\n");
    assert!(!bundle.join("rootfs/etc/passwd").exists() && bundle.join("rootfs/etc/group").exists());
    teu.finish();
}

/// The second column of a plan: what goes, by short id or volume's name.
fn planned(text: &str) -> BTreeSet<String> {
    let rows = text.lines().skip(1).take_while(|line| !line.starts_with("Total"));
    rows.map(|line| line.split_whitespace().nth(1).unwrap_or_default().to_owned()).collect()
}

/// The things that a prune says it removed, by short id or volume's name.
fn removed(text: &str) -> BTreeSet<String> {
    let things = text.lines().filter(|line| {
        !line.is_empty()
            && !line.ends_with(':')
            && !line.starts_with("untagged")
            && !line.starts_with("Total")
    });
    let short = |line: &str| {
        let id = line.trim_start_matches("deleted: ");
        let hex = id.trim_start_matches("sha256:");
        if hex.len() == 64 { hex[..12].to_owned() } else { id.to_owned() }
    };
    things.map(short).collect()
}

fn total(text: &str) -> String {
    text.lines().last().and_then(|line| line.rsplit(' ').next()).unwrap_or_default().to_owned()
}

#[test]
fn prunes_remove_exactly_what_they_plan() {
    let teu = Teu::with_busybox();
    changed(&teu, "stopped", "busybox", "echo 1 > /1");
    teu.run(["commit", "stopped", "unused:1"]).ok();
    teu.run(["commit", "-m", "no name", "stopped"]).ok();
    teu.run(["tag", "unused:1", "unused:2"]).ok();
    teu.run(["run", "-d", "--name", "live", "--network", "none", "busybox", "sleep", "1000"]).ok();
    teu.run(["create", "--name", "kept", "--label", "keep=1", "--network", "none", "busybox", "true"]).ok();
    let blobs = teu.root().join("store/blobs/sha256");
    let dead = blobs.join("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
    std::fs::write(dead, "test").expect("a blob that no image names");
    let cases: [&[&str]; 5] = [
        &["container", "prune", "--filter", "label!=keep"],
        &["image", "prune"],
        &["image", "prune", "-a"],
        &["container", "prune"],
        &["system", "prune", "-a", "--volumes"],
    ];
    let counts = [1, 2, 1, 1, 0];
    for (words, count) in cases.iter().zip(counts) {
        let before = (teu.run(["images", "-aq"]).ok(), teu.run(["ps", "-aq"]).ok());
        let plan = teu.run(words.iter().copied().chain(["--dry-run"])).ok();
        assert_eq!(planned(&plan).len(), count, "{words:?}: {plan}");
        assert_eq!(
            (teu.run(["images", "-aq"]).ok(), teu.run(["ps", "-aq"]).ok()),
            before,
            "nothing happened"
        );
        let no = teu.run_with_input(words.iter().copied(), b"n\n").ok();
        assert_eq!((teu.run(["images", "-aq"]).ok(), teu.run(["ps", "-aq"]).ok()), before, "{no}");
        let done = teu.run(words.iter().copied().chain(["--force"])).ok();
        assert_eq!(removed(&done), planned(&plan), "{words:?}: {plan}\n{done}");
        assert_eq!(total(&done), total(&plan), "{words:?}: {plan}\n{done}");
    }
    assert_eq!(teu.run(["ps", "-a", "--format", "{{.Names}}"]).ok(), "live");
    assert_eq!(teu.run(["images", "--format", "{{.Repository}}"]).ok(), "busybox");
    assert!(teu.run(["image", "prune", "--filter", "colour=red"]).fails_with(1).contains("colour"));
    assert_eq!(teu.run(["exec", "live", "echo", "fine"]).ok(), "fine");
    teu.finish();
}

#[test]
fn disk_use_counts_what_is_shared_once() {
    let teu = Teu::with_busybox();
    changed(&teu, "box", "busybox", "dd if=/dev/zero of=/zeros bs=1000 count=500 2>/dev/null");
    teu.run(["commit", "box", "made"]).ok();
    let rows = teu.run(["system", "df", "--format", "{{.Type}} {{.TotalCount}} {{.Active}}"]).ok();
    assert_eq!(rows, "Images 2 1\nContainers 1 0\nLocal Volumes 0 0\nBuild Cache 0 0");
    let verbose = teu.run(["system", "df", "-v", "--format", "json"]).ok();
    let verbose: serde_json::Value = serde_json::from_str(&verbose).expect("JSON");
    let image = |name: &str| {
        let images = verbose["Images"].as_array().expect("images");
        images.iter().find(|image| image["Repository"] == name).expect("the image").clone()
    };
    assert_eq!(image("made")["SharedSize"], image("busybox")["Size"]);
    assert_eq!(image("busybox")["UniqueSize"], "0B");
    assert!(image("made")["UniqueSize"].as_str().is_some_and(|size| size.starts_with("500")), "{verbose}");
    let text = teu.run(["system", "df", "-v"]).ok();
    assert!(text.contains("Images space usage:") && text.contains("VOLUME NAME"), "{text}");
    let tree = teu.run(["images", "--tree"]).ok();
    assert!(tree.contains("made:latest") && tree.contains("└─ linux/"), "{tree}");
    teu.finish();
}
