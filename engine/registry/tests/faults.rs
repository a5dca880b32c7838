//! Broken connections and registries that lie. Each lie is made by changing a true answer of a real registry.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use support::folder::Folder;
use support::image::{self, GZIP, digest_of};
use support::registry::Registry;
use support::server::{Reply, Request, Server};
use support::{reference, settings};
use teu_api::progress::TransferEvent;
use teu_registry::{Digest, Progress, PullRequest, PushRequest, RegistryError, Silent, pull, push};

/// A registry with one image of one layer.
struct Ground {
    registry: Registry,
    layer: Digest,
    size: usize,
}

impl Ground {
    fn new() -> Option<Self> {
        let registry = Registry::plain()?;
        let source = Folder::new();
        let layer = image::layer(&source, GZIP, "file", 3_000_000);
        let (digest, size) = (layer.digest(), layer.descriptor["size"].as_u64().unwrap() as usize);
        let manifest = image::image(&source, &[layer]);
        let request = PushRequest {
            reference: reference(&registry.host, "a", "latest"),
            manifest: digest_of(&manifest),
        };
        push(&settings(), &request, &source, &Silent).unwrap();
        Some(Self { registry, layer: digest, size })
    }

    /// A proxy that changes the n-th answer for the layer, counted from 0.
    fn on_layer(&self, change: impl Fn(usize, Reply) -> Reply + Send + Sync + 'static) -> Server {
        let (layer, asked) = (self.layer.clone(), AtomicUsize::new(0));
        Server::proxy(&self.registry.host, move |request, ask| {
            let reply = ask(request);
            if request.is("GET", layer.as_str()) {
                change(asked.fetch_add(1, Ordering::Relaxed), reply)
            } else {
                reply
            }
        })
    }

    /// A proxy that changes answers for the manifest.
    fn on_manifest(&self, change: impl Fn(Reply) -> Reply + Send + Sync + 'static) -> Server {
        Server::proxy(&self.registry.host, move |request, ask| {
            let reply = ask(request);
            if request.is("GET", "/manifests/") { change(reply) } else { reply }
        })
    }
}

fn pull_from(server: &Server, sink: &Folder) -> Result<(), RegistryError> {
    let request = PullRequest { reference: reference(&server.host, "a", "latest"), platform: None };
    pull(&settings(), &request, sink, &Silent).map(drop)
}

fn ranges(server: &Server, digest: &Digest) -> Vec<Option<String>> {
    let requests = server.requests.lock().unwrap();
    let asked = requests.iter().filter(|r: &&Request| r.is("GET", digest.as_str()));
    asked.map(|r| r.header("range").map(str::to_owned)).collect()
}

#[test]
fn a_cut_download_goes_on_where_it_was() {
    let Some(ground) = Ground::new() else { return };
    let proxy = ground.on_layer(|nth, mut reply| {
        if nth < 3 {
            reply.cut_after = Some(500_000);
        }
        reply
    });
    let sink = Folder::new();
    pull_from(&proxy, &sink).unwrap();
    let expected = [None, Some("bytes=500000-"), Some("bytes=1000000-"), Some("bytes=1500000-")];
    assert_eq!(ranges(&proxy, &ground.layer), expected.map(|r| r.map(str::to_owned)));
    assert_eq!(sink.counts(), [3, 0, 1]);
}

#[test]
fn a_server_that_cannot_resume_sends_all_again() {
    let Some(ground) = Ground::new() else { return };
    let layer = ground.layer.clone();
    let asked = AtomicUsize::new(0);
    let proxy = Server::proxy(&ground.registry.host, move |request, ask| {
        if !request.is("GET", layer.as_str()) {
            return ask(request);
        }
        let mut request = request.clone();
        request.headers.retain(|(name, _)| name != "range");
        let mut reply = ask(&request);
        assert_eq!(reply.status, 200);
        if asked.fetch_add(1, Ordering::Relaxed) == 0 {
            reply.cut_after = Some(1_234_567);
        }
        reply
    });
    let sink = Folder::new();
    pull_from(&proxy, &sink).unwrap();
    assert_eq!(proxy.count("GET", ground.layer.as_str()), 2);
    assert_eq!(sink.counts(), [3, 0, 1]);
}

#[test]
fn a_download_that_is_always_cut_ends() {
    let Some(ground) = Ground::new() else { return };
    let proxy = ground.on_layer(|_, mut reply| {
        reply.cut_after = Some(10);
        reply
    });
    let sink = Folder::new();
    let error = pull_from(&proxy, &sink).unwrap_err();
    assert!(matches!(error, RegistryError::Connect { .. }), "{error}");
    assert!(sink.is_empty(), "{:?}", sink.counts());
    assert_eq!(proxy.count("GET", ground.layer.as_str()), 5);
}

#[test]
fn a_silent_connection_is_given_up_and_replaced() {
    let Some(ground) = Ground::new() else { return };
    let proxy = ground.on_layer(|nth, mut reply| {
        if nth == 0 {
            reply.slowly = Some((reply.body.len() / 2, Duration::from_millis(700)));
        }
        reply
    });
    let mut settings = settings();
    settings.retries.silence = Duration::from_millis(300);
    let request = PullRequest { reference: reference(&proxy.host, "a", "latest"), platform: None };
    let sink = Folder::new();
    pull(&settings, &request, &sink, &Silent).unwrap();
    assert_eq!(ranges(&proxy, &ground.layer).len(), 2);
    assert_eq!(sink.counts(), [3, 0, 1]);
}

#[test]
fn wrong_bytes_are_found_by_their_digest() {
    let Some(ground) = Ground::new() else { return };
    // In the middle, where unpacking notices too, and at the end, where only the digest can tell.
    for at in [ground.size / 2, ground.size - 1] {
        let proxy = ground.on_layer(move |_, mut reply| {
            reply.body[at] ^= 0x55;
            reply
        });
        let sink = Folder::new();
        let error = pull_from(&proxy, &sink).unwrap_err();
        assert!(matches!(error, RegistryError::DigestMismatch { .. }), "{error}");
        assert!(sink.is_empty(), "{:?}", sink.counts());
    }
}

#[test]
fn wrong_lengths_are_refused() {
    let Some(ground) = Ground::new() else { return };
    let longer = ground.on_layer(|_, mut reply| {
        reply.body.push(0);
        let length = reply.body.len().to_string();
        reply.with("content-length", length)
    });
    let shorter = ground.on_layer(|_, mut reply| {
        reply.body.truncate(1000);
        reply.with("content-length", "1000")
    });
    for proxy in [longer, shorter] {
        let sink = Folder::new();
        let error = pull_from(&proxy, &sink).unwrap_err();
        assert!(matches!(error, RegistryError::LengthMismatch { .. }), "{error}");
        assert!(sink.is_empty(), "{:?}", sink.counts());
    }
    // Without any length, more than was promised is not even stored.
    let endless = ground.on_layer(|_, mut reply| {
        let first = reply.body.clone();
        reply.body = format!("{:x}\r\n", first.len()).into_bytes();
        reply.body.extend(&first);
        reply.body.extend(b"\r\n5\r\nextra\r\n0\r\n\r\n");
        reply.headers.retain(|(name, _)| name != "content-length");
        reply.with("transfer-encoding", "chunked")
    });
    let sink = Folder::new();
    let error = pull_from(&endless, &sink).unwrap_err();
    assert!(matches!(error, RegistryError::LengthMismatch { .. }), "{error}");
    assert!(sink.is_empty(), "{:?}", sink.counts());
}

#[test]
fn a_busy_or_broken_registry_is_asked_again() {
    let Some(ground) = Ground::new() else { return };
    let proxy = ground.on_layer(|nth, reply| match nth {
        0 => Reply::new(429, "").with("retry-after", "0"),
        1 => Reply::new(500, "oops"),
        2 => Reply::new(503, r#"{"errors":[{"code":"UNAVAILABLE"}]}"#),
        _ => reply,
    });
    pull_from(&proxy, &Folder::new()).unwrap();
    assert_eq!(proxy.count("GET", ground.layer.as_str()), 4);

    let proxy = ground.on_layer(|_, _| {
        Reply::new(429, r#"{"errors":[{"code":"TOOMANYREQUESTS","message":"pull limit"}]}"#)
    });
    let sink = Folder::new();
    let error = pull_from(&proxy, &sink).unwrap_err();
    assert!(matches!(&error, RegistryError::RateLimited { detail, .. } if detail == "pull limit"), "{error}");
    assert!(sink.is_empty());
}

#[test]
fn manifests_that_lie_are_refused() {
    let Some(ground) = Ground::new() else { return };
    type Lie = fn(Reply) -> Reply;
    let lies: [(&str, Lie); 5] = [
        ("another content", |mut reply| {
            reply.body.push(b' ');
            let length = reply.body.len().to_string();
            reply.with("content-length", length)
        }),
        ("another media type", |reply| reply.with("content-type", "application/vnd.oci.image.index.v1+json")),
        ("too large", |reply| {
            Reply { body: vec![b' '; (4 << 20) + 1], ..Reply::new(200, "") }
                .with("content-type", reply.header("content-type").unwrap())
        }),
        ("no JSON", |_| Reply::new(200, "<html>\u{1b}[2J")),
        ("half", |mut reply| {
            reply.body.truncate(100);
            reply.headers.retain(|(name, _)| name != "docker-content-digest" && name != "content-length");
            reply
        }),
    ];
    for (name, lie) in lies {
        let proxy = ground.on_manifest(lie);
        let sink = Folder::new();
        let error = pull_from(&proxy, &sink).unwrap_err();
        let kind = matches!(
            error,
            RegistryError::DigestMismatch { .. }
                | RegistryError::InvalidManifest { .. }
                | RegistryError::TooLarge { .. }
        );
        assert!(kind && !error.to_string().contains('\u{1b}'), "{name}: {error}");
        assert!(sink.is_empty(), "{name}");
    }
}

#[test]
fn credentials_do_not_follow_a_redirect() {
    let Some(ground) = Ground::new() else { return };
    let upstream = ground.registry.host.clone();
    let elsewhere = Server::proxy(&upstream, |request, ask| ask(request));
    let (layer, target) = (ground.layer.clone(), elsewhere.host.clone());
    let front = Server::proxy(&upstream, move |request, ask| {
        if request.header("authorization").is_none() {
            return Reply::new(401, "").with("www-authenticate", "Basic realm=\"x\"");
        }
        if request.is("GET", layer.as_str()) {
            return Reply::new(307, "").with("location", format!("http://{target}{}", request.target));
        }
        ask(request)
    });
    let home = tempfile::tempdir().unwrap();
    let config = format!(r#"{{"auths":{{"{}":{{"auth":"dXNlcjpwYXNz"}}}}}}"#, front.host);
    std::fs::write(home.path().join("config.json"), config).unwrap();
    let settings = teu_registry::Settings { docker_config: Some(home.path().to_owned()), ..settings() };
    let request = PullRequest { reference: reference(&front.host, "a", "latest"), platform: None };
    pull(&settings, &request, &Folder::new(), &Silent).unwrap();
    let requests = elsewhere.requests.lock().unwrap();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].header("authorization"), None);
    let asked = front.requests.lock().unwrap();
    assert!(asked.iter().any(|r| r.header("authorization") == Some("Basic dXNlcjpwYXNz")));
}

#[test]
fn a_pull_that_is_cancelled_leaves_nothing() {
    struct Impatient(AtomicUsize);
    impl Progress for Impatient {
        fn report(&self, event: TransferEvent) {
            if matches!(event, TransferEvent::Part(part) if part.current > 0 && part.current < part.total) {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
        fn is_cancelled(&self) -> bool {
            self.0.load(Ordering::Relaxed) > 0
        }
    }
    let Some(ground) = Ground::new() else { return };
    let proxy = ground.on_layer(|_, mut reply| {
        reply.slowly = Some((10_000, Duration::from_millis(50)));
        reply
    });
    let sink = Folder::new();
    let request = PullRequest { reference: reference(&proxy.host, "a", "latest"), platform: None };
    let error = pull(&settings(), &request, &sink, &Impatient(AtomicUsize::new(0))).unwrap_err();
    assert!(matches!(error, RegistryError::Cancelled), "{error}");
    assert!(sink.is_empty(), "{:?}", sink.counts());
}

#[test]
fn a_layer_that_is_not_what_its_configuration_says_is_refused() {
    let Some(registry) = Registry::plain() else { return };
    let source = Folder::new();
    let mut layer = image::layer(&source, GZIP, "file", 10_000);
    layer.diff_id = Digest::of(b"something else");
    let manifest = image::image(&source, &[layer]);
    let target = reference(&registry.host, "a", "latest");
    push(
        &settings(),
        &PushRequest { reference: target.clone(), manifest: digest_of(&manifest) },
        &source,
        &Silent,
    )
    .unwrap();
    let sink = Folder::new();
    let error =
        pull(&settings(), &PullRequest { reference: target, platform: None }, &sink, &Silent).unwrap_err();
    assert!(matches!(error, RegistryError::Store(_)), "{error}");
    assert!(sink.is_empty(), "{:?}", sink.counts());
}
