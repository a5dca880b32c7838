use crate::layers::Limits;
use crate::test_support::TestStore;
use crate::{Digest, Lock, Staging};
use std::fs;

fn unused_layer(store: &TestStore) -> std::path::PathBuf {
    let archive = crate::tar::Builder::new(Vec::new()).finish().unwrap();
    let layer = store.layers().unpack(archive.as_slice(), None, None, &Limits::default()).unwrap();
    store.layers().path(&layer.chain_id)
}

#[test]
fn what_no_image_names_goes_at_the_first_opening_after_a_start() {
    let store = TestStore::new();
    let layer = unused_layer(&store);
    let blob = store.blobs().path(&store.blobs().put(b"unused").unwrap());
    store.again();
    assert!(layer.exists() && blob.exists(), "in the same run of the host it may be in use");
    let forget = || {
        store
            .connection()
            .execute("UPDATE meta SET value = 'another start' WHERE key = 'boot_id'", [])
            .unwrap()
    };
    forget();
    let held = Lock::content(store.paths()).unwrap();
    store.again();
    assert!(layer.exists(), "somebody puts content in");
    drop(held);
    forget();
    store.again();
    assert!(!layer.exists() && !blob.exists());
}

#[test]
fn what_killed_processes_staged_goes_and_what_living_ones_stage_stays() {
    let store = TestStore::new();
    let living = Staging::new(store.paths(), "blob").unwrap();
    let dead = store.paths().staging().join("layer-dead");
    fs::create_dir_all(dead.join("layer/diff/deep")).unwrap();
    fs::write(dead.join("layer/diff/deep/file"), "x").unwrap();
    std::os::unix::fs::symlink(store.paths().root(), dead.join("layer/diff/link")).unwrap();
    store.again();
    assert!(living.path().exists() && !dead.exists());
    assert!(store.paths().layout().join("oci-layout").exists(), "links were not followed");
}

#[test]
fn trees_deeper_than_descriptors_reach_are_removed() {
    let store = TestStore::new();
    let staging = Staging::new(store.paths(), "deep").unwrap();
    let mut folder =
        rustix::fs::openat(staging.as_fd(), ".", rustix::fs::OFlags::PATH, rustix::fs::Mode::empty())
            .unwrap();
    for _ in 0..3000 {
        rustix::fs::mkdirat(&folder, "d", rustix::fs::Mode::RWXU).unwrap();
        folder =
            rustix::fs::openat(&folder, "d", rustix::fs::OFlags::PATH, rustix::fs::Mode::empty()).unwrap();
    }
    drop(folder);
    let path = staging.path().to_owned();
    staging.remove().unwrap();
    assert!(!path.exists());
}

#[test]
fn a_process_killed_at_any_moment_leaves_a_store_that_opens() {
    // Half-written files of every kind that the store makes.
    let store = TestStore::new();
    let paths = store.paths().clone();
    fs::write(paths.layout().join("index.new-1234"), "{\"half").unwrap();
    fs::create_dir_all(paths.staging().join("blob-1")).unwrap();
    fs::write(paths.staging().join("blob-1/blob"), "half").unwrap();
    let store = store.again();
    assert!(store.images().unwrap().is_empty());
    assert!(store.blobs().size(&Digest::of(b"half")).unwrap().is_none());
}

#[test]
fn layers_that_lost_files_with_the_power_are_unpacked_again() {
    let store = TestStore::new();
    let mut builder = crate::tar::Builder::new(Vec::new());
    for (name, content) in [("a/one", "1"), ("a/two", "22"), ("a/.wh.gone", "")] {
        let mut entry = crate::tar::Entry::new(name, crate::tar::Kind::File, 0o644);
        entry.size = content.len() as u64;
        builder.append(&entry, &mut content.as_bytes()).unwrap();
    }
    let archive = builder.finish().unwrap();
    let image = store.import_image(archive.as_slice(), &crate::import::Import::default()).unwrap();
    let layer = store.image_layer_records(&image.id).unwrap().remove(0);
    let tree = store.paths().layer(&layer.chain_id);
    let damages: [&dyn Fn(); 5] = [
        &|| fs::write(tree.join("a/two"), "").unwrap(),
        &|| fs::remove_file(tree.join("a/one")).unwrap(),
        &|| fs::remove_file(tree.join("a/gone")).unwrap(),
        &|| fs::write(tree.parent().unwrap().join("layer.json"), "").unwrap(),
        &|| fs::remove_dir_all(tree.parent().unwrap()).unwrap(),
    ];
    let start = || {
        let forget = "UPDATE meta SET value = 'another start' WHERE key = 'boot_id'";
        store.connection().execute(forget, []).unwrap();
        store.again();
    };
    for damage in damages {
        store.connection().execute("UPDATE layers SET unsettled = 1", []).unwrap();
        damage();
        let described = store.layers().get(&Digest::parse(&layer.chain_id).unwrap());
        assert!(store.verify_layer(&layer).is_err() || described.is_err(), "the damage is one");
        start();
        store.verify_layer(&layer).unwrap();
    }
    // Once it was found whole it is trusted, as any file is.
    fs::write(tree.join("a/two"), "").unwrap();
    start();
    assert!(store.verify_layer(&layer).is_err());
}
