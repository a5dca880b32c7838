//! The case that the project began with, as it is written in tutorials, with a real database: a network, a database
//! behind the alias `mysql`, and an application from the current folder that reaches it by that name.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use std::path::{Path, PathBuf};
use std::process::Command;
use teu_tests::{Teu, host, isolate_network, network_leftovers, skip};

/// Makes the database ready and becomes its server.
const SERVER: &str = "mariadb-install-db --user=root --auth-root-authentication-method=normal --skip-test-db >/dev/null
printf '%s;\\n' \"CREATE DATABASE $MYSQL_DATABASE\" \"CREATE USER root@'%' IDENTIFIED BY '$MYSQL_ROOT_PASSWORD'\" \"GRANT ALL ON *.* TO root@'%'\" >/init.sql
exec mariadbd --user=root --bind-address=0.0.0.0 --init-file=/init.sql --socket=/tmp/mysqld.sock";

/// Answers over HTTP with what the database keeps: it counts its visitors.
const APPLICATION: &str = r#"#!/bin/sh
printf 'Content-Type: text/plain\r\n\r\n'
mariadb -N -h "$MYSQL_HOST" -u "$MYSQL_USER" "-p$MYSQL_PASSWORD" "$MYSQL_DB" 2>&1 <<'SQL'
CREATE TABLE IF NOT EXISTS visits (at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
INSERT INTO visits VALUES ();
SELECT COUNT(*) FROM visits;
SQL
"#;

/// Debian with MariaDB, made once and kept beside the build.
fn debian() -> Option<PathBuf> {
    let own = std::env::current_exe().ok()?;
    let target = own.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists())?;
    let archive = target.join("fixtures/mariadb.tar");
    if archive.exists() {
        return Some(archive);
    }
    std::fs::create_dir_all(archive.parent()?).ok()?;
    let release = host(". /etc/os-release; echo $VERSION_CODENAME");
    let partial = archive.with_extension(format!("{}.tar", std::process::id()));
    let made = Command::new("mmdebstrap")
        .args(["--quiet", "--variant=minbase", "--include=mariadb-server-core,mariadb-client-core,busybox"])
        .args(["doc", "man", "locale"].map(|part| format!("--dpkgopt=path-exclude=/usr/share/{part}/*")))
        .arg(release)
        .arg(&partial)
        .output();
    if made.is_ok_and(|output| output.status.success()) {
        std::fs::rename(&partial, &archive).ok()?;
        return Some(archive);
    }
    let _ = std::fs::remove_file(&partial);
    None
}

/// Runs a command line as a user would type it, in a folder.
#[track_caller]
fn type_in(teu: &Teu, folder: &Path, line: &str) -> String {
    let mut command = Command::new("sh");
    command.args(["-c", &line.replace("teu ", "\"$TEU\" ")]).current_dir(folder);
    command.env("TEU", teu.binary()).env("TEU_ROOT", teu.root());
    let output = command.output().expect("a shell");
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn visit(url: &str) -> Option<String> {
    let output =
        Command::new("busybox").args(["timeout", "5", "wget", "-q", "-O", "-", url]).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[test]
fn an_application_keeps_its_data_in_a_database_that_it_finds_by_name() {
    let Some(archive) = debian() else {
        skip(
            "the seed case",
            "mmdebstrap could not make Debian with MariaDB (not installed, or no mirror in reach)",
        );
        return;
    };
    isolate_network();
    let teu = Teu::new();
    teu.run(["import", archive.to_str().expect("a path"), "mysql:8.0"]).ok();
    teu.run(["tag", "mysql:8.0", "node:18-alpine"]).ok();
    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join("cgi-bin/visits");
    std::fs::create_dir(folder.path().join("cgi-bin")).expect("a folder");
    std::fs::write(&program, APPLICATION).expect("a file");
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .expect("a program");
    type_in(&teu, folder.path(), "teu network create my-app");
    std::fs::write(folder.path().join("server.sh"), SERVER).expect("a file");
    let database = "teu run -d --network my-app --network-alias mysql -v todo-mysql-data:/var/lib/mysql \
        -e MYSQL_ROOT_PASSWORD=secret -e MYSQL_DATABASE=todos mysql:8.0 sh -c \"$(cat server.sh)\"";
    let first = type_in(&teu, folder.path(), database);
    let application = "teu run -dp 3000:3000 -w /app -v \"$(pwd):/app\" --network my-app -e MYSQL_HOST=mysql \
        -e MYSQL_USER=root -e MYSQL_PASSWORD=secret -e MYSQL_DB=todos node:18-alpine sh -c \"busybox httpd -f -p 3000\"";
    type_in(&teu, folder.path(), application);
    let url = "http://localhost:3000/cgi-bin/visits";
    let end = std::time::Instant::now() + std::time::Duration::from_mins(1);
    while visit(url).as_deref() != Some("1") {
        assert!(std::time::Instant::now() < end, "{:?}\n{}", visit(url), teu.run(["logs", &first]).stderr);
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert_eq!(visit(url).as_deref(), Some("2"));
    // What was changed outside is seen inside, and the data outlives the database's container.
    teu.run(["rm", "-f", &first]).ok();
    assert_ne!(visit(url).as_deref(), Some("3"));
    let server = SERVER.split_once("exec ").map(|(_, server)| server.replace(" --init-file=/init.sql", ""));
    std::fs::write(folder.path().join("server.sh"), server.expect("a server")).expect("a file");
    type_in(&teu, folder.path(), database);
    teu.wait_until("the data again", || visit(url).as_deref() == Some("3"));
    let ids = teu.run(["ps", "-aq"]).ok();
    teu.run(["rm", "-f", "-v"].into_iter().chain(ids.lines())).ok();
    teu.run(["volume", "rm", "todo-mysql-data"]).ok();
    teu.wait_until("the end of interfaces and ports", || network_leftovers().is_empty());
    teu.finish();
}
