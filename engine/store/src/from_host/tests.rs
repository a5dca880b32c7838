use super::*;
use crate::test_support::TestStore;
use std::process::Command;

fn make(store: &TestStore, programs: &[&str]) -> ImageRecord {
    store
        .image_from_host(&FromHost {
            name: "demo/host".into(),
            programs: programs.iter().map(|program| (*program).to_owned()).collect(),
            epoch: Some(0),
            ..FromHost::default()
        })
        .unwrap()
}

fn tree_of(store: &TestStore, image: &ImageRecord) -> PathBuf {
    let layers = store.image_layers(&image.id).unwrap();
    assert_eq!(layers.len(), 1);
    store.paths().layer(&layers[0])
}

#[test]
fn programs_run_in_the_image_alone() {
    let store = TestStore::new();
    let image = make(&store, &["sh", "ls", "id", "env"]);
    let tree = tree_of(&store, &image);
    let output = Command::new("chroot")
        .arg(&tree)
        .args(["/bin/sh", "-c", "ls -d /tmp && id -un && env true"])
        .output()
        .unwrap();
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(text.starts_with("/tmp\nroot\n"), "{text}");
    let config = store.image_config_json(&image.id).unwrap();
    assert_eq!(config["config"]["Cmd"], json!(["sh"]));
    use std::os::unix::fs::PermissionsExt as _;
    assert_eq!(std::fs::metadata(tree.join("tmp")).unwrap().permissions().mode() & 0o7777, 0o1777);
}

#[test]
fn the_same_request_makes_the_same_image() {
    let (first, second) = (TestStore::new(), TestStore::new());
    assert_eq!(make(&first, &["sh", "cat"]).id, make(&second, &["sh", "cat"]).id);
}

#[test]
fn scripts_bring_their_interpreters_and_added_files_find_their_place() {
    let store = TestStore::new();
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("hello");
    std::fs::write(&script, "#!/usr/bin/env sh\ncat /data/x/note\n").unwrap();
    std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    std::fs::create_dir(folder.path().join("x")).unwrap();
    std::fs::write(folder.path().join("x/note"), "found").unwrap();
    let image = store
        .image_from_host(&FromHost {
            name: "demo/script".into(),
            programs: vec![script.display().to_string(), "cat".into()],
            add: vec![(folder.path().join("x"), Some("/data/x".into()))],
            ..FromHost::default()
        })
        .unwrap();
    let output = Command::new("chroot").arg(tree_of(&store, &image)).arg(&script).output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "found",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn what_is_missing_is_named() {
    let store = TestStore::new();
    let request = |programs: &[&str], skip_missing| FromHost {
        name: "demo/x".into(),
        programs: programs.iter().map(|program| (*program).to_owned()).collect(),
        skip_missing,
        ..FromHost::default()
    };
    let error = store.image_from_host(&request(&["no-such-program"], true)).unwrap_err();
    assert!(error.to_string().contains("\"no-such-program\""), "{error}");
    assert!(store.image_from_host(&request(&["sh", "no-such-program"], false)).is_err());
    store.image_from_host(&request(&["sh", "no-such-program"], true)).unwrap();
    let mut escaping = request(&["sh"], false);
    escaping.add = vec![(PathBuf::from("/etc/hostname"), Some("/../../etc/x".into()))];
    assert!(store.image_from_host(&escaping).is_err());
}

#[test]
fn libraries_are_found_beside_the_program() {
    let file = Path::new("/usr/bin/env");
    assert_eq!(
        libraries::expand(&[b"$ORIGIN/../lib".to_vec(), b"/x/${LIB}".to_vec()], file, true),
        [PathBuf::from("/usr/bin/../lib"), PathBuf::from("/x/lib64")]
    );
}
