//! What registries keep beside images: listed, told from images, and fetched.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use teu_tests::Teu;
use teu_tests::registry::Registry;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const KIND: &str = "application/vnd.example.report";

/// One request of HTTP; the answer's head.
fn request(registry: &Registry, method: &str, path: &str, kind: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(registry.host()).expect("the registry answers");
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        registry.host(),
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body].concat()).expect("the request is sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("the answer comes");
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(answer.starts_with("HTTP/1.1 20"), "{answer}");
    answer
}

fn digest(bytes: &[u8]) -> String {
    let mut child = Command::new("sha256sum")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("sha256sum runs");
    child.stdin.take().expect("a pipe").write_all(bytes).expect("it reads");
    let output = child.wait_with_output().expect("it ends").stdout;
    format!("sha256:{}", String::from_utf8_lossy(&output[..64]))
}

/// Puts a blob into the repository `box`.
fn put_blob(registry: &Registry, bytes: &[u8], kind: &str, title: Option<&str>) -> Value {
    let answer = request(registry, "POST", "/v2/box/blobs/uploads/", "", b"");
    let location = answer
        .lines()
        .find_map(|line| line.strip_prefix("Location: "))
        .and_then(|address| address.trim().strip_prefix(&format!("http://{}", registry.host())))
        .expect("a place to upload to")
        .to_owned();
    let path = format!("{location}&digest={}", digest(bytes));
    request(registry, "PUT", &path, "application/octet-stream", bytes);
    let mut descriptor = json!({ "mediaType": kind, "digest": digest(bytes), "size": bytes.len() });
    if let Some(title) = title {
        descriptor["annotations"] = json!({ "org.opencontainers.image.title": title });
    }
    descriptor
}

fn put_manifest(registry: &Registry, tag: &str, kind: &str, manifest: &Value) -> Value {
    let bytes = manifest.to_string().into_bytes();
    request(registry, "PUT", &format!("/v2/box/manifests/{tag}"), kind, &bytes);
    json!({ "mediaType": kind, "digest": digest(&bytes), "size": bytes.len() })
}

#[test]
fn artifacts_are_listed_told_from_images_and_fetched() {
    let test = "artifacts_are_listed_told_from_images_and_fetched";
    let Some(registry) = Registry::start(test, false) else { return };
    let teu = Teu::with_busybox();
    let image = registry.name("box:1");
    teu.run(["tag", "busybox", &image]).ok();
    let pushed = teu.run(["push", &image]).ok();
    let subject = pushed.split("digest: ").nth(1).and_then(|rest| rest.split(' ').next()).expect("a digest");

    // Titles that a naive client would write to.
    let folder = tempfile::tempdir().expect("a folder");
    let outside = folder.path().join("outside");
    let escape = outside.to_str().expect("a path");
    let files = [
        put_blob(&registry, b"{}\n", "application/json", Some("report.json")),
        put_blob(&registry, b"up\n", "text/plain", Some("../outside")),
        put_blob(&registry, b"absolute\n", "text/plain", Some(escape)),
        put_blob(&registry, b"hidden\n", "text/plain", Some(".profile")),
    ];
    let artifact = json!({
        "schemaVersion": 2, "mediaType": MANIFEST, "artifactType": KIND, "layers": files,
        "config": put_blob(&registry, b"{}", "application/vnd.oci.empty.v1+json", None),
        "subject": { "mediaType": MANIFEST, "digest": subject, "size": 400 },
    });
    let mut entry = put_manifest(&registry, "report", MANIFEST, &artifact);
    entry["artifactType"] = json!(KIND);
    entry["annotations"] = json!({ "note": "\u{1b}[2J" });
    // This registry keeps no lists of referrers: clients do, under a tag made of the subject's digest.
    let list = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [entry] });
    put_manifest(&registry, &subject.replace(':', "-"), INDEX, &list);

    let listed = teu.run(["image", "referrers", "--no-trunc", &image]).ok();
    assert!(listed.contains(entry["digest"].as_str().expect("text")) && listed.contains(KIND), "{listed}");
    assert!(!listed.contains('\u{1b}'), "{listed}");
    let by_digest = format!("{}@{subject}", registry.name("box"));
    assert_eq!(teu.run(["image", "referrers", "-q", &by_digest]).ok(), entry["digest"]);
    assert_eq!(teu.run(["image", "referrers", "-q", "--artifact-type", "text/other", &image]).ok(), "");
    let tags = teu.run(["artifact", "ls", "--format", "{{.Tag}} {{.Type}}", &registry.name("box")]).ok();
    assert!(tags.contains("1 image") && tags.contains(&format!("report {KIND}")), "{tags}");
    let shown: Value =
        serde_json::from_str(&teu.run(["artifact", "inspect", &registry.name("box:report")]).ok())
            .expect("JSON");
    assert_eq!(shown, artifact);

    let refused = teu.run(["pull", &registry.name("box:report")]).fails_with(1);
    assert!(refused.contains(KIND) && refused.contains("teu artifact pull"), "{refused}");
    assert!(teu.run(["artifact", "pull", &image]).fails_with(1).contains("is an image"));

    let target = folder.path().join("target");
    let path = target.to_str().expect("a path");
    // A link in the way is replaced and not followed.
    std::fs::create_dir(&target).expect("a folder");
    std::os::unix::fs::symlink(&outside, target.join("report.json")).expect("a link");
    for _ in 0..2 {
        let said = teu.run(["artifact", "pull", "-q", "-o", path, &registry.name("box:report")]).ok();
        assert_eq!(said.lines().count(), 4, "{said}");
    }
    assert!(!outside.exists(), "nothing is written outside");
    let mut names: Vec<String> = std::fs::read_dir(&target)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names.len(), 4, "nothing half-made stays: {names:?}");
    assert_eq!(names.iter().filter(|name| name.starts_with("sha256-")).count(), 3, "{names:?}");
    assert_eq!(std::fs::read(target.join("report.json")).expect("the file"), b"{}\n");
    assert_eq!(teu.run(["images", "-q"]).ok().lines().count(), 2, "no image came of it");
    teu.finish();
}
