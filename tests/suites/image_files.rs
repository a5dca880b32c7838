//! Files inside images: printed and copied out, and nothing else reached.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use teu_tests::Teu;

/// An image of three layers: a file, the file changed and another removed, and links that lead out.
fn layered() -> Teu {
    let teu = Teu::with_busybox();
    for (base, name, script) in [
        ("busybox", "one", "mkdir -p /d/e; echo first > /d/file; echo gone > /d/gone; chmod 4755 /d/file"),
        ("one", "two", "echo second > /d/file; rm /d/gone; ln -s /d/file /link; ln -s /etc/passwd /d/e/out"),
    ] {
        teu.run(["run", "--name", name, "--network", "none", base, "sh", "-c", script]).ok();
        teu.run(["commit", name, name]).ok();
    }
    teu
}

#[test]
fn a_file_is_printed_as_the_image_and_as_each_layer_has_it() {
    let teu = layered();
    let cat = |words: &[&str]| teu.run([&["image", "cat"], words].concat());
    assert_eq!(cat(&["two", "/d/file"]).stdout, "second\n");
    assert_eq!(cat(&["two", "d/file"]).stdout, "second\n");
    assert_eq!(cat(&["two", "/link"]).stdout, "second\n");
    assert_eq!(cat(&["--layer", "2", "two", "/d/file"]).stdout, "first\n");
    assert_eq!(cat(&["--layer", "3", "two", "/d/file"]).stdout, "second\n");
    assert_eq!(cat(&["--layer", "2", "two", "/d/gone"]).stdout, "gone\n");
    assert!(cat(&["two", "/d/gone"]).fails_with(1).contains("Could not find the file /d/gone in image two"));
    assert!(cat(&["--layer", "3", "two", "/d/gone"]).fails_with(1).contains("the layer removes /d/gone"));
    assert!(cat(&["--layer", "9", "two", "/d/file"]).fails_with(1).contains("from 1 to 3"));
    assert!(cat(&["two", "/d"]).fails_with(1).contains("is a folder"));
    assert!(cat(&["none", "/d"]).fails_with(1).contains("none"));
    let layers: serde_json::Value =
        serde_json::from_str(&teu.run(["image", "layers", "--json", "two"]).ok()).expect("JSON");
    let digest = layers["layers"][1]["diff_id"].as_str().expect("a digest");
    assert_eq!(cat(&["--layer", &digest[..19], "two", "/d/file"]).stdout, "first\n");
    teu.finish();
}

#[test]
fn links_of_an_image_lead_nowhere_else() {
    let teu = layered();
    let here = std::fs::read_to_string("/etc/passwd").expect("this machine's users");
    let theirs = teu.run(["image", "cat", "two", "/d/e/out"]).ok();
    assert!(!theirs.is_empty() && theirs != here.trim_end(), "the image's own users: {theirs}");
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "secret").expect("a file");
    let secret = file.path().to_str().expect("a path");
    for path in [secret.to_owned(), format!("../../../..{secret}"), format!("/d/../../../..{secret}")] {
        teu.run(["image", "cat", "two", &path]).fails_with(1);
    }
    // Before an image's link is followed it is proven to be one that leads out of a naive reader's folder.
    let folder = tempfile::tempdir().expect("a folder");
    let target = folder.path().join("out");
    teu.run(["image", "extract", "two", "/d", target.to_str().expect("a path")]).ok();
    let link = std::fs::read_link(target.join("e/out")).expect("a link");
    assert_eq!(link, Path::new("/etc/passwd"), "a link is copied as a link");
    teu.finish();
}

#[test]
fn files_and_folders_are_copied_out() {
    let teu = layered();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_str().expect("a path");
    let said = teu.run(["image", "extract", "two", "/d/file", path]);
    assert!(said.stderr.contains("Successfully copied 7B to"), "{said:?}");
    let file = folder.path().join("file");
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), "second\n");
    let mode = std::fs::metadata(&file).expect("the file").permissions().mode();
    assert_eq!(mode & 0o7777, 0o755, "a stranger's program does not run with our rights");
    let whole = folder.path().join("whole");
    teu.run(["image", "extract", "-q", "two", "/d", whole.to_str().expect("a path")]).ok();
    let names = |folder: &Path| {
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names(&whole), ["e", "file"]);
    let layer = folder.path().join("layer");
    teu.run(["image", "extract", "--layer", "3", "two", "/d", layer.to_str().expect("a path")]).ok();
    assert_eq!(names(&layer), ["e", "file"], "the mark of the removed file is no file");
    let archive = teu.command(["image", "extract", "two", "/d", "-"]).output().expect("it runs").stdout;
    std::fs::write(folder.path().join("d.tar"), archive).expect("a file");
    let listed =
        Command::new("tar").arg("-tf").arg(folder.path().join("d.tar")).output().expect("tar runs").stdout;
    let mut listed: Vec<String> = String::from_utf8_lossy(&listed).lines().map(str::to_owned).collect();
    listed.sort();
    assert_eq!(listed, ["d/", "d/e/", "d/e/out", "d/file"]);
    teu.finish();
}
