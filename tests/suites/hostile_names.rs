//! What images and users write into names, labels, annotations and account files is data: it forges no line of a log or
//! table, commands no terminal, is no template, and raises nobody.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use std::os::unix::fs::symlink;
use std::path::Path;
use teu_tests::Teu;

/// The folder of a container's own files: what it wrote on top of its image.
fn upper(teu: &Teu, name: &str) -> std::path::PathBuf {
    teu.inspect(name, "{{.GraphDriver.Data.UpperDir}}").into()
}

const HOSTILE: [&str; 8] = [
    "x\nfake-id  busybox  \"sleep\"",
    "\u{1b}[2J\u{1b}[31mred",
    "{{.ID}}{{json .}}{{range .Names}}",
    "a\u{0}b",
    "tab\there\r\u{7}",
    "\u{202e}reversed\u{200b}",
    "$(touch /tmp/owned) `id` ; rm -rf /",
    "\u{9b}31m",
];

#[test]
fn labels_and_annotations_forge_nothing() {
    let teu = Teu::with_busybox();
    for (number, text) in HOSTILE.iter().enumerate().filter(|(_, text)| !text.contains('\0')) {
        let (label, annotation) =
            (format!("l{number}={text}"), format!("org.systemd.property.MemoryMax{number}={text}"));
        let name = format!("n{number}");
        let words = [
            "run",
            "-d",
            "--name",
            &name,
            "--network",
            "none",
            "--label",
            &label,
            "--annotation",
            &annotation,
        ];
        teu.run(words.into_iter().chain(["-e", &label, "busybox", "sh", "-c", "sleep 1000", text])).ok();
        // As JSON it comes back as it was.
        let stored = teu
            .run([
                "inspect",
                "--format",
                &format!("{{{{json (index .Config.Labels \"l{number}\")}}}}"),
                &name,
            ])
            .ok();
        assert_eq!(serde_json::from_str::<String>(&stored).expect("a string"), *text);
        // A template in a value is text, and what is no letter does nothing.
        let wanted = format!("{{{{.Label \"l{number}\"}}}}");
        let shown = teu.run(["ps", "--filter", &format!("name=^{name}$"), "--format", &wanted]).ok();
        assert!(!shown.chars().any(char::is_control), "{shown:?}");
        // A filter with it finds this container and no other.
        let found =
            teu.run(["ps", "-q", "--filter", &format!("label=l{number}={text}"), "--format", "{{.Names}}"]);
        assert_eq!(found.stdout.lines().count(), 1, "{text:?}: {found:?}");
    }
    let table = teu.run(["ps", "-a", "--no-trunc"]).ok();
    assert_eq!(table.lines().count(), HOSTILE.len(), "one line each and one of titles:\n{table}");
    assert!(!table.chars().any(|one| one.is_control() && one != '\n'), "{table:?}");
    let events = teu.run(["events", "--since", "1h", "--until", "0s", "--filter", "event=create"]).ok();
    assert_eq!(events.lines().count(), HOSTILE.len() - 1, "{events:?}");
    assert!(!events.chars().any(|one| one.is_control() && one != '\n'), "{events:?}");
    assert!(!Path::new("/tmp/owned").exists());
    teu.finish();
}

#[test]
fn names_that_are_no_names_are_refused() {
    let teu = Teu::with_busybox();
    for name in
        ["../x", "a/b", "-x", ".x", "a b", "a\nb", "\u{1b}[31m", "ä", "", "a:b", "{{.ID}}", &"a".repeat(300)]
    {
        let created = teu.run(["create", &format!("--name={name}"), "--network", "none", "busybox"]);
        assert!(created.code != 0 || name.is_empty() || name.len() == 300, "{name:?}: {created:?}");
        let mut said = created.stderr.trim_end().chars();
        assert!(!said.any(|one| one.is_control() && one != '\n'), "{name:?}: {created:?}");
        for words in [["inspect", name], ["logs", name], ["rm", name]] {
            let output = teu.run(words);
            assert!(
                !output.stderr.contains("panicked") && !output.stderr.contains('\u{1b}'),
                "{words:?}: {output:?}"
            );
        }
    }
    teu.finish();
}

/// Account files that lie, and what a name may come to: a number, or nothing.
#[test]
fn account_files_raise_nobody() {
    let teu = Teu::with_busybox();
    teu.run(["run", "-d", "--name", "box", "--network", "none", "busybox", "sleep", "1000"]).ok();
    let passwd = |text: &str| {
        let words = ["exec", "-i", "-u", "0", "box", "sh", "-c", "cat > /etc/passwd"];
        teu.run_with_input(words, text.as_bytes()).ok();
    };
    let id = |user: &str| teu.run(["exec", "-u", user, "box", "id", "-u"]);
    let long = "x".repeat(200_000);
    for (text, user, found) in [
        // What the parser of another runtime once took for root's.
        ("user:x:-1:-1::/:/bin/sh\nuser:x:1000:1000::/:/bin/sh\n", "user", Some("1000")),
        ("user:x:4294967296:0::/:/bin/sh\n", "user", None),
        ("user:x:4294967295:0::/:/bin/sh\n", "user", None),
        ("user:x::0::/:/bin/sh\n", "user", None),
        ("user:x:0x10:0::/:/bin/sh\n", "user", None),
        ("user:x: 7:7::/:/bin/sh\n", "user", None),
        ("user\n:x:0:0::/:/bin/sh\n", "user", None),
        ("toor:x:0:0::/:/bin/sh\nroot:x:1000:1000::/:/bin/sh\n", "root", Some("1000")),
        ("1000:x:0:0::/:/bin/sh\n", "1000", Some("1000")),
        ("-1:x:0:0::/:/bin/sh\n", "-1", None),
        (&format!("{long}\nuser:x:1001:1001::/:/bin/sh\n"), "user", Some("1001")),
        (&format!("user:x:0:0:{long}:/:/bin/sh"), "other", None),
        ("", "4294967295", None),
        ("", "-5", None),
        ("", "99999999999999999999", None),
        ("", "0:-1", None),
        ("", "user:group:more", None),
        ("user:x:5:5::/../../etc:/bin/sh\n", "user", Some("5")),
    ] {
        passwd(text);
        let output = id(user);
        let shown = &text[..text.len().min(60)];
        match found {
            Some(number) => assert_eq!(output.clone().ok(), number, "{shown:?} {user}"),
            None => assert!(
                output.code != 0 && output.stderr.lines().count() <= 2,
                "{shown:?} {user}: {output:?}"
            ),
        }
    }
    teu.finish();
}

/// An account file that is no file of the container's: a link out, one to procfs, a pipe, a device.
#[test]
fn account_files_are_files_of_the_container() {
    let teu = Teu::with_busybox();
    let outside = teu.root().join("outside");
    std::fs::write(&outside, "evil:x:0:0::/:/bin/sh\n").expect("a file");
    // The attack on an unprotected path: the link leads to the file.
    let probe = teu.root().join("probe");
    symlink(&outside, &probe).expect("a link");
    assert!(std::fs::read_to_string(&probe).expect("a file").contains("evil"));
    teu.run(["run", "-d", "--name", "box", "--network", "none", "busybox", "sleep", "1000"]).ok();
    let etc = upper(&teu, "box").join("etc");
    std::fs::create_dir_all(&etc).expect("a folder");
    // Not by id, which reads that file itself, and would wait for a pipe as long as for a device.
    let exec =
        |user: &str| teu.run(["exec", "-u", user, "box", "sed", "-n", "s/^Uid:.//p", "/proc/self/status"]);
    let outside = outside.display().to_string();
    for target in [
        outside.as_str(),
        "../../../../../../../../etc/passwd",
        "/proc/1/root/etc/passwd",
        "/proc/self/cwd/etc/passwd",
        "passwd",
    ] {
        teu.run([
            "exec",
            "-u",
            "0",
            "box",
            "sh",
            "-c",
            &format!("rm -rf /etc/passwd; ln -s {target} /etc/passwd"),
        ])
        .ok();
        let output = exec("evil");
        assert!(output.code != 0 && output.stdout.is_empty(), "{target}: {output:?}");
        // A number needs no file.
        assert_eq!(exec("123").ok(), "123\t123\t123\t123", "{target}");
    }
    for make in ["mkfifo /etc/passwd", "mkdir /etc/passwd", "mknod /etc/passwd c 1 5"] {
        teu.run(["exec", "-u", "0", "box", "sh", "-c", &format!("rm -rf /etc/passwd /etc/group; {make}")])
            .ok();
        assert!(exec("evil").code != 0, "{make}");
        assert_eq!(exec("0").ok(), "0\t0\t0\t0", "{make}");
        // The container starts as well with it.
        teu.run(["restart", "-t", "0", "box"]).ok();
    }
    teu.finish();
}
