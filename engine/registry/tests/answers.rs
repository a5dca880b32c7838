//! What no real registry here speaks: tokens, search, pages, referrers. The servers answer as the specifications say.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

mod support;

use serde_json::json;
use std::sync::{Arc, Mutex};
use support::image::OCI_INDEX;
use support::registry::Registry;
use support::server::{Reply, Server};
use support::{folder::Folder, image, reference, settings};
use teu_registry::{
    Digest, PushRequest, RegistryError, Repository, SearchRequest, Settings, Silent, catalog, push,
    referrers, search, tags,
};

fn with_auth(host: &str, entry: serde_json::Value) -> (tempfile::TempDir, Settings) {
    let home = tempfile::tempdir().unwrap();
    let config = json!({ "auths": { host: entry } });
    std::fs::write(home.path().join("config.json"), config.to_string()).unwrap();
    let settings = Settings { docker_config: Some(home.path().to_owned()), ..settings() };
    (home, settings)
}

/// A registry that wants tokens of its own token server, each for one scope.
fn token_registry() -> Server {
    let address = Arc::new(Mutex::new(String::new()));
    let server = Server::start({
        let address = Arc::clone(&address);
        move |request| {
            let host = address.lock().unwrap().clone();
            if request.target.starts_with("/token") {
                let by_password = request.header("authorization") == Some("Basic dXNlcjpwYXNz");
                let by_refresh = String::from_utf8_lossy(&request.body).contains("refresh_token=refresh+me");
                let scoped = request.target.contains("scope=repository%3Aa%3Apull")
                    || String::from_utf8_lossy(&request.body).contains("scope=repository%3Aa%3Apull");
                return match (by_password || by_refresh, scoped) {
                    (true, true) => Reply::new(200, r#"{"access_token":"good","expires_in":300}"#),
                    (true, false) => Reply::new(200, r#"{"token":"plain"}"#),
                    _ => Reply::new(401, r#"{"errors":[{"code":"UNAUTHORIZED","message":"who are you"}]}"#),
                };
            }
            if request.header("authorization") == Some("Bearer good") {
                return Reply::new(200, r#"{"tags":["one","b\u001bad","two"]}"#);
            }
            let challenge =
                format!("Bearer realm=\"http://{host}/token\",service=\"svc\",scope=\"repository:a:pull\"");
            Reply::new(401, "").with("www-authenticate", challenge)
        }
    });
    address.lock().unwrap().clone_from(&server.host);
    server
}

#[test]
fn tokens_are_fetched_once_per_scope() {
    let server = token_registry();
    let repository = Repository::new(&server.host, "a").unwrap();
    for entry in
        [json!({ "auth": "dXNlcjpwYXNz" }), json!({ "auth": "dXNlcjo=", "identitytoken": "refresh me" })]
    {
        let (_home, settings) = with_auth(&server.host, entry);
        assert_eq!(tags(&settings, &repository).unwrap(), ["one", "two"]);
    }
    assert_eq!(server.count("GET", "/token") + server.count("POST", "/token"), 2);
    let error = tags(&settings(), &repository).unwrap_err();
    assert!(matches!(&error, RegistryError::Denied { detail, .. } if detail == "who are you"), "{error}");
}

#[test]
fn search_reads_the_interface_and_falls_back_to_the_catalogue() {
    let server = Server::start(|request| {
        if request.target.starts_with("/v1/search?q=web&n=") {
            let body = json!({ "num_results": 1, "results": [
                { "name": "me/web", "description": "one\n\u{1b}[31mline", "star_count": 7, "is_official": true },
            ]});
            return Reply::new(200, body.to_string());
        }
        Reply::new(if request.target == "/v2/" { 200 } else { 404 }, "{}")
    });
    let request =
        |host: &str| SearchRequest { host: Some(host.to_owned()), term: "web".to_owned(), limit: 5 };
    let found = search(&settings(), &request(&server.host)).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].name.clone(), found[0].stars, found[0].official),
        (format!("{}/me/web", server.host), 7, true)
    );
    assert!(!found[0].description.contains(['\n', '\u{1b}']));

    let Some(registry) = Registry::plain() else { return };
    let source = Folder::new();
    let manifest = image::image(&source, &[image::layer(&source, image::GZIP, "f", 100)]);
    for path in ["a/web", "a/db"] {
        let target = reference(&registry.host, path, "latest");
        push(
            &settings(),
            &PushRequest { reference: target, manifest: image::digest_of(&manifest) },
            &source,
            &Silent,
        )
        .unwrap();
    }
    let found = search(&settings(), &request(&registry.host)).unwrap();
    let names: Vec<_> = found.into_iter().map(|f| f.name).collect();
    assert_eq!(names, [format!("{}/a/web", registry.host)]);
}

#[test]
fn pages_are_followed_but_not_for_ever_nor_elsewhere() {
    let server = Server::start(|request| match request.target.as_str() {
        "/v2/_catalog?n=1000" => Reply::new(200, r#"{"repositories":["a","B!"]}"#)
            .with("link", "</v2/_catalog?last=a&n=1000>; rel=\"next\""),
        "/v2/_catalog?last=a&n=1000" => Reply::new(200, r#"{"repositories":["b"]}"#)
            .with("link", "<http://127.0.0.2:9/v2/_catalog>; rel=\"next\""),
        _ => Reply::new(200, "{}"),
    });
    let names = |limit| -> Vec<String> {
        let found = catalog(&settings(), &server.host, "", limit).unwrap();
        found.iter().map(|repository| repository.path().to_owned()).collect()
    };
    assert_eq!(names(10), ["a", "b"]);
    assert_eq!(names(1), ["a"]);
    assert_eq!(server.count("GET", "last=a"), 1);
}

#[test]
fn referrers_come_from_the_interface_where_there_is_one() {
    let subject = Digest::of(b"subject");
    let entry = |kind: &str| json!({ "mediaType": image::OCI_MANIFEST, "digest": Digest::of(kind.as_bytes()), "size": 1, "artifactType": kind });
    let index = json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [entry("text/a"), entry("text/b")] });
    let server = Server::start(move |request| {
        if request.target.contains("/referrers/") {
            Reply::new(200, index.to_string()).with("content-type", OCI_INDEX)
        } else {
            Reply::new(200, "{}")
        }
    });
    let repository = Repository::new(&server.host, "a").unwrap();
    assert_eq!(referrers(&settings(), &repository, &subject, None).unwrap().len(), 2);
    let found = referrers(&settings(), &repository, &subject, Some("text/b")).unwrap();
    assert_eq!(found.iter().map(|d| d.digest.clone()).collect::<Vec<_>>(), [Digest::of(b"text/b")]);
}
