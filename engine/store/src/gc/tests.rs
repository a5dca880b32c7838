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
