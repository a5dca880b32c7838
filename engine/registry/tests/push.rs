//! Pushing to a real registry, and through one that breaks.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

mod support;

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use support::folder::Folder;
use support::image::{self, GZIP, ZSTD, digest_of};
use support::registry::Registry;
use support::server::{Reply, Request, Server, forward};
use support::{Recorder, reference, settings};
use teu_api::progress::{TransferEvent, TransferPhase};
use teu_registry::{Digest, PullRequest, PushRequest, Pushed, RegistryError, Settings, Silent, pull, push};

fn push_to(
    settings: &Settings,
    source: &Folder,
    host: &str,
    path: &str,
    manifest: &serde_json::Value,
) -> Result<Pushed, RegistryError> {
    let request = PushRequest { reference: reference(host, path, "latest"), manifest: digest_of(manifest) };
    push(settings, &request, source, &Silent)
}

/// The image can be pulled, whole.
fn assert_pullable(host: &str, path: &str, manifest: &serde_json::Value) {
    let sink = Folder::new();
    let request = PullRequest { reference: reference(host, path, "latest"), platform: None };
    let pulled = pull(&settings(), &request, &sink, &Silent).unwrap();
    assert_eq!(pulled.image.digest, digest_of(manifest));
}

#[test]
fn what_is_pushed_can_be_read_by_others() {
    let Some(registry) = Registry::plain() else { return };
    let source = Folder::new();
    let layers = [image::layer(&source, GZIP, "a", 1000), image::layer(&source, ZSTD, "b", 1000)];
    let manifest = image::image(&source, &layers);
    let pushed = push_to(&settings(), &source, &registry.host, "a/b", &manifest).unwrap();
    assert_eq!(pushed.digest, digest_of(&manifest));
    assert!(pushed.uploaded > 2000, "{pushed:?}");
    let again = push_to(&settings(), &source, &registry.host, "a/b", &manifest).unwrap();
    assert_eq!(again.uploaded, 0);
    let name = format!("docker://{}/a/b:latest", registry.host);
    match Command::new("skopeo").args(["inspect", "--tls-verify=false", "--raw", &name]).output() {
        Ok(output) => assert_eq!(Digest::of(&output.stdout), pushed.digest),
        Err(_) => support::skip("skopeo"),
    }
}

#[test]
fn an_index_is_pushed_with_all_that_it_lists() {
    let Some(registry) = Registry::plain() else { return };
    let source = Folder::new();
    let of = |name: &str| image::image_for(&source, name, &[image::layer(&source, GZIP, name, 1000)]);
    let index = image::index(&source, &[("amd64", of("amd64")), ("arm64", of("arm64"))]);
    push_to(&settings(), &source, &registry.host, "a", &index).unwrap();
    assert_pullable(&registry.host, "a", &index);
    // One that is not all here is refused before anything is sent.
    let missing = of("riscv64");
    let index = image::index(&source, &[("riscv64", missing.clone())]);
    std::fs::remove_file(source.blob(&digest_of(&missing))).unwrap();
    let error = push_to(&settings(), &source, &registry.host, "b", &index).unwrap_err();
    assert!(error.to_string().contains("not in the store"), "{error}");
}

#[test]
fn blobs_of_other_repositories_are_taken_over() {
    let Some(registry) = Registry::plain() else { return };
    let source = Folder::new();
    let layer = image::layer(&source, GZIP, "file", 100_000);
    let digest = layer.digest();
    let manifest = image::image(&source, &[layer]);
    push_to(&settings(), &source, &registry.host, "first", &manifest).unwrap();
    let proxy = Server::proxy(&registry.host, |request, ask| ask(request));
    // The name of the proxy stands for the registry behind it.
    let elsewhere = reference(&proxy.host, "first", "x").repository;
    source.elsewhere.lock().unwrap().insert(digest.clone(), elsewhere);
    let recorder = Recorder::default();
    let request =
        PushRequest { reference: reference(&proxy.host, "second", "latest"), manifest: digest_of(&manifest) };
    push(&settings(), &request, &source, &recorder).unwrap();
    let mounted = |e: &TransferEvent| matches!(e, TransferEvent::Part(p) if p.phase == TransferPhase::Mounted && p.id == digest.short());
    assert!(recorder.0.lock().unwrap().iter().any(mounted));
    let of_layer = format!("digest={}", digest.as_str().replace(':', "%3A"));
    assert_eq!(proxy.count("PUT", &of_layer), 0);
    assert_pullable(&registry.host, "second", &manifest);
    // A repository that has it only by hearsay costs a question, not the push.
    let hearsay = reference(&proxy.host, "nowhere", "x").repository;
    source.elsewhere.lock().unwrap().insert(digest, hearsay);
    push_to(&settings(), &source, &proxy.host, "third", &manifest).unwrap();
    assert_pullable(&registry.host, "third", &manifest);
}

#[test]
fn large_blobs_go_in_chunks_and_survive_cuts() {
    let Some(registry) = Registry::plain() else { return };
    let source = Folder::new();
    let manifest = image::image(&source, &[image::layer(&source, GZIP, "file", 1_000_000)]);
    let upstream = registry.host.clone();
    let chunks = AtomicUsize::new(0);
    let proxy = Server::proxy(&registry.host, move |request, ask| {
        if request.method != "PATCH" {
            return ask(request);
        }
        match chunks.fetch_add(1, Ordering::Relaxed) {
            // One is lost, one is refused, one is cut in the middle: this registry then wants a new upload.
            1 => Reply::default(),
            3 => Reply::new(503, ""),
            5 => forward(&upstream, request, request.body.len() / 2),
            _ => ask(request),
        }
    });
    let settings = Settings { upload_chunk: 200_000, ..settings() };
    push_to(&settings, &source, &proxy.host, "a", &manifest).unwrap();
    assert_pullable(&registry.host, "a", &manifest);
    let requests = proxy.requests.lock().unwrap();
    let ranges: Vec<_> = requests.iter().filter_map(|r| r.header("content-range")).collect();
    assert_eq!(ranges[..4], ["0-199999", "200000-399999", "200000-399999", "400000-599999"]);
    assert_eq!(ranges[4..7], ["400000-599999", "600000-799999", "0-199999"]);
}

/// A registry that keeps one upload, and keeps what it got of a chunk that was cut.
struct Bucket {
    bytes: Mutex<Vec<u8>>,
    done: Mutex<Option<Vec<u8>>>,
    cuts: AtomicUsize,
}

impl Bucket {
    fn answer(&self, request: &Request) -> Reply {
        let mut bytes = self.bytes.lock().unwrap();
        let state = |status: u16, length: usize| {
            let range = format!("0-{}", length.saturating_sub(1));
            Reply::new(status, "").with("location", "/v2/a/blobs/uploads/1").with("range", range)
        };
        match request.method.as_str() {
            "HEAD" if request.target.contains("/blobs/") => Reply::new(404, ""),
            "POST" => state(202, 0),
            "GET" if request.target.contains("/uploads/") => state(204, bytes.len()),
            "PATCH" => {
                let start = request.header("content-range").unwrap().split('-').next().unwrap().to_owned();
                assert_eq!(start.parse(), Ok(bytes.len()), "chunks follow each other");
                if self.cuts.fetch_add(1, Ordering::Relaxed) % 3 == 1 {
                    bytes.extend(&request.body[..request.body.len() / 2]);
                    return Reply::default();
                }
                bytes.extend(&request.body);
                state(202, bytes.len())
            }
            "PUT" if request.target.contains("/uploads/") => {
                if !bytes.is_empty() {
                    bytes.extend(&request.body);
                    *self.done.lock().unwrap() = Some(std::mem::take(&mut bytes));
                }
                Reply::new(201, "")
            }
            _ => Reply::new(201, ""),
        }
    }
}

#[test]
fn a_cut_chunk_goes_on_where_the_registry_says() {
    let source = Folder::new();
    let layer = image::layer(&source, GZIP, "file", 1_000_000);
    let content = std::fs::read(source.blob(&layer.digest())).unwrap();
    let manifest = image::image(&source, &[layer]);
    let bucket =
        Arc::new(Bucket { bytes: Mutex::default(), done: Mutex::default(), cuts: AtomicUsize::new(0) });
    let server = Server::start({
        let bucket = Arc::clone(&bucket);
        move |request| bucket.answer(request)
    });
    let settings = Settings { upload_chunk: 200_000, parallel: 1, ..settings() };
    push_to(&settings, &source, &server.host, "a", &manifest).unwrap();
    assert!(bucket.done.lock().unwrap().as_ref() == Some(&content), "the registry has the very bytes");
    assert!(bucket.cuts.load(Ordering::Relaxed) >= 6);
}

#[test]
fn a_small_upload_that_is_cut_is_sent_again() {
    let Some(registry) = Registry::plain() else { return };
    let source = Folder::new();
    let manifest = image::image(&source, &[image::layer(&source, GZIP, "file", 100_000)]);
    let upstream = registry.host.clone();
    let uploads = AtomicUsize::new(0);
    let proxy = Server::proxy(&registry.host, move |request, ask| {
        if request.is("PUT", "/blobs/uploads/") && uploads.fetch_add(1, Ordering::Relaxed) == 0 {
            return forward(&upstream, request, request.body.len() / 2);
        }
        ask(request)
    });
    push_to(&settings(), &source, &proxy.host, "a", &manifest).unwrap();
    assert_pullable(&registry.host, "a", &manifest);
}

#[test]
fn a_registry_that_refuses_for_good_ends_the_push() {
    let Some(registry) = Registry::plain() else { return };
    let source = Folder::new();
    let manifest = image::image(&source, &[image::layer(&source, GZIP, "file", 1000)]);
    let proxy = Server::proxy(&registry.host, |request, ask| {
        if request.is("PUT", "/blobs/uploads/") { Reply::new(500, "") } else { ask(request) }
    });
    let error = push_to(&settings(), &source, &proxy.host, "a", &manifest).unwrap_err();
    assert!(matches!(error, RegistryError::Status { status: 500, .. }), "{error}");
    assert_eq!(proxy.count("PUT", "/manifests/"), 0);
    assert!(proxy.count("DELETE", "/blobs/uploads/") > 0);
}
