//! Names asked for by real sockets inside containers' network namespaces.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Container, Host, run};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, Question, RCODE, TYPE};
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd, RawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use teu_network::{DatabaseNames, Resolver, within};

/// Serves a resolver as a supervisor's loop would, until dropped.
struct Served {
    stop: Arc<AtomicBool>,
    worker: Option<JoinHandle<usize>>,
}

impl Served {
    fn new(host: &Host, container: &Container, servers: Vec<SocketAddr>) -> Self {
        let names = DatabaseNames::new(host.folder.path().join("teu.db"), container.id.clone(), &[]);
        let mut resolver = Resolver::new(container.namespace.as_fd(), Box::new(names), servers).unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        // The resolver's questions to servers go out from the thread that serves it: the test's host.
        let here: OwnedFd = std::fs::File::open("/proc/thread-self/ns/net").unwrap().into();
        let worker = thread::spawn(move || {
            nix::sched::setns(here.as_fd(), nix::sched::CloneFlags::CLONE_NEWNET).unwrap();
            let mut rounds = 0;
            while !stopped.load(Ordering::Relaxed) {
                rounds += 1;
                round(&mut resolver);
            }
            rounds
        });
        Self { stop, worker: Some(worker) }
    }

    fn finish(mut self) -> usize {
        self.stop.store(true, Ordering::Relaxed);
        self.worker.take().unwrap().join().unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn round(resolver: &mut Resolver) {
    let interests = resolver.interests();
    let mut polled: Vec<PollFd<'_>> = interests
        .iter()
        .map(|interest| {
            let mut flags = PollFlags::empty();
            flags.set(PollFlags::POLLIN, interest.read);
            flags.set(PollFlags::POLLOUT, interest.write);
            PollFd::new(interest.fd, flags)
        })
        .collect();
    poll(&mut polled, PollTimeout::from(50u8)).unwrap();
    let ready: Vec<RawFd> = polled
        .iter()
        .filter(|polled| polled.any() == Some(true))
        .map(|polled| polled.as_fd().as_raw_fd())
        .collect();
    for fd in ready {
        resolver.ready(fd, Instant::now());
    }
    if resolver.next_deadline().is_some_and(|deadline| deadline <= Instant::now()) {
        resolver.expire(Instant::now());
    }
}

fn question(name: &str, kind: TYPE) -> Vec<u8> {
    let mut packet = Packet::new_query(4711);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    packet.questions.push(Question::new(Name::new(name).unwrap(), kind.into(), CLASS::IN.into(), false));
    packet.build_bytes_vec().unwrap()
}

fn read(bytes: &[u8]) -> (Vec<String>, RCODE, bool) {
    let packet = Packet::parse(bytes).unwrap();
    assert_eq!(packet.id(), 4711);
    let answers = packet.answers.iter().map(|answer| match &answer.rdata {
        RData::A(a) => Ipv4Addr::from(a.address).to_string(),
        RData::PTR(name) => name.to_string(),
        other => format!("{other:?}"),
    });
    (answers.collect(), packet.rcode(), packet.has_flags(PacketFlag::TRUNCATION))
}

fn look_up(container: &Container, name: &str, kind: TYPE) -> (Vec<String>, RCODE, bool) {
    let socket = container.udp("0.0.0.0:0");
    socket.connect("127.0.0.11:53").unwrap();
    let mut buffer = [0; 4096];
    // A datagram may be lost among many: whoever asks asks again.
    for _ in 0..3 {
        socket.send(&question(name, kind)).unwrap();
        if let Ok(length) = socket.recv(&mut buffer) {
            return read(&buffer[..length]);
        }
    }
    panic!("no answer");
}

fn look_up_by_tcp(container: &Container, name: &str) -> (Vec<String>, RCODE, bool) {
    try_by_tcp(container, name).unwrap()
}

fn try_by_tcp(container: &Container, name: &str) -> std::io::Result<(Vec<String>, RCODE, bool)> {
    let mut stream =
        within(container.namespace.as_fd(), || Ok(TcpStream::connect("127.0.0.11:53").unwrap())).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let query = question(name, TYPE::A);
    stream.write_all(&(query.len() as u16).to_be_bytes())?;
    stream.write_all(&query)?;
    let mut length = [0; 2];
    stream.read_exact(&mut length)?;
    let mut reply = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut reply)?;
    Ok(read(&reply))
}

/// A server that knows `example.org` as 192.0.2.1 and truncates by UDP what is called `large`.
fn upstream(udp: UdpSocket, tcp: TcpListener) {
    fn reply(query: &[u8], by_tcp: bool) -> Vec<u8> {
        let packet = Packet::parse(query).unwrap();
        let mut reply = Packet::new_reply(packet.id());
        let name = packet.questions[0].qname.clone();
        if name.to_string() == "large" && !by_tcp {
            reply.set_flags(PacketFlag::TRUNCATION);
        } else {
            let address = Ipv4Addr::new(192, 0, 2, if by_tcp { 2 } else { 1 }).into();
            let data = RData::A(simple_dns::rdata::A { address });
            reply.answers.push(simple_dns::ResourceRecord::new(name, CLASS::IN, 60, data));
        }
        reply.questions.clone_from(&packet.questions);
        reply.build_bytes_vec().unwrap()
    }
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok((length, client)) = udp.recv_from(&mut buffer) {
            udp.send_to(&reply(&buffer[..length], false), client).unwrap();
        }
    });
    thread::spawn(move || {
        while let Ok((mut stream, _)) = tcp.accept() {
            let mut length = [0; 2];
            stream.read_exact(&mut length).unwrap();
            let mut query = vec![0; usize::from(u16::from_be_bytes(length))];
            stream.read_exact(&mut query).unwrap();
            let reply = reply(&query, true);
            // In two parts, as a network may deliver it.
            let whole = [&(reply.len() as u16).to_be_bytes()[..], &reply].concat();
            stream.write_all(&whole[..5]).unwrap();
            thread::sleep(Duration::from_millis(20));
            stream.write_all(&whole[5..]).unwrap();
        }
    });
}

#[test]
fn containers_find_each_other_by_all_their_names() {
    let host = Host::new();
    host.networks.create(&host.network("shop")).unwrap();
    host.networks.create(&host.network("elsewhere")).unwrap();
    let app = host.start("app", "shop");
    let databases: Vec<_> = ["db1", "db2"]
        .map(|name| host.start_with(name, "shop", |request| request.aliases = vec!["MySQL".into()]))
        .into();
    let stranger = host.start("stranger", "elsewhere");
    let _served = Served::new(&host, &app, Vec::new());
    let addresses: Vec<String> = databases.iter().map(|container| container.ipv4().to_string()).collect();
    assert_eq!(look_up(&app, "db1", TYPE::A).0, addresses[..1]);
    assert_eq!(look_up(&app, "DB2", TYPE::A).0, addresses[1..]);
    assert_eq!(look_up(&app, databases[0].id.short(), TYPE::A).0, addresses[..1]);
    assert_eq!(look_up(&app, "db1.shop", TYPE::A).0, addresses[..1]);
    assert_eq!(look_up(&app, "app", TYPE::A).0, [app.ipv4().to_string()]);
    // Both are behind the alias, and take turns.
    let firsts: std::collections::BTreeSet<String> =
        (0..4).map(|_| look_up(&app, "mysql", TYPE::A).0[0].clone()).collect();
    assert_eq!(firsts.into_iter().collect::<Vec<_>>(), addresses);
    // What is on another network does not exist here.
    assert_eq!(look_up(&app, "stranger", TYPE::A).1, RCODE::NameError);
    assert_eq!(look_up(&app, "stranger.elsewhere", TYPE::A).1, RCODE::NameError);
    let IpAddr::V4(address) = databases[0].ipv4() else { panic!("no IPv4 address") };
    let [a, b, c, d] = address.octets();
    assert_eq!(look_up(&app, &format!("{d}.{c}.{b}.{a}.in-addr.arpa"), TYPE::PTR).0, ["db1.shop"]);
    // Names follow what happens.
    host.networks.rename(&databases[0].id, "primary").unwrap();
    assert_eq!(look_up(&app, "primary", TYPE::A).0, addresses[..1]);
    assert_eq!(look_up(&app, "db1", TYPE::A).1, RCODE::NameError);
    host.networks.attach(app.namespace.as_fd(), &common::request("app", "elsewhere")).unwrap();
    assert_eq!(look_up(&app, "stranger", TYPE::A).0, [stranger.ipv4().to_string()]);
    host.networks.detach(&databases[1].id).unwrap();
    assert_eq!(look_up(&app, "mysql", TYPE::A).0, addresses[..1]);
    // By the system's own resolver, too.
    let found = app.run("busybox nslookup -type=a primary 127.0.0.11");
    assert!(found.contains(&addresses[0]), "{found}");
}

#[test]
fn the_rest_is_forwarded_by_udp_and_tcp() {
    let host = Host::new();
    host.networks.create(&host.network("shop")).unwrap();
    let app = host.start("app", "shop");
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let good = udp.local_addr().unwrap();
    let tcp = TcpListener::bind(good).unwrap();
    upstream(udp, tcp);
    // The first server refuses, the second answers.
    let refusing = SocketAddr::from(([127, 0, 0, 1], 1));
    let _served = Served::new(&host, &app, vec![refusing, good]);
    assert_eq!(look_up(&app, "example.org", TYPE::A).0, ["192.0.2.1"]);
    assert_eq!(look_up(&app, "large", TYPE::A), (Vec::new(), RCODE::NoError, true));
    assert_eq!(look_up_by_tcp(&app, "large").0, ["192.0.2.2"]);
    assert_eq!(look_up_by_tcp(&app, "app").0, [app.ipv4().to_string()]);
}

#[test]
fn silent_servers_are_given_up() {
    let host = Host::new();
    let app = host.start("app", "");
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let _served = Served::new(&host, &app, vec![silent.local_addr().unwrap()]);
    assert_eq!(look_up(&app, "example.org", TYPE::A).1, RCODE::ServerFailure);
}

#[test]
fn a_container_may_be_a_name_server_itself() {
    let host = Host::new();
    host.networks.create(&host.network("shop")).unwrap();
    let app = host.start("app", "shop");
    let served = Served::new(&host, &app, Vec::new());
    let _udp = app.udp("0.0.0.0:53");
    let _tcp = within(app.namespace.as_fd(), || Ok(TcpListener::bind("0.0.0.0:53").unwrap())).unwrap();
    assert_eq!(look_up(&app, "app", TYPE::A).0, [app.ipv4().to_string()]);
    assert_eq!(look_up_by_tcp(&app, "app").0, [app.ipv4().to_string()]);
    assert!(!run("nft list tables").contains("teu_names"), "the host has no rule of it");
    served.finish();
}

#[test]
fn a_flood_of_rubbish_leaves_it_answering() {
    let host = Host::new();
    host.networks.create(&host.network("shop")).unwrap();
    let app = host.start("app", "shop");
    let _served = Served::new(&host, &app, Vec::new());
    let socket = app.udp("0.0.0.0:0");
    socket.connect("127.0.0.11:53").unwrap();
    for length in 0..600usize {
        let bytes: Vec<u8> = (0..length % 90).map(|index| (index * 37 + length) as u8).collect();
        let _ = socket.send(&bytes);
    }
    let idle: Vec<_> = (0..80)
        .filter_map(|_| {
            within(app.namespace.as_fd(), || Ok(TcpStream::connect("127.0.0.11:53").ok())).unwrap()
        })
        .collect();
    assert_eq!(look_up(&app, "app", TYPE::A).0, [app.ipv4().to_string()]);
    drop(idle);
    // Until it has seen that they are gone it may turn further ones away, as a client that asks again expects.
    let answer = (0..100).find_map(|_| {
        let answer = try_by_tcp(&app, "app").ok();
        if answer.is_none() {
            std::thread::sleep(Duration::from_millis(20));
        }
        answer
    });
    assert_eq!(answer.expect("it answers again").0, [app.ipv4().to_string()]);
}

#[test]
fn looking_up_is_quick_among_two_hundred() {
    let host = Host::new();
    host.networks.create(&host.network("shop")).unwrap();
    let app = host.start("app", "shop");
    let tables = host.networks.tables();
    let many: Vec<_> = (0..200).map(|number| host.start(&format!("c{number}"), "shop")).collect();
    assert_eq!(tables.endpoints_on(&host.networks.find("shop").unwrap().id).unwrap().len(), 201);
    let _served = Served::new(&host, &app, Vec::new());
    let socket = app.udp("0.0.0.0:0");
    socket.connect("127.0.0.11:53").unwrap();
    let mut times: Vec<Duration> = (0..200)
        .map(|number| {
            let start = Instant::now();
            socket.send(&question(&format!("c{number}"), TYPE::A)).unwrap();
            let mut buffer = [0; 512];
            let length = socket.recv(&mut buffer).unwrap();
            assert_eq!(read(&buffer[..length]).0, [many[number].ipv4().to_string()]);
            start.elapsed()
        })
        .collect();
    times.sort();
    println!("look-up: median {:?}, worst {:?}", times[100], times[199]);
}

#[test]
fn a_whole_setup_comes_up_and_goes() {
    let host = Host::new();
    let database = host.folder.path().join("teu.db");
    host.networks.create(&host.network("shop")).unwrap();
    let mut spec = teu_api::container::ContainerSpec { hostname: "front".into(), ..Default::default() };
    spec.exposed_ports = vec!["80/tcp".into(), "443/tcp".into()];
    spec.host.publish_all = true;
    spec.host.extra_hosts = vec!["gate:host-gateway".into()];
    spec.host.network = teu_api::container::NetworkMode::Named;
    spec.host.networks = ["shop", "bridge"]
        .map(|network| teu_api::container::NetworkAttachment {
            network: network.into(),
            ..Default::default()
        })
        .into();
    let id = common::id_of("front");
    let setup = teu_network::Setup::of(&id, "front", &spec, &database).unwrap().unwrap();
    let namespace = teu_network::Setup::namespace().unwrap();
    let connected = setup.up(namespace.as_fd()).unwrap();
    let [shop, bridge] = connected.endpoints.as_slice() else { panic!("two endpoints") };
    assert_eq!(
        (shop.interface.as_str(), bridge.interface.as_str(), shop.ports.len(), bridge.ports.len()),
        ("eth0", "eth1", 4, 0)
    );
    assert_eq!(connected.doors.len(), 4, "two ports, of IPv4 and IPv6");
    assert!(connected.resolver.is_some() && connected.resolv_conf.starts_with("nameserver 127.0.0.11\n"));
    assert!(connected.hosts.contains(&format!("{}\tgate\n", shop.gateway)), "{}", connected.hosts);
    assert!(connected.hosts.contains("\tfront\n"));
    // A second run, after a first that nobody cleared up after, starts clean.
    drop(connected);
    let again = setup.up(namespace.as_fd()).unwrap();
    assert_eq!(again.endpoints.len(), 2);
    setup.down().unwrap();
    assert!(host.networks.endpoints_of(&id).unwrap().is_empty());
    // Loopback alone has neither places nor a server of its own.
    spec.host.network = teu_api::container::NetworkMode::None;
    let alone = teu_network::Setup::of(&id, "front", &spec, &database).unwrap().unwrap();
    spec.host.extra_hosts.clear();
    assert!(alone.up(namespace.as_fd()).is_err(), "there is no gateway to name");
    let alone = teu_network::Setup::of(&id, "front", &spec, &database).unwrap().unwrap();
    let connected = alone.up(namespace.as_fd()).unwrap();
    assert!(connected.endpoints.is_empty() && connected.resolver.is_none());
    spec.host.network = teu_api::container::NetworkMode::Host;
    assert!(teu_network::Setup::of(&id, "front", &spec, &database).unwrap().is_none());
}

#[test]
fn from_an_internal_network_no_question_leaves() {
    let host = Host::new();
    let mut network = host.network("inner");
    network.internal = true;
    host.networks.create(&network).unwrap();
    let mut spec = teu_api::container::ContainerSpec::default();
    spec.host.network = teu_api::container::NetworkMode::Named;
    spec.host.networks =
        vec![teu_api::container::NetworkAttachment { network: "inner".into(), ..Default::default() }];
    let server = UdpSocket::bind("127.0.0.1:53").unwrap();
    server.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    spec.host.dns = vec!["127.0.0.1".into()];
    let asked = |spec: &teu_api::container::ContainerSpec| {
        let id = common::id_of("asker");
        let setup =
            teu_network::Setup::of(&id, "asker", spec, &host.folder.path().join("teu.db")).unwrap().unwrap();
        let namespace = teu_network::Setup::namespace().unwrap();
        let mut connected = setup.up(namespace.as_fd()).unwrap();
        let mut resolver = connected.resolver.take().unwrap();
        let socket = within(namespace.as_fd(), || Ok(UdpSocket::bind("0.0.0.0:0").unwrap())).unwrap();
        socket.send_to(&question("secret.example.org", TYPE::A), "127.0.0.11:53").unwrap();
        round(&mut resolver);
        setup.down().unwrap();
        server.recv_from(&mut [0; 512]).is_ok()
    };
    assert!(!asked(&spec));
    host.networks.create(&host.network("outer")).unwrap();
    spec.host.networks[0].network = "outer".into();
    assert!(asked(&spec));
}
