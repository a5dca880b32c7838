//! A host of a test's own: the test's thread gets a network namespace, so no link, route or rule of the real host is
//! touched, and the kernel removes everything when the thread ends, however it ends.
#![allow(dead_code, clippy::expect_used)]

use nix::sched::{CloneFlags, unshare};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd as _, OwnedFd};
use std::process::Command;
use std::thread::{self, JoinHandle};
use std::time::Duration;
use teu_api::ContainerId;
use teu_api::container::{NetworkAttachment, PortProtocol, PublishedPort};
use teu_api::network::{NetworkSpec, Subnet};
use teu_network::{Endpoint, EndpointRequest, Networks, loopback_up, within};
use teu_store::{Paths, Store};

/// How long a connection that should be possible is tried.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a connection that should be impossible is tried.
const TRIAL: Duration = Duration::from_millis(400);

pub struct Host {
    pub networks: Networks,
    pub folder: tempfile::TempDir,
}

/// Moves the calling thread into a network namespace of its own.
pub fn isolate() -> OwnedFd {
    unshare(CloneFlags::CLONE_NEWNET).expect("unshare the network");
    let namespace: OwnedFd = File::open("/proc/thread-self/ns/net").expect("open the namespace").into();
    loopback_up(namespace.as_fd()).expect("loopback up");
    namespace
}

impl Host {
    pub fn new() -> Self {
        isolate();
        let folder = tempfile::tempdir().expect("temporary folder");
        let store = Store::open(Paths::under(folder.path())).expect("open store");
        let networks = Networks::open(&store.paths().database()).expect("open networks");
        Self { networks, folder }
    }

    #[allow(clippy::unused_self)]
    pub fn network(&self, name: &str) -> NetworkSpec {
        NetworkSpec { name: name.to_owned(), ..NetworkSpec::default() }
    }

    pub fn start(&self, name: &str, network: &str) -> Container {
        self.start_with(name, network, |_| ())
    }

    pub fn start_with(
        &self,
        name: &str,
        network: &str,
        change: impl FnOnce(&mut EndpointRequest),
    ) -> Container {
        self.try_start(name, network, change).expect("attach")
    }

    pub fn try_start(
        &self,
        name: &str,
        network: &str,
        change: impl FnOnce(&mut EndpointRequest),
    ) -> teu_network::Result<Container> {
        let namespace = namespace();
        let mut request = request(name, network);
        change(&mut request);
        let endpoint = self.networks.attach(namespace.as_fd(), &request)?;
        Ok(Container { id: request.container, namespace, endpoint })
    }
}

pub struct Container {
    pub id: ContainerId,
    pub namespace: OwnedFd,
    pub endpoint: Endpoint,
}

/// A network namespace for a container, with its loopback interface up.
pub fn namespace() -> OwnedFd {
    thread::spawn(isolate).join().expect("make a namespace")
}

pub fn id_of(name: &str) -> ContainerId {
    let mut bytes = [0; 32];
    for (index, byte) in name.bytes().enumerate() {
        bytes[index % 32] ^= byte;
    }
    ContainerId::from_bytes(bytes)
}

pub fn request(name: &str, network: &str) -> EndpointRequest {
    let attachment = NetworkAttachment { network: network.to_owned(), ..NetworkAttachment::default() };
    EndpointRequest::new(&id_of(name), name, &attachment, &[]).expect("request")
}

pub fn subnet(range: &str) -> Subnet {
    Subnet { subnet: range.to_owned(), ..Subnet::default() }
}

pub fn port(host_ip: &str, host_port: u16, container_port: u16) -> PublishedPort {
    PublishedPort {
        host_ip: host_ip.to_owned(),
        host_port,
        host_port_end: 0,
        container_port,
        protocol: PortProtocol::Tcp,
    }
}

impl Container {
    pub fn ipv4(&self) -> IpAddr {
        self.endpoint.snapshot.ipv4.split('/').next().expect("address").parse().expect("address")
    }

    pub fn ipv6(&self) -> IpAddr {
        self.endpoint.snapshot.ipv6.split('/').next().expect("address").parse().expect("address")
    }

    /// Serves `count` connections with a greeting and the asker's address.
    pub fn serve(&self, port: u16, count: usize) -> JoinHandle<Vec<IpAddr>> {
        let listener = within(self.namespace.as_fd(), || {
            Ok(TcpListener::bind(("::", port))
                .or_else(|_| TcpListener::bind(("0.0.0.0", port)))
                .expect("listen"))
        })
        .expect("enter");
        thread::spawn(move || {
            (0..count)
                .map(|_| {
                    let (mut stream, peer) = listener.accept().expect("accept");
                    stream.write_all(b"hello").expect("write");
                    peer.ip().to_canonical()
                })
                .collect()
        })
    }

    /// What comes back from an address, seen from inside.
    pub fn ask(&self, address: SocketAddr) -> Option<String> {
        within(self.namespace.as_fd(), || Ok(ask(address))).expect("enter")
    }

    /// Whether nothing answers at an address, seen from inside.
    pub fn is_cut_off(&self, address: SocketAddr) -> bool {
        within(self.namespace.as_fd(), || Ok(is_closed(address))).expect("enter")
    }

    pub fn run(&self, program: &str) -> String {
        within(self.namespace.as_fd(), || Ok(run(program))).expect("enter")
    }

    pub fn udp(&self, address: &str) -> UdpSocket {
        let socket =
            within(self.namespace.as_fd(), || Ok(UdpSocket::bind(address).expect("bind"))).expect("enter");
        socket.set_read_timeout(Some(Duration::from_secs(5))).expect("timeout");
        socket
    }
}

/// What comes back from an address, seen from the test's host; `None` when it cannot be reached.
pub fn ask(address: SocketAddr) -> Option<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).expect("timeout");
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    Some(text)
}

/// Whether nothing answers at an address, seen from the test's host.
pub fn is_closed(address: SocketAddr) -> bool {
    TcpStream::connect_timeout(&address, TRIAL).is_err()
}

/// Runs a program on the test's host and returns what it printed.
pub fn run(program: &str) -> String {
    let output = Command::new("sh").args(["-c", program]).output().expect("run");
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
