//! What a container is asked to be: everything `teu create` can say, joined with what its image says.

use super::{MountSpec, Resources};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A container as asked for. It is stored whole and never changes, but for `update` and `rename`.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ContainerSpec {
    /// The image as the user wrote it.
    pub image: String,
    /// The image's id, `sha256:…`.
    pub image_id: String,
    /// The chain ids of the image's layers, lowest first: what the root file system is made of.
    pub layers: Vec<String>,
    /// The program before `command`.
    pub entrypoint: Vec<String>,
    /// The arguments, or the program where there is no entry point.
    pub command: Vec<String>,
    /// The environment, `NAME=value`: the image's, then the user's.
    pub env: Vec<String>,
    /// The working directory; empty for `/`.
    pub working_dir: String,
    /// `user[:group]` by name or number; empty for root.
    pub user: String,
    /// The host name; empty for the short id.
    pub hostname: String,
    /// The domain name.
    pub domainname: String,
    /// Whether it has a terminal.
    pub tty: bool,
    /// Whether standard input stays open without a client.
    pub open_stdin: bool,
    /// Whether standard input closes when the first client goes.
    pub stdin_once: bool,
    /// Which streams the starter attached to, for `inspect`.
    pub attach: Vec<String>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// OCI annotations.
    pub annotations: BTreeMap<String, String>,
    /// The signal that asks it to stop; empty for SIGTERM.
    pub stop_signal: String,
    /// Seconds between that signal and SIGKILL; `None` for 10.
    pub stop_timeout: Option<i64>,
    /// Ports that the image says it serves, `80/tcp`.
    pub exposed_ports: Vec<String>,
    /// Folders that the image says are volumes.
    pub volumes: Vec<String>,
    /// The health check, if any.
    pub health_check: Option<HealthCheck>,
    /// Whether its first process is an init that runs a whole system; found out when it is created.
    pub init_system: InitSystem,
    /// How it stands on its host.
    pub host: HostSpec,
}

impl ContainerSpec {
    /// The whole command line of the first process.
    pub fn args(&self) -> Vec<String> {
        self.entrypoint.iter().chain(&self.command).cloned().collect()
    }

    /// The host name, given the container's id.
    pub fn hostname_or<'a>(&'a self, short_id: &'a str) -> &'a str {
        if self.hostname.is_empty() { short_id } else { &self.hostname }
    }
}

/// How a container stands on its host.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HostSpec {
    /// Mounts.
    pub mounts: Vec<MountSpec>,
    /// Its networks.
    pub network: NetworkMode,
    /// Networks to join, the first first; empty unless `network` is `Named`.
    pub networks: Vec<NetworkAttachment>,
    /// Published ports.
    pub ports: Vec<PublishedPort>,
    /// Whether every exposed port is published on a free one.
    pub publish_all: bool,
    /// Name servers.
    pub dns: Vec<String>,
    /// Search domains.
    pub dns_search: Vec<String>,
    /// Resolver options.
    pub dns_options: Vec<String>,
    /// Extra lines of `/etc/hosts`, `name:address`.
    pub extra_hosts: Vec<String>,
    /// Names by which this container alone knows others, as `CONTAINER:NAME`.
    pub links: Vec<String>,
    /// When to start again.
    pub restart: RestartPolicy,
    /// Whether it is removed when it ends.
    pub auto_remove: bool,
    /// Logs.
    pub log: LogOptions,
    /// Whether everything of the host is open to it.
    pub privileged: bool,
    /// Capabilities added to Docker's default.
    pub cap_add: Vec<String>,
    /// Capabilities taken away.
    pub cap_drop: Vec<String>,
    /// `seccomp=…`, `no-new-privileges`, `apparmor=…`, `label=…`, `systempaths=unconfined`, `mask=`, `unmask=`.
    pub security_opt: Vec<String>,
    /// Further groups, by name or number.
    pub group_add: Vec<String>,
    /// Whether the root file system is read-only.
    pub read_only: bool,
    /// Process namespace.
    pub pid: NamespaceMode,
    /// IPC namespace.
    pub ipc: NamespaceMode,
    /// Host name namespace.
    pub uts: NamespaceMode,
    /// User namespace.
    pub userns: NamespaceMode,
    /// Control group namespace.
    pub cgroupns: NamespaceMode,
    /// Size of `/dev/shm` in bytes; 0 for 64 MiB.
    pub shm_size: u64,
    /// Kernel parameters.
    pub sysctls: BTreeMap<String, String>,
    /// Adjustment of the out-of-memory score, -1000 to 1000.
    pub oom_score_adj: Option<i32>,
    /// Limits.
    pub resources: Resources,
    /// Whether a small init reaps orphans.
    pub init: bool,
    /// Whether the first process is systemd or another init: `true`, `false` or `always`; empty for `true`.
    pub systemd: String,
    /// Another OCI runtime's path; empty for our own.
    pub runtime: String,
    /// Containers whose volumes are taken over, as `name[:ro]`.
    pub volumes_from: Vec<String>,
}

/// An init that runs a whole system inside a container.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InitSystem {
    /// The first process is an ordinary program.
    #[default]
    None,
    /// systemd, which wants a control group of its own to write to.
    Systemd,
    /// busybox.
    Busybox,
    /// runit's service scanner.
    Runsvdir,
    /// Another: System V's, OpenRC's.
    Other,
}

/// Which network a container has.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NetworkMode {
    /// The default bridge.
    #[default]
    Default,
    /// A loopback interface and nothing else.
    None,
    /// The host's.
    Host,
    /// Another container's, by id.
    Container(String),
    /// The networks in `networks`.
    Named,
}

/// A network to join.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NetworkAttachment {
    /// The network's name.
    pub network: String,
    /// Further names of the container there.
    pub aliases: Vec<String>,
    /// A fixed IPv4 address; empty for a free one.
    pub ipv4: String,
    /// A fixed IPv6 address; empty for a free one.
    pub ipv6: String,
    /// A fixed hardware address; empty for a derived one.
    pub mac: String,
    /// Options of the driver for this place, by Docker's names.
    #[serde(default)]
    pub driver_options: BTreeMap<String, String>,
}

/// A published port.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PublishedPort {
    /// The host's address; empty for all.
    pub host_ip: String,
    /// The host's port; 0 for a free one.
    pub host_port: u16,
    /// The last of the host's ports, from `host_port` on, of which a free one is taken; 0 where there is no choice.
    #[serde(default)]
    pub host_port_end: u16,
    /// The container's port.
    pub container_port: u16,
    /// The protocol.
    pub protocol: PortProtocol,
}

/// A port's protocol.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PortProtocol {
    /// TCP.
    #[default]
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

impl PortProtocol {
    /// Its word in the forms that Docker and the Compose Specification know.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
        }
    }
}

/// When a container that ended is started again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RestartPolicy {
    /// Never.
    #[default]
    No,
    /// When its exit code is not 0, at most so often; 0 for no bound.
    OnFailure(u32),
    /// Always.
    Always,
    /// Always, but for one that the user stopped.
    UnlessStopped,
}

/// A namespace: the container's own, or a shared one.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NamespaceMode {
    /// Docker's default for this kind.
    #[default]
    Default,
    /// The container's own.
    Private,
    /// The host's.
    Host,
    /// Another container's, by id.
    Container(String),
    /// Its own, which others may join (IPC only).
    Shareable,
    /// None at all (IPC only): no `/dev/shm`.
    None,
    /// A named mode as written, such as `keep-id` (user namespace only).
    Other(String),
}

/// Where a container's output goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogDriver {
    /// CRI lines.
    #[default]
    Cri,
    /// Docker's JSON lines.
    JsonFile,
    /// Nowhere.
    None,
}

/// How a container's output is kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct LogOptions {
    /// Where it goes.
    pub driver: LogDriver,
    /// The size at which a file is rotated, in bytes.
    pub max_size: u64,
    /// How many files are kept.
    pub max_files: u32,
}

impl Default for LogOptions {
    fn default() -> Self {
        Self { driver: LogDriver::Cri, max_size: 16 << 20, max_files: 3 }
    }
}

/// A health check. Durations are in nanoseconds; 0 means Docker's default (30 s, 30 s, 3, 0 s, 5 s).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HealthCheck {
    /// `["NONE"]`, `["CMD", …]` or `["CMD-SHELL", "…"]`.
    pub test: Vec<String>,
    /// Between checks.
    pub interval: i64,
    /// How long one may take.
    pub timeout: i64,
    /// Failures in a row until it counts as unhealthy.
    pub retries: u32,
    /// How long after the start failures do not count.
    pub start_period: i64,
    /// Between checks during that time.
    pub start_interval: i64,
}
