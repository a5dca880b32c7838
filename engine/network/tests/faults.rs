//! Many at once, and killed at any point.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Host, port, run};
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::fd::AsFd as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;
use teu_network::Networks;

/// Set for the process that is killed: the database it works on.
const VICTIM: &str = "TEU_TEST_VICTIM";

/// What the process that is killed says when it begins anew.
const TURN: &str = "turn";
/// How many processes are killed, each at another part of its turn.
const ROUNDS: u32 = 32;

/// Interfaces and elements that are left on the test's host.
fn leftovers(host: &Host) -> (usize, usize, usize) {
    let links = run("ip -br link").lines().filter(|line| line.starts_with("tv")).count();
    let rules = run("nft list table inet teu");
    let elements = rules.split("map ").skip(1).filter(|map| map.contains("elements")).count();
    (links, elements, host.networks.tables().endpoints().unwrap().len())
}

#[test]
fn two_hundred_at_once_have_two_hundred_addresses_and_ports() {
    let host = Host::new();
    let database = host.folder.path().join("teu.db");
    let workers: Vec<_> = (0..8)
        .map(|worker| {
            // A thread of the test's thread is on the test's host; each has a connection of its own, like a process.
            let database = database.clone();
            thread::spawn(move || {
                let networks = Networks::open(&database).unwrap();
                let containers: Vec<_> = (0..25)
                    .map(|number| {
                        let namespace = common::namespace();
                        let mut request = common::request(&format!("c{worker}-{number}"), "");
                        request.ports = vec![port("", 0, 80)];
                        let endpoint = networks.attach(namespace.as_fd(), &request).unwrap();
                        (namespace, endpoint)
                    })
                    .collect();
                // While others are still coming, half of them go again.
                for number in (0..25).step_by(2) {
                    networks.detach(&common::id_of(&format!("c{worker}-{number}"))).unwrap();
                }
                containers
            })
        })
        .collect();
    let containers: Vec<_> = workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect();
    let ports: BTreeSet<_> =
        containers.iter().map(|(_, endpoint)| endpoint.snapshot.ports[0].host_port).collect();
    let addresses: BTreeSet<_> =
        containers.iter().map(|(_, endpoint)| endpoint.snapshot.ipv4.clone()).collect();
    assert_eq!((containers.len(), ports.len(), addresses.len()), (200, 200, 200));
    assert_eq!(leftovers(&host).2, 8 * 12);
    assert_eq!(host.networks.reconcile(&|_| false).unwrap(), 8 * 12);
    assert_eq!(leftovers(&host), (0, 0, 0));
}

#[test]
fn networks_made_at_once_do_not_overlap() {
    let host = Host::new();
    let database = host.folder.path().join("teu.db");
    let workers: Vec<_> = (0..6)
        .map(|worker| {
            let database = database.clone();
            thread::spawn(move || {
                let networks = Networks::open(&database).unwrap();
                (0..4)
                    .map(|number| {
                        networks.create(&spec(&format!("n{worker}-{number}"))).unwrap().spec.subnets[0]
                            .subnet
                            .clone()
                    })
                    .collect::<Vec<_>>()
            })
        })
        .collect();
    let ranges: BTreeSet<_> = workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect();
    assert_eq!(ranges.len(), 24);
    (0..7).for_each(|number| drop(host.networks.create(&spec(&format!("more-{number}"))).unwrap()));
    let error = host.networks.create(&spec("too-many")).unwrap_err();
    assert_eq!(error.to_string(), "all predefined address pools are in use");
}

fn spec(name: &str) -> teu_api::network::NetworkSpec {
    teu_api::network::NetworkSpec { name: name.to_owned(), ..Default::default() }
}

#[test]
fn killed_at_any_point_leaves_nothing() {
    // In the process that is killed this test is its work.
    if let Some(database) = std::env::var_os(VICTIM) {
        work_until_killed(PathBuf::from(database));
    }
    let host = Host::new();
    host.networks.list().unwrap();
    let mut cleared = 0;
    for round in 0..ROUNDS {
        let mut victim = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "killed_at_any_point_leaves_nothing", "--nocapture"])
            .env(VICTIM, host.folder.path().join("teu.db"))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // It says when each of its turns begins. How long one takes is known from the one before, on this machine as
        // busy as it is now: so each part of a turn is met.
        let mut lines = BufReader::new(victim.stderr.take().unwrap()).lines();
        let mut begin = || {
            lines.by_ref().map_while(Result::ok).find(|line| line == TURN).expect("a victim that works");
            Instant::now()
        };
        let (first, second) = (begin(), begin());
        let moment = (second - first) * round / ROUNDS;
        thread::sleep(moment.saturating_sub(second.elapsed()));
        victim.kill().unwrap();
        victim.wait().unwrap();
        cleared += host.networks.reconcile(&|_| false).unwrap();
        for name in host.networks.unused(|_| true).unwrap() {
            host.networks.remove(&name).unwrap();
            cleared += 1;
        }
        let (links, elements, rows) = leftovers_or_none(&host);
        assert_eq!((links, elements, rows), (0, 0, 0), "round {round}");
        let bridges = run("ip -br link").lines().filter(|line| line.starts_with("teu-")).count();
        assert_eq!(bridges, 0, "round {round}");
    }
    assert!(cleared > ROUNDS as usize / 4, "it was mostly killed while it had nothing: {cleared}");
    assert_eq!(host.start("after", "").endpoint.snapshot.interface, "eth0");
}

fn leftovers_or_none(host: &Host) -> (usize, usize, usize) {
    if run("nft list tables").contains("teu") { leftovers(host) } else { (0, 0, 0) }
}

fn work_until_killed(database: PathBuf) -> ! {
    let networks = Networks::open(&database).unwrap();
    let namespace = common::namespace();
    for number in 0.. {
        std::io::stderr().write_all(format!("{TURN}\n").as_bytes()).unwrap();
        let name = format!("v{number}");
        networks.create(&spec(&name)).unwrap();
        let mut request = common::request("victim", &name);
        request.ports = vec![port("", 18_080, 80)];
        networks.attach(namespace.as_fd(), &request).unwrap();
        networks.attach(namespace.as_fd(), &common::request("victim", "")).unwrap();
        networks.disconnect("bridge", &request.container, Some(namespace.as_fd())).unwrap();
        networks.detach(&request.container).unwrap();
        networks.remove(&name).unwrap();
    }
    unreachable!("a container comes and goes until it is killed")
}
