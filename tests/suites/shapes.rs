//! Output shapes, exit codes and fields that scripts of Docker's users go by, each as Docker has it.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use teu_tests::Teu;

#[test]
fn exit_codes_and_streams_are_dockers() {
    let teu = Teu::with_busybox();
    teu.run(["run", "-d", "--name", "box", "--network", "none", "busybox", "sleep", "1000"]).ok();
    teu.run(["create", "--name", "idle", "--network", "none", "busybox", "true"]).ok();
    for (words, code) in [
        (&["exec", "box", "sh", "-c", "exit 5"][..], 5),
        (&["exec", "box", "sh", "-c", "kill -9 $$"], 137),
        (&["exec", "box", "nosuch"], 127),
        (&["exec", "box", "/etc"], 126),
        (&["exec", "-w", "/nope", "box", "true"], 126),
        (&["exec", "-u", "nope", "box", "true"], 126),
        (&["exec", "idle", "true"], 1),
        (&["exec", "nosuch", "true"], 1),
        (&["rm", "-f", "nosuch"], 0),
        (&["rm", "nosuch"], 1),
        (&["rm", "box"], 1),
        (&["ps", "--format", "{{.Nosuch}}"], 1),
        (&["ps", "-a", "--filter", "name=nobody", "--format", "{{.Nosuch}}"], 1),
        (&["run", "--rm", "--cpus", "100000", "--network", "none", "busybox", "true"], 125),
        (&["kill", "idle"], 1),
        (&["stop", "idle"], 0),
        (&["port", "box"], 0),
        (&["port", "box", "80"], 1),
    ] {
        let output = teu.run(words);
        assert_eq!(output.code, code, "{words:?}: {output:?}");
    }
    // Told, though it is no failure.
    assert!(teu.run(["rm", "-f", "nosuch"]).stderr.contains("No such container"));
    let file = teu.root().join("file");
    std::fs::write(&file, "x").expect("a file");
    let copied = teu.run(["cp", file.to_str().expect("text"), "box:/tmp/"]);
    assert!(copied.stderr.is_empty(), "only a terminal is told: {copied:?}");
    teu.finish();
}

#[test]
fn listings_have_dockers_columns() {
    let teu = Teu::with_busybox();
    let words = ["create", "--name", "box", "-l", "a=b", "--network", "none", "busybox"];
    teu.run(words.into_iter().chain(["sh", "-c", "exit 3"])).ok();
    let ps = |format: &str| teu.run(["ps", "-a", "--format", format]).ok();
    for (format, printed) in [
        ("{{.Command}}", "\"sh -c 'exit 3'\""),
        ("{{.Label \"a\"}}", "b"),
        ("{{json .Names}}", "\"box\""),
        ("{{upper .Names}}/{{title .Names}}/{{lower .Names}}", "BOX/Box/box"),
        ("{{join (split .Image \"s\") \"-\"}}", "bu-ybox"),
        ("{{range split .Names \"o\"}}[{{.}}]{{end}}", "[b][x]"),
        ("{{with .Names}}<{{.}}>{{end}}", "<box>"),
        ("{{if eq .State \"created\"}}new{{else}}old{{end}}", "new"),
        ("{{truncate .Names 2}}|{{pad .Names 1 2}}|", "bo| box  |"),
        ("table {{.Names}}\\t{{.State}}", "NAMES     STATE\nbox       created"),
    ] {
        assert_eq!(ps(format), printed, "{format}");
    }
    let created = ps("{{.CreatedAt}}");
    let fields: Vec<&str> = created.split(' ').collect();
    assert!(fields.len() == 4 && fields[2].starts_with(['+', '-']) && fields[2].len() == 5, "{created}");
    // Sizes cost time, and come to those who ask in either way.
    assert!(ps("{{.Size}}").contains("(virtual "), "{}", ps("{{.Size}}"));
    let quiet = teu.run(["ps", "-aq", "--format", "{{.Names}}"]);
    assert_eq!(quiet.stdout.trim().len(), 12);
    assert!(quiet.stderr.contains("WARNING: Ignoring custom format"), "{quiet:?}");

    let image = teu.run(["images", "--format", "{{.CreatedAt}}|{{.SharedSize}}|{{.UniqueSize}}"]).ok();
    assert!(image.ends_with("|N/A|N/A") && image.contains(" +"), "{image}");
    teu.run(["volume", "create", "data"]).ok();
    let volume = teu.run(["volume", "ls", "--format", "{{.Availability}} {{.Group}} {{.Status}}"]).ok();
    assert_eq!(volume, "N/A N/A N/A");
    teu.run(["run", "-d", "--name", "up", "--network", "none", "busybox", "sleep", "1000"]).ok();
    let top = teu.run(["top", "up", "-o", "pid,comm"]).ok();
    assert!(top.starts_with(&format!("{:20}COMMAND\n", "PID")), "{top}");
    let stats = teu.run(["stats", "--no-stream", "--format", "{{.Container}} {{.Name}}", "up"]).ok();
    assert_eq!(stats, "up up");
    teu.finish();
}

#[test]
fn inspect_has_dockers_fields() {
    let teu = Teu::with_busybox();
    let words = "run -d --name box --network none -e A=1 --tmpfs /scratch:size=1m -m 64m --cap-add net_admin \
                 --device /dev/null:/dev/other:r --health-cmd true --health-interval 1h busybox sleep 1000";
    teu.run(words.split_whitespace()).ok();
    for (field, value) in [
        (".HostConfig.CapAdd", "[CAP_NET_ADMIN]"),
        ("json .HostConfig.CapDrop", "null"),
        ("json .HostConfig.Binds", "null"),
        ("json .HostConfig.Links", "null"),
        ("json .HostConfig.ConsoleSize", "[0,0]"),
        (".HostConfig.MemorySwap", "134217728"),
        ("json .HostConfig.Tmpfs", "{\"/scratch\":\"size=1048576\"}"),
        ("(index .HostConfig.Devices 0).PathInContainer", "/dev/other"),
        ("len .HostConfig.ReadonlyPaths", "5"),
        (".HostConfig.CgroupnsMode", "private"),
        ("json .HostConfig.Init", "null"),
        ("json .HostConfig.Sysctls", "{}"),
        ("json .Config.Healthcheck", "{\"Test\":[\"CMD-SHELL\",\"true\"],\"Interval\":3600000000000}"),
        ("json .Config.OnBuild", "null"),
        (".Config.StopSignal", ""),
        ("json .Config.StopTimeout", "null"),
        ("index .Config.Env 0", "A=1"),
        (".State.Health.Status", "starting"),
        (".NetworkSettings.Bridge", ""),
        ("json .NetworkSettings.SecondaryIPAddresses", "null"),
    ] {
        assert_eq!(teu.inspect("box", &format!("{{{{{field}}}}}")), value, "{field}");
    }
    // Sizes cost time, and come to those who ask.
    teu.run(["exec", "box", "dd", "if=/dev/zero", "of=/ten", "bs=1k", "count=10"]).ok();
    let sizes = teu.run(["inspect", "-s", "--format", "{{.SizeRw}} {{.SizeRootFs}}", "box"]).ok();
    let sizes: Vec<u64> = sizes.split(' ').map(|size| size.parse().expect("a number")).collect();
    assert!(sizes[0] >= 10_240 && sizes[1] > sizes[0], "{sizes:?}");
    assert!(!teu.run(["inspect", "box"]).ok().contains("SizeRw"));
    // Tasks are Swarm's; without it every container is none.
    let listed = |filter: &str| teu.run(["ps", "-q", "--filter", filter]);
    assert_eq!(listed("is-task=true").ok(), "");
    assert_eq!(listed("is-task=false").ok().lines().count(), 1);
    assert!(listed("is-task=x").fails_with(1).contains("is-task=x"));
    // JSON itself has only what there is to say.
    let whole = teu.run(["inspect", "box"]).ok();
    assert!(
        !whole.contains("\"StopSignal\"") && !whole.contains("\"Sysctls\"") && !whole.contains("\"Init\"")
    );
    teu.finish();
}

#[test]
fn a_users_own_group_is_among_its_groups() {
    let teu = Teu::with_busybox();
    let id = |options: &[&str]| {
        let words = ["run", "--rm", "--network", "none"];
        teu.run(words.iter().chain(options).chain(&["busybox", "id", "-G"])).ok()
    };
    assert_eq!(id(&["-u", "1000:1000", "--group-add", "55"]), "1000 55");
    assert_eq!(id(&["-u", "5:6"]), "6");
    assert_eq!(id(&[]), "0");
    teu.finish();
}

#[test]
fn info_and_version_answer_the_questions_of_scripts() {
    let teu = Teu::new();
    let info = |field: &str| teu.run(["info", "--format", &format!("{{{{{field}}}}}")]).ok();
    assert_eq!(info(".CgroupDriver"), "cgroupfs");
    assert_eq!(info(".Swarm.LocalNodeState"), "inactive");
    assert!(info("json .Plugins.Network").contains("bridge"));
    assert_eq!(info(".ClientInfo.Context"), "default");
    let plain = teu.run(["info"]).ok();
    assert!(plain.contains("\nServer:\n Containers: 0\n  Running: 0\n"), "{plain}");
    let version = |field: &str| teu.run(["version", "--format", &format!("{{{{{field}}}}}")]).ok();
    assert_eq!(version(".Server.Version"), version(".Client.Version"));
    assert!(matches!(version(".Server.Arch").as_str(), "amd64" | "arm64"));
    teu.finish();
}

/// What Docker tells of a container's life beside the plain steps, in its order.
#[test]
fn events_tell_of_what_goes_with_a_step() {
    let teu = Teu::with_busybox();
    let run = |words: &[&str]| teu.run(words).ok();
    run(&[
        "run",
        "-d",
        "--name",
        "web",
        "--network",
        "none",
        "-v",
        "data:/data:ro",
        "busybox",
        "sleep",
        "1000",
    ]);
    run(&["exec", "web", "true"]);
    run(&["restart", "-t", "0", "web"]);
    run(&["top", "web"]);
    let file = teu.root().join("file").display().to_string();
    run(&["cp", "web:/bin/busybox", &file]);
    run(&["cp", &file, "web:/tmp/"]);
    run(&["export", "-o", &file, "web"]);
    run(&["commit", "web", "made:1"]);
    run(&["save", "-o", &file, "made:1"]);
    run(&["kill", "web"]);
    run(&["wait", "web"]);
    run(&["rm", "web"]);
    run(&["volume", "prune", "-af"]);
    let tell = |filters: &[&str], format: &str| {
        let filters = filters.iter().flat_map(|filter| ["--filter", filter]);
        let words = ["events", "--since", "1", "--until", "0s", "--format", format];
        let said = teu.run(words.into_iter().chain(filters)).ok();
        said.lines().map(str::to_owned).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(
        tell(&["container=we"], "{{.Action}}"),
        "create, start, exec_create: true, exec_start: true, exec_die, kill, kill, die, stop, start, restart, top, \
         archive-path, extract-to-dir, export, pause, unpause, commit, kill, die, destroy"
    );
    let place = "{{with index .Actor.Attributes \"destination\"}} {{.}}={{index $.Actor.Attributes \"read/write\"}}{{end}}";
    let attributes = format!("{{{{.Action}}}}{place}");
    assert_eq!(
        tell(&["volume=data"], &attributes),
        "create, mount /data=false, unmount, mount /data=false, unmount, destroy"
    );
    assert_eq!(tell(&["type=image", "event=tag", "event=save"], "{{.Action}}"), "tag, save");
    assert_eq!(tell(&["event=prune"], "{{.Type}}"), "volume");
    assert_eq!(tell(&["daemon=any"], "{{.Type}}"), "");
    teu.finish();
}
