use crate::import::Import;
use crate::layers::Limits;
use crate::tar::{Builder, Entry, Kind};
use crate::test_support::TestStore;
use crate::{Commit, ImageRecord, StoreError};
use std::io::Cursor;
use std::process::Command;

fn import(store: &TestStore, name: &str) -> ImageRecord {
    let mut builder = Builder::new(Vec::new());
    let mut entry = Entry::new("etc/base", Kind::File, 0o644);
    entry.size = 4;
    builder.append(&entry, &mut &b"base"[..]).unwrap();
    let archive = builder.finish().unwrap();
    store
        .import_image(Cursor::new(archive), &Import { name: Some(name.into()), ..Import::default() })
        .unwrap()
}

/// An image of two layers, the upper one with a whiteout.
fn committed(store: &TestStore, name: &str) -> ImageRecord {
    let base = import(store, "base");
    let upper = tempfile::tempdir().unwrap();
    std::fs::create_dir(upper.path().join("etc")).unwrap();
    std::fs::write(upper.path().join("etc/added"), "added").unwrap();
    let gone = upper.path().join("etc/base");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &gone,
        rustix::fs::FileType::CharacterDevice,
        rustix::fs::Mode::empty(),
        0,
    )
    .unwrap();
    store
        .commit_image(&Commit {
            upper: upper.path().to_owned(),
            base: Some(base.id),
            name: Some(name.into()),
            changes: vec!["CMD [\"x\"]".into()],
            message: "said".into(),
            author: "me".into(),
            created_by: "sh".into(),
            ..Commit::default()
        })
        .unwrap()
}

fn save(store: &TestStore, names: &[&str]) -> Vec<u8> {
    let mut archive = Vec::new();
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    store.save_images(&names, &mut archive).unwrap();
    archive
}

#[test]
fn a_commit_is_a_layer_on_top() {
    let store = TestStore::new();
    let image = committed(&store, "top");
    assert_eq!(store.image_layers(&image.id).unwrap().len(), 2);
    let history = store.image_history(&image.id).unwrap();
    assert_eq!(
        (history.len(), history[0].comment.as_str(), history[0].created_by.as_str()),
        (2, "said", "sh")
    );
    assert_eq!(
        (history[0].id.as_ref(), history[0].tags.as_slice()),
        (Some(&image.id), &["top:latest".to_owned()][..])
    );
    let config = store.image_config_json(&image.id).unwrap();
    assert_eq!((config["author"].as_str(), config["config"]["Cmd"][0].as_str()), (Some("me"), Some("x")));
    let changes = store.image_changes(&image.id).unwrap();
    let shown: Vec<String> = changes[1]
        .changes
        .iter()
        .map(|change| format!("{:?} {} {}", change.kind, String::from_utf8_lossy(&change.path), change.size))
        .collect();
    assert_eq!(shown, ["Modified etc 0", "Added etc/added 5", "Removed etc/base 4"]);
    assert_eq!((changes[0].wasted, changes[1].wasted), (0, 4));
    for layer in store.image_layer_records(&image.id).unwrap() {
        let mut exported = Vec::new();
        store.write_layer(&layer, &mut exported).unwrap();
        assert_eq!(crate::Digest::of(&exported).as_str(), layer.diff_id);
        store.verify_layer(&layer).unwrap();
    }
}

#[test]
fn an_opaque_root_hides_every_layer_below() {
    let store = TestStore::new();
    let base = import(&store, "base");
    let upper = tempfile::tempdir().unwrap();
    std::fs::write(upper.path().join("only"), "").unwrap();
    rustix::fs::setxattr(upper.path(), "trusted.overlay.opaque", b"y", rustix::fs::XattrFlags::empty())
        .unwrap();
    let commit = Commit { upper: upper.path().to_owned(), base: Some(base.id), ..Commit::default() };
    let image = store.commit_image(&commit).unwrap();
    let records = store.image_layer_records(&image.id).unwrap();
    assert_eq!(
        (records.len(), store.image_layers(&image.id).unwrap()),
        (2, vec![records[1].chain_id.clone()])
    );
}

#[test]
fn what_is_saved_is_loaded() {
    let (from, to) = (TestStore::new(), TestStore::new());
    let image = committed(&from, "reg.example/top:1");
    from.tag_image(&image.id, "reg.example/top:2").unwrap();
    let archive = save(&from, &["reg.example/top", "base"]);
    let loaded = to.load_images(archive.as_slice(), &Limits::default()).unwrap();
    let names: Vec<Vec<String>> =
        loaded.iter().map(|loaded| loaded.names.iter().map(crate::Reference::familiar).collect()).collect();
    assert_eq!(names, [vec!["reg.example/top:1", "reg.example/top:2"], vec!["base:latest"]]);
    assert_eq!((&loaded[0].image.id, &loaded[0].image.manifest_digest), (&image.id, &image.manifest_digest));
    assert_eq!(to.image_layers(&image.id).unwrap(), from.image_layers(&image.id).unwrap());
    assert_eq!(save(&to, &["reg.example/top", "base"]), archive, "the same images give the same archive");
}

#[test]
fn skopeo_writes_and_reads_archives() {
    if Command::new("skopeo").arg("--version").output().is_err() {
        teu_tests::skip("skopeo_writes_and_reads_archives", "skopeo is not installed");
        return;
    }
    let (from, to) = (TestStore::new(), TestStore::new());
    let image = committed(&from, "top:1");
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let skopeo = |source: &str, target: &str| {
        let output =
            Command::new("skopeo").args(["copy", "--insecure-policy", source, target]).output().unwrap();
        assert!(output.status.success(), "{source} {target}: {}", String::from_utf8_lossy(&output.stderr));
    };
    std::fs::write(at("ours.tar"), save(&from, &["top:1"])).unwrap();
    skopeo(
        &format!("docker-archive:{}", at("ours.tar")),
        &format!("docker-archive:{}:top:2", at("docker.tar")),
    );
    skopeo(
        &format!("oci-archive:{}:1", at("ours.tar")),
        &format!("oci-archive:{}:reg.example/top:3", at("oci.tar")),
    );
    for (file, name) in [("docker.tar", "top:2"), ("oci.tar", "reg.example/top:3")] {
        let loaded = to.load_images(std::fs::File::open(at(file)).unwrap(), &Limits::default()).unwrap();
        assert_eq!(loaded[0].names[0].familiar(), name);
        assert_eq!(
            to.image_layers(&loaded[0].image.id).unwrap(),
            from.image_layers(&image.id).unwrap(),
            "{file}"
        );
    }
}

#[test]
fn archives_that_lie_are_refused() {
    let store = TestStore::new();
    let archive = |files: &[(&str, &str)]| {
        let mut builder = Builder::new(Vec::new());
        for (name, content) in files {
            let mut entry = Entry::new(*name, Kind::File, 0o644);
            entry.size = content.len() as u64;
            builder.append(&entry, &mut content.as_bytes()).unwrap();
        }
        builder.finish().unwrap()
    };
    let zeros = "0".repeat(64);
    let blob = format!("blobs/sha256/{zeros}");
    let index = format!(r#"{{"manifests":[{{"mediaType":"x","digest":"sha256:{zeros}","size":1}}]}}"#);
    let layout = ("oci-layout", "{}");
    for (reason, files) in [
        ("holds no images", vec![("etc/passwd", "root")]),
        ("has another digest", vec![(blob.as_str(), "not it"), layout, ("index.json", &index)]),
        ("named in it but missing", vec![layout, ("index.json", &index)]),
        ("invalid digest", vec![("blobs/sha256/../../x", "a")]),
        (
            "named in it but missing",
            vec![("manifest.json", r#"[{"Config":"../../../etc/passwd","Layers":[]}]"#)],
        ),
        ("archive: manifest.json", vec![("manifest.json", "[{]")]),
        (
            "invalid reference",
            vec![
                ("c", r#"{"rootfs":{"diff_ids":[]}}"#),
                ("manifest.json", r#"[{"Config":"c","RepoTags":["A B"],"Layers":[]}]"#),
            ],
        ),
        (
            "different numbers",
            vec![
                ("c", r#"{"rootfs":{"diff_ids":[]}}"#),
                ("l", "x"),
                ("manifest.json", r#"[{"Config":"c","Layers":["l"]}]"#),
            ],
        ),
        (
            "another digest",
            vec![
                (
                    "c",
                    r#"{"rootfs":{"diff_ids":["sha256:0000000000000000000000000000000000000000000000000000000000000000"]}}"#,
                ),
                ("l", ""),
                ("manifest.json", r#"[{"Config":"c","Layers":["l"]}]"#),
            ],
        ),
    ] {
        let error = store.load_images(Cursor::new(archive(&files)), &Limits::default()).unwrap_err();
        assert!(error.to_string().contains(reason), "{files:?}: {error}");
    }
    let small = Limits { bytes: 10, entries: 5 };
    let error =
        store.load_images(Cursor::new(archive(&[("big", "more than ten bytes")])), &small).unwrap_err();
    assert!(matches!(error, StoreError::Hostile { .. }));
    assert!(store.images().unwrap().is_empty());
    assert_eq!(std::fs::read_dir(store.paths().staging()).unwrap().count(), 0);
}
