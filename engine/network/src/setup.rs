//! Everything that a container's networks are, in one piece: made from its specification, stored beside its bundle,
//! brought up before it starts and taken down when it has ended.

use crate::dns::{DatabaseNames, Resolver};
use crate::endpoint::{Endpoint, EndpointRequest, loopback_up};
use crate::error::{NetworkError, Result};
use crate::files::{HostsFile, Resolution};
use crate::network::{DEFAULT_NETWORK, Networks};
use crate::ports::exposed;
use crate::relay::{Door, Relay};
use nix::sched::{CloneFlags, unshare};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::net::IpAddr;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::thread;
use teu_api::ContainerId;
use teu_api::container::{ContainerSpec, NetworkAttachment, NetworkMode, PublishedPort};
use teu_api::network::EndpointSnapshot;

/// A container's networks, as asked for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Setup {
    /// The database.
    pub database: PathBuf,
    /// The container.
    pub container: ContainerId,
    /// Its name.
    pub name: String,
    /// Its host name.
    pub hostname: String,
    /// Its domain name; empty for none.
    pub domainname: String,
    /// Networks to join, in this order; the first that can publishes the ports. Empty for loopback alone.
    pub networks: Vec<NetworkAttachment>,
    /// Ports to publish.
    pub ports: Vec<PublishedPort>,
    /// Lines of `/etc/hosts`, `name:address`.
    pub extra_hosts: Vec<String>,
    /// Names by which this container alone knows others, as `CONTAINER:NAME`.
    #[serde(default)]
    pub links: Vec<String>,
    /// Name servers; empty for the host's.
    pub dns: Vec<String>,
    /// Search domains; empty for the host's.
    pub dns_search: Vec<String>,
    /// Resolver options; empty for the host's.
    pub dns_options: Vec<String>,
}

/// A container's networks, brought up.
pub struct Connected {
    /// Its places.
    pub endpoints: Vec<EndpointSnapshot>,
    /// Sockets that hold its published ports: a relay keeps them open for as long as it runs.
    pub doors: Vec<Door>,
    /// Its name server, to be polled for as long as it runs; `None` when it asks the host's servers directly, as
    /// containers of the default network do.
    pub resolver: Option<Resolver>,
    /// The text of its `/etc/hosts`.
    pub hosts: String,
    /// The text of its `/etc/resolv.conf`.
    pub resolv_conf: String,
}

impl Setup {
    /// The networks that a container's specification asks for. `None` when it has no network namespace of its own:
    /// it uses the host's or another container's.
    pub fn of(id: &ContainerId, name: &str, spec: &ContainerSpec, database: &Path) -> Result<Option<Self>> {
        let host = &spec.host;
        let networks = match &host.network {
            NetworkMode::Host | NetworkMode::Container(_) => return Ok(None),
            NetworkMode::None => Vec::new(),
            // An attachment without a name tells a fixed address or alias of the default network.
            NetworkMode::Default if host.networks.is_empty() => {
                vec![NetworkAttachment {
                    network: DEFAULT_NETWORK.to_owned(),
                    ..NetworkAttachment::default()
                }]
            }
            NetworkMode::Default | NetworkMode::Named => host.networks.clone(),
        };
        let mut ports = host.ports.clone();
        if host.publish_all {
            for port in exposed(&spec.exposed_ports)? {
                let published = ports.iter().any(|other| {
                    (other.container_port, other.protocol) == (port.container_port, port.protocol)
                });
                if !published {
                    ports.push(port);
                }
            }
        }
        Ok(Some(Self {
            database: database.to_owned(),
            container: id.clone(),
            name: name.to_owned(),
            hostname: spec.hostname_or(id.short()).to_owned(),
            domainname: spec.domainname.clone(),
            networks,
            ports,
            extra_hosts: host.extra_hosts.clone(),
            links: host.links.clone(),
            dns: host.dns.clone(),
            dns_search: host.dns_search.clone(),
            dns_options: host.dns_options.clone(),
        }))
    }

    /// A new network namespace, with its loopback interface up. It lives for as long as the descriptor or a process
    /// in it does; a runtime joins it by `/proc/self/fd/N`.
    pub fn namespace() -> Result<OwnedFd> {
        thread::scope(|scope| {
            let worker = scope.spawn(|| {
                unshare(CloneFlags::CLONE_NEWNET)
                    .map_err(NetworkError::kernel("make a network namespace"))?;
                let namespace: OwnedFd = File::open("/proc/thread-self/ns/net")
                    .map_err(NetworkError::io("open the new network namespace"))?
                    .into();
                loopback_up(namespace.as_fd())?;
                Ok(namespace)
            });
            worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    /// Joins the networks. When this fails nothing is left. What an earlier run of the container left is cleared.
    pub fn up(&self, namespace: BorrowedFd<'_>) -> Result<Connected> {
        let host_resolution = fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
        let networks = Networks::open(&self.database)?;
        networks.detach(&self.container)?;
        self.join(&networks, namespace, &host_resolution)
            .map_err(|error| error.with(networks.detach(&self.container).err()))
    }

    fn join(&self, networks: &Networks, namespace: BorrowedFd<'_>, host: &str) -> Result<Connected> {
        let (mut endpoints, mut doors) = (Vec::new(), Vec::new());
        let mut ports = self.ports.as_slice();
        for attachment in &self.networks {
            let endpoint = self.attach(networks, namespace, attachment, &mut ports)?;
            endpoints.push(endpoint.snapshot);
            doors.extend(endpoint.doors);
        }
        self.describe(networks, namespace, host, endpoints, doors, false)
    }

    /// Joins and leaves networks while the container runs, so that it is on these and no others. `resolves` says
    /// whether it has a name server, which then stays as it is. Its published ports stay where they are; when it left
    /// the network that had them, `held`, which holds them, is emptied, and the next one it joins publishes them.
    pub fn change(&self, namespace: BorrowedFd<'_>, resolves: bool, held: &mut Relay) -> Result<Connected> {
        let host = fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
        let networks = Networks::open(&self.database)?;
        let wanted: Vec<String> = self
            .networks
            .iter()
            .map(|attachment| networks.row(&attachment.network).map(|row| row.id))
            .collect::<Result<_>>()?;
        let before = networks.endpoints_of(&self.container)?;
        let publishes = before.iter().any(|endpoint| !endpoint.ports.is_empty());
        let mut ports = if publishes { &[] } else { self.ports.as_slice() };
        if !publishes {
            held.clear();
        }
        let mut doors = Vec::new();
        for (attachment, id) in self.networks.iter().zip(&wanted) {
            if before.iter().all(|endpoint| endpoint.network_id != *id) {
                doors.extend(self.attach(&networks, namespace, attachment, &mut ports)?.doors);
            }
        }
        for endpoint in before.iter().filter(|endpoint| !wanted.contains(&endpoint.network_id)) {
            networks.disconnect(&endpoint.network_id, &self.container, Some(namespace))?;
        }
        let endpoints = networks.endpoints_of(&self.container)?;
        if endpoints.iter().all(|endpoint| endpoint.ports.is_empty()) {
            held.clear();
        }
        self.describe(&networks, namespace, &host, endpoints, doors, resolves)
    }

    /// Joins one network. The first that can publishes the ports.
    fn attach(
        &self,
        networks: &Networks,
        namespace: BorrowedFd<'_>,
        attachment: &NetworkAttachment,
        ports: &mut &[PublishedPort],
    ) -> Result<Endpoint> {
        let publishes = networks.row(&attachment.network)?.publishes();
        let published = if publishes { std::mem::take(ports) } else { &[] };
        let request = EndpointRequest::new(&self.container, &self.name, attachment, published)?;
        networks.attach(namespace, &request)
    }

    fn describe(
        &self,
        networks: &Networks,
        namespace: BorrowedFd<'_>,
        host: &str,
        endpoints: Vec<EndpointSnapshot>,
        doors: Vec<Door>,
        resolves: bool,
    ) -> Result<Connected> {
        // Links are answered by a name server, on the default network as well.
        let (mut named, mut outside) = (resolves || !self.links.is_empty(), self.networks.is_empty());
        for attachment in &self.networks {
            let network = networks.row(&attachment.network)?;
            named |= network.spec.name != DEFAULT_NETWORK;
            outside |= !network.spec.internal;
        }
        let resolution = self.resolution(host, named);
        let resolver = if named && !resolves {
            let names = DatabaseNames::new(self.database.clone(), self.container.clone(), &self.links);
            // From a network without a way out no question leaves either: it could carry anything.
            let servers = if outside { resolution.upstream()? } else { Vec::new() };
            Some(Resolver::new(namespace, Box::new(names), servers)?)
        } else {
            None
        };
        Ok(Connected {
            hosts: self.hosts(&endpoints)?,
            resolv_conf: resolution.text(),
            endpoints,
            doors,
            resolver,
        })
    }

    fn resolution<'a>(&'a self, host: &'a str, embedded: bool) -> Resolution<'a> {
        Resolution {
            host,
            servers: &self.dns,
            search: &self.dns_search,
            options: &self.dns_options,
            embedded,
        }
    }

    /// The text of `/etc/resolv.conf` of a container on no network.
    pub fn resolv_conf_alone(&self) -> String {
        let host = fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
        self.resolution(&host, false).text()
    }

    /// Gives everything back when the container has ended. Cheap: see `Networks::detach_ended`. Drop what it returns
    /// when nobody waits any more.
    pub fn down(&self) -> Result<Networks> {
        let networks = Networks::open(&self.database)?;
        networks.detach_ended(&self.container)?;
        Ok(networks)
    }

    /// The text of `/etc/hosts` for the places a container has; written anew when it joins or leaves a network.
    pub fn hosts(&self, endpoints: &[EndpointSnapshot]) -> Result<String> {
        let read = |text: &str| text.split('/').next().and_then(|address| address.parse().ok());
        let addresses: Vec<IpAddr> = endpoints
            .iter()
            .flat_map(|endpoint| [read(&endpoint.ipv4), read(&endpoint.ipv6)])
            .flatten()
            .collect();
        HostsFile {
            hostname: &self.hostname,
            domainname: &self.domainname,
            addresses: &addresses,
            extra: &self.extra_hosts,
            host_gateway: endpoints.iter().find_map(|endpoint| endpoint.gateway.parse().ok()),
        }
        .text()
    }
}
