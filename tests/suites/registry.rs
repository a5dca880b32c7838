//! Pull, push, search and login against a real registry.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;
use teu_tests::registry::{PASSWORD, Registry, USER};
use teu_tests::terminal::Terminal;
use teu_tests::{Output, Teu, skip};

/// The image `busybox`, pushed under a name and removed here.
fn publish(teu: &Teu, name: &str) {
    teu.run(["tag", "busybox", name]).ok();
    teu.run(["push", "-q", name]).ok();
    teu.run(["rmi", name]).ok();
}

fn has(program: &str, test: &str) -> bool {
    let known =
        Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !known {
        skip(test, &format!("{program} is not installed"));
    }
    known
}

/// Every blob's name is the digest of its content, and nothing half-made is left.
fn assert_whole(root: &Path) {
    let blobs = root.join("store/blobs/sha256");
    for entry in std::fs::read_dir(&blobs).expect("the blobs").flatten() {
        let output = Command::new("sha256sum").arg(entry.path()).output().expect("sha256sum runs");
        let sum = String::from_utf8_lossy(&output.stdout).split(' ').next().unwrap_or_default().to_owned();
        assert_eq!(entry.file_name().to_string_lossy(), sum);
    }
    let staged: Vec<_> =
        std::fs::read_dir(root.join("staging")).expect("the staging folder").flatten().collect();
    assert!(staged.is_empty(), "{staged:?}");
}

#[test]
fn an_image_goes_to_a_registry_and_comes_back() {
    let Some(registry) = Registry::start("an_image_goes_to_a_registry_and_comes_back", false) else { return };
    let teu = Teu::with_busybox();
    let id = teu.inspect("busybox", "{{.Id}}");
    let name = registry.name("team/box:1");
    teu.run(["tag", "busybox", &name]).ok();
    let pushed = teu.run(["push", &name]).ok();
    assert!(pushed.contains("The push refers to repository") && pushed.contains(": Pushed"), "{pushed}");
    let digest = pushed.split("digest: ").nth(1).and_then(|rest| rest.split(' ').next()).expect("a digest");
    let again = teu.run(["push", &name]).ok();
    assert!(again.contains("Layer already exists") && again.contains(digest), "{again}");
    teu.run(["rmi", "-f", &id]).ok();
    assert_eq!(teu.run(["images", "-q"]).ok(), "");

    let pulled = teu.run(["pull", &name]).ok();
    for part in ["1: Pulling from team/box", "Pull complete", digest, "Downloaded newer image for"] {
        assert!(pulled.contains(part), "{part} is missing: {pulled}");
    }
    assert!(pulled.ends_with(&name), "the full name comes last: {pulled}");
    assert_eq!(teu.inspect(&name, "{{.Id}}"), id);
    assert!(teu.inspect(&name, "{{index .RepoDigests 0}}").ends_with(digest));
    let again = teu.run(["pull", &name]).ok();
    assert!(again.contains("Already exists") && again.contains("Image is up to date for"), "{again}");
    assert_eq!(teu.run(["pull", "-q", &name]).ok(), name);
    let by_digest = format!("{}@{digest}", registry.name("team/box"));
    assert!(teu.run(["pull", &by_digest]).ok().ends_with(&by_digest));
    assert_eq!(teu.run(["run", "--rm", "--network", "none", &name, "echo", "hello"]).ok(), "hello");

    teu.run(["tag", &name, &registry.name("team/box:2")]).ok();
    teu.run(["push", "-q", "--all-tags", &registry.name("team/box")]).ok();
    teu.run(["rmi", "-f", &id]).ok();
    teu.run(["pull", "--all-tags", &registry.name("team/box")]).ok();
    assert_eq!(teu.run(["images", "--format", "{{.Tag}}"]).ok(), "1\n2");
    assert_eq!(teu.run(["images", "--filter", "reference=*/team/box:2", "--format", "{{.Tag}}"]).ok(), "2");

    let found = teu.run(["search", &registry.name("team")]).ok();
    assert!(found.starts_with("NAME") && found.contains(&registry.name("team/box")), "{found}");
    assert!(teu.run(["pull", &registry.name("team/none")]).fails_with(1).contains("not found"));
    assert!(teu.run(["push", &registry.name("none")]).fails_with(1).contains("does not exist locally"));
    assert!(teu.run(["pull", "-a", &name]).fails_with(1).contains("--all-tags"));
    assert_whole(teu.root());
    teu.finish();
}

#[test]
fn run_and_create_pull_by_their_policy() {
    let Some(registry) = Registry::start("run_and_create_pull_by_their_policy", false) else { return };
    let teu = Teu::with_busybox();
    let name = registry.name("box:1");
    publish(&teu, &name);
    teu.run(["rmi", "busybox"]).ok();
    let run = |policy: &str, name: &str| -> Output {
        teu.run(["run", "--rm", "--pull", policy, "--network", "none", name, "echo", "out"])
    };
    let refused = run("never", &name).fails_with(125);
    assert!(refused.contains("No such image") && !refused.contains("Unable to find"), "{refused}");
    let missing = run("missing", &name);
    let said = format!("Unable to find image '{name}' locally\n");
    assert!(
        missing.stderr.starts_with(&said) && missing.stderr.contains("Downloaded newer image"),
        "{missing:?}"
    );
    assert_eq!(missing.ok(), "out");
    let here = run("missing", &name);
    assert_eq!((here.stdout.as_str(), here.stderr.as_str()), ("out\n", ""));
    let always = run("always", &name);
    assert!(always.stderr.contains("Image is up to date") && !always.stderr.contains("Unable"), "{always:?}");
    assert_eq!(run("never", &name).ok(), "out");
    let unknown = run("missing", &registry.name("none:1")).fails_with(125);
    assert!(unknown.contains("Unable to find image") && unknown.contains("not found"), "{unknown}");
    let quiet = teu.run(["create", "-q", "--pull", "always", "--network", "none", &name, "true"]);
    assert_eq!(quiet.stderr, "");
    teu.finish();
}

#[test]
fn a_registry_with_users_wants_a_login() {
    let Some(registry) = Registry::start("a_registry_with_users_wants_a_login", true) else { return };
    let teu = Teu::with_busybox();
    let home = tempfile::tempdir().expect("a folder");
    let run = |words: &[&str], input: &str| {
        use std::io::Write as _;
        let mut command = teu.command(words);
        command.env("DOCKER_CONFIG", home.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        child.stdin.take().expect("a pipe").write_all(input.as_bytes()).ok();
        let output = child.wait_with_output().expect("the program ends");
        let text =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.code().unwrap_or(-1), text)
    };
    let name = registry.name("box:1");
    teu.run(["tag", "busybox", &name]).ok();
    let (code, said) = run(&["push", &name], "");
    assert!(code == 1 && said.contains("teu login"), "{said}");
    let (code, said) = run(&["login", "-u", USER, "--password-stdin", registry.host()], "wrong");
    assert!(code == 1 && !said.contains("wrong") && said.contains(registry.host()), "{said}");
    let (code, said) = run(&["login", "--password-stdin", registry.host()], "x");
    assert!(code == 1 && said.contains("--username"), "{said}");
    let (code, said) =
        run(&["login", "-u", USER, "--password-stdin", registry.host()], &format!("{PASSWORD}\n"));
    assert_eq!((code, said.trim()), (0, "Login Succeeded"));
    let config = std::fs::read_to_string(home.path().join("config.json")).expect("Docker's file");
    assert!(config.contains(registry.host()) && !config.contains(PASSWORD), "{config}");
    assert_eq!(run(&["push", &name], "").0, 0);
    assert_eq!(run(&["pull", &name], "").0, 0);
    assert!(run(&["logout", registry.host()], "").1.contains("Removing login credentials for"));
    assert!(run(&["logout", registry.host()], "").1.contains("Not logged in to"));
    assert_eq!(run(&["pull", &name], "").0, 1);
    teu.finish();
}

#[test]
fn others_read_what_is_pushed_and_push_what_is_read() {
    let test = "others_read_what_is_pushed_and_push_what_is_read";
    let Some(registry) = Registry::start(test, false) else { return };
    if !has("skopeo", test) {
        return;
    }
    let teu = Teu::with_busybox();
    publish(&teu, &registry.name("box:1"));
    let skopeo = |words: &[&str]| {
        let output = Command::new("skopeo").args(words).output().expect("skopeo runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    let remote = format!("docker://{}", registry.name("box:1"));
    let digest = skopeo(&["inspect", "--tls-verify=false", "--format", "{{.Digest}}", &remote]);
    assert_eq!(
        teu.run(["images", "--digests", "--format", "{{.Digest}}"]).ok().lines().next(),
        Some(digest.as_str())
    );
    // Another program compresses, converts and pushes; what comes back is the same image.
    let theirs = format!("docker://{}", registry.name("theirs:1"));
    let store = format!("oci:{}:busybox:latest", teu.root().join("store").display());
    skopeo(&[
        "copy",
        "--dest-tls-verify=false",
        "--dest-compress-format",
        "gzip",
        "-f",
        "v2s2",
        &store,
        &theirs,
    ]);
    teu.run(["pull", "-q", &registry.name("theirs:1")]).ok();
    assert_eq!(
        teu.run(["run", "--rm", "--network", "none", &registry.name("theirs:1"), "echo", "theirs"]).ok(),
        "theirs"
    );
    teu.finish();
}

#[test]
fn a_terminal_shows_bars() {
    let Some(registry) = Registry::start("a_terminal_shows_bars", false) else { return };
    let teu = Teu::with_busybox();
    publish(&teu, &registry.name("box:1"));
    teu.run(["rmi", "busybox"]).ok();
    let mut terminal = Terminal::start(&teu, &["pull", &registry.name("box:1")], 100, 20);
    assert_eq!(terminal.wait(), 0);
    let screen = terminal.text();
    let layers = screen.lines().filter(|line| line.contains("Pull complete")).count();
    assert_eq!(layers, 1, "one line a layer, drawn over in place: {screen}");
    assert!(screen.contains("Downloaded newer image for") && !screen.contains("Downloading"), "{screen}");
    assert!(terminal.raw().windows(3).any(|window| window == b"\x1b[1"), "the cursor moved");
    teu.finish();
}

#[test]
fn a_killed_pull_leaves_nothing_half_there() {
    let Some(registry) = Registry::start("a_killed_pull_leaves_nothing_half_there", false) else { return };
    let teu = Teu::with_busybox();
    // Incompressible bytes in three layers, so that there is time to kill.
    for (base, name) in [("busybox", "aa"), ("aa", "bb"), ("bb", "cc")] {
        let script = format!("dd if=/dev/urandom of=/{name} bs=1048576 count=3 2>/dev/null");
        teu.run(["run", "--name", name, "--network", "none", base, "sh", "-c", &script]).ok();
        teu.run(["commit", name, name]).ok();
    }
    let name = registry.name("large:1");
    teu.run(["tag", "cc", &name]).ok();
    teu.run(["push", "-q", &name]).ok();
    let files = ["/aa", "/bb", "/cc"]
        .map(|path| teu.command(["image", "cat", "cc", path]).output().expect("it runs").stdout);
    let puller = Teu::new();
    let start = Instant::now();
    puller.run(["pull", "-q", &name]).ok();
    let whole = start.elapsed();
    puller.run(["rmi", &name]).ok();
    let mut killed = 0;
    for round in 0..50_u32 {
        let mut child = puller
            .command(["pull", &name])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        // Points spread evenly over the time of a whole pull, in no order.
        std::thread::sleep(whole.mul_f64((f64::from(round) * 0.618_034).fract()));
        child.kill().expect("it can be killed");
        killed += u32::from(child.wait().expect("it ends").code().is_none());
        puller.run(["images", "-q"]).ok();
        assert_whole(puller.root());
        puller.run(["pull", "-q", &name]).ok();
        for (path, content) in ["/aa", "/bb", "/cc"].iter().zip(&files) {
            let pulled = puller.command(["image", "cat", &name, path]).output().expect("it runs").stdout;
            assert!(pulled == *content, "{path} is another after round {round}");
        }
        puller.run(["rmi", &name]).ok();
    }
    assert!(killed >= 25, "only {killed} pulls were killed before their end");
    puller.run(["image", "prune", "-a", "-f"]).ok();
    let left = |folder: &str| std::fs::read_dir(puller.root().join(folder)).expect("a folder").count();
    assert_eq!((left("layers"), left("store/blobs/sha256"), left("staging")), (0, 0, 0));
    puller.finish();
    teu.finish();
}

#[test]
fn two_pulls_at_once_do_the_work_once() {
    let Some(registry) = Registry::start("two_pulls_at_once_do_the_work_once", false) else { return };
    let teu = Teu::with_busybox();
    let name = registry.name("box:1");
    publish(&teu, &name);
    let puller = Teu::new();
    let pulls: Vec<_> = (0..4).map(|_| puller.spawn(["pull", &name])).collect();
    let mut downloads = 0;
    for pull in pulls {
        let output = pull.wait_with_output().expect("it ends");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
        downloads += usize::from(text.contains(": Downloading"));
    }
    assert_eq!(downloads, 1, "one of them fetches the layer");
    assert_whole(puller.root());
    puller.finish();
    teu.finish();
}
