//! A service and what is in it.

use super::{
    BlkioConfig, Build, Deploy, Develop, DeviceMapping, DeviceReservation, FileReference, Hook, Ulimit,
    VolumeMount, record, short_number,
};
use serde::Deserialize;
use std::collections::BTreeMap;

record! {
    /// A service. Sizes are bytes in digits, durations as Docker shows them (`1m30s`).
    pub struct Service {
        /// Profiles that enable it; none: always enabled.
        pub profiles: Vec<String>,
        /// OCI annotations.
        pub annotations: BTreeMap<String, String>,
        /// Whether `up` shows its output.
        pub attach: Option<bool>,
        /// How its image is built.
        pub build: Option<Build>,
        /// Watching files during development.
        pub develop: Option<Develop>,
        /// Block I/O.
        pub blkio_config: Option<BlkioConfig>,
        /// Capabilities added.
        pub cap_add: Vec<String>,
        /// Capabilities taken away.
        pub cap_drop: Vec<String>,
        /// Parent control group.
        pub cgroup_parent: String,
        /// Control group namespace: `host` or `private`.
        pub cgroup: String,
        /// Number of CPUs (Windows).
        pub cpu_count: i64,
        /// Share of CPUs (Windows).
        #[serde(serialize_with = "short_number")]
        pub cpu_percent: f32,
        /// CPU period in microseconds.
        pub cpu_period: i64,
        /// CPU quota in microseconds.
        pub cpu_quota: i64,
        /// Real-time period in microseconds.
        pub cpu_rt_period: i64,
        /// Real-time runtime in microseconds.
        pub cpu_rt_runtime: i64,
        /// CPUs.
        #[serde(serialize_with = "short_number")]
        pub cpus: f32,
        /// CPUs to run on.
        pub cpuset: String,
        /// Relative CPU weight.
        pub cpu_shares: i64,
    }
    always {
        /// Arguments, or the program; `None` for the image's own, empty for none.
        pub command: Option<Vec<String>>,
    }
    then {
        /// Configs to mount.
        pub configs: Vec<FileReference>,
        /// A fixed name for its one container.
        pub container_name: String,
        /// Managed service account (Windows).
        pub credential_spec: Option<CredentialSpec>,
        /// What it waits for.
        pub depends_on: BTreeMap<String, Dependency>,
        /// Replicas and resources.
        pub deploy: Option<Deploy>,
        /// Device access rules.
        pub device_cgroup_rules: Vec<String>,
        /// Devices.
        pub devices: Vec<DeviceMapping>,
        /// Name servers.
        pub dns: Vec<String>,
        /// Resolver options.
        pub dns_opt: Vec<String>,
        /// Search domains.
        pub dns_search: Vec<String>,
        /// Domain name.
        pub domainname: String,
    }
    always {
        /// The program; `None` for the image's own, empty for none.
        pub entrypoint: Option<Vec<String>>,
    }
    then {
        /// Something outside that makes the service.
        pub provider: Option<Provider>,
        /// Environment; `None`: no value, the variable is not set.
        pub environment: BTreeMap<String, Option<String>>,
        /// Files with more of it, already read.
        pub env_file: Vec<EnvFile>,
        /// Ports it serves.
        pub expose: Vec<String>,
        /// Containers of other projects to link to.
        pub external_links: Vec<String>,
        /// Lines of `/etc/hosts`, `name=address`.
        pub extra_hosts: Vec<String>,
        /// Further groups.
        pub group_add: Vec<String>,
        /// GPUs.
        pub gpus: Vec<DeviceReservation>,
        /// Host name.
        pub hostname: String,
        /// Health check.
        pub healthcheck: Option<HealthCheck>,
        /// Image.
        pub image: String,
        /// Whether a small init reaps orphans.
        pub init: Option<bool>,
        /// IPC namespace.
        pub ipc: String,
        /// Isolation technology (Windows).
        pub isolation: String,
        /// Labels.
        pub labels: BTreeMap<String, String>,
        /// Files with more of them, already read.
        pub label_file: Vec<String>,
        /// Services to link to, `service[:alias]`.
        pub links: Vec<String>,
        /// Logs.
        pub logging: Option<Logging>,
        /// Memory limit.
        pub mem_limit: String,
        /// Soft memory limit.
        pub mem_reservation: String,
        /// Memory and swap.
        pub memswap_limit: String,
        /// Swappiness.
        pub mem_swappiness: String,
        /// Hardware address.
        pub mac_address: String,
        /// Models it uses.
        pub models: BTreeMap<String, Option<ServiceModel>>,
        /// Network namespace.
        pub network_mode: String,
        /// Networks.
        pub networks: BTreeMap<String, Option<ServiceNetwork>>,
        /// Whether the out-of-memory killer is off.
        pub oom_kill_disable: bool,
        /// Out-of-memory score.
        pub oom_score_adj: i64,
        /// Process namespace.
        #[serde(deserialize_with = "text_or_nothing")]
        pub pid: String,
        /// Most processes.
        pub pids_limit: i64,
        /// Platform.
        pub platform: String,
        /// Published ports.
        pub ports: Vec<Port>,
        /// Whether it has every right.
        pub privileged: bool,
        /// When its image is pulled.
        pub pull_policy: String,
        /// Whether its root is read-only.
        pub read_only: bool,
        /// When it is started again.
        pub restart: String,
        /// OCI runtime.
        pub runtime: String,
        /// How many containers.
        pub scale: Option<u32>,
        /// Secrets to mount.
        pub secrets: Vec<FileReference>,
        /// Security options.
        pub security_opt: Vec<String>,
        /// Size of `/dev/shm`.
        pub shm_size: String,
        /// Whether standard input stays open.
        pub stdin_open: bool,
        /// Time between the stop signal and the kill.
        pub stop_grace_period: Option<String>,
        /// The stop signal.
        pub stop_signal: String,
        /// Options of the storage driver.
        pub storage_opt: BTreeMap<String, String>,
        /// Kernel parameters.
        pub sysctls: BTreeMap<String, String>,
        /// Folders in memory.
        pub tmpfs: Vec<String>,
        /// Whether it has a terminal.
        pub tty: bool,
        /// Process limits.
        pub ulimits: BTreeMap<String, Ulimit>,
        /// Whether the engine's socket is mounted.
        pub use_api_socket: bool,
        /// User.
        pub user: String,
        /// User namespace.
        pub userns_mode: String,
        /// Host name namespace.
        pub uts: String,
        /// Mounts.
        pub volumes: Vec<VolumeMount>,
        /// Services and containers whose volumes are taken over.
        pub volumes_from: Vec<String>,
        /// Working directory.
        pub working_dir: String,
        /// Commands before the start, each in a container of its own.
        pub pre_start: Vec<PreStart>,
        /// Commands after the start.
        pub post_start: Vec<Hook>,
        /// Commands before the stop.
        pub pre_stop: Vec<Hook>,
    }
}

impl Service {
    /// How many containers it has.
    pub fn replicas(&self) -> u32 {
        self.scale.or_else(|| self.deploy.as_ref()?.replicas).unwrap_or(1)
    }

    /// Itself and the containers of its hooks before the start.
    pub fn containers(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(self.pre_start.iter().map(|hook| &hook.container))
    }

    /// The images of its hooks that are not its own, each once.
    pub fn hook_images(&self) -> Vec<&str> {
        let mut images: Vec<&str> = self.pre_start.iter().map(|hook| hook.container.image.as_str()).collect();
        images.sort_unstable();
        images.dedup();
        images.retain(|image| !image.is_empty() && *image != self.image);
        images
    }

    /// Sets how many containers it has.
    pub fn set_replicas(&mut self, count: u32) {
        self.scale = Some(count);
        if let Some(deploy) = &mut self.deploy {
            deploy.replicas = Some(count);
        }
    }
}

/// A container that runs to its end before the containers of its service start.
#[derive(Clone, PartialEq, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct PreStart {
    /// Whether it runs for each container, and not once for the service.
    #[serde(skip_serializing_if = "crate::model::is_default")]
    pub per_replica: bool,
    /// What it is: the service's container, but for what it says itself. Of a service's keys only those of containers
    /// are there, and of the mounts only its own.
    #[serde(flatten)]
    pub container: Service,
}

/// A key that may be there without a value.
fn text_or_nothing<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

record! {
    /// What a service waits for.
    pub struct Dependency {
        /// `service_started`, `service_healthy` or `service_completed_successfully`.
        pub condition: String,
        /// Whether it restarts when the other is recreated.
        pub restart: bool,
    }
    always {
        /// Whether the other must be there.
        pub required: bool,
    }
}

record! {
    /// A file with variables.
    pub struct EnvFile {
        /// Its path.
        pub path: String,
        /// `raw`, or empty for Compose's own format.
        pub format: String,
    }
    always {
        /// Whether it must be there.
        pub required: bool,
    }
}

record! {
    /// A health check.
    pub struct HealthCheck {
        /// `NONE`, `CMD …` or `CMD-SHELL …`.
        pub test: Vec<String>,
        /// How long one may take.
        pub timeout: Option<String>,
        /// Between checks.
        pub interval: Option<String>,
        /// Failures until it counts as unhealthy.
        pub retries: Option<u64>,
        /// How long failures do not count after the start.
        pub start_period: Option<String>,
        /// Between checks during that time.
        pub start_interval: Option<String>,
        /// Whether the image's own is switched off.
        pub disable: bool,
    }
}

record! {
    /// A published port.
    pub struct Port {
        /// Its name.
        pub name: String,
        /// `ingress` or `host`.
        pub mode: String,
        /// The host's address; empty for all.
        pub host_ip: String,
        /// The container's port.
        pub target: u16,
        /// The host's port or range of ports; empty for a free one.
        pub published: String,
        /// `tcp`, `udp` or `sctp`.
        pub protocol: String,
        /// What is spoken there.
        pub app_protocol: String,
    }
}

record! {
    /// How a service is on a network.
    pub struct ServiceNetwork {
        /// Further names there.
        pub aliases: Vec<String>,
        /// Options of the driver.
        pub driver_opts: BTreeMap<String, String>,
        /// Which network's gateway is taken.
        pub gw_priority: i64,
        /// The interface's name.
        pub interface_name: String,
        /// A fixed IPv4 address.
        pub ipv4_address: String,
        /// A fixed IPv6 address.
        pub ipv6_address: String,
        /// Link-local addresses.
        pub link_local_ips: Vec<String>,
        /// Hardware address.
        pub mac_address: String,
        /// In which order networks are joined, highest first.
        pub priority: i64,
    }
}

record! {
    /// How a model is told to a service.
    pub struct ServiceModel {
        /// The variable for its address.
        pub endpoint_var: String,
        /// The variable for its name.
        pub model_var: String,
    }
}

record! {
    /// A managed service account (Windows).
    pub struct CredentialSpec {
        /// A config's name.
        pub config: String,
        /// A file.
        pub file: String,
        /// A registry key.
        pub registry: String,
    }
}

record! {
    /// Logs.
    pub struct Logging {
        /// The driver.
        pub driver: String,
        /// Its options.
        pub options: BTreeMap<String, String>,
    }
}

record! {
    /// Something outside that makes a service.
    pub struct Provider {
        /// What.
        #[serde(rename = "type")]
        pub kind: String,
        /// Its options.
        pub options: BTreeMap<String, Vec<String>>,
    }
}
