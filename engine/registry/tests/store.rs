//! Pulling into the real store, and pushing from it. Layers are unpacked for real: as root.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use support::folder::Folder;
use support::image::{self, GZIP, OCI_MANIFEST, PLAIN, ZSTD, digest_of};
use support::registry::Registry;
use support::server::Server;
use support::{reference, settings};
use tempfile::TempDir;
use teu_registry::{
    Digest, PullRequest, PushRequest, RegistryError, Silent, StoreSink, StoreSource, pull, push,
};
use teu_store::layers::{Limits, chain_ids};
use teu_store::{Paths, Store};

/// A registry with an image of three layers.
struct Ground {
    registry: Registry,
    diff_ids: Vec<Digest>,
    layers: Vec<Digest>,
    manifest: Digest,
}

impl Ground {
    fn new(length: usize) -> Option<Self> {
        let registry = Registry::plain()?;
        let source = Folder::new();
        let layers = [(GZIP, "low"), (ZSTD, "middle"), (PLAIN, "high")];
        let layers = layers.map(|(kind, name)| image::layer(&source, kind, name, length));
        let manifest = digest_of(&image::image(&source, &layers));
        let request =
            PushRequest { reference: reference(&registry.host, "a", "latest"), manifest: manifest.clone() };
        push(&settings(), &request, &source, &Silent).unwrap();
        let diff_ids = layers.iter().map(|layer| layer.diff_id.clone()).collect();
        let layers = layers.iter().map(image::Layer::digest).collect();
        Some(Self { registry, diff_ids, layers, manifest })
    }
}

fn open(root: &TempDir) -> Store {
    Store::open(Paths::under(root.path())).unwrap()
}

fn pull_into(store: &Store, host: &str) -> Result<u64, RegistryError> {
    let request = PullRequest { reference: reference(host, "a", "latest"), platform: None };
    pull(&settings(), &request, &StoreSink::new(store), &Silent).map(|pulled| pulled.downloaded)
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Exactly this image is in the store, whole, and nothing half-made.
fn assert_whole(root: &TempDir, ground: &Ground) {
    let store = open(root);
    let paths = store.paths();
    assert_eq!(names(&paths.staging()), BTreeSet::new());
    let chains = chain_ids(&ground.diff_ids);
    assert_eq!(names(&paths.layers()), chains.iter().map(|chain| chain.hex().to_owned()).collect());
    for (chain, name) in chains.iter().zip(["low", "middle", "high"]) {
        assert_eq!(names(&store.layers().path(chain)), BTreeSet::from([name.to_owned()]));
    }
    for name in names(&paths.blobs()) {
        assert_eq!(Digest::of(&std::fs::read(paths.blobs().join(&name)).unwrap()).hex(), name);
    }
    assert_eq!(names(&paths.blobs()).len(), 5);
    let images = store.images().unwrap();
    assert_eq!(images.len(), 1);
    assert_eq!(images[0].manifest_digest, ground.manifest.as_str());
}

#[test]
fn an_image_is_stored_once_and_can_be_pushed_again() {
    let Some(ground) = Ground::new(200_000) else { return };
    let root = tempfile::tempdir().unwrap();
    let store = open(&root);
    assert!(pull_into(&store, &ground.registry.host).unwrap() > 600_000);
    assert_eq!(pull_into(&store, &ground.registry.host).unwrap(), 0);
    assert_whole(&root, &ground);
    let layout = format!("oci:{}", store.paths().layout().display());
    match Command::new("skopeo").args(["inspect", "--raw", &layout]).output() {
        Ok(output) => assert_eq!(Digest::of(&output.stdout), ground.manifest, "{output:?}"),
        Err(_) => support::skip("skopeo"),
    }

    // The store knows that the registry has the layers under the first name: none is sent again.
    let target = reference(&ground.registry.host, "b", "latest");
    let request = PushRequest { reference: target.clone(), manifest: ground.manifest.clone() };
    let pushed = push(&settings(), &request, &StoreSource::new(&store), &Silent).unwrap();
    assert!(pushed.uploaded < 1000, "{pushed:?}");
    let sink = Folder::new();
    let pulled =
        pull(&settings(), &PullRequest { reference: target, platform: None }, &sink, &Silent).unwrap();
    assert_eq!(pulled.image.digest, ground.manifest);
}

#[test]
fn a_missing_blob_or_layer_is_fetched_or_unpacked_alone() {
    let Some(ground) = Ground::new(200_000) else { return };
    let root = tempfile::tempdir().unwrap();
    let store = open(&root);
    pull_into(&store, &ground.registry.host).unwrap();
    std::fs::remove_file(store.blobs().path(&ground.layers[1])).unwrap();
    let one = pull_into(&store, &ground.registry.host).unwrap();
    assert!((200_000..300_000).contains(&one), "{one}");
    let chain = chain_ids(&ground.diff_ids).remove(2);
    std::fs::remove_dir_all(store.paths().layers().join(chain.hex())).unwrap();
    assert_eq!(pull_into(&store, &ground.registry.host).unwrap(), 0);
    assert_whole(&root, &ground);
}

#[test]
fn what_two_processes_want_is_fetched_once() {
    let Some(ground) = Ground::new(1_000_000) else { return };
    let proxy = Server::proxy(&ground.registry.host, |request, ask| {
        let mut reply = ask(request);
        if request.target.contains("/blobs/") {
            reply.slowly = Some((100_000, Duration::from_millis(5)));
        }
        reply
    });
    let root = tempfile::tempdir().unwrap();
    drop(open(&root));
    // A store of its own for each, as processes have.
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| pull_into(&open(&root), &proxy.host).unwrap());
        }
    });
    for layer in &ground.layers {
        assert_eq!(proxy.count("GET", layer.as_str()), 1);
    }
    assert_whole(&root, &ground);
}

#[test]
fn whiteouts_hold_though_layers_are_unpacked_side_by_side() {
    let Some(registry) = Registry::plain() else { return };
    let source = Folder::new();
    // The lowest layer is by far the largest, so that the others are unpacked before it.
    let layers = [("gone", 8_000_000), (".wh.gone", 0), ("kept", 10), (".wh.never", 0)];
    let layers = layers.map(|(name, length)| image::layer(&source, GZIP, name, length));
    let diff_ids: Vec<Digest> = layers.iter().map(|layer| layer.diff_id.clone()).collect();
    let manifest = image::image(&source, &layers);
    let target = reference(&registry.host, "a", "latest");
    push(&settings(), &PushRequest { reference: target, manifest: digest_of(&manifest) }, &source, &Silent)
        .unwrap();
    let root = tempfile::tempdir().unwrap();
    let store = open(&root);
    pull_into(&store, &registry.host).unwrap();
    let chains = chain_ids(&diff_ids);
    assert_eq!(names(&store.layers().path(&chains[0])), BTreeSet::from(["gone".to_owned()]));
    let lower: Vec<String> =
        chains.iter().rev().map(|chain| store.layers().path(chain).display().to_string()).collect();
    // In a mount namespace of its own, which takes the mount with it.
    let script = format!("mount -t overlay -o ro,lowerdir={} none /mnt && ls /mnt", lower.join(":"));
    let output = Command::new("unshare").args(["--mount", "sh", "-c", &script]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "kept\n", "{output:?}");
}

#[test]
fn an_artifact_is_refused_before_anything_is_fetched() {
    let Some(registry) = Registry::plain() else { return };
    let source = Folder::new();
    let file = image::descriptor(&source, "text/plain", b"a file");
    let config = image::descriptor(&source, "application/x.chart", b"{}");
    let manifest = serde_json::json!({ "schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": [file] });
    let manifest = image::descriptor(&source, OCI_MANIFEST, manifest.to_string().as_bytes());
    let target = reference(&registry.host, "a", "latest");
    push(&settings(), &PushRequest { reference: target, manifest: digest_of(&manifest) }, &source, &Silent)
        .unwrap();
    let root = tempfile::tempdir().unwrap();
    let store = open(&root);
    let error = pull_into(&store, &registry.host).unwrap_err();
    assert!(
        matches!(&error, RegistryError::Artifact { kind, .. } if kind == "application/x.chart"),
        "{error}"
    );
    assert_eq!(names(&store.paths().blobs()), BTreeSet::new());
}

#[test]
fn a_bomb_is_refused_and_leaves_nothing() {
    let Some(registry) = Registry::plain() else { return };
    let source = Folder::new();
    // What it claims: 64 MiB of zeros in some kilobytes.
    let mut builder =
        tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best()));
    let mut header = tar::Header::new_gnu();
    let zeros = vec![0; 64 << 20];
    header.set_size(zeros.len() as u64);
    builder.append_data(&mut header, "zeros", &zeros[..]).unwrap();
    let packed = builder.into_inner().unwrap().finish().unwrap();
    assert!(packed.len() < 100_000);
    let mut tar = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&packed[..]), &mut tar).unwrap();
    assert!(tar.len() > 64 << 20);
    let layer =
        image::Layer { descriptor: image::descriptor(&source, GZIP, &packed), diff_id: Digest::of(&tar) };
    let manifest = image::image(&source, &[layer]);
    let target = reference(&registry.host, "a", "latest");
    push(
        &settings(),
        &PushRequest { reference: target.clone(), manifest: digest_of(&manifest) },
        &source,
        &Silent,
    )
    .unwrap();

    let root = tempfile::tempdir().unwrap();
    let store = open(&root);
    let limits = Limits { bytes: 16 << 20, ..Limits::default() };
    let request = PullRequest { reference: target, platform: None };
    let error = pull(&settings(), &request, &StoreSink::with_limits(&store, limits), &Silent).unwrap_err();
    assert!(error.to_string().contains("unpacks to more than"), "{error}");
    for folder in [store.paths().staging(), store.paths().layers(), store.paths().blobs()] {
        assert_eq!(names(&folder), BTreeSet::new(), "{}", folder.display());
    }
}

/// The program beside the suites: built with them.
fn puller() -> PathBuf {
    let suite = std::env::current_exe().unwrap();
    suite.parent().and_then(Path::parent).unwrap().join("examples/pull")
}

#[test]
fn a_pull_that_is_killed_anywhere_can_be_repeated() {
    let Some(ground) = Ground::new(4_000_000) else { return };
    let image = format!("{}/a:latest", ground.registry.host);
    let command = |root: &TempDir| {
        let mut command = Command::new(puller());
        command.arg(root.path()).arg(&image).stdout(Stdio::null()).env("HOME", "/nonexistent");
        command
    };
    // How long a whole one takes decides where the cuts are.
    let whole = tempfile::tempdir().unwrap();
    let started = std::time::Instant::now();
    assert!(command(&whole).status().unwrap().success());
    let duration = started.elapsed();
    for nth in 0..50_u32 {
        let root = tempfile::tempdir().unwrap();
        let mut child = command(&root).spawn().unwrap();
        std::thread::sleep(duration.mul_f64(f64::from(nth) / 50.0));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(command(&root).status().unwrap().success(), "cut {nth}");
        assert_whole(&root, &ground);
    }
}
