//! Killing a process at any moment of an import.

use crate::import::Import;
use crate::tar::{Builder, Entry, Kind};
use crate::{Paths, Store};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Where the child imports into; only a child has it.
const ROOT: &str = "TEU_STORE_KILL_TEST";

fn archive() -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for number in 0..400 {
        let content = vec![number as u8; 6000];
        let mut entry = Entry::new(format!("folder{}/file{number}", number % 20), Kind::File, 0o644);
        entry.size = content.len() as u64;
        builder.append(&entry, &mut content.as_slice()).unwrap();
    }
    builder.finish().unwrap()
}

fn import(store: &Store) {
    let request = Import { name: Some("x".into()), ..Import::default() };
    store.import_image(archive().as_slice(), &request).unwrap();
}

#[test]
fn a_process_killed_at_any_moment_of_an_import_leaves_nothing_half_made() {
    if let Some(root) = std::env::var_os(ROOT) {
        // The child: imports and removes until it is killed.
        let store = Store::open(Paths::under(root)).unwrap();
        loop {
            import(&store);
            store.remove_image("x", true).unwrap();
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let paths = Paths::under(folder.path().join("root"));
    drop(Store::open(paths.clone()).unwrap());
    let mut pause = 17_u64;
    for round in 0..30 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "gc::kill_test::a_process_killed_at_any_moment_of_an_import_leaves_nothing_half_made",
            ])
            .env(ROOT, paths.root())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        pause = pause.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_micros(20_000 + (pause >> 33) % 80_000));
        child.kill().unwrap();
        let status = child.wait().unwrap();
        assert_eq!(
            std::os::unix::process::ExitStatusExt::signal(&status),
            Some(9),
            "the child ended by itself"
        );

        let store = Store::open(paths.clone()).unwrap();
        assert_eq!(std::fs::read_dir(paths.staging()).unwrap().count(), 0, "round {round}");
        for image in store.images().unwrap() {
            for layer in store.image_layer_records(&image.id).unwrap() {
                store.verify_layer(&layer).unwrap();
            }
        }
        for entry in std::fs::read_dir(paths.blobs()).unwrap() {
            let path = entry.unwrap().path();
            let digest = crate::Digest::of(&std::fs::read(&path).unwrap());
            assert_eq!(path.file_name().unwrap().to_str().unwrap(), digest.hex());
        }
        import(&store);
        store.remove_image("x", true).unwrap();
    }
    // What killed imports left goes with a prune, images that lost their name among it, and then nothing is left at all.
    let store = Store::open(paths.clone()).unwrap();
    let images = crate::prune::PruneImages::Unused;
    let plan =
        store.plan_prune(&crate::PruneRequest { images, content: true, ..Default::default() }).unwrap();
    store.apply_prune(&plan).unwrap();
    for folder in [paths.blobs(), paths.layers(), paths.staging()] {
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0);
    }
}
