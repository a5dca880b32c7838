//! Other firewalls of the host: ours stands beside them, and what they drop by policy gets an exception. Each test is a
//! host of its own.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::process::{Child, Command, Stdio};
use teu_tests::served::{finish, get, serve};
use teu_tests::{Neighbour, Teu, host, isolate_mounts, isolate_network, skip};

/// What Docker has loaded on a host where it is started: its chains, its bridge, and a policy of `DROP`.
const DOCKER: &str = "*filter
:FORWARD DROP [0:0]
:DOCKER - [0:0]
:DOCKER-ISOLATION-STAGE-1 - [0:0]
:DOCKER-ISOLATION-STAGE-2 - [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-ISOLATION-STAGE-1
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A FORWARD -i docker0 -o docker0 -j ACCEPT
-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
-A DOCKER-ISOLATION-STAGE-1 -j RETURN
-A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
-A DOCKER-ISOLATION-STAGE-2 -j RETURN
-A DOCKER-USER -j RETURN
COMMIT";

/// A host with the image `busybox`, where the test can be carried out.
fn fresh(test: &str, program: &str) -> Option<Teu> {
    let found = std::process::Command::new("sh").args(["-c", &format!("command -v {program}")]).output();
    if !found.is_ok_and(|output| output.status.success()) {
        skip(test, &format!("the program {program} is not installed"));
        return None;
    }
    isolate_network();
    Some(Teu::with_busybox())
}

fn reaches_outside(teu: &Teu, from: &str) -> bool {
    teu.run(["exec", from, "timeout", "2", "nc", "10.99.0.2", "7000"]).stdout.trim() == "outside"
}

fn comes_in(neighbour: &Neighbour, port: u16) -> Option<String> {
    neighbour.run(&format!("busybox timeout 2 busybox wget -q -O - http://10.99.0.1:{port}/"))
}

#[test]
fn a_policy_that_drops_gets_an_exception_that_goes_with_its_network() {
    let Some(teu) = fresh("a policy that drops", "iptables") else { return };
    let mut neighbour = Neighbour::on_wire("lan", "10.99.0.1/24", "10.99.0.2/24");
    neighbour.serve(7000, "outside");
    host("iptables -P FORWARD DROP; iptables -A FORWARD -s 192.0.2.1 -j ACCEPT");
    let before = host("iptables -S");
    teu.run(["network", "create", "shop"]).ok();
    serve(&teu, "web", &["--network", "shop", "-p", "8080:80"]);
    teu.run(["run", "-d", "--name", "client", "--network", "shop", "busybox", "sleep", "1000"]).ok();
    assert_eq!(comes_in(&neighbour, 8080).as_deref(), Some("web"), "from outside");
    assert!(reaches_outside(&teu, "client"), "to the outside");
    assert_eq!(get(&teu, "client", "http://web/").as_deref(), Some("web"), "within the network");
    // Ours still judges what passes.
    let address = teu.inspect("web", "{{.NetworkSettings.Networks.shop.IPAddress}}");
    neighbour.run(&format!("ip route add {address} via 10.99.0.1"));
    let direct = neighbour.run(&format!("busybox timeout 1 busybox wget -q -O - http://{address}/"));
    assert_eq!(direct, None, "what is not published");
    let during = host("iptables -S");
    assert!(during.starts_with(&before), "ours come after theirs: {during}");
    // Whoever empties the chain and sets the policy again is answered by the next container.
    host("iptables -F FORWARD; iptables -A FORWARD -s 192.0.2.1 -j ACCEPT");
    assert!(!reaches_outside(&teu, "client"));
    teu.run(["run", "--rm", "--network", "shop", "busybox", "true"]).ok();
    assert!(reaches_outside(&teu, "client"));
    teu.run(["rm", "-f", "web", "client"]).ok();
    teu.run(["network", "rm", "shop"]).ok();
    assert_eq!(host("iptables -S"), before, "nothing of ours is left");
    finish(teu);
}

#[test]
fn beside_docker_its_own_containers_stay_its_own() {
    let Some(teu) = fresh("beside Docker", "iptables") else { return };
    let mut neighbour = Neighbour::on_wire("lan", "10.99.0.1/24", "10.99.0.2/24");
    neighbour.serve(7000, "outside");
    // A container of Docker's.
    host(
        "ip link add docker0 type bridge && ip addr add 172.31.255.1/24 dev docker0 && ip link set docker0 up",
    );
    let mut theirs = Neighbour::on_wire("vethd", "172.31.254.1/32", "172.31.255.2/24");
    host("ip addr flush dev vethd; ip link set vethd master docker0");
    theirs.run("ip route add default via 172.31.255.1");
    theirs.serve(7000, "private");
    // A program that is started once ours runs: only the next container notices.
    serve(&teu, "web", &["-p", "8080:80"]);
    host(&format!("iptables-restore <<'RULES'\n{DOCKER}\nRULES"));
    let rules = host("iptables -S");
    assert_eq!(comes_in(&neighbour, 8080), None, "cut off");
    serve(&teu, "second", &["-p", "8081:80"]);
    assert_eq!(comes_in(&neighbour, 8080).as_deref(), Some("web"));
    assert_eq!(comes_in(&neighbour, 8081).as_deref(), Some("second"));
    assert!(reaches_outside(&teu, "web"));
    let private = ["exec", "web", "timeout", "1", "nc", "172.31.255.2", "7000"];
    assert_eq!(teu.run(private).stdout.trim(), "", "what Docker has not published stays closed");
    host("iptables -P FORWARD ACCEPT");
    assert_eq!(teu.run(private).stdout.trim(), "private", "it was theirs that kept it closed");
    host("iptables -P FORWARD DROP");
    let now = host("iptables -S");
    let kept: Vec<&str> = now.lines().filter(|rule| !rule.contains("teu:")).collect();
    assert_eq!(kept.join("\n"), rules, "theirs are as they were");
    let ours = now.lines().filter(|rule| rule.contains("teu:"));
    assert!(
        ours.clone().count() > 0 && ours.clone().all(|rule| rule.starts_with("-A DOCKER-USER ")),
        "{now}"
    );
    finish(teu);
}

#[test]
fn tables_that_let_pass_are_left_alone() {
    let Some(teu) = fresh("tables that let pass", "iptables") else { return };
    host(
        "iptables -A FORWARD -s 192.0.2.1 -j DROP; nft add table inet mine; nft add chain inet mine pass '{ type filter hook forward priority 10; }'; nft add rule inet mine pass counter",
    );
    let look = || host("iptables -S; nft list table inet mine | sed 's/packets.*//'");
    let before = look();
    teu.run(["network", "create", "shop"]).ok();
    serve(&teu, "web", &["--network", "shop", "-p", "8080:80"]);
    serve(&teu, "other", &[]);
    assert_eq!(look(), before);
    // Whoever empties all tables, as a firewall does that is loaded anew, takes ours with them: it comes back.
    host("nft flush ruleset");
    teu.run(["run", "--rm", "busybox", "true"]).ok();
    assert_eq!(
        host("busybox timeout 2 busybox wget -q -O - http://127.0.0.1:8080/"),
        "web",
        "the ports of the other network are back as well"
    );
    finish(teu);
}

/// A program that runs until the test ends.
struct Daemon(Child);

impl Daemon {
    fn start(program: &str, words: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.args(words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().expect("a program that is installed"))
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Asked, not killed: firewalld takes its rules along.
        let _ = kill(Pid::from_raw(self.0.id() as i32), Signal::SIGTERM);
        let _ = self.0.wait();
    }
}

fn firewalld(teu: &Teu) -> Daemon {
    let daemon = Daemon::start("firewalld", &["--nofork", "--nopid"]);
    teu.wait_until("firewalld", || {
        let state = Command::new("firewall-cmd").arg("--state").output();
        state.is_ok_and(|output| output.stdout.starts_with(b"running"))
    });
    daemon
}

#[test]
fn firewalld_lets_bridges_pass_and_its_table_is_its_own() {
    let Some(teu) = fresh("beside firewalld", "firewalld && command -v dbus-daemon") else { return };
    let mut neighbour = Neighbour::on_wire("lan", "10.99.0.1/24", "10.99.0.2/24");
    neighbour.serve(7000, "outside");
    isolate_mounts();
    host(
        "mount -t tmpfs tmpfs /run && mkdir /run/dbus; for folder in /etc/firewalld /var/log; do mount -t tmpfs tmpfs $folder; done",
    );
    let _bus = Daemon::start("dbus-daemon", &["--system", "--nofork", "--nopidfile"]);
    let daemon = firewalld(&teu);
    let theirs = || host("nft -s list table inet firewalld");
    let before = theirs();
    teu.run(["network", "create", "shop"]).ok();
    serve(&teu, "web", &["--network", "shop", "-p", "8080:80"]);
    serve(&teu, "plain", &["-p", "8081:80"]);
    teu.run(["run", "-d", "--name", "client", "--network", "shop", "busybox", "sleep", "1000"]).ok();
    let works = |when: &str| {
        assert_eq!(comes_in(&neighbour, 8080).as_deref(), Some("web"), "from outside, {when}");
        assert_eq!(comes_in(&neighbour, 8081).as_deref(), Some("plain"), "from outside, {when}");
        assert_eq!(comes_in(&neighbour, 8082), None, "what is not published, {when}");
        for from in ["client", "plain"] {
            assert!(reaches_outside(&teu, from), "from {from} to the outside, {when}");
        }
        assert_eq!(get(&teu, "client", "http://web/").as_deref(), Some("web"), "within the network, {when}");
    };
    works("at first");
    // What there is of ours in its table it wrote itself: our interfaces, and the zone that they are in.
    let during = theirs();
    let (ours, kept): (Vec<&str>, Vec<&str>) = during.lines().partition(|line| line.contains("teu"));
    let chains = |text: &str| -> Vec<String> {
        let all = text.split("\n\n").map(|chain| chain.trim_matches(['}', '\n', '\t']).to_owned());
        all.filter(|chain| !chain.contains("_trusted {") && !chain.contains("_trusted_")).collect()
    };
    assert!(!ours.is_empty() && chains(&kept.join("\n")) == chains(&before), "{ours:?}");
    host("firewall-cmd --reload");
    works("after it was loaded anew");
    host("firewall-cmd --complete-reload");
    works("after it was loaded anew as a whole");
    drop(daemon);
    let _daemon = firewalld(&teu);
    works("after it was started anew");
    // It is what lets them pass; one that forgot them is told again with the next container.
    let interface = teu.run(["network", "inspect", "-f", "{{.Interface}}", "shop"]).ok();
    host(&format!("firewall-cmd --zone=trusted --remove-interface={interface}"));
    assert!(!reaches_outside(&teu, "client"));
    teu.run(["run", "--rm", "--network", "shop", "busybox", "true"]).ok();
    works("after its zone forgot them");
    teu.run(["rm", "-f", "web", "client"]).ok();
    teu.run(["network", "rm", "shop"]).ok();
    assert!(!theirs().contains("teu-"), "it goes with its network");
    assert!(!host("firewall-cmd --permanent --zone=trusted --list-interfaces").contains("teu-"));
    finish(teu);
}

#[test]
fn a_table_that_drops_what_passes_is_told_of_and_left_alone() {
    let Some(teu) = fresh("a table that drops", "nft") else { return };
    let mut neighbour = Neighbour::on_wire("lan", "10.99.0.1/24", "10.99.0.2/24");
    neighbour.serve(7000, "outside");
    host(
        "nft 'table inet mine { chain pass { type filter hook forward priority 10; policy drop; }; chain enter { type filter hook input priority 0; policy drop; iif lo accept; }; }'",
    );
    let before = host("nft list table inet mine");
    let start = ["run", "-d", "--name", "client", "busybox", "sleep", "1000"];
    let started = teu.run(start);
    assert!(!reaches_outside(&teu, "client"));
    let created = teu.run(["network", "create", "shop"]);
    let info = teu.run(["info"]);
    for output in [&started, &created, &info] {
        let said = output.stderr.trim_end();
        assert!(output.code == 0 && said.lines().count() == 1, "{said}");
        assert!(
            said.starts_with("WARNING: the firewall table inet mine drops what containers send"),
            "{said}"
        );
    }
    assert_eq!(host("nft list table inet mine"), before);
    // What it says to do is enough.
    let advice =
        started.stderr.split_once("nft '").and_then(|(_, rest)| rest.split_once('\'')).expect("advice");
    host(&format!("nft '{}'", advice.0));
    assert!(reaches_outside(&teu, "client"));
    teu.run(["rm", "-f", "client"]).ok();
    assert_eq!(teu.run(start).stderr, "");
    assert_eq!(teu.run(["info"]).stderr, "");
    finish(teu);
}
