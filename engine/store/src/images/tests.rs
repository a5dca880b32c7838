use crate::import::Import;
use crate::tar::{Builder, Entry, Kind};
use crate::test_support::TestStore;
use crate::{ImageRecord, NewContainer, Reference, StoreError};
use std::io::Cursor;
use std::process::Command;
use teu_api::ContainerId;
use teu_api::container::{ContainerSpec, Status};

fn archive(content: &str) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    let mut entry = Entry::new("file", Kind::File, 0o644);
    entry.size = content.len() as u64;
    builder.append(&entry, &mut content.as_bytes()).unwrap();
    builder.finish().unwrap()
}

fn import(store: &TestStore, name: &str, content: &str) -> ImageRecord {
    let request = Import {
        name: (!name.is_empty()).then(|| name.to_owned()),
        changes: vec!["CMD [\"sh\"]".into(), "LABEL a=b".into()],
        ..Import::default()
    };
    store.import_image(Cursor::new(archive(content)), &request).unwrap()
}

fn container(store: &TestStore, byte: u8, image: &ImageRecord) -> ContainerId {
    let id = ContainerId::from_bytes([byte; 32]);
    let spec = ContainerSpec {
        image_id: image.id.clone(),
        layers: store.image_layers(&image.id).unwrap(),
        ..ContainerSpec::default()
    };
    store.insert_container(&NewContainer { id: id.clone(), name: format!("c{byte}"), spec }).unwrap();
    id
}

fn lines(removed: &[super::Removed]) -> Vec<String> {
    removed.iter().map(ToString::to_string).collect()
}

#[test]
fn images_are_found_by_every_name() {
    let store = TestStore::new();
    let image = import(&store, "alpine", "1");
    let other = import(&store, "reg.example:5000/a/b:v1", "2");
    store.tag_image("alpine", "mine:x").unwrap();
    let by_digest = format!("mine@{}", image.manifest_digest);
    for reference in [
        "alpine",
        "alpine:latest",
        "docker.io/library/alpine",
        "mine:x",
        &image.id,
        &image.id[7..],
        image.short_id(),
        &image.manifest_digest,
        &by_digest,
    ] {
        assert_eq!(store.find_image(reference).unwrap().id, image.id, "{reference}");
    }
    assert_eq!(store.find_image("reg.example:5000/a/b:v1").unwrap().id, other.id);
    for missing in ["alpine:2", "mine", "reg.example:5000/a/b", "abcabcabcabc", "nothing"] {
        assert_eq!(store.find_image(missing).unwrap_err().to_string(), format!("No such image: {missing}"));
    }
    assert!(matches!(store.find_image("Bad Name"), Err(StoreError::Invalid { .. })));
    let listed = store.images().unwrap();
    let tags: Vec<_> = listed.iter().find(|listed| listed.id == image.id).unwrap().tags.clone();
    assert_eq!(tags, ["alpine:latest", "mine:x"]);
    assert_eq!(listed[0].labels["a"], "b");
    assert_eq!(
        store.image_config(&image.id).unwrap().config().as_ref().unwrap().cmd().as_ref().unwrap()[0],
        "sh"
    );
}

#[test]
fn an_import_may_be_of_any_compression_and_is_kept_as_it_came() {
    let store = TestStore::new();
    let plain = archive("content");
    let zstd = zstd::encode_all(plain.as_slice(), 1).unwrap();
    let image = store
        .import_image(Cursor::new(&zstd), &Import { name: Some("z".into()), ..Import::default() })
        .unwrap();
    let layer = store.image_layer_records(&image.id).unwrap().remove(0);
    assert_eq!(
        (layer.blob, layer.diff_id),
        (crate::Digest::of(&zstd).to_string(), crate::Digest::of(&plain).to_string())
    );
    assert_eq!(layer.media_type, "application/vnd.oci.image.layer.v1.tar+zstd");
    assert_eq!(std::fs::read(store.paths().layer(&layer.chain_id).join("file")).unwrap(), b"content");
    let bad = Import { name: Some("UPPER".into()), ..Import::default() };
    assert!(store.import_image(Cursor::new(&plain), &bad).is_err());
    let cut = store.import_image(Cursor::new(&zstd[..zstd.len() - 3]), &Import::default());
    assert!(cut.is_err());
    assert_eq!(std::fs::read_dir(store.paths().staging()).unwrap().count(), 0);
}

#[test]
fn names_go_first_and_the_image_with_its_last() {
    let store = TestStore::new();
    let image = import(&store, "a:1", "1");
    store.tag_image("a:1", "b:2").unwrap();
    let chain = store.image_layers(&image.id).unwrap().remove(0);
    let error = store.remove_image(&image.id, false).unwrap_err().to_string();
    assert_eq!(
        error,
        format!(
            "conflict: unable to delete {} (must be forced) - image is referenced in multiple repositories",
            image.short_id()
        )
    );
    assert_eq!(lines(&store.remove_image("b:2", false).unwrap()), ["Untagged: b:2"]);
    assert!(store.paths().layer(&chain).exists());
    let removed = lines(&store.remove_image("a:1", false).unwrap());
    assert_eq!(
        removed,
        ["Untagged: a:1".to_owned(), format!("Deleted: {}", image.id), format!("Deleted: {chain}")]
    );
    assert!(!store.paths().layer(&chain).exists());
    assert_eq!(std::fs::read_dir(store.paths().blobs()).unwrap().count(), 0);
    assert!(store.images().unwrap().is_empty());
    assert!(store.remove_image("a:1", false).unwrap_err().is_not_found());
}

#[test]
fn layers_stay_while_another_image_or_container_stands_on_them() {
    let store = TestStore::new();
    let image = import(&store, "a", "same");
    let twin = store
        .import_image(
            Cursor::new(archive("same")),
            &Import { name: Some("b".into()), message: "other".into(), ..Import::default() },
        )
        .unwrap();
    let chain = store.image_layers(&image.id).unwrap().remove(0);
    assert_eq!(store.image_layers(&twin.id).unwrap(), std::slice::from_ref(&chain));
    let id = container(&store, 1, &twin);
    assert_eq!(
        lines(&store.remove_image("a", false).unwrap()),
        ["Untagged: a:latest".to_owned(), format!("Deleted: {}", image.id)]
    );
    assert!(store.paths().layer(&chain).exists());

    let error = store.remove_image("b", false).unwrap_err().to_string();
    assert!(error.starts_with("conflict: unable to remove repository reference \"b:latest\" (must force) - container 010101010101"), "{error}");
    store.update_container_state(&id, None, &[], |state| state.status = Status::Running).unwrap();
    let error = store.remove_image("b", true).unwrap_err().to_string();
    assert!(
        error.contains("(cannot be forced) - image is being used by running container 010101010101"),
        "{error}"
    );
    store.update_container_state(&id, None, &[], |state| state.status = Status::Exited).unwrap();
    store.remove_image("b", true).unwrap();
    assert!(store.paths().layer(&chain).exists(), "the stopped container can still be started");
    // Its image is gone: no further container can be made of it.
    let spec = ContainerSpec { image: "b".into(), image_id: twin.id, ..ContainerSpec::default() };
    let new = NewContainer { id: ContainerId::from_bytes([2; 32]), name: "late".into(), spec };
    assert!(store.insert_container(&new).unwrap_err().is_not_found());
}

#[test]
fn other_tools_read_the_store() {
    for tool in ["skopeo", "umoci"] {
        if Command::new(tool).arg("--version").output().is_err() {
            teu_tests::skip("other_tools_read_the_store", &format!("{tool} is not installed"));
            return;
        }
    }
    let store = TestStore::new();
    let image = import(&store, "demo/web:v1", "1");
    import(&store, "plain", "2");
    let layout = store.paths().layout().display().to_string();
    let output =
        Command::new("skopeo").args(["inspect", &format!("oci:{layout}:demo/web:v1")]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains(&image.manifest_digest),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let output = Command::new("umoci").args(["ls", "--layout", &layout]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("plain:latest"), "{text}{}", String::from_utf8_lossy(&output.stderr));
    // Copying reads every blob and checks its digest.
    let target = tempfile::tempdir().unwrap();
    let output = Command::new("skopeo")
        .args([
            "copy",
            "--insecure-policy",
            &format!("oci:{layout}:plain:latest"),
            &format!("oci:{}:x", target.path().display()),
        ])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_manifest_that_lies_is_refused() {
    let store = TestStore::new();
    let image = import(&store, "a", "1");
    let blobs = store.blobs();
    let content = String::from_utf8(blobs.read(&image.manifest().unwrap()).unwrap()).unwrap();
    let put = |text: &str| {
        let manifest = blobs.put(text.as_bytes()).unwrap();
        store.put_image(&crate::NewImage {
            manifest,
            names: vec![Reference::parse_tagged("lie").unwrap()],
            repo_digests: Vec::new(),
            action: "load".into(),
        })
    };
    let value: serde_json::Value = serde_json::from_str(&content).unwrap();
    for change in [
        |value: &mut serde_json::Value| value["schemaVersion"] = 1.into(),
        |value: &mut serde_json::Value| value["layers"] = serde_json::json!([]),
        |value: &mut serde_json::Value| value["layers"][0]["size"] = 5.into(),
        |value: &mut serde_json::Value| value["layers"][0]["digest"] = "sha256:../../x".into(),
        |value: &mut serde_json::Value| value["layers"] = vec![value["layers"][0].clone(); 600].into(),
        |value: &mut serde_json::Value| value["config"]["digest"] = value["layers"][0]["digest"].clone(),
    ] {
        let mut lie = value.clone();
        change(&mut lie);
        assert!(matches!(put(&lie.to_string()), Err(StoreError::Hostile { .. })), "{lie}");
    }
    assert!(store.find_image("lie").unwrap_err().is_not_found());
    // A blob that was altered on the disk is noticed before anything is made of it.
    std::fs::write(blobs.path(&image.manifest().unwrap()), "{}").unwrap();
    assert!(store.blobs().read(&image.manifest().unwrap()).unwrap_err().to_string().contains("damaged"));
}
