//! Bridges between real network namespaces: who reaches whom, from where, and who must not.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Host, ask, is_closed, port, run, subnet};
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;
use teu_network::NetworkError;

#[test]
fn containers_on_a_network_reach_each_other_and_the_host() {
    let host = Host::new();
    let web = host.start("web", "");
    let client = host.start("client", "");
    assert_eq!(web.endpoint.snapshot.ipv4, "172.17.0.2/16");
    assert_eq!(client.endpoint.snapshot.ipv4, "172.17.0.3/16");
    assert_eq!(
        (web.endpoint.snapshot.interface.as_str(), web.endpoint.snapshot.gateway.as_str()),
        ("eth0", "172.17.0.1")
    );
    assert_eq!(web.endpoint.snapshot.mac, "02:42:ac:11:00:02");
    let server = web.serve(80, 2);
    let address = SocketAddr::new(web.ipv4(), 80);
    assert_eq!(client.ask(address).unwrap(), "hello");
    assert_eq!(ask(address).unwrap(), "hello");
    assert_eq!(server.join().unwrap()[0], client.ipv4());
    assert!(client.run("ip route").contains("default via 172.17.0.1 dev eth0"));
    assert!(run("ip -br link").contains("teu0"));
}

#[test]
fn networks_are_isolated_both_ways() {
    let host = Host::new();
    host.networks.create(&host.network("one")).unwrap();
    host.networks.create(&host.network("two")).unwrap();
    let one = host.start("a", "one");
    let two = host.start("b", "two");
    let _servers = (one.serve(80, 9), two.serve(80, 9));
    assert_eq!(ask(SocketAddr::new(one.ipv4(), 80)).unwrap(), "hello");
    assert_eq!(ask(SocketAddr::new(two.ipv4(), 80)).unwrap(), "hello");
    assert!(one.is_cut_off(SocketAddr::new(two.ipv4(), 80)));
    assert!(two.is_cut_off(SocketAddr::new(one.ipv4(), 80)));
    // Without the rules it would be possible: the isolation is theirs, and attaching puts them back.
    run("nft flush ruleset");
    assert_eq!(one.ask(SocketAddr::new(two.ipv4(), 80)).unwrap(), "hello");
    let _third = host.start("c", "one");
    assert!(one.is_cut_off(SocketAddr::new(two.ipv4(), 80)));
}

#[test]
fn internal_networks_have_no_way_out_and_none_in() {
    let host = Host::new();
    let mut spec = host.network("inner");
    spec.internal = true;
    host.networks.create(&spec).unwrap();
    let inner = host.start_with("inner", "inner", |request| request.ports = vec![port("", 8080, 80)]);
    let peer = host.start("peer", "inner");
    let outer = host.start_with("outer", "", |request| request.ports = vec![port("", 8081, 80)]);
    let _servers = (inner.serve(80, 9), outer.serve(80, 9));
    assert!(inner.endpoint.snapshot.ports.is_empty() && inner.endpoint.doors.is_empty());
    assert!(!inner.run("ip route").contains("default"));
    assert_eq!(peer.ask(SocketAddr::new(inner.ipv4(), 80)).unwrap(), "hello");
    // Even with a route of its own making.
    let gateway = run(&format!(
        "ip -4 -o addr show dev {} | grep -o 'inet [0-9.]*' | cut -d' ' -f2",
        host.networks.find("inner").unwrap().interface
    ));
    inner.run(&format!("ip route add default via {}", gateway.trim()));
    assert!(outer.is_cut_off(SocketAddr::new(inner.ipv4(), 80)));
    assert!(inner.is_cut_off(SocketAddr::new(outer.ipv4(), 80)));
    assert!(inner.is_cut_off(SocketAddr::new("172.17.0.1".parse().unwrap(), 8081)));
    assert!(inner.is_cut_off(SocketAddr::new(gateway.trim().parse().unwrap(), 8081)));
    assert_eq!(outer.ask(SocketAddr::new("172.17.0.1".parse().unwrap(), 8081)).unwrap(), "hello");
}

#[test]
fn published_ports_are_reached_from_everywhere() {
    let host = Host::new();
    // A machine outside, on a wire to the host.
    let outside = common::namespace();
    teu_network::within(std::os::fd::AsFd::as_fd(&outside), || {
        run("ip link add wire type veth peer name host");
        Ok(())
    })
    .unwrap();
    move_to_here(&outside);
    run("ip addr add 10.99.0.1/24 dev host && ip link set host up");
    let asked = |address: SocketAddr| {
        teu_network::within(std::os::fd::AsFd::as_fd(&outside), || Ok(ask(address))).unwrap()
    };

    let is_closed_outside = |address: SocketAddr| {
        teu_network::within(std::os::fd::AsFd::as_fd(&outside), || Ok(is_closed(address))).unwrap()
    };
    host.networks.create(&host.network("other")).unwrap();
    let web = host.start_with("web", "", |request| {
        request.ports = vec![port("", 8080, 80), port("127.0.0.1", 8081, 80), port("", 0, 80)];
    });
    let client = host.start("client", "");
    let stranger = host.start("stranger", "other");
    let server = web.serve(80, 7);
    let at = |text: &str| text.parse::<SocketAddr>().unwrap();
    let free = web.endpoint.snapshot.ports[3].host_port;
    assert!(free >= 1024, "{free}");
    assert_eq!(ask(at("127.0.0.1:8080")).as_deref(), Some("hello"), "host by loopback");
    assert_eq!(ask(at("127.0.0.1:8081")).as_deref(), Some("hello"), "host by bound loopback");
    assert_eq!(
        ask(SocketAddr::new("10.99.0.1".parse().unwrap(), free)).as_deref(),
        Some("hello"),
        "host by its address"
    );
    assert_eq!(asked(at("10.99.0.1:8080")).as_deref(), Some("hello"), "outside");
    assert_eq!(client.ask(at("10.99.0.1:8080")).as_deref(), Some("hello"), "container of the same network");
    assert_eq!(stranger.ask(at("10.99.0.1:8080")).as_deref(), Some("hello"), "container of another network");
    assert_eq!(web.ask(at("10.99.0.1:8080")).as_deref(), Some("hello"), "the container itself");
    let askers = server.join().unwrap();
    assert_eq!(askers[3], "10.99.0.2".parse::<IpAddr>().unwrap(), "the asker's own address is seen");
    let _server = web.serve(80, 9);
    // What is published on the loopback address is not for others, and what is not published not for the outside.
    assert!(is_closed_outside(at("10.99.0.1:8081")));
    run_in(&outside, "ip route add 172.17.0.0/16 via 10.99.0.1; ip route add 127.0.0.9 via 10.99.0.1");
    assert!(is_closed_outside(SocketAddr::new(web.ipv4(), 80)));
    // When the container goes, so do its ports.
    host.networks.detach(&web.id).unwrap();
    drop(web);
    assert!(is_closed(at("127.0.0.1:8080")));
    assert!(!run("nft list table inet teu").contains("8080"));
}

fn run_in(namespace: &std::os::fd::OwnedFd, program: &str) -> String {
    teu_network::within(std::os::fd::AsFd::as_fd(namespace), || Ok(run(program))).unwrap()
}

/// Moves the far end of the wire to the test's host and sets the near end up.
fn move_to_here(outside: &std::os::fd::OwnedFd) {
    let pid = nix::unistd::gettid();
    run_in(
        outside,
        &format!("ip link set host netns {pid} && ip addr add 10.99.0.2/24 dev wire && ip link set wire up"),
    );
}

#[test]
fn containers_do_not_reach_the_host_s_loopback() {
    let host = Host::new();
    let client = host.start("client", "");
    let listener = std::net::TcpListener::bind("127.0.0.1:7777").unwrap();
    client.run("ip addr del 127.0.0.1/8 dev lo; ip link set lo down; ip route add 127.0.0.1 via 172.17.0.1; sysctl -qw net.ipv4.conf.eth0.route_localnet=1");
    assert!(client.is_cut_off("127.0.0.1:7777".parse().unwrap()));
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "nothing arrived");
}

#[test]
fn ports_that_are_taken_tell_by_whom() {
    let host = Host::new();
    let _web = host.start_with("web", "", |request| request.ports = vec![port("", 8080, 80)]);
    let try_on = |host_ip: &str, number: u16| {
        host.try_start(&format!("on{host_ip}{number}"), "", |request| {
            request.ports = vec![port(host_ip, number, 80)];
        })
    };
    let again = |host_ip: &str, number: u16| try_on(host_ip, number).err().map(|error| error.to_string());
    assert_eq!(again("", 8080).unwrap(), "port 0.0.0.0:8080/tcp is already in use by container web");
    assert_eq!(
        again("127.0.0.1", 8080).unwrap(),
        "port 127.0.0.1:8080/tcp is already in use by container web"
    );
    let listener = std::net::TcpListener::bind("127.0.0.1:8090").unwrap();
    let error = again("", 8090).unwrap();
    assert!(
        error.contains("8090/tcp is already in use by program")
            && error.contains(&format!("(pid {})", std::process::id())),
        "{error}"
    );
    drop(listener);
    let _second = try_on("", 8090).unwrap();
    assert!(again("203.0.113.7", 8091).unwrap().contains("does not have that address"));
    // The failed ones left nothing: no lease but web's and the one that succeeded, no interface.
    assert_eq!(host.networks.find("bridge").unwrap().endpoints.len(), 2);
    assert_eq!(run("ip -br link").matches("\ntv").count(), 2);
    // A program of the host cannot take the port meanwhile.
    assert!(std::net::TcpListener::bind("0.0.0.0:8080").is_err());
}

#[test]
fn ipv6_networks_carry_and_publish() {
    let host = Host::new();
    let mut spec = host.network("six");
    spec.ipv6 = true;
    host.networks.create(&spec).unwrap();
    let web = host.start_with("web", "six", |request| request.ports = vec![port("", 8080, 80)]);
    let client = host.start("client", "six");
    let _server = web.serve(80, 9);
    assert!(
        web.endpoint.snapshot.ipv6.starts_with("fd") && web.endpoint.snapshot.ipv6.ends_with("::2/64"),
        "{}",
        web.endpoint.snapshot.ipv6
    );
    assert_eq!(client.ask(SocketAddr::new(web.ipv6(), 80)).as_deref(), Some("hello"));
    assert_eq!(ask(SocketAddr::new(web.ipv6(), 80)).as_deref(), Some("hello"));
    run("ip -6 addr add fd99::1/64 dev lo nodad");
    assert_eq!(ask("[fd99::1]:8080".parse().unwrap()).as_deref(), Some("hello"));
    assert_eq!(client.ask("[fd99::1]:8080".parse().unwrap()).as_deref(), Some("hello"));
    assert_eq!(ask("127.0.0.1:8080".parse().unwrap()).as_deref(), Some("hello"));
}

#[test]
fn fixed_addresses_are_given_once() {
    let host = Host::new();
    let mut spec = host.network("fixed");
    spec.subnets = vec![subnet("10.44.0.0/29")];
    host.networks.create(&spec).unwrap();
    let first = host.start_with("first", "fixed", |request| {
        request.ipv4 = "10.44.0.4".parse().ok();
        request.mac = Some([2, 0x42, 1, 2, 3, 4]);
    });
    assert_eq!(first.endpoint.snapshot.ipv4, "10.44.0.4/29");
    assert!(first.run("ip link show eth0").contains("02:42:01:02:03:04"));
    let ask_for = |address: &str| {
        host.try_start("second", "fixed", |request| request.ipv4 = address.parse().ok()).err().unwrap()
    };
    assert_eq!(
        ask_for("10.44.0.4").to_string(),
        "address 10.44.0.4 on network fixed is already in use by first"
    );
    assert_eq!(
        ask_for("10.44.0.1").to_string(),
        "address 10.44.0.1 on network fixed is already in use by the network itself"
    );
    assert!(ask_for("10.45.0.1").to_string().contains("does not belong"));
    let others: Vec<_> = ["a", "b", "c", "d"].map(|name| host.start(name, "fixed")).into();
    let error = host.try_start("e", "fixed", |_| ()).err().unwrap();
    assert_eq!(error.to_string(), "no free address on network fixed: 10.44.0.0/29 is exhausted");
    host.networks.detach(&others[1].id).unwrap();
    assert_eq!(host.start("e", "fixed").ipv4(), others[1].ipv4());
    assert!(matches!(host.networks.remove("fixed"), Err(NetworkError::InUse { .. })));
}

#[test]
fn a_running_container_comes_and_goes() {
    let host = Host::new();
    host.networks.create(&host.network("back")).unwrap();
    let app = host.start("app", "");
    let db = host.start("db", "back");
    let _server = db.serve(80, 9);
    assert!(app.is_cut_off(SocketAddr::new(db.ipv4(), 80)));
    let endpoint = host
        .networks
        .attach(std::os::fd::AsFd::as_fd(&app.namespace), &common::request("app", "back"))
        .unwrap();
    assert_eq!(endpoint.snapshot.interface, "eth1");
    assert_eq!(app.ask(SocketAddr::new(db.ipv4(), 80)).as_deref(), Some("hello"));
    let namespace = || Some(std::os::fd::AsFd::as_fd(&app.namespace));
    assert!(matches!(
        host.networks.attach(namespace().unwrap(), &common::request("app", "back")),
        Err(NetworkError::AlreadyConnected { .. })
    ));
    // The default route goes over to the network that is left.
    host.networks.disconnect("bridge", &app.id, namespace()).unwrap();
    let routes = app.run("ip route");
    assert!(routes.contains(&format!("default via {} dev eth1", endpoint.snapshot.gateway)), "{routes}");
    host.networks.disconnect("back", &app.id, namespace()).unwrap();
    assert_eq!(app.run("ip route"), "");
    assert!(matches!(
        host.networks.disconnect("back", &app.id, None),
        Err(NetworkError::NotConnected { .. })
    ));
    assert!(host.networks.endpoints_of(&app.id).unwrap().is_empty());
}

#[test]
fn networks_are_made_listed_and_removed() {
    let host = Host::new();
    let mut spec = host.network("shop");
    spec.labels.insert("tier".into(), "1".into());
    let made = host.networks.create(&spec).unwrap();
    assert_eq!(made.spec.labels["tier"], "1");
    assert!(run("ip -br link").contains(&made.interface));
    assert_eq!(host.networks.find(made.short_id()).unwrap(), made);
    assert!(matches!(host.networks.create(&spec), Err(NetworkError::NameTaken(_))));
    let names: Vec<_> = host.networks.list().unwrap().into_iter().map(|network| network.spec.name).collect();
    assert!(names.contains(&"bridge".to_owned()) && names.contains(&"shop".to_owned()), "{names:?}");
    let mut overlapping = host.network("overlap");
    overlapping.subnets = vec![subnet(&made.spec.subnets[0].subnet)];
    assert!(
        host.networks.create(&overlapping).unwrap_err().to_string().contains("overlaps with network shop")
    );
    let mut wire = host.network("wire");
    run(
        "ip link add wire type veth peer name far && ip addr add 10.7.0.1/16 dev wire && ip link set wire up",
    );
    wire.subnets = vec![subnet("10.7.3.0/24")];
    assert!(
        host.networks.create(&wire).unwrap_err().to_string().contains("this host's route to 10.7.0.0/16")
    );
    assert_eq!(host.networks.unused(|network| network.spec.labels.contains_key("tier")).unwrap(), ["shop"]);
    assert_eq!(host.networks.prune(&["shop".to_owned()]).unwrap(), ["shop"]);
    assert!(!run("ip -br link").contains(&made.interface));
    assert!(!run("nft list table inet teu").contains(&made.interface));
    assert!(matches!(host.networks.remove("shop"), Err(NetworkError::NotFound(_))));
    assert!(matches!(host.networks.remove("bridge"), Err(NetworkError::Predefined(_))));
}

#[test]
fn what_the_dead_left_is_cleared_and_nothing_else() {
    let host = Host::new();
    let _alive = host.start_with("alive", "", |request| request.ports = vec![port("", 8001, 80)]);
    let dead = host.start_with("dead", "", |request| request.ports = vec![port("", 8002, 80)]);
    let keep = common::id_of("alive");
    run("ip link add tvforeign type veth peer name far");
    assert_eq!(host.networks.reconcile(&|id| *id == keep).unwrap(), 1);
    let rules = run("nft list table inet teu");
    assert!(rules.contains("8001") && !rules.contains("8002"));
    let links = run("ip -br link");
    assert_eq!(links.matches("\ntv").count(), 2, "{links}");
    assert_eq!(dead.run("ip -br link").matches("eth0").count(), 0);
    assert_eq!(host.networks.reconcile(&|id| *id == keep).unwrap(), 0);
}

#[test]
fn a_network_comes_back_after_the_host_lost_it() {
    let host = Host::new();
    let made = host.networks.create(&host.network("net")).unwrap();
    run(&format!("ip link del {} && nft delete table inet teu", made.interface));
    let web = host.start_with("web", "net", |request| request.ports = vec![port("", 8080, 80)]);
    let _server = web.serve(80, 1);
    assert_eq!(ask("127.0.0.1:8080".parse().unwrap()).as_deref(), Some("hello"));
}

#[test]
fn other_tables_are_left_alone() {
    let host = Host::new();
    run(
        "nft add table ip mine; nft add chain ip mine forward '{ type filter hook forward priority 0; }'; nft add rule ip mine forward counter",
    );
    let before = run("nft list table ip mine");
    let web = host.start_with("web", "", |request| request.ports = vec![port("", 8080, 80)]);
    host.networks.detach(&web.id).unwrap();
    assert_eq!(run("nft list table ip mine"), before);
}

#[test]
fn macvlan_containers_have_their_own_address_on_the_wire() {
    let host = Host::new();
    run(
        "ip link add wire type veth peer name far && ip link set far up && ip link set wire up && ip addr add 10.8.0.1/24 dev wire",
    );
    let mut spec = host.network("lan");
    spec.driver = teu_api::network::NetworkDriver::Macvlan;
    assert!(
        host.networks.create(&spec).unwrap_err().to_string().contains("needs one of the host's interfaces")
    );
    spec.options.insert("parent".into(), "nowhere".into());
    assert!(host.networks.create(&spec).unwrap_err().to_string().contains("no interface nowhere"));
    spec.options.insert("parent".into(), "wire".into());
    spec.subnets = vec![subnet("10.8.0.0/24")];
    host.networks.create(&spec).unwrap();
    let one = host.start("one", "lan");
    let two = host.start("two", "lan");
    let _server = two.serve(80, 1);
    assert_eq!(one.ask(SocketAddr::new(two.ipv4(), 80)).as_deref(), Some("hello"));
    assert!(one.run("ip -d link show eth0").contains("macvlan mode bridge"));
    host.networks.disconnect("lan", &one.id, Some(std::os::fd::AsFd::as_fd(&one.namespace))).unwrap();
    assert!(!one.run("ip -br link").contains("eth0"));
    spec.name = "ip".into();
    spec.driver = teu_api::network::NetworkDriver::Ipvlan;
    spec.subnets = vec![subnet("10.9.0.0/24")];
    match host.networks.create(&spec) {
        Ok(_) => assert!(host.start("three", "ip").run("ip -d link show eth0").contains("ipvlan")),
        Err(error) => assert!(error.to_string().contains("this kernel has no driver ipvlan"), "{error}"),
    }
}

#[test]
fn containers_that_may_not_talk_do_not() {
    let host = Host::new();
    let mut spec = host.network("quiet");
    spec.options.insert("com.docker.network.bridge.enable_icc".into(), "false".into());
    host.networks.create(&spec).unwrap();
    let (one, two) = (host.start("one", "quiet"), host.start("two", "quiet"));
    let _server = two.serve(80, 9);
    assert!(one.is_cut_off(SocketAddr::new(two.ipv4(), 80)));
    assert_eq!(ask(SocketAddr::new(two.ipv4(), 80)).as_deref(), Some("hello"));
}

#[test]
fn attaching_is_done_in_milliseconds() {
    let host = Host::new();
    let _first = host.start("first", "");
    let containers: Vec<_> = (0..20).map(|number| (common::namespace(), format!("c{number}"))).collect();
    let start = Instant::now();
    for (namespace, name) in &containers {
        host.networks.attach(std::os::fd::AsFd::as_fd(namespace), &common::request(name, "")).unwrap();
    }
    let attached = start.elapsed();
    let start = Instant::now();
    for (_, name) in &containers {
        host.networks.detach(&common::id_of(name)).unwrap();
    }
    println!("attach {:?}, detach {:?} each", attached / 20, start.elapsed() / 20);
    assert!(host.networks.find("bridge").unwrap().endpoints.len() == 1);
}

#[test]
fn an_ended_container_s_address_waits_for_its_interface() {
    let host = Host::new();
    let mut spec = host.network("small");
    spec.subnets = vec![subnet("10.44.0.0/29")];
    host.networks.create(&spec).unwrap();
    let first = host.start_with("first", "small", |request| request.ports = vec![port("", 8080, 80)]);
    let start = Instant::now();
    host.networks.detach_ended(&first.id).unwrap();
    println!("detach_ended {:?}", start.elapsed());
    assert!(host.networks.find("small").unwrap().endpoints.is_empty());
    assert!(!run("nft list table inet teu").contains("8080"));
    drop(first.endpoint);
    // Its network namespace is still there, as when another container has joined it: the address is not given again,
    // while name and port are free.
    let others: Vec<_> = ["first", "a", "b", "c"].map(|name| host.start(name, "small")).into();
    assert!(others.iter().all(|other| other.ipv4().to_string() != "10.44.0.2"));
    assert!(matches!(host.try_start("d", "small", |_| ()), Err(NetworkError::AddressesExhausted { .. })));
    run("ip link show | grep -o 'tv[0-9a-f]*' | head -1 | xargs ip link del");
    assert_eq!(host.start("d", "small").ipv4().to_string(), "10.44.0.2");
    for other in &others {
        host.networks.detach_ended(&other.id).unwrap();
    }
    host.networks.detach_ended(&common::id_of("d")).unwrap();
    host.networks.remove("small").unwrap();
    assert!(!run("ip -br link").contains("tv"));
}

#[test]
fn two_state_roots_share_a_host() {
    let host = Host::new();
    let folder = tempfile::tempdir().unwrap();
    let store = teu_store::Store::open(teu_store::Paths::under(folder.path())).unwrap();
    let other = teu_network::Networks::open(&store.paths().database()).unwrap();
    // Both have chosen name and range before either is up.
    let (mine, theirs) = (host.networks.find("bridge").unwrap(), other.find("bridge").unwrap());
    assert_eq!((&mine.interface, &mine.spec.subnets), (&theirs.interface, &theirs.spec.subnets));
    let first = host.start("first", "");
    let namespace = common::namespace();
    let second = other.attach(std::os::fd::AsFd::as_fd(&namespace), &common::request("second", "")).unwrap();
    assert_eq!(
        (first.endpoint.snapshot.ipv4.as_str(), second.snapshot.ipv4.as_str()),
        ("172.17.0.2/16", "172.18.0.2/16")
    );
    assert_ne!(other.find("bridge").unwrap().interface, mine.interface);
    // What one clears up is its own.
    other.reconcile(&|_| false).unwrap();
    let _server = first.serve(80, 1);
    assert_eq!(ask(SocketAddr::new(first.ipv4(), 80)).as_deref(), Some("hello"));
}

#[test]
fn datagrams_follow_the_port_to_the_container_that_has_it_now() {
    let host = Host::new();
    let udp = |request: &mut teu_network::EndpointRequest| {
        let mut port = port("", 5353, 53);
        port.protocol = teu_api::container::PortProtocol::Udp;
        request.ports = vec![port];
    };
    let client = host.start("client", "");
    let asker = client.udp("0.0.0.0:0");
    let gateway = "172.17.0.1:5353";
    // The flow is there before the port is.
    asker.send_to(b"too early", gateway).unwrap();
    let mut answers = Vec::new();
    for name in ["first", "second"] {
        let server = host.start_with(name, "", udp);
        let socket = server.udp("0.0.0.0:53");
        asker.send_to(name.as_bytes(), gateway).unwrap();
        let mut buffer = [0; 64];
        // The early one may have waited for its neighbour's address until now.
        let (length, peer) = loop {
            let (length, peer) = socket.recv_from(&mut buffer).unwrap();
            if &buffer[..length] == name.as_bytes() {
                break (length, peer);
            }
        };
        socket.send_to(&buffer[..length], peer).unwrap();
        let (length, from) = asker.recv_from(&mut buffer).unwrap();
        assert_eq!(from, gateway.parse().unwrap());
        answers.push(String::from_utf8_lossy(&buffer[..length]).into_owned());
        host.networks.detach_ended(&server.id).unwrap();
        std::mem::forget(server.namespace);
    }
    assert_eq!(answers, ["first", "second"]);
}
