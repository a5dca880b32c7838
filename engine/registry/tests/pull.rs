//! Pulling from a real registry.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

mod support;

use serde_json::json;
use std::process::Command;
use support::folder::Folder;
use support::image::{self, GZIP, OCI_MANIFEST, PLAIN, ZSTD, digest_of};
use support::registry::{PASSWORD, Registry, USER, With};
use support::server::Server;
use support::{Recorder, reference, settings};
use teu_api::progress::{TransferEvent, TransferPhase};
use teu_registry::{
    Credentials, Digest, ImageSource as _, Platform, PullRequest, PushRequest, RegistryError, Secret,
    Settings, Silent, inspect, login, logout, pull, pull_all_tags, push, referrers, tags,
};

fn request(host: &str, path: &str, tag: &str) -> PullRequest {
    PullRequest { reference: reference(host, path, tag), platform: None }
}

fn push_to(
    settings: &Settings,
    source: &Folder,
    host: &str,
    path: &str,
    tag: &str,
    manifest: &serde_json::Value,
) {
    let request = PushRequest { reference: reference(host, path, tag), manifest: digest_of(manifest) };
    push(settings, &request, source, &Silent).unwrap();
}

#[test]
fn every_compression_comes_whole_and_only_once() {
    let Some(registry) = Registry::plain() else { return };
    let source = Folder::new();
    let layers = [GZIP, ZSTD, PLAIN, GZIP]
        .map(|kind| image::layer(&source, kind, &format!("file-{}", kind.len()), 300_000));
    let manifest = image::image(&source, &layers);
    push_to(&settings(), &source, &registry.host, "a/b", "one", &manifest);

    let sink = Folder::new();
    let recorder = Recorder::default();
    let pulled = pull(&settings(), &request(&registry.host, "a/b", "one"), &sink, &recorder).unwrap();
    assert_eq!(pulled.image.digest, digest_of(&manifest));
    assert_eq!(pulled.image.tag.as_deref(), Some("one"));
    let chain: Vec<Digest> = layers.iter().map(|layer| layer.diff_id.clone()).collect();
    assert_eq!(pulled.image.diff_ids, chain);
    for (at, layer) in layers.iter().enumerate() {
        let name = format!("file-{}", layer.descriptor["mediaType"].as_str().unwrap().len());
        assert_eq!(sink.layer(&chain[..=at]), Some(vec![name]));
        assert!(sink.open_blob(&layer.digest()).unwrap().is_some());
    }
    // The first and the last layer are the same blob on different layers; configuration and manifest are blobs too.
    assert_eq!(sink.counts(), [5, 0, 4]);
    let events = recorder.0.lock().unwrap();
    let done =
        |e: &&TransferEvent| matches!(e, TransferEvent::Part(part) if part.phase == TransferPhase::Done);
    assert_eq!(events.iter().filter(done).count(), 3, "{events:?}");
    drop(events);

    let by_digest = reference(&registry.host, "a/b", "x").repository.with_digest(digest_of(&manifest));
    let again =
        pull(&settings(), &PullRequest { reference: by_digest, platform: None }, &sink, &Silent).unwrap();
    assert_eq!((again.downloaded, again.image.tag), (0, None));
    assert_eq!(sink.images.lock().unwrap().len(), 2);
}

#[test]
fn an_index_yields_the_platform_that_is_wanted() {
    let Some(registry) = Registry::plain() else { return };
    let source = Folder::new();
    let image_of = |name: &str| image::image_for(&source, name, &[image::layer(&source, GZIP, name, 1000)]);
    let (amd64, arm64) = (image_of("amd64"), image_of("arm64"));
    let index = image::index(&source, &[("amd64", amd64.clone()), ("arm64", arm64.clone())]);
    push_to(&settings(), &source, &registry.host, "multi", "latest", &index);

    let sink = Folder::new();
    for (platform, manifest) in [("linux/arm64", &arm64), ("linux/amd64", &amd64)] {
        let platform = Some(Platform::parse(platform).unwrap());
        let request = PullRequest { platform, ..request(&registry.host, "multi", "latest") };
        let pulled = pull(&settings(), &request, &sink, &Silent).unwrap();
        assert_eq!(pulled.image.manifest.digest, digest_of(manifest));
        assert_eq!(pulled.image.digest, digest_of(&index));
    }
    let other = Some(Platform::parse("linux/s390x").unwrap());
    let missing = PullRequest { platform: other.clone(), ..request(&registry.host, "multi", "latest") };
    let error = pull(&settings(), &missing, &sink, &Silent).unwrap_err();
    assert!(matches!(error, RegistryError::NoPlatform { .. }), "{error}");
    // A single image says what it is for in its configuration.
    push_to(&settings(), &source, &registry.host, "single", "latest", &amd64);
    let missing = PullRequest { platform: other, ..request(&registry.host, "single", "latest") };
    let error = pull(&settings(), &missing, &sink, &Silent).unwrap_err();
    assert!(matches!(error, RegistryError::NoPlatform { .. }), "{error}");
}

#[test]
fn what_is_not_there_is_said_to_be_missing() {
    let Some(registry) = Registry::plain() else { return };
    let sink = Folder::new();
    let error =
        pull(&settings(), &request(&registry.host, "no/thing", "latest"), &sink, &Silent).unwrap_err();
    assert!(matches!(error, RegistryError::NotFound { .. }), "{error}");
    assert!(sink.is_empty());
    let host = registry.host.clone();
    drop(registry);
    let error =
        pull(&settings(), &request(&host, "no/thing", "latest"), &sink, &Silent).unwrap_err().to_string();
    assert!(error.contains(&host) && error.contains("refused"), "{error}");
}

#[test]
fn all_tags_are_pulled() {
    let Some(registry) = Registry::plain() else { return };
    let source = Folder::new();
    for tag in ["one", "two"] {
        let manifest = image::image(&source, &[image::layer(&source, GZIP, tag, 1000)]);
        push_to(&settings(), &source, &registry.host, "tags", tag, &manifest);
    }
    let repository = reference(&registry.host, "tags", "x").repository;
    assert_eq!(tags(&settings(), &repository).unwrap(), ["one", "two"]);
    let sink = Folder::new();
    let pulled = pull_all_tags(&settings(), &repository, None, &sink, &Silent).unwrap();
    let names: Vec<_> = pulled.into_iter().map(|p| p.image.tag.unwrap()).collect();
    assert_eq!(names, ["one", "two"]);
}

#[test]
fn artifacts_are_kept_but_not_unpacked_and_referrers_are_found() {
    let Some(registry) = Registry::plain() else { return };
    let source = Folder::new();
    let subject = image::image(&source, &[image::layer(&source, GZIP, "file", 1000)]);
    push_to(&settings(), &source, &registry.host, "art", "image", &subject);
    let file = image::descriptor(&source, "text/plain", b"a signature");
    let empty = image::descriptor(&source, "application/vnd.oci.empty.v1+json", b"{}");
    let manifest = json!({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST, "artifactType": "application/x.signature",
        "config": empty, "layers": [file], "subject": subject,
    });
    let artifact = image::descriptor(&source, OCI_MANIFEST, manifest.to_string().as_bytes());
    push_to(&settings(), &source, &registry.host, "art", "signature", &artifact);

    let sink = Folder::new();
    let pulled = pull(&settings(), &request(&registry.host, "art", "signature"), &sink, &Silent).unwrap();
    assert_eq!(pulled.image.artifact_type.as_deref(), Some("application/x.signature"));
    assert_eq!(sink.counts(), [3, 0, 0]);

    // This registry is older than the referrers interface: the client that pushes keeps an index under a tag.
    let repository = reference(&registry.host, "art", "x").repository;
    let digest = digest_of(&subject);
    let found = referrers(&settings(), &repository, &digest, Some("application/x.signature")).unwrap();
    assert_eq!(found.iter().map(|d| d.digest.clone()).collect::<Vec<_>>(), [digest_of(&artifact)]);
    assert!(referrers(&settings(), &repository, &digest, Some("application/x.other")).unwrap().is_empty());
    assert!(referrers(&settings(), &repository, &digest_of(&artifact), None).unwrap().is_empty());
}

#[test]
fn mirrors_are_asked_first_and_replaced_when_they_fail() {
    let (Some(registry), Some(mirror)) = (Registry::plain(), Registry::plain()) else { return };
    let source = Folder::new();
    let layer = image::layer(&source, GZIP, "file", 100_000);
    let digest = layer.digest();
    let manifest = image::image(&source, &[layer]);
    push_to(&settings(), &source, &registry.host, "a", "latest", &manifest);
    push_to(&settings(), &source, &mirror.host, "a", "latest", &manifest);
    // The mirror lies about the layer: its manifest is taken, the layer comes from the registry.
    let liar = Server::proxy(&mirror.host, move |request, ask| {
        let mut reply = ask(request);
        if request.is("GET", digest.as_str()) {
            reply.body[50] ^= 1;
        }
        reply
    });
    let mut settings = settings();
    let entry = teu_registry::RegistrySettings {
        mirrors: vec![format!("http://{}", liar.host)],
        ..Default::default()
    };
    settings.registries.insert(registry.host.clone(), entry);
    let sink = Folder::new();
    pull(&settings, &request(&registry.host, "a", "latest"), &sink, &Silent).unwrap();
    assert_eq!((liar.count("GET", "/manifests/"), liar.count("GET", "/blobs/")), (1, 2));
    assert_eq!(sink.counts(), [3, 0, 1]);
    drop(liar);
    pull(&settings, &request(&registry.host, "a", "latest"), &Folder::new(), &Silent).unwrap();
}

#[test]
fn passwords_are_asked_for_kept_privately_and_forgotten() {
    use std::os::unix::fs::PermissionsExt as _;
    let Some(registry) = Registry::start(With { password: true, tls: None }) else { return };
    let home = tempfile::tempdir().unwrap();
    let mut settings = settings();
    settings.docker_config = Some(home.path().join("docker"));
    let config = home.path().join("docker/config.json");
    let request = request(&registry.host, "a", "latest");
    let denied = pull(&settings, &request, &Folder::new(), &Silent).unwrap_err();
    assert!(matches!(denied, RegistryError::Denied { .. }), "{denied}");

    let as_user = |password: &str| Credentials {
        username: USER.to_owned(),
        secret: Secret::Password(password.to_owned()),
    };
    let refused = login(&settings, &registry.host, &as_user("wrong")).unwrap_err();
    assert!(matches!(refused, RegistryError::LoginRefused { .. }), "{refused}");
    assert!(!config.exists());

    std::fs::create_dir(home.path().join("docker")).unwrap();
    std::fs::write(&config, r#"{"psFormat":"x","auths":{"other":{"auth":"YTpi"}}}"#).unwrap();
    login(&settings, &registry.host, &as_user(PASSWORD)).unwrap();
    assert_eq!(std::fs::metadata(&config).unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(&config).unwrap();
    assert!(text.contains("psFormat") && text.contains("YTpi") && !text.contains(PASSWORD), "{text}");
    assert_eq!(std::fs::read_dir(home.path().join("docker")).unwrap().count(), 1);

    let source = Folder::new();
    let manifest = image::image(&source, &[image::layer(&source, GZIP, "file", 1000)]);
    push_to(&settings, &source, &registry.host, "a", "latest", &manifest);
    pull(&settings, &request, &Folder::new(), &Silent).unwrap();

    assert!(logout(&settings, &registry.host).unwrap());
    assert!(!logout(&settings, &registry.host).unwrap());
    let text = std::fs::read_to_string(&config).unwrap();
    assert!(text.contains("YTpi") && !text.contains(&registry.host), "{text}");
    assert!(pull(&settings, &request, &Folder::new(), &Silent).is_err());
}

#[test]
fn a_credential_helper_keeps_the_secret() {
    use std::os::unix::fs::PermissionsExt as _;
    let Some(registry) = Registry::start(With { password: true, tls: None }) else { return };
    let home = tempfile::tempdir().unwrap();
    let path = home.path().display();
    let helper = home.path().join("docker-credential-drawer");
    let script = format!(
        "#!/bin/sh\nread -r request\ncase $1 in\nstore) echo \"$request\" > {path}/kept;;\n\
         get) if [ -e {path}/kept ]; then cat {path}/kept; else echo credentials not found in native keychain; exit 1; fi;;\n\
         erase) rm {path}/kept;;\nesac\n"
    );
    std::fs::write(&helper, script).unwrap();
    std::fs::set_permissions(&helper, std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::write(home.path().join("config.json"), r#"{"credsStore":"drawer"}"#).unwrap();
    let mut settings = settings();
    settings.docker_config = Some(home.path().to_owned());
    settings.helper_path = Some(format!("{path}:/usr/bin:/bin").into());

    let credentials =
        Credentials { username: USER.to_owned(), secret: Secret::Password(PASSWORD.to_owned()) };
    login(&settings, &registry.host, &credentials).unwrap();
    assert!(std::fs::read_to_string(home.path().join("kept")).unwrap().contains(PASSWORD));
    let config = std::fs::read_to_string(home.path().join("config.json")).unwrap();
    assert!(config.contains(&registry.host) && !config.contains("\"auth\""), "{config}");
    let repository = reference(&registry.host, "a", "x").repository;
    let missing = tags(&settings, &repository).unwrap_err();
    assert!(matches!(missing, RegistryError::NotFound { .. }), "{missing}");
    assert!(logout(&settings, &registry.host).unwrap());
    assert!(matches!(tags(&settings, &repository), Err(RegistryError::Denied { .. })));
}

#[test]
fn certificates_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let (key, certificate) = (folder.path().join("key.pem"), folder.path().join("cert.pem"));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
        ])
        .args(["-subj", "/CN=registry", "-addext", "subjectAltName=DNS:teu-registry.localhost,IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:TRUE", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output();
    if made.is_err() {
        support::skip("openssl");
        return;
    }
    let Some(registry) = Registry::start(With { password: false, tls: Some((&certificate, &key)) }) else {
        return;
    };
    // A name of this machine that is not the loopback address, whose certificates nobody checks. A proxy resolves it.
    let port = registry.host.rsplit(':').next().unwrap().to_owned();
    let proxy = tunnel(registry.host.clone());
    let name = format!("teu-registry.localhost:{port}");
    let mut settings = settings();
    settings.proxies.https = Some(proxy);
    let repository = reference(&name, "a", "x").repository;
    let untrusted = tags(&settings, &repository).unwrap_err();
    assert!(matches!(untrusted, RegistryError::Untrusted { .. }), "{untrusted}");

    let trusted = folder.path().join("certs.d").join(&name);
    std::fs::create_dir_all(&trusted).unwrap();
    std::fs::copy(&certificate, trusted.join("ca.crt")).unwrap();
    settings.certificate_folders = vec![folder.path().join("certs.d")];
    let missing = tags(&settings, &repository).unwrap_err();
    assert!(matches!(missing, RegistryError::NotFound { .. }), "{missing}");

    // Trusted under one name is not trusted under another.
    let other = format!("other.localhost:{port}");
    std::fs::create_dir_all(folder.path().join("certs.d").join(&other)).unwrap();
    std::fs::copy(&certificate, folder.path().join("certs.d").join(&other).join("ca.crt")).unwrap();
    let untrusted = tags(&settings, &reference(&other, "a", "x").repository).unwrap_err();
    assert!(matches!(untrusted, RegistryError::Untrusted { .. }), "{untrusted}");

    settings.certificate_folders.clear();
    settings.registries.insert(name, teu_registry::RegistrySettings { insecure: true, ..Default::default() });
    let missing = tags(&settings, &repository).unwrap_err();
    assert!(matches!(missing, RegistryError::NotFound { .. }), "{missing}");
    // Loopback by address needs none of that.
    let missing = tags(&settings, &reference(&registry.host, "a", "x").repository).unwrap_err();
    assert!(matches!(missing, RegistryError::NotFound { .. }), "{missing}");
}

/// A proxy that connects everyone to one address, whatever name is asked for. It ends with the test's process.
fn tunnel(to: String) -> String {
    use std::io::{BufRead as _, BufReader, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (mut client, to) = (client.unwrap(), to.clone());
            std::thread::spawn(move || {
                let mut reader = BufReader::new(client.try_clone().unwrap());
                let mut line = String::new();
                while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
                    line.clear();
                }
                client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
                let mut server = std::net::TcpStream::connect(to).unwrap();
                let (mut back, mut there) = (server.try_clone().unwrap(), client.try_clone().unwrap());
                std::thread::spawn(move || {
                    let _ = std::io::copy(&mut back, &mut there);
                    let _ = there.shutdown(std::net::Shutdown::Both);
                });
                let _ = std::io::copy(&mut reader, &mut server);
                let _ = server.shutdown(std::net::Shutdown::Both);
            });
        }
    });
    address
}

#[test]
fn the_same_layer_pulled_twice_at_once_is_fetched_once() {
    let Some(registry) = Registry::plain() else { return };
    let source = Folder::new();
    let layer = image::layer(&source, GZIP, "file", 2_000_000);
    let digest = layer.digest();
    let manifest = image::image(&source, &[layer]);
    push_to(&settings(), &source, &registry.host, "a", "latest", &manifest);
    let slow = digest.clone();
    let proxy = Server::proxy(&registry.host, move |request, ask| {
        let mut reply = ask(request);
        if request.is("GET", slow.as_str()) {
            reply.slowly = Some((200_000, std::time::Duration::from_millis(10)));
        }
        reply
    });
    let sink = Folder::new();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| pull(&settings(), &request(&proxy.host, "a", "latest"), &sink, &Silent).unwrap());
        }
    });
    assert_eq!(proxy.count("GET", digest.as_str()), 1);
    assert_eq!(sink.counts(), [3, 0, 1]);
}

#[test]
fn a_manifest_is_shown_without_being_pulled() {
    let Some(registry) = Registry::plain() else { return };
    let source = Folder::new();
    let manifest = image::image(&source, &[image::layer(&source, GZIP, "file", 1000)]);
    push_to(&settings(), &source, &registry.host, "a", "latest", &manifest);
    let shown = inspect(&settings(), &reference(&registry.host, "a", "latest")).unwrap();
    assert_eq!(shown.digest, digest_of(&manifest));
    assert_eq!(Digest::of(&shown.bytes), shown.digest);
}
