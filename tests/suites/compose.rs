//! The life of stacks, from the command line.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use std::process::Stdio;
use std::time::{Duration, Instant};
use teu_tests::stack::Stack;

#[test]
fn a_stack_comes_up_talks_keeps_its_data_and_goes_without_a_trace() {
    let stack = Stack::new(
        "
services:
  web:
    image: busybox
    command: [sh, -c, 'cat /run/secrets/word /motd; wget -qO- http://db:8000/x; sleep 1000']
    depends_on: {db: {condition: service_healthy}}
    secrets: [word]
    configs: [{source: motd, mode: 0400}]
  db:
    image: busybox
    init: true
    command: [sh, -c, 'echo kept >> /data/x; exec httpd -f -p 8000 -h /data']
    volumes: ['data:/data']
    healthcheck: {test: [CMD, test, -s, /data/x], interval: 200ms, start_period: 5s, start_interval: 50ms}
volumes: {data: }
secrets: {word: {environment: STACK_WORD}}
configs: {motd: {content: \"hello\\n\"}}
",
    );
    std::fs::write(stack.path().join(".env"), "STACK_WORD=secret-\n").expect("a file");
    stack.run(&["up", "-d", "--wait"]).ok();
    assert_eq!(stack.names(&[]), ["s-db-1", "s-web-1"]);
    stack.teu.wait_until("the page", || stack.run(&["logs", "web"]).stdout.contains("kept"));
    assert_eq!(
        stack.run(&["logs", "--no-log-prefix", "web"]).ok().lines().collect::<Vec<_>>(),
        ["secret-hello", "kept"]
    );
    assert!(stack.run(&["logs", "web"]).ok().starts_with("web-1  | "));
    assert_eq!(stack.run(&["exec", "-T", "db", "cat", "/data/x"]).ok(), "kept");
    assert_eq!(stack.run(&["ls", "-q"]).ok(), "s");
    assert!(stack.run(&["ls"]).ok().contains("running(2)"));
    assert_eq!(stack.run(&["ps", "--services"]).ok(), "db\nweb");
    assert!(stack.run(&["images"]).ok().contains("busybox"));
    assert!(stack.run(&["top", "db"]).ok().contains("httpd"));
    stack.run(&["stop", "-t", "0"]).ok();
    assert_eq!(stack.names(&[]), Vec::<String>::new());
    stack.run(&["start"]).ok();
    assert_eq!(stack.run(&["exec", "-T", "db", "cat", "/data/x"]).ok(), "kept\nkept");
    stack.run(&["pause", "db"]).ok();
    assert_eq!(stack.run(&["ps", "--format", "{{.State}}", "db"]).ok(), "paused");
    stack.run(&["unpause", "db"]).ok();
    stack.run(&["kill", "web"]).ok();
    stack.teu.wait_until("the end", || stack.names(&[]) == ["s-db-1"]);
    stack.run(&["rm", "-f", "web"]).ok();
    assert_eq!(stack.names(&["-a"]), ["s-db-1"]);
    stack.finish();
}

#[test]
fn only_what_changed_is_made_anew() {
    let text = "services:\n  a: {image: busybox, command: sleep 1000, init: true}\n  b: {image: busybox, command: sleep 1000, init: true, environment: {X: '1'}}\n";
    let stack = Stack::new(text);
    stack.run(&["up", "-d"]).ok();
    let (a, b) = (stack.id("s-a-1"), stack.id("s-b-1"));
    assert_eq!(stack.run(&["up", "-d"]).stderr, " Container s-a-1  Running\n Container s-b-1  Running\n");
    stack.write(&text.replace("'1'", "'2'"));
    stack.run(&["up", "-d", "-t", "0"]).ok();
    assert_eq!(stack.id("s-a-1"), a);
    assert_ne!(stack.id("s-b-1"), b);
    assert_eq!(stack.run(&["exec", "-T", "b", "sh", "-c", "echo $X"]).ok(), "2");
    stack.run(&["up", "-d", "--force-recreate", "-t", "0"]).ok();
    assert_ne!(stack.id("s-a-1"), a);
    stack.finish();
}

#[test]
fn services_are_scaled_up_and_down() {
    let stack = Stack::new("services:\n  a: {image: busybox, command: sleep 1000, init: true}\n");
    stack.run(&["up", "-d", "--scale", "a=3"]).ok();
    assert_eq!(stack.names(&[]), ["s-a-1", "s-a-2", "s-a-3"]);
    let first = stack.id("s-a-1");
    stack.run(&["scale", "a=1"]).ok();
    assert_eq!(stack.names(&["-a"]), ["s-a-1"]);
    assert_eq!(stack.id("s-a-1"), first);
    assert!(stack.run(&["up", "-d", "--scale", "nope=2"]).fails_with(1).contains("nope"));
    stack.finish();
}

#[test]
fn dependencies_are_waited_for_and_failures_show_last_words() {
    let stack = Stack::new(
        "
services:
  job: {image: busybox, command: [sh, -c, 'echo working; sleep 0.3; exit ${CODE:-0}']}
  app: {image: busybox, command: sleep 1000, init: true, depends_on: {job: {condition: service_completed_successfully}}}
",
    );
    stack.run(&["up", "-d"]).ok();
    assert_eq!(stack.teu.inspect("s-job-1", "{{.State.ExitCode}}"), "0");
    let order = stack.teu.inspect("s-app-1", "{{.State.StartedAt}}")
        > stack.teu.inspect("s-job-1", "{{.State.FinishedAt}}");
    assert!(order, "the job ended before the application began");
    stack.run(&["down", "-t", "0"]).ok();
    std::fs::write(stack.path().join(".env"), "CODE=3\n").expect("a file");
    let told = stack.run(&["up", "-d"]).fails_with(1);
    assert!(told.contains("exited (3)") && told.contains("working"), "{told}");
    assert_eq!(stack.names(&[]), Vec::<String>::new());
    stack.finish();
}

#[test]
fn what_is_wrong_starts_nothing() {
    let stack = Stack::new(
        "services:\n  a: {image: busybox, depends_on: [b]}\n  b: {image: busybox, depends_on: [a]}\n",
    );
    stack.run(&["up", "-d"]).fails_with(1);
    stack.write("services:\n  a: {image: busybox, command: 'true'}\n");
    assert!(stack.run(&["up", "-d", "nope"]).fails_with(1).contains("nope"));
    stack.write("services:\n  a: {image: busybox, command: 'true'}\n  b: {build: .}\n");
    let told = stack.run(&["up", "-d"]).fails_with(1);
    assert!(
        told.contains("service b: its image is to be built, and") && told.contains("Dockerfile is not there"),
        "{told}"
    );
    stack.write(
        "services:\n  a: {image: busybox, command: 'true', networks: [n]}\nnetworks: {n: {external: true}}\n",
    );
    assert!(stack.run(&["up", "-d"]).fails_with(1).contains("external"));
    assert_eq!(stack.teu.run(["ps", "-aq"]).ok(), "");
    stack.finish();
}

#[test]
fn services_that_are_built_come_up() {
    let stack = Stack::new(
        "
services:
  app: {build: {context: app, args: {WHO: 'you', FROM_ENV: }, labels: {made: here}}, command: sleep 1000, init: true}
  inline:
    image: named:1
    build: {context: ., dockerfile_inline: \"FROM busybox\\nCOPY --from=other /greeting /\\nRUN cat /greeting\", additional_contexts: {other: 'service:app'}}
    command: [cat, /greeting]
  plain: {image: busybox, command: 'true'}
",
    );
    let folder = stack.path().join("app");
    std::fs::create_dir(&folder).expect("a folder");
    let dockerfile = |text: &str| std::fs::write(folder.join("Dockerfile"), text).expect("a file");
    dockerfile("FROM busybox\nARG WHO\nARG FROM_ENV\nRUN echo \"hello $WHO$FROM_ENV\" > /greeting\n");
    std::fs::write(stack.path().join(".env"), "FROM_ENV=!\n").expect("a file");
    let greeting = || stack.run(&["exec", "-T", "app", "cat", "/greeting"]).ok();
    // What is not here is built, with what it takes from another service's image.
    stack.run(&["build"]).ok();
    assert_eq!(stack.teu.run(["images", "--format", "{{.Repository}}:{{.Tag}}"]).ok().lines().count(), 3);
    stack.run(&["down", "--rmi", "all"]).ok();
    stack.teu.run(["image", "from-host", "-t", "busybox", "busybox"]).ok();
    stack.run(&["up", "-d", "app"]).ok();
    assert_eq!(greeting(), "hello you!");
    assert_eq!(stack.teu.inspect("s-app", "{{.Config.Labels.made}}"), "here");
    // A change waits for --build, and then makes the container anew.
    dockerfile("FROM busybox\nRUN echo changed > /greeting\n");
    stack.run(&["up", "-d", "app"]).ok();
    assert_eq!(greeting(), "hello you!");
    stack.run(&["up", "-d", "--build", "app"]).ok();
    assert_eq!(greeting(), "changed");
    assert_eq!(stack.run(&["run", "--rm", "--build", "-T", "--no-deps", "inline"]).ok(), "changed");
    // What fails shows the step's last words, and nothing is started.
    stack.run(&["down", "--rmi", "local"]).ok();
    dockerfile("FROM busybox\nRUN echo last words; false\n");
    let told = stack.run(&["up", "-d", "app"]).fails_with(1);
    assert!(told.contains("last words") && told.contains("service app: Dockerfile:2: process"), "{told}");
    assert_eq!(stack.names(&[]), [""; 0]);
    stack.finish();
}

/// How many moments of a command's run it is killed at.
const MOMENTS: u32 = 7;

#[test]
fn killed_at_any_moment_the_same_command_finishes_the_work() {
    let service = "{image: busybox, command: sleep 1000, init: true, networks: [n], volumes: ['vol:/v'], secrets: [word], environment: {X: '${X:-}'}}";
    let services: Vec<String> = (0..3).map(|number| format!("  s{number}: {service}")).collect();
    let services = services.join("\n");
    let stack = Stack::new(&format!(
        "services:\n{services}\nnetworks: {{n: }}\nvolumes: {{vol: }}\nsecrets: {{word: {{environment: HOME}}}}\n"
    ));
    let command = |words: &[&str], x: u32| {
        let mut command = stack.command(words);
        command.env("X", x.to_string()).stdout(Stdio::null());
        command
    };
    let kill_after = |words: &[&str], x: u32, after: Duration| {
        let mut child = command(words, x).stderr(Stdio::null()).spawn().expect("the program starts");
        // The moment is what is tried out, not waited for.
        std::thread::sleep(after);
        let _ = child.kill();
        child.wait().expect("it ends");
    };
    let whole = |words: &[&str], x: u32| {
        let begun = Instant::now();
        let output = command(words, x).stderr(Stdio::piped()).output().expect("the program starts");
        assert!(output.status.success(), "{words:?} {x}: {}", String::from_utf8_lossy(&output.stderr));
        begun.elapsed()
    };
    let (up, down) = (["up", "-d", "-t", "0"], ["down", "-v", "-t", "0"]);
    let is_up = |x: u32| {
        assert_eq!(stack.names(&["-a"]), ["s-s0-1", "s-s1-1", "s-s2-1"], "{x}");
        assert_eq!(stack.names(&[]).len(), 3, "{x}");
        assert_eq!(stack.run(&["exec", "-T", "s2", "sh", "-c", "echo $X"]).ok(), x.to_string());
    };
    let is_gone = |x: u32| {
        assert_eq!(stack.teu.run(["ps", "-aq"]).ok(), "", "{x}");
        assert_eq!(stack.teu.run(["volume", "ls", "-q"]).ok(), "", "{x}");
        assert_eq!(stack.teu.run(["network", "ls", "-q", "--filter", "name=s_"]).ok(), "", "{x}");
    };
    // How long each takes tells which moments there are.
    let (making, remaking) = (whole(&up, 0), whole(&up, 1));
    is_up(1);
    let removing = whole(&down, 1);
    is_gone(1);
    let mut x = 2;
    for moment in 0..MOMENTS {
        let part = |whole: Duration| whole * (2 * moment + 1) / (2 * MOMENTS);
        kill_after(&up, x, part(making));
        // Twice in a row, elsewhere.
        if moment % 3 == 0 {
            kill_after(&up, x, part(making) / 2);
        }
        whole(&up, x);
        is_up(x);
        x += 1;
        kill_after(&up, x, part(remaking));
        if moment % 3 == 1 {
            kill_after(&up, x, part(remaking) / 2);
        }
        whole(&up, x);
        is_up(x);
        kill_after(&down, x, part(removing));
        if moment % 3 == 2 {
            kill_after(&down, x, part(removing) / 2);
        }
        whole(&down, x);
        is_gone(x);
        x += 1;
    }
    stack.finish();
}

#[test]
fn in_the_foreground_output_is_merged_and_the_exit_code_handed_back() {
    let stack = Stack::new(
        "services:\n  a: {image: busybox, command: [sh, -c, 'echo one; sleep 0.2; exit 5']}\n  b: {image: busybox, command: sleep 1000, init: true}\n",
    );
    let output = stack.run(&["up", "-t", "0", "--exit-code-from", "a"]);
    assert_eq!(output.code, 5, "{output:?}");
    assert!(output.stdout.contains("a-1  | one\n"), "{output:?}");
    assert!(output.stderr.contains("a-1 exited with code 5"), "{output:?}");
    assert_eq!(stack.names(&[]), Vec::<String>::new());
    stack.finish();
}

#[test]
fn run_makes_a_container_for_one_command() {
    let stack = Stack::new(
        "
services:
  tool:
    image: busybox
    command: sleep 1000
    environment: {A: file}
    depends_on: [db]
  db: {image: busybox, command: sleep 1000, init: true}
",
    );
    let output = stack.run(&["run", "--rm", "-T", "-e", "B=flag", "tool", "sh", "-c", "echo $A $B; exit 4"]);
    assert_eq!((output.stdout.as_str(), output.code), ("file flag\n", 4), "{output:?}");
    assert_eq!(stack.names(&["-a"]), ["s-db-1"]);
    stack.run(&["run", "-d", "--name", "one", "--no-deps", "tool"]).ok();
    assert_eq!(stack.teu.inspect("one", "{{.State.Status}}"), "running");
    stack.finish();
}

#[test]
fn ports_that_cannot_be_had_start_nothing_and_tell_where() {
    let stack = Stack::new(
        "services:\n  a:\n    image: busybox\n    command: sleep 1000\n    init: true\n    scale: 2\n    ports: ['8080:80']\n",
    );
    let told = stack.run(&["up", "-d"]).fails_with(1);
    assert!(told.contains("compose.yaml:7:5: services.a.ports: ") && told.contains("8080/tcp"), "{told}");
    let one = "{image: busybox, command: sleep 1000, init: true, ports: ['127.0.0.1:8080:80']}";
    stack.write(&format!("services:\n  a: {one}\n  b: {one}\n"));
    assert!(stack.run(&["up", "-d"]).fails_with(1).contains("that of service a"));
    let listener = std::net::TcpListener::bind("127.0.0.1:8080").expect("a port");
    stack.write(&format!("services:\n  a: {one}\n"));
    assert!(stack.run(&["up", "-d"]).fails_with(1).contains("another program"));
    assert_eq!(stack.teu.run(["ps", "-aq"]).ok(), "");
    drop(listener);
    stack.run(&["up", "-d"]).ok();
    // Its own container's port is no obstacle.
    stack.run(&["up", "-d", "--force-recreate", "-t", "0"]).ok();
    stack.finish();
}

#[test]
fn files_are_watched_and_brought_in() {
    let stack = Stack::new(
        "
services:
  a:
    image: busybox
    command: [sh, -c, 'echo up; exec sleep 1000']
    init: true
    stop_signal: KILL
    develop:
      watch:
        - {path: ./src, action: sync, target: /app, ignore: [tmp/, '*.log'], initial_sync: true}
        - {path: ./conf, action: sync+restart, target: /conf}
        - {path: ./hook, action: sync+exec, target: /hook, exec: {command: [sh, -c, 'cat /hook/x > /ran']}}
",
    );
    let write = |path: &str, text: &str| {
        let path = stack.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    };
    write("src/first", "1");
    write("src/tmp/left", "out");
    write("conf/c", "old");
    write("hook/x", "old");
    let mut child = stack.command(&["watch"]).stderr(Stdio::null()).spawn().expect("the program starts");
    let inside = |path: &str| stack.run(&["exec", "-T", "a", "cat", path]).stdout;
    stack.teu.wait_until("the first sync", || inside("/app/first") == "1");
    write("src/deep/er/second", "2");
    write("src/x.log", "no");
    stack.teu.wait_until("a new folder's file", || inside("/app/deep/er/second") == "2");
    write("src/first", "changed");
    stack.teu.wait_until("a change", || inside("/app/first") == "changed");
    std::fs::rename(stack.path().join("src/deep"), stack.path().join("src/moved")).expect("a rename");
    stack.teu.wait_until("a rename", || {
        inside("/app/moved/er/second") == "2" && inside("/app/deep/er/second").is_empty()
    });
    std::fs::remove_file(stack.path().join("src/first")).expect("removed");
    stack.teu.wait_until("a removal", || inside("/app/first").is_empty());
    let listed = stack.run(&["exec", "-T", "a", "ls", "/app"]).ok();
    assert_eq!(listed, "moved");
    write("hook/x", "new");
    stack.teu.wait_until("the command", || inside("/ran") == "new");
    let begun = stack.teu.inspect("s-a-1", "{{.State.StartedAt}}");
    write("conf/c", "new");
    stack.teu.wait_until("the restart", || stack.teu.inspect("s-a-1", "{{.State.StartedAt}}") != begun);
    stack.teu.wait_until("the configuration", || inside("/conf/c") == "new");
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(child.id() as i32), nix::sys::signal::Signal::SIGINT)
        .expect("a signal");
    assert!(child.wait().expect("it ends").success());
    assert_eq!(stack.names(&[]), ["s-a-1"]);
    stack.finish();
}

#[test]
fn a_change_that_asks_for_a_new_image_builds_it_and_makes_the_container_anew() {
    let stack = Stack::new("services:\n  a: {image: busybox, command: sleep 1000}\n");
    assert!(stack.run(&["watch"]).fails_with(1).contains("wants anything watched"));
    let service = |build: &str| {
        format!(
            "services:\n  a: {{image: made, {build} command: sleep 1000, init: true, develop: {{watch: [{{path: src, action: rebuild}}]}}}}\n"
        )
    };
    std::fs::create_dir(stack.path().join("src")).expect("a folder");
    let write = |text: &str| std::fs::write(stack.path().join("src/file"), text).expect("a file");
    write("one");
    stack.write(&service(""));
    assert!(stack.run(&["watch"]).fails_with(1).contains("no build section says how"));
    assert_eq!(stack.teu.run(["ps", "-aq"]).ok(), "");
    stack.write(&service("build: {context: ., dockerfile_inline: \"FROM busybox\\nCOPY src/file /file\\nRUN grep -v bad /file\"},"));
    let mut child =
        stack.command(&["watch"]).stderr(std::process::Stdio::piped()).spawn().expect("it starts");
    let inside = || stack.run(&["exec", "-T", "a", "cat", "/file"]).stdout;
    stack.teu.wait_until("the first image", || inside() == "one");
    let id = stack.id("s-a-1");
    // The watch begins once the stack is up.
    std::thread::sleep(std::time::Duration::from_millis(500));
    write("two");
    stack.teu.wait_until("the second image", || inside() == "two");
    assert_ne!(stack.id("s-a-1"), id);
    // What cannot be built leaves the container as it is, and the next change is tried.
    write("bad");
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert_eq!(inside(), "two");
    write("three");
    stack.teu.wait_until("the third image", || inside() == "three");
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(child.id() as i32), nix::sys::signal::Signal::SIGINT)
        .expect("a signal");
    assert!(child.wait().expect("it ends").success());
    let mut told = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().expect("a pipe"), &mut told).expect("text");
    assert!(told.contains("dockerfile_inline:3: process"), "{told}");
    stack.finish();
}

#[test]
fn dry_runs_and_flags_of_habit() {
    let stack = Stack::new(
        "services:\n  a: {image: busybox, command: sleep 1000, init: true, ports: ['8080:80'], volumes: ['data:/data']}\n  b: {image: busybox, command: [sh, -c, 'echo quiet; sleep 1000'], attach: false}\nvolumes: {data: }\n",
    );
    let told = stack.run(&["--dry-run", "up", "-d"]);
    assert!(told.code == 0 && told.stderr.contains("DRY-RUN Container s-a-1  Creating"), "{told:?}");
    assert_eq!(stack.teu.run(["ps", "-aq"]).ok(), "");
    let told =
        stack.run(&["--progress", "json", "--parallel", "1", "up", "-d", "--quiet-pull", "--menu=false"]);
    assert!(told.stderr.contains(r#"{"id":"Container s-a-1","status":"Done","text":"Started"}"#), "{told:?}");
    let json = stack.run(&["ps", "--format", "json", "a"]).ok();
    assert!(
        json.contains(
            r#""Publishers":[{"URL":"0.0.0.0","TargetPort":80,"PublishedPort":8080,"Protocol":"tcp"}"#
        ),
        "{json}"
    );
    assert_eq!(stack.run(&["volumes", "-q"]).ok(), "s_data");
    assert_eq!(stack.run(&["volumes", "-q", "b"]).ok(), "");
    let wrong = stack.run(&["run", "--nope", "a"]).fails_with(125);
    assert!(wrong.contains("--nope"), "{wrong}");
    assert_eq!(stack.run(&["exec", "-it", "a", "echo", "-n", "x"]).ok(), "x");
    std::fs::write(stack.path().join("e"), "FROM_FILE=1\n").expect("a file");
    let run = [
        "run",
        "-i",
        "--rm",
        "--no-deps",
        "-v",
        "/tmp:/mnt:ro",
        "-p",
        "9:9",
        "--cap-drop",
        "ALL",
        "--env-from-file",
        "e",
    ];
    assert_eq!(stack.run(&[&run[..], &["a", "sh", "-c", "echo $FROM_FILE"]].concat()).ok(), "1");
    stack.run(&["stop", "-t", "0"]).ok();
    stack.run(&["start", "--wait", "a"]).ok();
    assert_eq!(stack.names(&[]), ["s-a-1"]);
    let told = stack.run(&["--dry-run", "down", "-v"]);
    assert!(told.stderr.contains("DRY-RUN Volume s_data  Removing"), "{told:?}");
    assert_eq!(stack.names(&[]), ["s-a-1"]);
    assert!(stack.run(&["rm", "-f", "a"]).stderr.contains("No stopped containers"));
    stack.run(&["down", "-v", "-t", "0"]).ok();
    assert!(stack.run(&["down"]).stderr.contains("there is nothing of project s to remove"));
    assert!(stack.run(&["start"]).fails_with(1).contains("no containers to start"));
    stack.run(&["--compatibility", "up", "-d", "a"]).ok();
    assert_eq!(stack.names(&[]), ["s_a_1"]);
    stack.finish();
}

#[test]
fn restarts_take_dependents_along_and_waits_end_with_the_first() {
    let stack = Stack::new(
        "services:
  db: {image: busybox, command: sleep 1000, init: true}
  app: {image: busybox, command: sleep 1000, init: true, depends_on: {db: {condition: service_started, restart: true}}}
  free: {image: busybox, command: sleep 1000, init: true, depends_on: [db]}
  short: {image: busybox, command: [sh, -c, 'sleep 0.5; exit 7']}
",
    );
    stack.run(&["up", "-d"]).ok();
    let restarted = |words: &[&str]| {
        let told = stack.run(&[&["restart", "-t", "0"], words].concat());
        assert_eq!(told.code, 0, "{told:?}");
        ["db", "app", "free"].map(|name| told.stderr.contains(&format!("s-{name}-1  Restarting")))
    };
    assert_eq!(restarted(&["db"]), [true, true, false]);
    assert_eq!(restarted(&["--no-deps", "db"]), [true, false, false]);
    assert!(stack.run(&["stop", "--no-deps"]).fails_with(125).contains("--no-deps"));
    // The first that ends is not the first that is named.
    let waited = stack.run(&["wait", "--down-project", "db", "short"]);
    assert_eq!((waited.code, waited.stdout.trim()), (7, "7"), "{waited:?}");
    assert_eq!(stack.teu.run(["ps", "-aq"]).ok(), "");
    stack.finish();
}

#[test]
fn what_there_is_is_shown_in_composes_shapes() {
    let stack = Stack::new(
        "services:\n  a: {image: busybox, command: [sh, -c, 'echo made > /x; sleep 1000'], init: true, labels: {own: yes}}\n  b: {image: busybox, command: sleep 1000, init: true}\n",
    );
    stack.run(&["create", "--quiet-pull", "-y"]).ok();
    assert_eq!(stack.run(&["ps", "-a", "--format", "{{.State}}"]).ok(), "created\ncreated");
    assert!(stack.run(&["create", "--wait"]).fails_with(125).contains("--wait"));
    stack.run(&["up", "-d"]).ok();
    let top = stack.run(&["top"]).ok();
    let lines: Vec<&str> = top.lines().collect();
    assert!(lines[0].starts_with("SERVICE   #") && lines[0].contains("PID"), "{top}");
    assert!(lines.iter().any(|line| line.starts_with("b         1") && line.contains("sleep 1000")), "{top}");
    let images = stack.run(&["images"]).ok();
    assert!(
        images.lines().next().is_some_and(|line| line.contains("PLATFORM") && line.contains("SIZE")),
        "{images}"
    );
    let images: serde_json::Value =
        serde_json::from_str(&stack.run(&["images", "--format", "json"]).ok()).expect("JSON");
    assert_eq!(images[0]["ContainerName"], "s-a-1");
    assert!(images[0]["Size"].as_u64().is_some_and(|size| size > 0), "{images}");
    let events = stack.run(&["events", "--json", "--since", "1h", "--until", "0s", "a"]).ok();
    let events: Vec<serde_json::Value> =
        events.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let start = events.iter().find(|event| event["action"] == "start").expect("a start");
    assert_eq!((&start["service"], &start["type"]), (&"a".into(), &"container".into()));
    assert_eq!(start["attributes"]["own"], "yes");
    assert!(events.iter().all(|event| event["service"] == "a"));
    let plain = stack.run(&["events", "--since", "1h", "--until", "0s", "b"]).ok();
    assert!(
        plain.lines().any(|line| line.contains(" container start ") && line.contains("name=s-b-1")),
        "{plain}"
    );
    stack.teu.wait_until("the file", || stack.run(&["exec", "-T", "a", "cat", "/x"]).stdout == "made\n");
    stack.run(&["commit", "-m", "kept", "--pause=false", "a", "kept:1"]).ok();
    assert_eq!(stack.teu.run(["run", "--rm", "--network", "none", "kept:1", "cat", "/x"]).ok(), "made");
    let archive = stack.path().join("a.tar");
    stack.run(&["export", "-o", &archive.display().to_string(), "a"]).ok();
    assert!(std::fs::metadata(&archive).expect("a file").len() > 1024);
    assert!(stack.run(&["publish", "x/y"]).fails_with(1).contains("publishing"));
    stack.teu.run(["rmi", "kept:1"]).ok();
    stack.finish();
}

#[test]
fn hooks_before_a_start_prepare_what_the_service_finds() {
    let stack = Stack::new(
        "
services:
  app:
    image: busybox
    init: true
    command: [sh, -c, 'cat /data/* /own/x; exec sleep 1000']
    environment: {WORD: first}
    scale: 2
    volumes: ['data:/data', /own]
    pre_start:
      - command: [sh, -c, 'echo $$WORD $$MORE >> /data/once; wget -qO- http://db:8000/x >> /data/once']
        environment: {MORE: more}
      - {command: [sh, -c, 'echo mine > /own/x'], per_replica: true}
      - {command: [sh, -c, '${LAST:-true}'], image: 'other'}
    depends_on: {db: {condition: service_healthy}}
  db:
    image: busybox
    init: true
    command: [sh, -c, 'echo served > /tmp/x; exec httpd -f -p 8000 -h /tmp']
    healthcheck: {test: [CMD, wget, -qO, /dev/null, 'http://127.0.0.1:8000/x'], interval: 200ms, start_period: 5s, start_interval: 50ms}
volumes: {data: }
",
    );
    stack.teu.run(["tag", "busybox", "other"]).ok();
    assert_eq!(stack.run(&["config", "--images"]).ok(), "busybox\nbusybox\nother");
    let told = stack.run(&["up", "-d"]);
    assert_eq!(told.code, 0, "{}", told.stderr);
    let told = told.stderr;
    assert!(told.contains("s-app-pre_start-0"), "{told}");
    let logs = |service: &str| stack.run(&["logs", "--no-log-prefix", service]).stdout;
    let said = |times: usize| {
        stack.teu.wait_until("both containers' words", || {
            logs("app").matches("first more\nserved\nmine\n").count() == times
        });
    };
    said(2);
    assert_eq!(stack.names(&["-a"]), ["s-app-1", "s-app-2", "s-db-1"]);
    // What runs is not prepared again, nor for one container more but by what is for each.
    stack.run(&["up", "-d", "--scale", "app=3"]).ok();
    said(3);
    stack.run(&["stop", "-t", "0", "app"]).ok();
    stack.run(&["up", "-d", "--scale", "app=1"]).ok();
    stack.teu.wait_until("a second preparation", || logs("app").contains("served\nfirst more\nserved\n"));

    // One that fails keeps the service down, says its last words and leaves nothing.
    std::fs::write(stack.path().join(".env"), "LAST=echo woe; exit 4\n").expect("a file");
    let told = stack.run(&["up", "-d", "-t", "0"]).fails_with(1);
    assert!(
        told.contains("service app: the pre_start hook `sh -c echo woe; exit 4` ended with exit code 4")
            && told.contains("woe"),
        "{told}"
    );
    assert_eq!(stack.names(&[]), ["s-db-1"]);
    assert_eq!(stack.teu.run(["ps", "-a", "--format", "{{.Names}}", "--filter", "name=pre_start"]).ok(), "");

    // One that is killed with its container still there goes with the next.
    std::fs::write(stack.path().join(".env"), "LAST=[ -e /data/go ] || sleep 1000\n").expect("a file");
    let mut up =
        stack.command(&["up", "-d", "-t", "0", "--scale", "app=1"]).spawn().expect("the program starts");
    let running = || stack.teu.run(["ps", "--format", "{{.Names}}"]).stdout;
    stack.teu.wait_until("the last hook", || running().contains("s-app-pre_start-2"));
    up.kill().expect("a kill");
    up.wait().expect("an end");
    stack.run(&["run", "--rm", "--no-deps", "-v", "s_data:/data", "app", "touch", "/data/go"]).ok();
    stack.run(&["up", "-d", "-t", "0", "--scale", "app=1"]).ok();
    assert_eq!(stack.names(&["-a"]), ["s-app-1", "s-db-1"]);
    assert!(!running().contains("pre_start"), "{}", running());
    stack.finish();
}

#[test]
fn the_projects_own_variables_switch_what_the_programs_do() {
    let stack = Stack::new(
        "services:\n  a: {image: busybox, command: sleep 1000, init: true}\n  b: {image: busybox, command: sleep 1000, init: true}\n",
    );
    let told = stack.run(&["up", "-d"]);
    assert!(told.code == 0 && told.stderr.contains("Created"), "{told:?}");
    stack.write("services:\n  a: {image: busybox, command: sleep 1000, init: true}\n");
    let env = |text: &str| std::fs::write(stack.path().join(".env"), text).expect("a file");
    env("COMPOSE_IGNORE_ORPHANS=1\n");
    let told = stack.run(&["up", "-d"]);
    assert!(told.code == 0 && !told.stderr.contains("in no file"), "{told:?}");
    env("COMPOSE_REMOVE_ORPHANS=1\nCOMPOSE_PROGRESS=quiet\n");
    let told = stack.run(&["up", "-d"]);
    assert_eq!((told.code, told.stderr.as_str()), (0, ""));
    assert_eq!(stack.names(&["-a"]), ["s-a-1"]);
    // What this process has wins.
    let told =
        stack.command(&["stop", "-t", "0"]).env("COMPOSE_PROGRESS", "plain").output().expect("it runs");
    assert!(String::from_utf8_lossy(&told.stderr).contains("Stopped"), "{told:?}");
    env("COMPOSE_PARALLEL_LIMIT=many\n");
    assert!(stack.run(&["start"]).fails_with(1).contains("COMPOSE_PARALLEL_LIMIT"));
    env("COMPOSE_COMPATIBILITY=true\n");
    assert_eq!(stack.run(&["config", "--images"]).ok(), "busybox");
    stack.run(&["up", "-d", "--force-recreate", "-t", "0"]).ok();
    assert_eq!(stack.names(&["-a"]), ["s_a_1"]);
    stack.finish();
}

#[test]
fn of_a_range_of_ports_each_container_takes_a_free_one() {
    let text = |range: &str| {
        format!(
            "services:\n  a: {{image: busybox, command: sleep 1000, init: true, scale: 2, ports: ['{range}:80']}}\n"
        )
    };
    let stack = Stack::new(&text("28000-28003"));
    let ours = std::net::TcpListener::bind("0.0.0.0:28001").expect("a port");
    stack.run(&["up", "-d"]).ok();
    let ports = || {
        let mut all: Vec<String> = (1..=2)
            .map(|index| stack.run(&["port", "--index", &index.to_string(), "a", "80"]).ok())
            .filter_map(|text| text.lines().next().map(str::to_owned))
            .collect();
        all.sort();
        all
    };
    assert_eq!(ports(), ["0.0.0.0:28000", "0.0.0.0:28002"]);
    stack.run(&["up", "-d", "--force-recreate", "-t", "0"]).ok();
    assert_eq!(ports(), ["0.0.0.0:28000", "0.0.0.0:28002"]);
    let told = stack.run(&["up", "-d", "--scale", "a=4"]).fails_with(1);
    assert!(told.contains("28000-28003/tcp"), "{told}");
    assert_eq!(stack.names(&["-a"]).len(), 2);
    drop(ours);
    stack.run(&["up", "-d", "--scale", "a=4"]).ok();
    assert_eq!(stack.names(&[]).len(), 4);
    stack.finish();
}

#[test]
fn a_wait_knows_the_exit_code_of_what_is_gone_already() {
    let stack = Stack::new(
        "services:\n  a: {image: busybox, command: [sh, -c, 'while [ ! -e /go ]; do sleep 0.1; done; exit 7']}\n",
    );
    stack.run(&["run", "--rm", "-d", "--name", "once", "a"]).ok();
    let wait = stack.command(&["wait", "a"]).stdout(Stdio::piped()).spawn().expect("the program starts");
    let folder = format!("/proc/{}/fd", wait.id());
    stack.teu.wait_until("the watch", || {
        let links = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        links
            .filter_map(|entry| std::fs::read_link(entry.path()).ok())
            .any(|link| link.to_string_lossy().contains("inotify"))
    });
    stack.teu.run(["exec", "once", "touch", "/go"]).ok();
    let told = wait.wait_with_output().expect("an end");
    assert_eq!((told.status.code(), String::from_utf8_lossy(&told.stdout).as_ref()), (Some(7), "7\n"));
    stack.finish();
}
