//! Networks from the command line: names, addresses, ports, isolation. Each test is a host of its own.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::collections::HashSet;
use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use teu_tests::served::{finish, get, serve};
use teu_tests::{Neighbour, Teu, host, isolate_network, network_leftovers, skip, within_network};

/// A host with the image `busybox`.
fn fresh() -> Teu {
    isolate_network();
    Teu::with_busybox()
}

/// What this host gets from a server.
fn get_here(url: &str) -> Option<String> {
    let output =
        std::process::Command::new("busybox").args(["timeout", "2", "wget", "-q", "-O", "-", url]).output();
    let output = output.expect("busybox is installed");
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn address(teu: &Teu, container: &str, network: &str) -> String {
    teu.inspect(container, &format!("{{{{(index .NetworkSettings.Networks \"{network}\").IPAddress}}}}"))
}

#[test]
fn an_application_reaches_its_database_by_alias_and_is_reached_by_its_port() {
    let teu = fresh();
    teu.run(["network", "create", "my-app"]).ok();
    serve(&teu, "db", &["--network", "my-app", "--network-alias", "mysql"]);
    let source = tempfile::tempdir().expect("a folder");
    let script =
        "#!/bin/sh\nprintf 'Content-Type: text/plain\\r\\n\\r\\nfrom '\nwget -q -O - http://$MYSQL_HOST/\n";
    std::fs::create_dir(source.path().join("cgi-bin")).expect("a folder");
    let program = source.path().join("cgi-bin/answer");
    std::fs::write(&program, script).expect("a file");
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .expect("a program");
    let bind = format!("{}:/app", source.path().display());
    let options =
        ["-w", "/app", "-v", &bind, "--network", "my-app", "-e", "MYSQL_HOST=mysql", "-p", "3000:3000"];
    let serving = ["busybox", "httpd", "-f", "-p", "3000"];
    teu.run(["run", "-dt", "--name", "app"].iter().chain(&options).chain(&serving)).ok();
    teu.wait_until("the application", || {
        get_here("http://127.0.0.1:3000/cgi-bin/answer").as_deref() == Some("from db")
    });
    assert_eq!(teu.run(["port", "app"]).ok(), "3000/tcp -> 0.0.0.0:3000\n3000/tcp -> [::]:3000");
    assert!(teu.run(["ps", "--format", "{{.Names}} {{.Ports}}"]).ok().contains("app 0.0.0.0:3000->3000/tcp"));
    finish(teu);
}

#[test]
fn ports_are_reached_from_everywhere_and_go_with_their_container() {
    let teu = fresh();
    serve(&teu, "web", &["-p", "8080:80", "-p", "127.0.0.1::80"]);
    assert_eq!(get_here("http://127.0.0.1:8080/").as_deref(), Some("web"));
    let gateway = teu.inspect("web", "{{.NetworkSettings.Gateway}}");
    assert_eq!(get_here(&format!("http://{gateway}:8080/")).as_deref(), Some("web"));
    teu.run(["run", "-d", "--name", "other", "busybox", "sleep", "1000"]).ok();
    assert_eq!(
        get(&teu, "other", &format!("http://{gateway}:8080/")).as_deref(),
        Some("web"),
        "by the host's address"
    );
    assert_eq!(get(&teu, "web", &format!("http://{gateway}:8080/")).as_deref(), Some("web"), "by itself");
    let free = teu.run(["port", "web", "80"]).ok();
    let free =
        free.lines().find(|line| line.starts_with("127.0.0.1:")).expect("a free port on loopback").to_owned();
    assert_eq!(get_here(&format!("http://{free}/")).as_deref(), Some("web"));
    // Ports go with the network that published them, and come with the next one.
    teu.run(["network", "disconnect", "bridge", "web"]).ok();
    assert_eq!(get_here("http://127.0.0.1:8080/"), None);
    assert_eq!(teu.run(["ps", "--filter", "name=web", "--format", "{{.Ports}}"]).ok(), "");
    teu.run(["network", "connect", "bridge", "web"]).ok();
    assert_eq!(get_here("http://127.0.0.1:8080/").as_deref(), Some("web"));
    teu.run(["restart", "-t", "0", "web"]).ok();
    teu.wait_until("the server again", || get_here("http://127.0.0.1:8080/").as_deref() == Some("web"));
    teu.run(["stop", "-t", "0", "web"]).ok();
    assert_eq!(get_here("http://127.0.0.1:8080/"), None);
    assert_eq!(teu.run(["port", "web"]).ok(), "");
    finish(teu);
}

#[test]
fn localhost_is_reached_by_its_ipv6_address_too() {
    let teu = fresh();
    teu.run(["network", "create", "--ipv6", "six"]).ok();
    teu.run(["network", "create", "--ipv6", "--internal", "inner"]).ok();
    serve(&teu, "four", &["-p", "8080:80", "-p", "[::1]:8082:80"]);
    serve(&teu, "six", &["--network", "six", "-p", "8081:80", "-p", "[::1]:8083:80"]);
    for (port, name) in [(8080, "four"), (8081, "six"), (8082, "four"), (8083, "six")] {
        assert_eq!(get_here(&format!("http://[::1]:{port}/")).as_deref(), Some(name), "{port}");
    }
    assert_eq!(get_here("http://127.0.0.1:8082/"), None);
    // Much at once, and many at once, come whole.
    teu.run(["exec", "four", "sh", "-c", "head -c 20000000 /dev/zero > /www/much"]).ok();
    let much = "busybox timeout 9 busybox wget -q -O - http://[::1]:8080/much | wc -c";
    let all = host(&format!("for i in 1 2 3 4 5 6 7 8; do ({much}) & done; wait"));
    assert_eq!(all.lines().filter(|count| *count == "20000000").count(), 8, "{all}");
    // A cut-off container does not come in by its gateway.
    teu.run(["run", "-d", "--name", "cut", "--network", "inner", "busybox", "sleep", "1000"]).ok();
    let gateway = teu.run(["network", "inspect", "-f", "{{(index .IPAM.Config 1).Gateway}}", "inner"]).ok();
    for port in [8080, 8081] {
        assert_eq!(get(&teu, "cut", &format!("http://[{gateway}]:{port}/")), None);
    }
    teu.run(["rm", "-f", "four"]).ok();
    assert_eq!(get_here("http://[::1]:8080/"), None);
    finish(teu);
}

/// Answers every datagram to port 53 of a container with the same. Its socket would keep the container's network: it
/// ends when this is dropped.
struct Echo {
    goes_on: Arc<AtomicBool>,
    worker: Option<std::thread::JoinHandle<()>>,
}

impl Echo {
    fn start(teu: &Teu, container: &str) -> Self {
        let pid = teu.inspect(container, "{{.State.Pid}}").parse().expect("a number");
        let bind = || UdpSocket::bind("[::]:53").or_else(|_| UdpSocket::bind("0.0.0.0:53"));
        let socket = within_network(pid, bind).expect("a port there");
        socket.set_read_timeout(Some(std::time::Duration::from_millis(20))).expect("a socket");
        let goes_on = Arc::new(AtomicBool::new(true));
        let also = Arc::clone(&goes_on);
        let worker = std::thread::spawn(move || {
            let mut buffer = vec![0; 65_536];
            while also.load(Ordering::Relaxed) {
                if let Ok((length, from)) = socket.recv_from(&mut buffer) {
                    let _ = socket.send_to(&buffer[..length], from);
                }
            }
        });
        Self { goes_on, worker: Some(worker) }
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        self.goes_on.store(false, Ordering::Relaxed);
        let _ = self.worker.take().map(std::thread::JoinHandle::join);
    }
}

/// Whether the very address that was asked sends the same datagram back.
fn is_echoed(port: u16, address: &str, length: usize) -> bool {
    let socket = UdpSocket::bind("[::]:0").expect("a port");
    socket.set_read_timeout(Some(std::time::Duration::from_millis(500))).expect("a socket");
    let mut buffer = vec![0; 65_536];
    // A connected socket takes nothing from other addresses.
    socket.connect((address, port)).is_ok()
        && socket.send(&vec![b'x'; length]).is_ok()
        && socket.recv(&mut buffer).is_ok_and(|received| received == length)
}

#[test]
fn datagrams_reach_localhost_by_its_ipv6_address_too() {
    let teu = fresh();
    let outside = Neighbour::on_wire("lan", "fd99::1/64", "fd99::2/64");
    host("ip addr add fd99::7/64 dev lan nodad");
    teu.run(["network", "create", "--ipv6", "six"]).ok();
    for (name, network, port) in [("four", "bridge", 5300), ("six", "six", 5301)] {
        let published = format!("{port}:53/udp");
        let options = ["run", "-d", "--name", name, "--network", network, "-p", &published];
        teu.run(options.iter().chain(&["busybox", "sleep", "1000"])).ok();
        assert!(teu.run(["port", name]).ok().contains(&format!("53/udp -> [::]:{port}")));
        let _echo = Echo::start(&teu, name);
        for length in [0, 1, 512, 20_000] {
            teu.wait_until("an answer from ::1", || is_echoed(port, "::1", length));
        }
        for address in ["fd99::1", "fd99::7"] {
            let asked = || within_network(outside.pid(), || is_echoed(port, address, 1000));
            teu.wait_until("an answer from the address that was asked", asked);
        }
    }
    teu.run(["restart", "-t", "0", "four"]).ok();
    let again = Echo::start(&teu, "four");
    teu.wait_until("the server again", || is_echoed(5300, "::1", 10));
    drop(again);
    teu.run(["rm", "-f", "four"]).ok();
    assert!(UdpSocket::bind("[::1]:5300").is_ok(), "the port goes with its container");
    finish(teu);
}

#[test]
fn a_container_with_rights_over_its_network_still_crosses_no_border() {
    let teu = fresh();
    let mut outside = Neighbour::on_wire("lan", "10.99.0.1/24", "10.99.0.2/24");
    outside.serve(7000, "outside");
    teu.run(["network", "create", "--subnet", "172.30.1.0/24", "front"]).ok();
    teu.run(["network", "create", "--subnet", "172.30.2.0/24", "--internal", "back"]).ok();
    let published = ["-p", "8080:80", "-p", "127.0.0.1:8081:80"];
    serve(&teu, "victim", &[&["--network", "front", "--ip", "172.30.1.10"], &published[..]].concat());
    serve(&teu, "inner", &["--network", "back", "--ip", "172.30.2.10"]);
    // All at once, since what is dropped is only known by waiting.
    let evil = |network: &str, way: &str, urls: &[&str]| {
        let asked = urls.iter().map(|url| format!("timeout 1 wget -q -O - http://{url}/ &"));
        let script = format!("{way} timeout 1 nc 10.99.0.2 7000 & {} wait", asked.collect::<String>());
        let rights = ["run", "--rm", "--cap-add", "NET_ADMIN", "--cap-add", "NET_RAW", "--network", network];
        teu.spawn(rights.iter().chain(&["busybox", "sh", "-c", &script]))
    };
    let seen = |child: std::process::Child| {
        String::from_utf8_lossy(&child.wait_with_output().expect("it ends").stdout).into_owned()
    };
    // From an internal network: a route of its own making, a neighbour's address, an address of the other network.
    let inside = [
        "ip route add default via 172.30.2.1;",
        "ip route add default dev eth0; ip neigh add 10.99.0.2 lladdr $(cat /sys/class/net/eth0/address) dev eth0;",
        "ip addr add 172.30.1.77/24 dev eth0; ip route add default via 172.30.2.1;",
        "ip addr flush dev eth0; ip addr add 172.30.1.10/24 dev eth0; ip route add 172.30.2.1 dev eth0; ip route add default via 172.30.2.1;",
    ]
    .map(|way| evil("back", way, &["172.30.1.10", "10.99.0.1:8080", "172.30.2.1:8080", "172.30.1.1:8080"]));
    // From another network.
    let gateway = "$(ip route | awk '/default/ {print $3}')";
    let beside = [
        String::new(),
        format!("ip route add 172.30.2.0/24 via {gateway}; ip route add 172.30.1.0/24 via {gateway};"),
        "ip addr add 172.30.1.77/24 dev eth0; ip addr add 172.30.2.77/24 dev eth0;".to_owned(),
        format!("ip addr del 127.0.0.1/8 dev lo; ip route add 127.0.0.1 via {gateway};"),
    ]
    .map(|way| evil("bridge", &way, &["172.30.1.10", "172.30.2.10", "127.0.0.1:8081", "10.99.0.1:8081"]));
    let rightful = evil("bridge", "", &["10.99.0.1:8080"]);
    let inside = inside.map(seen);
    assert!(!inside.concat().contains("outside"), "{inside:?}");
    for text in inside.into_iter().chain(beside.map(seen)) {
        assert!(!text.contains("victim") && !text.contains("inner"), "{text}");
    }
    let text = seen(rightful);
    assert!(
        text.contains("outside") && text.contains("victim"),
        "its own way out and what is published: {text}"
    );
    let text = seen(evil("back", "ip route add default via 172.30.2.1;", &["172.30.2.10"]));
    assert!(!text.contains("outside") && text.contains("inner"), "an internal network alone: {text}");
    // The outside reaches what is published, and not by knowing a container's address.
    outside.run("ip route add 172.30.0.0/16 via 10.99.0.1; ip route add 127.0.0.5 via 10.99.0.1");
    let asks = |url: &str| outside.run(&format!("busybox timeout 1 busybox wget -q -O - http://{url}/"));
    assert_eq!(asks("10.99.0.1:8080").as_deref(), Some("victim"));
    for url in ["172.30.1.10", "172.30.2.10", "10.99.0.1:8081"] {
        assert_eq!(asks(url), None, "{url}");
    }
    finish(teu);
}

#[test]
fn a_port_that_is_taken_names_its_holder() {
    let teu = fresh();
    teu.run(["run", "-d", "--name", "first", "-p", "8080:80", "busybox", "sleep", "1000"]).ok();
    let said = teu.run(["run", "--rm", "-p", "8080:80", "busybox", "true"]).fails_with(125);
    assert!(said.contains("8080") && said.contains("container first"), "{said}");
    let held = std::net::TcpListener::bind("127.0.0.1:8081").expect("a port");
    let said = teu.run(["run", "--rm", "-p", "8081:80", "busybox", "true"]).fails_with(125);
    assert!(said.contains("8081") && said.contains("in use"), "{said}");
    drop(held);
    assert_eq!(teu.run(["ps", "-aq"]).ok().lines().count(), 1, "those that could not start are gone");
    // Of two at once one wins.
    let words = ["run", "-d", "-p", "8082:80", "busybox", "sleep", "1000"];
    let racers = [teu.spawn(words), teu.spawn(words)];
    let codes: Vec<_> =
        racers.into_iter().map(|racer| racer.wait_with_output().expect("it ends").status.code()).collect();
    assert!(codes.contains(&Some(0)) && codes.contains(&Some(125)), "{codes:?}");
    finish(teu);
}

#[test]
fn names_follow_containers() {
    let teu = fresh();
    teu.run(["network", "create", "net"]).ok();
    let id = serve(&teu, "one", &["--network", "net", "--network-alias", "service"]);
    serve(&teu, "two", &["--network", "net", "--network-alias", "service"]);
    let resolv = teu.run(["exec", "two", "cat", "/etc/resolv.conf"]).ok();
    assert!(resolv.contains("nameserver 127.0.0.11"), "{resolv}");
    for name in ["one", &id[..12]] {
        assert_eq!(get(&teu, "two", &format!("http://{name}/")).as_deref(), Some("one"), "{name}");
    }
    teu.run(["run", "-d", "--name", "asker", "--network", "net", "busybox", "sleep", "1000"]).ok();
    let seen: HashSet<_> = (0..40).filter_map(|_| get(&teu, "asker", "http://service/")).collect();
    assert_eq!(seen.len(), 2, "both answer to the alias in turn: {seen:?}");
    let ip = address(&teu, "one", "net");
    assert!(teu.run(["exec", "two", "nslookup", &ip]).stdout.contains("one"), "by address");
    teu.run(["rename", "one", "uno"]).ok();
    assert_eq!(get(&teu, "two", "http://uno/").as_deref(), Some("one"));
    teu.run(["rm", "-f", "uno"]).ok();
    assert_eq!(get(&teu, "two", "http://uno/"), None);
    // The default network has no names, as with Docker.
    teu.run(["run", "-d", "--name", "plain", "busybox", "sleep", "1000"]).ok();
    assert_eq!(get(&teu, "plain", "http://two/"), None);
    finish(teu);
}

#[test]
fn networks_do_not_reach_each_other() {
    let teu = fresh();
    teu.run(["network", "create", "front"]).ok();
    teu.run(["network", "create", "--internal", "back"]).ok();
    serve(&teu, "alpha", &["--network", "front", "-p", "8080:80"]);
    serve(&teu, "beta", &["--network", "back"]);
    serve(&teu, "gamma", &[]);
    let (a, b, c) =
        (address(&teu, "alpha", "front"), address(&teu, "beta", "back"), address(&teu, "gamma", "bridge"));
    for (from, to) in [("alpha", &b), ("alpha", &c), ("beta", &a), ("beta", &c), ("gamma", &a), ("gamma", &b)]
    {
        assert_eq!(get(&teu, from, &format!("http://{to}/")), None, "{from} to {to}");
    }
    assert!(
        !teu.run(["exec", "beta", "ip", "route"]).ok().contains("default"),
        "an internal network has no way out"
    );
    // On both networks at once it reaches both.
    teu.run([
        "run",
        "-d",
        "--name",
        "both",
        "--network",
        "front",
        "--network",
        "back",
        "busybox",
        "sleep",
        "1000",
    ])
    .ok();
    assert_eq!(get(&teu, "both", "http://alpha/").as_deref(), Some("alpha"));
    assert_eq!(get(&teu, "both", "http://beta/").as_deref(), Some("beta"));
    finish(teu);
}

#[test]
fn running_containers_join_and_leave() {
    let teu = fresh();
    teu.run(["network", "create", "--subnet", "172.30.0.0/24", "--gateway", "172.30.0.9", "net"]).ok();
    serve(&teu, "server", &["--network", "net", "--ip", "172.30.0.77", "--mac-address", "02:42:00:00:00:07"]);
    assert_eq!(address(&teu, "server", "net"), "172.30.0.77");
    assert!(teu.run(["exec", "server", "ip", "link"]).ok().contains("02:42:00:00:00:07"));
    teu.run(["run", "-d", "--name", "late", "busybox", "sleep", "1000"]).ok();
    assert_eq!(get(&teu, "late", "http://server/"), None);
    teu.run(["network", "connect", "--alias", "too-late", "--ip", "172.30.0.50", "net", "late"]).ok();
    assert_eq!(get(&teu, "late", "http://server/").as_deref(), Some("server"));
    assert!(teu.run(["exec", "late", "cat", "/etc/hosts"]).ok().contains("172.30.0.50"));
    assert!(teu.run(["exec", "server", "ping", "-c", "1", "-W", "2", "too-late"]).code == 0);
    assert!(teu.run(["network", "connect", "net", "late"]).fails_with(1).contains("already connected"));
    assert!(teu.run(["network", "rm", "net"]).fails_with(1).contains("late"), "it names who is on it");
    // A restart keeps it; leaving is for good.
    teu.run(["restart", "-t", "0", "late"]).ok();
    assert_eq!(address(&teu, "late", "net"), "172.30.0.50");
    teu.run(["network", "disconnect", "net", "late"]).ok();
    assert_eq!(get(&teu, "late", "http://172.30.0.77/"), None);
    assert!(teu.run(["network", "disconnect", "net", "late"]).fails_with(1).contains("not connected"));
    teu.run(["rm", "-f", "server"]).ok();
    assert_eq!(teu.run(["network", "rm", "net"]).ok(), "net");
    assert!(teu.run(["network", "inspect", "net"]).fails_with(1).contains("not found"));
    finish(teu);
}

#[test]
fn a_network_can_be_shared() {
    let teu = fresh();
    serve(&teu, "server", &[]);
    teu.run(["run", "-d", "--name", "side", "--network", "container:server", "busybox", "sleep", "1000"])
        .ok();
    assert_eq!(get(&teu, "side", "http://127.0.0.1/").as_deref(), Some("server"));
    let hosts = |name: &str| teu.run(["exec", name, "cat", "/etc/hosts"]).ok();
    assert_eq!(hosts("side"), hosts("server"));
    assert!(teu.run(["network", "connect", "bridge", "side"]).code != 0);
    assert_eq!(
        teu.run(["run", "--rm", "--network", "host", "busybox", "cat", "/sys/class/net/lo/ifindex"]).ok(),
        "1"
    );
    assert!(
        teu.run(["run", "--rm", "--network", "nowhere", "busybox", "true"])
            .fails_with(125)
            .contains("nowhere")
    );
    finish(teu);
}

#[test]
fn files_about_names_follow_the_flags() {
    let teu = fresh();
    let words = [
        "--add-host",
        "db:10.1.2.3",
        "--add-host",
        "gate:host-gateway",
        "--dns",
        "9.9.9.9",
        "--dns-search",
        "example.org",
        "-h",
        "harbour",
    ];
    let text = teu
        .run(["run", "--rm"].iter().chain(&words).chain(&[
            "busybox",
            "cat",
            "/etc/hosts",
            "/etc/resolv.conf",
        ]))
        .ok();
    let gateway = host("ip -4 -o addr show teu0 | awk '{print $4}' | cut -d/ -f1");
    for line in ["10.1.2.3\tdb", &format!("{gateway}\tgate"), "nameserver 9.9.9.9", "search example.org"] {
        assert!(text.lines().any(|other| other == line), "{line:?} in {text}");
    }
    assert!(text.lines().any(|line| line.ends_with("\tharbour")), "its own name: {text}");
    finish(teu);
}

#[test]
fn a_killed_supervisor_gives_its_places_back() {
    let teu = fresh();
    teu.run(["run", "-d", "--name", "box", "-p", "8080:80", "busybox", "sleep", "1000"]).ok();
    let pid: i32 = teu.inspect("box", "{{.State.Pid}}").parse().expect("a number");
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("it runs");
    let parent = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1)).expect("its parent");
    kill(Pid::from_raw(parent.parse().expect("a number")), Signal::SIGKILL).expect("it can be killed");
    teu.wait_until("the truth", || teu.inspect("box", "{{.State.Status}}") == "exited");
    teu.wait_until("the end of interfaces and ports", || network_leftovers().is_empty());
    teu.run(["run", "--rm", "-p", "8080:80", "busybox", "true"]).ok();
    teu.run(["start", "box"]).ok();
    assert!(teu.run(["port", "box"]).ok().contains("8080"));
    finish(teu);
}

#[test]
fn kills_at_random_moments_leave_no_network_behind() {
    let teu = fresh();
    teu.run(["network", "create", "net"]).ok();
    // A linear congruential generator: the same moments in every run.
    let mut random = 54_321_u64;
    for round in 0..24 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let network = if round % 3 == 0 { "bridge" } else { "net" };
        let words = ["run", "--rm", "--network", network, "-p", "8080:80", "busybox", "sleep", "0.05"];
        let mut starter = teu.spawn(words);
        std::thread::sleep(std::time::Duration::from_micros((random >> 33) % 90_000));
        if round % 4 == 0 {
            let _ = starter.kill();
        } else {
            for pid in teu_tests::objects::processes_of(teu.root()) {
                let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
            }
        }
        let _ = starter.wait();
    }
    teu.wait_until("every container's end", || teu.run(["ps", "-q"]).ok().is_empty());
    teu.wait_until("the end of interfaces and ports", || network_leftovers().is_empty());
    assert_eq!(teu.run(["network", "inspect", "--format", "{{len .Containers}}", "net"]).ok(), "0");
    teu.run(["run", "--rm", "-p", "8080:80", "busybox", "true"]).ok();
    assert_eq!(teu.run(["network", "rm", "net"]).ok(), "net");
    finish(teu);
}

/// Runs so many commands, each a process, a part of them at a time; what each printed.
fn in_flight(teu: &Teu, most: usize, commands: &[Vec<String>]) -> Vec<String> {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..most)
            .map(|_| {
                scope.spawn(|| {
                    let mut printed = Vec::new();
                    while let Some(words) = commands.get(next.fetch_add(1, Ordering::Relaxed)) {
                        printed.push(teu.run(words).ok());
                    }
                    printed
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("commands that succeed")).collect()
    })
}

#[test]
fn two_hundred_processes_get_places_of_their_own_and_leave_nothing() {
    const MANY: usize = 200;
    const IN_FLIGHT: usize = 24;
    let teu = fresh();
    teu.run(["network", "create", "--ipv6", "--subnet", "172.30.0.0/24", "net"]).ok();
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let start = words(&["run", "-d", "--network", "net", "-p", "80", "busybox", "sleep", "1000"]);
    let ids = in_flight(&teu, IN_FLIGHT, &vec![start; MANY]);
    // All are alive at once.
    assert_eq!(teu.run(["ps", "-q"]).ok().lines().count(), MANY);
    let of_each = "{{with .NetworkSettings.Networks.net}}{{.IPAddress}} {{.GlobalIPv6Address}} {{.MacAddress}}{{end}} {{(index .NetworkSettings.Ports \"80/tcp\" 0).HostPort}}";
    let places = teu.run(["inspect", "-f", of_each].into_iter().chain(ids.iter().map(String::as_str))).ok();
    let places: Vec<Vec<&str>> = places.lines().map(|line| line.split(' ').collect()).collect();
    for (column, what) in
        ["IPv4 addresses", "IPv6 addresses", "hardware addresses", "ports"].iter().enumerate()
    {
        let different: HashSet<&str> =
            places.iter().map(|place| place[column]).filter(|value| !value.is_empty()).collect();
        assert_eq!(different.len(), MANY, "{what}: {places:?}");
    }
    // The kernel agrees with what is told: as many interfaces, each with the address that its container shows.
    assert_eq!(host("ip -o link show type veth | grep -c ' tv'"), MANY.to_string());
    for (id, place) in ids.iter().zip(&places).step_by(20) {
        let inside = teu.run(["exec", id, "ip", "-o", "addr", "show", "eth0"]).ok();
        assert!(
            inside.contains(&format!(" {}/24 ", place[0])) && inside.contains(&format!(" {}/64 ", place[1])),
            "{inside}"
        );
    }
    // While half of them go others come, to the places that were freed as well.
    let removals = ids.iter().map(|id| words(&["rm", "-f", id]));
    let passing = words(&["run", "--rm", "--network", "net", "-p", "80", "busybox", "true"]);
    let mixed: Vec<_> = removals
        .enumerate()
        .flat_map(|(number, removal)| {
            std::iter::once(removal).chain((number % 4 == 0).then(|| passing.clone()))
        })
        .collect();
    in_flight(&teu, IN_FLIGHT, &mixed);
    assert_eq!(teu.run(["ps", "-aq"]).ok(), "");
    assert_eq!(teu.run(["network", "inspect", "--format", "{{len .Containers}}", "net"]).ok(), "0");
    teu.wait_until("the end of interfaces and ports", || network_leftovers().is_empty());
    assert_eq!(teu.run(["network", "prune", "-f"]).ok(), "Deleted Networks:\nnet");
    assert_eq!(host("ip -o link show type bridge | grep -c teu- || true"), "0");
    finish(teu);
}

#[test]
fn a_range_of_ports_gives_a_free_one_to_each() {
    let teu = fresh();
    let held = std::net::TcpListener::bind("0.0.0.0:8001").expect("a port");
    for (name, port) in [("one", 8000), ("two", 8002)] {
        serve(&teu, name, &["-p", "8000-8002:80"]);
        assert_eq!(get_here(&format!("http://127.0.0.1:{port}/")).as_deref(), Some(name));
        assert!(teu.run(["port", name, "80"]).ok().contains(&format!("0.0.0.0:{port}")));
    }
    let said = teu.run(["run", "--rm", "-p", "8000-8002:80", "busybox", "true"]).fails_with(125);
    assert!(said.contains("no port of 8000-8002/tcp is free") && said.contains("container two"), "{said}");
    drop(held);
    teu.run(["run", "-d", "--name", "three", "-p", "127.0.0.1:8000-8002:80", "busybox", "sleep", "1000"])
        .ok();
    assert_eq!(teu.run(["port", "three", "80"]).ok(), "127.0.0.1:8001");
    assert_eq!(
        teu.inspect("three", "{{(index .HostConfig.PortBindings \"80/tcp\" 0).HostPort}}"),
        "8000-8002"
    );
    finish(teu);
}

#[test]
fn places_have_options_of_their_own() {
    let teu = fresh();
    teu.run(["network", "create", "net"]).ok();
    let option = "com.docker.network.endpoint.ifname=lan7,alias=seven,\"driver-opt=com.docker.network.endpoint.sysctls=net.ipv4.conf.IFNAME.log_martians=1,net.ipv4.conf.IFNAME.arp_filter=1\"";
    let place = format!("name=net,driver-opt={option}");
    let show = "ip addr show lan7; cat /proc/sys/net/ipv4/conf/lan7/log_martians /proc/sys/net/ipv4/conf/lan7/arp_filter; ping -c 1 -W 2 seven >/dev/null && echo found";
    let text = teu.run(["run", "--rm", "--network", &place, "busybox", "sh", "-c", show]).ok();
    assert!(text.contains("inet ") && text.ends_with("1\n1\nfound"), "{text}");
    teu.run(["run", "-d", "--name", "box", "busybox", "sleep", "1000"]).ok();
    let connect = |option: &str| teu.run(["network", "connect", "--driver-opt", option, "net", "box"]);
    let said = connect("com.docker.network.endpoint.ifname=eth0").fails_with(1);
    assert!(said.contains("make interface eth0 in the container: EEXIST"), "{said}");
    let said = connect("colour=red").fails_with(1);
    assert!(said.contains("unknown option \"colour\"") && said.contains("ifname"), "{said}");
    connect("com.docker.network.endpoint.ifname=back").ok();
    assert!(teu.run(["exec", "box", "ip", "link"]).ok().contains("back"));
    assert_eq!(
        teu.inspect(
            "box",
            "{{index .NetworkSettings.Networks.net.DriverOpts \"com.docker.network.endpoint.ifname\"}}"
        ),
        "back"
    );
    finish(teu);
}

#[test]
fn containers_share_an_interface_of_the_host() {
    let teu = fresh();
    host("ip link add wire type veth peer name far && ip link set far up && ip link set wire up");
    for (driver, range) in [("macvlan", "10.8.0"), ("ipvlan", "10.9.0")] {
        let subnet = format!("{range}.0/24");
        let create = ["network", "create", "-d", driver, "-o", "parent=wire", "--subnet", &subnet, driver];
        let created = teu.run(create);
        if created.code != 0 {
            let said = created.fails_with(1);
            assert!(said.contains(&format!("this kernel has no driver {driver}")), "{said}");
            skip(&format!("containers share an interface by {driver}"), "this kernel has no such driver");
            continue;
        }
        let (server, client) = (format!("{driver}-server"), format!("{driver}-client"));
        serve(&teu, &server, &["--network", driver, "--ip", &format!("{range}.77")]);
        teu.run(["run", "-d", "--name", &client, "--network", driver, "busybox", "sleep", "1000"]).ok();
        for asked in [server.as_str(), &format!("{range}.77")] {
            assert_eq!(get(&teu, &client, &format!("http://{asked}/")).as_deref(), Some(server.as_str()));
        }
        teu.run(["network", "disconnect", driver, &client]).ok();
        assert_eq!(get(&teu, &client, &format!("http://{range}.77/")), None);
        teu.run(["rm", "-f", &server, &client]).ok();
        teu.run(["network", "rm", driver]).ok();
    }
    assert_eq!(host("ip -o link show type macvlan | wc -l"), "0");
    finish(teu);
}

#[test]
fn links_name_others_for_one_container_alone() {
    let teu = fresh();
    teu.run(["network", "create", "net"]).ok();
    serve(&teu, "database", &["--network", "net"]);
    serve(&teu, "plain", &[]);
    let start = |name: &str, words: &[&str]| {
        let run = ["run", "-d", "--name", name];
        teu.run(run.iter().chain(words).chain(&["busybox", "sleep", "1000"])).ok()
    };
    start("app", &["--network", "net", "--link", "database:mysql"]);
    start("other", &["--network", "net"]);
    start("old", &["--link", "plain:web"]);
    assert_eq!(get(&teu, "app", "http://mysql/").as_deref(), Some("database"));
    assert_eq!(get(&teu, "other", "http://mysql/"), None);
    assert_eq!(get(&teu, "old", "http://web/").as_deref(), Some("plain"), "on the default network as well");
    assert_eq!(
        get(&teu, "old", "http://plain/").as_deref(),
        Some("plain"),
        "its own name comes with the link"
    );
    // And no other name of the default network.
    serve(&teu, "stranger", &[]);
    assert_eq!(get(&teu, "old", "http://stranger/"), None);
    assert_eq!(teu.inspect("app", "{{index .HostConfig.Links 0}}"), "/database:/app/mysql");
    // It follows the other to a new address, and what has no network cannot have one.
    teu.run(["restart", "-t", "0", "database"]).ok();
    teu.wait_until("the other again", || get(&teu, "app", "http://mysql/").as_deref() == Some("database"));
    for (words, part) in [
        (&["--link", "nobody:db"][..], "nobody"),
        (&["--network", "host", "--link", "plain"], "can't be used with links"),
        (&["--link", "plain:"], "bad format for links"),
    ] {
        let run = ["run", "--rm"];
        let said = teu.run(run.iter().chain(words).chain(&["busybox", "true"])).fails_with(125);
        assert!(said.contains(part) && said.lines().count() == 1, "{said}");
    }
    finish(teu);
}

#[test]
fn wrong_networks_are_one_clear_line() {
    let teu = fresh();
    teu.run(["network", "create", "--subnet", "172.30.0.0/24", "net"]).ok();
    for (words, part) in [
        (&["network", "create", "net"][..], "already exists"),
        (&["network", "create", "--subnet", "172.30.0.0/16", "other"], "overlaps"),
        (&["network", "create", "--subnet", "172.30", "other"], "172.30"),
        (&["network", "create", "--gateway", "10.0.0.1", "other"], "no matching subnet"),
        (&["network", "create", "-d", "overlay", "other"], "overlay"),
        (&["network", "create", "host"], "exists"),
        (&["network", "rm", "bridge"], "predefined"),
        (&["network", "rm", "nothing"], "not found"),
        (&["network", "connect", "net", "nobody"], "nobody"),
        (&["port", "nobody"], "nobody"),
        (&["network", "create", "--subnet", "127.3.0.0/24", "other"], "no machine can have an address"),
        (&["network", "create", "--subnet", "fe80::/64", "other"], "no machine can have an address"),
        (&["network", "create", "--subnet", "fd00::/127", "other"], "between 1 and 126"),
        (
            &["network", "create", "--subnet", "10.1.0.0/24", "--ip-range", "10.2.0.0/25", "other"],
            "ip-range 10.2.0.0/25",
        ),
        (
            &["network", "create", "--subnet", "10.1.0.0/24", "--gateway", "10.2.0.1", "other"],
            "gateway 10.2.0.1",
        ),
        (
            &["network", "create", "--subnet", "10.1.0.0/24", "--aux-address", "a=10.2.0.1", "other"],
            "aux-address 10.2.0.1",
        ),
        (&["network", "create", "../other"], "invalid network name"),
        (&["network", "create", "other\u{1b}[31m"], "invalid network name"),
        (&["network", "create", "-d", "macvlan", "-o", "parent=nothing", "other"], "no interface nothing"),
        (&["network", "ls", "--filter", "colour=red"], "invalid filter"),
        (&["network", "connect", "--link", "a:b", "net", "nobody"], "--link is not supported"),
    ] {
        let said = teu.run(words).fails_with(1);
        assert!(said.contains(part) && said.lines().count() == 1, "{words:?}: {said}");
    }
    assert_eq!(teu.run(["network", "ls", "--filter", "type=custom", "--format", "{{.Name}}"]).ok(), "net");
    teu.run(["network", "create", "n"]).ok();
    teu.run(["run", "--rm", "--network", "n", "busybox", "true"]).ok();
    teu.run(["network", "create", "--subnet", "172.30.1.0/29", "small"]).ok();
    let mac = "02:42:00:00:00:07";
    for words in [&["--name", "first", "--ip", "172.30.1.2", "--mac-address", mac][..], &[], &[], &[], &[]] {
        let start = ["run", "-d", "--network", "small"];
        teu.run(start.iter().chain(words).chain(&["busybox", "sleep", "1000"])).ok();
    }
    for (words, part) in [
        (&[][..], "172.30.1.0/29 is exhausted"),
        (&["--ip", "172.30.1.2"], "in use by first"),
        (&["--ip", "172.30.1.1"], "the network itself"),
        (&["--ip", "172.30.1.0"], "the network itself"),
        (&["--ip", "172.30.1.7"], "the network itself"),
        (&["--ip", "172.30.2.2"], "does not belong to any"),
        (&["--mac-address", "03:42:00:00:00:07"], "invalid MAC address"),
    ] {
        let run = ["run", "--rm", "--network", "small"];
        let said = teu.run(run.iter().chain(words).chain(&["busybox", "true"])).fails_with(125);
        assert!(said.contains(part) && said.lines().count() == 1, "{words:?}: {said}");
    }
    // A hardware address is one container's on a network, for as long as it runs.
    let again = ["run", "--rm", "--network", "net", "--mac-address", mac, "busybox", "true"];
    teu.run(again).ok();
    teu.run(["network", "disconnect", "small", "first"]).ok();
    let swap = [
        "run",
        "-d",
        "--name",
        "second",
        "--network",
        "small",
        "--mac-address",
        mac,
        "busybox",
        "sleep",
        "1000",
    ];
    teu.run(swap).ok();
    let holder = ["run", "-d", "--name", "holder", "--network", "net", "--mac-address", mac];
    teu.run(holder.iter().chain(&["busybox", "sleep", "1000"])).ok();
    let said = teu.run(again).fails_with(125);
    assert!(
        said.contains("hardware address 02:42:00:00:00:07 on network net is already in use by holder"),
        "{said}"
    );
    teu.run(["rm", "-f", "holder"]).ok();
    teu.run(again).ok();
    teu.run(["network", "connect", "--ip", "172.30.1.2", "small", "first"]).fails_with(1);
    for (network, part) in
        [("host", "cannot connect container first to network host"), ("none", "to network none")]
    {
        let said = teu.run(["network", "connect", network, "first"]).fails_with(1);
        assert!(said.contains(part), "{said}");
    }
    // What is always there is shown the same by all commands.
    let listed = |filter: &str| {
        teu.run([
            "network",
            "ls",
            "--no-trunc",
            "--filter",
            filter,
            "--format",
            "{{.ID}} {{.Name}} {{.Driver}}",
        ])
        .ok()
    };
    for (filter, name) in [("driver=null", "none"), ("driver=host", "host")] {
        let shown = teu.run(["network", "inspect", "-f", "{{.Id}} {{.Name}} {{.Driver}}", name]).ok();
        assert_eq!(listed(filter), shown);
    }
    finish(teu);
}
