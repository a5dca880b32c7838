//! What a container's network costs, measured on a host of its own: `unshare -n target/…/examples/network_cost`.
#![allow(clippy::expect_used, clippy::unwrap_used)]

use std::os::fd::AsFd as _;
use std::time::{Duration, Instant};
use teu_api::ContainerId;
use teu_api::container::{ContainerSpec, NetworkAttachment, NetworkMode, PortProtocol, PublishedPort};
use teu_network::{Networks, Setup};
use teu_store::{Paths, Store};

const RUNS: usize = 100;

fn main() {
    let folder = std::env::temp_dir().join(format!("teu-speed-{}", std::process::id()));
    let store = Store::open(Paths::under(&folder)).unwrap();
    let database = store.paths().database();
    let networks = Networks::open(&database).unwrap();
    let named = teu_api::network::NetworkSpec { name: "named".into(), ..Default::default() };
    networks.create(&named).unwrap();
    for (what, network, ports) in [
        ("default bridge", "", 0),
        ("one published port", "", 1),
        ("named network with its name server", "named", 1),
    ] {
        let mut times: [Vec<Duration>; 3] = Default::default();
        for run in 0..RUNS {
            let mut spec = ContainerSpec::default();
            if !network.is_empty() {
                spec.host.network = NetworkMode::Named;
                spec.host.networks =
                    vec![NetworkAttachment { network: network.into(), ..NetworkAttachment::default() }];
            }
            spec.host.ports = (0..ports)
                .map(|port| PublishedPort {
                    host_ip: String::new(),
                    host_port: 20_000 + port,
                    host_port_end: 0,
                    container_port: 80,
                    protocol: PortProtocol::Tcp,
                })
                .collect();
            let id = ContainerId::from_bytes([run as u8 + 1; 32]);
            let setup = Setup::of(&id, &format!("c{run}"), &spec, &database).unwrap().unwrap();
            let start = Instant::now();
            let namespace = Setup::namespace().unwrap();
            times[0].push(start.elapsed());
            let start = Instant::now();
            let connected = setup.up(namespace.as_fd()).unwrap();
            times[1].push(start.elapsed());
            drop(connected);
            drop(namespace);
            let start = Instant::now();
            let networks = setup.down().unwrap();
            times[2].push(start.elapsed());
            drop(networks);
        }
        for times in &mut times {
            times.sort();
        }
        let [namespace, up, down] = times.map(|times| times[RUNS / 2]);
        println!("{what}: namespace {namespace:?}, up {up:?}, down {down:?} (median of {RUNS})");
    }
    std::fs::remove_dir_all(folder).unwrap();
}
