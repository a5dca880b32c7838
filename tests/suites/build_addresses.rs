//! Builds that take files from elsewhere: by address, from repositories, as a whole context.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use std::fs;
use std::path::Path;
use std::process::Command;
use teu_tests::stack::Stack;
use teu_tests::web::Web;
use teu_tests::{Output, Teu, skip};

fn build(teu: &Teu, dockerfile: &str, more: &[&str]) -> Output {
    let words = ["build", "--progress", "plain", "-t", "built", "--network", "none"];
    teu.run_with_input(words.iter().chain(more).chain([&"-"]), dockerfile.as_bytes())
}

fn sh(teu: &Teu, script: &str) -> String {
    teu.run(["run", "--rm", "--network", "none", "--entrypoint", "sh", "built", "-c", script]).ok()
}

/// A tar archive of one file.
fn archive(name: &str, content: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, content).expect("a file");
    let output = Command::new("tar").args(["-czf", "-", "-C"]).arg(folder.path()).arg(".").output();
    output.expect("tar runs").stdout
}

#[test]
fn a_file_is_fetched_once_and_again_when_it_changed() {
    let (teu, web) = (Teu::with_busybox(), Web::new());
    web.put("/pub/tool%20x", "one");
    web.put("/pack.tar.gz", archive("inner", "packed"));
    let dockerfile = format!(
        "FROM busybox\nADD {} /to/\nADD --chmod=755 --chown=7:8 {} /named\nADD {} /kept/\nADD --unpack {} /out/\n",
        web.address("/pub/tool%20x?version=1"),
        web.address("/pub/tool%20x"),
        web.address("/pack.tar.gz"),
        web.address("/pack.tar.gz"),
    );
    build(&teu, &dockerfile, &[]).ok();
    // Names are decoded; archives stay as they are unless that is said.
    let found = sh(&teu, "stat -c '%n %a %u %g %Y' /to/* /named /kept/*; cat '/to/tool x' /out/inner");
    assert_eq!(
        found,
        "/to/tool x 600 0 0 1445412480\n/named 755 7 8 1445412480\n/kept/pack.tar.gz 600 0 0 1445412480\nonepacked"
    );
    web.asked();

    let again = build(&teu, &dockerfile, &[]);
    assert_eq!(again.stderr.matches(" CACHED").count(), 5, "{}", again.stderr);
    assert!(web.asked().iter().all(|line| line.starts_with("304 ")));

    // What is kept for the next time is told of, and given up when asked.
    assert_eq!(teu.run(["builder", "du"]).ok().matches("kept for").count(), 3);
    let file = |teu: &Teu| teu.run(["system", "df", "--format", "{{.Type}} {{.TotalCount}}"]).ok();
    assert!(file(&teu).contains("Build Cache 7"), "{}", file(&teu));

    web.put("/pub/tool%20x", "two");
    let changed = build(&teu, &dockerfile, &[]);
    assert_eq!(changed.stderr.matches(" CACHED").count(), 1, "{}", changed.stderr);
    assert_eq!(sh(&teu, "cat '/to/tool x' /named"), "twotwo");
    teu.run(["builder", "prune", "-af"]).ok();
    assert_eq!(teu.run(["builder", "du"]).ok().matches("kept for").count(), 0);
    teu.finish();
}

#[test]
fn what_is_fetched_is_what_its_digest_says() {
    let (teu, web) = (Teu::with_busybox(), Web::new());
    web.put("/f", "content");
    let digest = "sha256:ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73";
    let add = |digest: &str, source: &str| format!("FROM busybox\nADD --checksum={digest} {source} /f\n");
    build(&teu, &add(digest, &web.address("/f")), &[]).ok();
    assert_eq!(sh(&teu, "cat /f"), "content");
    // What is here already is that file, whatever the server has now.
    web.put("/f", "other");
    web.asked();
    build(&teu, &add(digest, &web.address("/f")), &[]).ok();
    assert_eq!(web.asked(), [""; 0]);

    for (digest, source, told) in [
        (digest, web.address("/g"), "404"),
        (&digest.replace("ed70", "ed71"), web.address("/f"), "digest mismatch"),
        ("sha256:short", web.address("/f"), "digest"),
        (digest, "/f".to_owned(), "non-HTTP"),
    ] {
        let output = build(&teu, &add(digest, &source), &[]);
        assert_eq!(output.code, 1, "{output:?}");
        let last = output.stderr.lines().last().expect("a line");
        assert!(last.contains(told) && last.contains("Dockerfile:2"), "{told}: {last}");
    }
    let refused = build(&teu, "FROM busybox\nADD http://127.0.0.1:1/x /x\n", &[]);
    assert!(
        refused.stderr.contains("cannot fetch http://127.0.0.1:1/x: 127.0.0.1:1 cannot be reached"),
        "{}",
        refused.stderr
    );
    teu.finish();
}

#[test]
fn a_context_may_be_an_archive_or_a_dockerfile_elsewhere() {
    let (teu, web) = (Teu::with_busybox(), Web::new());
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file");
    write("Dockerfile", "FROM busybox\nCOPY . /all\nRUN ls /all > /list\n");
    write("other", "FROM busybox\nCOPY word /other\n");
    write("word", "of the archive");
    write("left", "out");
    write(".dockerignore", "left\n");
    let packed = Command::new("tar").args(["-cf", "-", "-C"]).arg(folder.path()).arg(".").output();
    web.put("/context.tar", packed.expect("tar runs").stdout);
    web.put("/Dockerfile", "FROM busybox\nRUN echo alone > /alone\n");
    let from = |address: &str, more: &[&str]| {
        let words = ["build", "-t", "built", "--network", "none"];
        teu.run(words.iter().chain(more).chain([&web.address(address).as_str()]))
    };
    from("/context.tar", &[]).ok();
    assert_eq!(sh(&teu, "cat /list"), "Dockerfile\nother\nword");
    from("/context.tar", &["-f", "other"]).ok();
    assert_eq!(sh(&teu, "cat /other"), "of the archive");
    from("/Dockerfile", &[]).ok();
    assert_eq!(sh(&teu, "cat /alone"), "alone");
    let missing = from("/nothing", &[]);
    assert!(missing.code == 1 && missing.stderr.contains("404"), "{missing:?}");

    // A context of a name of its own.
    let named = format!("far={}", web.address("/context.tar"));
    build(&teu, "FROM busybox\nCOPY --from=far word /far\n", &["--build-context", &named]).ok();
    assert_eq!(sh(&teu, "cat /far"), "of the archive");

    // A pipe in a strange context is waited for by nobody.
    let pipes = tempfile::tempdir().expect("a folder");
    fs::write(pipes.path().join("Dockerfile"), "FROM busybox\n").expect("a file");
    let made = Command::new("mkfifo").arg(pipes.path().join(".dockerignore")).status();
    assert!(made.expect("mkfifo runs").success());
    let packed = Command::new("tar").args(["-cf", "-", "-C"]).arg(pipes.path()).arg(".").output();
    web.put("/pipes.tar", packed.expect("tar runs").stdout);
    let refused = from("/pipes.tar", &[]);
    assert!(refused.code == 1 && refused.stderr.contains("no plain file"), "{refused:?}");

    // No link of a strange context leads to this machine's files.
    let secret = folder.path().join("word");
    let strange = tempfile::tempdir().expect("a folder");
    std::os::unix::fs::symlink(&secret, strange.path().join("Dockerfile")).expect("a link");
    let packed = Command::new("tar").args(["-cf", "-", "-C"]).arg(strange.path()).arg(".").output();
    web.put("/strange.tar", packed.expect("tar runs").stdout);
    let refused = from("/strange.tar", &[]);
    assert!(refused.code == 1 && refused.stderr.contains("failed to read dockerfile"), "{refused:?}");
    teu.finish();
}

#[test]
fn passwords_of_addresses_are_nowhere() {
    let (teu, web) = (Teu::with_busybox(), Web::new());
    web.put("/f", "content");
    let address = |path: &str| web.address(path).replace("http://", "http://user:Xq7secret@");
    let told = build(&teu, &format!("FROM busybox\nADD {} /f\n", address("/f")), &[]);
    assert!(!told.stderr.contains("Xq7secret"), "{}", told.stderr);
    told.ok();
    let history = teu.run(["history", "--no-trunc", "built"]).ok();
    assert!(history.contains("ADD http://127") && !history.contains("Xq7secret"), "{history}");
    for (dockerfile, more) in [
        (format!("FROM busybox\nADD {} /f\n", address("/none")), vec![]),
        (format!("FROM busybox\nADD {} /f\n", address("/none.git")), vec![]),
        (format!("FROM busybox\nADD --checksum=sha256:{} {} /f\n", "0".repeat(64), address("/f")), vec![]),
        ("FROM busybox\nCOPY --from=n f /f\n".to_owned(), vec![format!("n={}", address("/f"))]),
    ] {
        let words: Vec<&str> = more.iter().flat_map(|text| ["--build-context", text]).collect();
        let told = build(&teu, &dockerfile, &words);
        assert!(told.code == 1 && !told.stderr.contains("Xq7secret"), "{told:?}");
    }
    let found = Command::new("grep").arg("-rl").arg("Xq7secret").arg(teu.root()).output().expect("grep runs");
    assert_eq!(String::from_utf8_lossy(&found.stdout), "");
    teu.finish();
}

#[test]
fn an_import_may_come_from_elsewhere() {
    let (teu, web) = (Teu::new(), Web::new());
    web.put("/root.tgz", archive("etc/word", "imported"));
    teu.run(["import", &web.address("/root.tgz"), "imported"]).ok();
    teu.run(["create", "--network", "none", "--name", "one", "imported", "x"]).ok();
    assert!(teu.run(["cp", "one:/etc/word", "-"]).ok().contains("imported"));
    teu.run(["rm", "one"]).ok();
    let told = teu.run(["import", &web.address("/none"), "x"]).fails_with(1);
    assert!(told.contains("404"), "{told}");
    teu.finish();
}

/// Whether git does this in a folder.
fn git(folder: &Path, words: &[&str]) -> bool {
    let output = Command::new("git")
        .args(["-c", "user.name=x", "-c", "user.email=x@x", "-c", "init.defaultBranch=main"])
        .args(words)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output();
    output.is_ok_and(|output| output.status.success())
}

/// A repository with a commit, a tag and another branch, served as plain files.
fn repository(folder: &Path) -> bool {
    let git = |words: &[&str]| git(folder, words);
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("a file");
    fs::create_dir(folder.join("sub")).expect("a folder");
    write("Dockerfile", "FROM busybox\nCOPY word /word\n");
    write("word", "first");
    write("sub/Dockerfile", "FROM busybox\nCOPY here /word\n");
    write("sub/here", "below");
    let made = git(&["init", "-q"])
        && git(&["add", "."])
        && git(&["commit", "-q", "-m", "x"])
        && git(&["tag", "v1"]);
    write("word", "second");
    made && git(&["commit", "-q", "-a", "-m", "y"])
        && git(&["clone", "-q", "--bare", ".", "served.git"])
        && git(&["-C", "served.git", "update-server-info"])
}

#[test]
fn repositories_are_contexts_and_sources() {
    let test = "repositories_are_contexts_and_sources";
    let (teu, web) = (Teu::with_busybox(), Web::new());
    let folder = tempfile::tempdir().expect("a folder");
    if !repository(folder.path()) {
        skip(test, "git is not installed");
        return;
    }
    web.serve(folder.path());
    // Another repository that has this one in it, by a relative address.
    let outer = folder.path().join("outer");
    fs::create_dir(&outer).expect("a folder");
    assert!(git(&outer, &["init", "-q"]));
    fs::write(outer.join("Dockerfile"), "FROM busybox\nCOPY within/word /word\n").expect("a file");
    fs::write(outer.join(".gitmodules"), "[submodule \"within\"]\npath = within\nurl = ../served.git\n")
        .expect("a file");
    assert!(git(&outer, &["clone", "-q", "../served.git", "within"]));
    assert!(git(&outer, &["add", "."]) && git(&outer, &["commit", "-q", "-m", "z"]));
    assert!(git(folder.path(), &["clone", "-q", "--bare", "outer", "outer.git"]));
    assert!(git(&folder.path().join("outer.git"), &["update-server-info"]));
    teu.run(["build", "-t", "built", "--network", "none", &web.address("/outer.git")]).ok();
    assert_eq!(sh(&teu, "cat /word"), "second");
    let address = web.address("/served.git");
    for (place, word) in [
        ("", "second"),
        ("#v1", "first"),
        ("#main:sub", "below"),
        ("#:sub", "below"),
        ("#:sub/../../..", "second"),
    ] {
        let place = format!("{address}{place}");
        teu.run(["build", "-t", "built", "--network", "none", &place]).ok();
        assert_eq!(sh(&teu, "cat /word"), word, "{place}");
    }
    let dockerfile =
        format!("FROM busybox\nADD {address}#v1 /source\nADD --keep-git-dir=true {address} /whole\n");
    build(&teu, &dockerfile, &[]).ok();
    assert_eq!(
        sh(
            &teu,
            "cat /source/word /whole/word; ls -d /source/.git /whole/.git 2>&1 | wc -l; test -e /whole/.git/HEAD && ! test -e /source/.git && echo so"
        ),
        "firstsecond2\nso"
    );

    let again = build(&teu, &dockerfile, &[]);
    assert_eq!(again.stderr.matches(" CACHED").count(), 3, "{}", again.stderr);

    for (place, told) in
        [("#none", "couldn't find remote ref none"), ("#main:none", "none"), ("#--x", "reference")]
    {
        let refused = teu.run(["build", &format!("{address}{place}")]);
        assert!(refused.code == 1 && refused.stderr.contains(told), "{refused:?}");
    }
    teu.finish();
}

#[test]
fn a_service_may_be_built_from_elsewhere() {
    let stack = Stack::new("services: {}\n");
    // In the stack's own network namespace.
    let web = Web::new();
    web.put("/context.tgz", archive("sub/Dockerfile", "FROM busybox\nRUN echo far > /word\n"));
    let context = web.address("/context.tgz");
    let section = format!("{{context: '{context}', dockerfile: sub/Dockerfile, network: none}}");
    stack.write(&format!("services:\n  web:\n    build: {section}\n    command: cat /word\n"));
    let output = stack.run(&["run", "--rm", "web"]);
    assert!(output.stdout.contains("far"), "{output:?}");
    stack.finish();
}
