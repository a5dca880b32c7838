//! How a container stands on its host: networks, ports, rights, limits.

use crate::canonical::size;
use crate::error::ComposeError;
use crate::model::{Project, Service, Ulimit};
use crate::plan::container_name;
use std::collections::BTreeMap;
use teu_api::container as api;

pub(super) fn host_spec(
    project: &Project,
    name: &str,
    service: &Service,
    number: u32,
) -> Result<api::HostSpec, ComposeError> {
    let fail = |key: &str, message: String| ComposeError::new(message).at(format!("services.{name}.{key}"));
    let network = match service.network_mode.as_str() {
        "" => api::NetworkMode::Named,
        "none" => api::NetworkMode::None,
        "host" => api::NetworkMode::Host,
        "bridge" | "default" => api::NetworkMode::Default,
        mode => match other_container(project, mode) {
            Some(container) => api::NetworkMode::Container(container),
            None => return Err(fail("network_mode", format!("there is no network mode `{mode}`"))),
        },
    };
    let ports = service.ports.iter().map(|port| published(port).map_err(|message| fail("ports", message)));
    Ok(api::HostSpec {
        networks: networks(project, name, service, number),
        network,
        ports: ports.collect::<Result<_, _>>()?,
        dns: service.dns.clone(),
        dns_search: service.dns_search.clone(),
        dns_options: service.dns_opt.clone(),
        links: links(project, service),
        extra_hosts: service.extra_hosts.iter().map(|line| line.replacen('=', ":", 1)).collect(),
        restart: restart(service).map_err(|message| fail("restart", message))?,
        log: logs(service).map_err(|message| fail("logging", message))?,
        privileged: service.privileged,
        cap_add: service.cap_add.clone(),
        cap_drop: service.cap_drop.clone(),
        security_opt: service.security_opt.clone(),
        group_add: service.group_add.clone(),
        read_only: service.read_only,
        pid: namespace(project, &service.pid),
        ipc: namespace(project, &service.ipc),
        uts: namespace(project, &service.uts),
        userns: namespace(project, &service.userns_mode),
        cgroupns: namespace(project, &service.cgroup),
        shm_size: u64::try_from(bytes(&service.shm_size)).unwrap_or_default(),
        sysctls: service.sysctls.clone(),
        oom_score_adj: (service.oom_score_adj != 0)
            .then(|| i32::try_from(service.oom_score_adj).unwrap_or_default()),
        resources: resources(service),
        init: service.init.unwrap_or_default(),
        runtime: service.runtime.clone(),
        volumes_from: service.volumes_from.iter().map(|source| volumes_from(project, source)).collect(),
        ..api::HostSpec::default()
    })
}

/// The container that `service:NAME` or `container:NAME` means, by name or id.
fn other_container(project: &Project, mode: &str) -> Option<String> {
    if let Some(container) = mode.strip_prefix("container:") {
        return Some(container.to_owned());
    }
    let name = mode.strip_prefix("service:")?;
    Some(container_name(project, name, project.services.get(name)?, 1))
}

fn namespace(project: &Project, mode: &str) -> api::NamespaceMode {
    match mode {
        "" => api::NamespaceMode::Default,
        "private" => api::NamespaceMode::Private,
        "host" => api::NamespaceMode::Host,
        "shareable" => api::NamespaceMode::Shareable,
        "none" => api::NamespaceMode::None,
        mode => match other_container(project, mode) {
            Some(container) => api::NamespaceMode::Container(container),
            None => api::NamespaceMode::Other(mode.to_owned()),
        },
    }
}

fn volumes_from(project: &Project, source: &str) -> String {
    if let Some(container) = source.strip_prefix("container:") {
        return container.to_owned();
    }
    let (name, access) = source.split_once(':').map_or((source, ""), |(name, access)| (name, access));
    let container = project
        .services
        .get(name)
        .map_or_else(|| name.to_owned(), |service| container_name(project, name, service, 1));
    if access.is_empty() { container } else { format!("{container}:{access}") }
}

/// Links to services of the project, by their first containers, and to containers outside.
fn links(project: &Project, service: &Service) -> Vec<String> {
    let mut all = Vec::new();
    for link in &service.links {
        let (other, name) = link.split_once(':').unwrap_or((link, link));
        if let Some(target) = project.services.get(other) {
            all.push(format!("{}:{name}", container_name(project, other, target, 1)));
        }
    }
    for link in &service.external_links {
        let (other, name) = link.split_once(':').unwrap_or((link, link));
        all.push(format!("{other}:{name}"));
    }
    all
}

/// Networks by priority, then by name; on each the container answers to its service's name.
fn networks(project: &Project, name: &str, service: &Service, number: u32) -> Vec<api::NetworkAttachment> {
    let mut keys: Vec<(&String, i64)> = service
        .networks
        .iter()
        .map(|(key, network)| (key, network.as_ref().map_or(0, |network| network.priority)))
        .collect();
    keys.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let attach = |(index, (key, _)): (usize, &(&String, i64))| {
        let own = service.networks.get(*key).cloned().flatten().unwrap_or_default();
        let mut aliases = vec![container_name(project, name, service, number), name.to_owned()];
        aliases.extend(own.aliases);
        aliases.dedup();
        let mac = if own.mac_address.is_empty() && index == 0 {
            service.mac_address.clone()
        } else {
            own.mac_address
        };
        api::NetworkAttachment {
            network: project
                .networks
                .get(*key)
                .map_or_else(|| (*key).clone(), |network| network.name.clone()),
            aliases,
            ipv4: own.ipv4_address,
            ipv6: own.ipv6_address,
            mac,
            ..Default::default()
        }
    };
    keys.iter().enumerate().map(attach).collect()
}

/// A port; of a range of host ports each container of the service takes one that is free.
fn published(port: &crate::model::Port) -> Result<api::PublishedPort, String> {
    let protocol = match port.protocol.as_str() {
        "" | "tcp" => api::PortProtocol::Tcp,
        "udp" => api::PortProtocol::Udp,
        "sctp" => api::PortProtocol::Sctp,
        other => return Err(format!("there is no protocol `{other}`")),
    };
    let (host_port, host_port_end) = if port.published.is_empty() {
        (0, 0)
    } else {
        let (low, high) = port.published.split_once('-').unwrap_or((&port.published, &port.published));
        let read =
            |text: &str| text.parse::<u16>().map_err(|_| format!("`{}` is not a port", port.published));
        let (low, high) = (read(low)?, read(high)?);
        (low, if high > low { high } else { 0 })
    };
    Ok(api::PublishedPort {
        host_ip: port.host_ip.clone(),
        host_port,
        host_port_end,
        container_port: port.target,
        protocol,
    })
}

fn restart(service: &Service) -> Result<api::RestartPolicy, String> {
    let policy = service.deploy.as_ref().and_then(|deploy| deploy.restart_policy.as_ref());
    if service.restart.is_empty() {
        let most = |attempts: Option<u64>| {
            attempts.and_then(|attempts| u32::try_from(attempts).ok()).unwrap_or_default()
        };
        return Ok(match policy.map(|policy| (policy.condition.as_str(), policy.max_attempts)) {
            None | Some(("none", _)) => api::RestartPolicy::No,
            Some(("on-failure", attempts)) => api::RestartPolicy::OnFailure(most(attempts)),
            Some(_) => api::RestartPolicy::Always,
        });
    }
    let (word, most) = service.restart.split_once(':').unwrap_or((&service.restart, "0"));
    Ok(match word {
        "no" => api::RestartPolicy::No,
        "always" => api::RestartPolicy::Always,
        "unless-stopped" => api::RestartPolicy::UnlessStopped,
        "on-failure" => api::RestartPolicy::OnFailure(
            most.parse().map_err(|_| format!("`{most}` is not a number of attempts"))?,
        ),
        other => return Err(format!("there is no restart policy `{other}`")),
    })
}

fn logs(service: &Service) -> Result<api::LogOptions, String> {
    let mut options = api::LogOptions::default();
    let Some(logging) = &service.logging else { return Ok(options) };
    options.driver = match logging.driver.as_str() {
        "" | "local" | "cri" => api::LogDriver::Cri,
        "json-file" => api::LogDriver::JsonFile,
        "none" => api::LogDriver::None,
        other => return Err(format!("there is no log driver `{other}` here")),
    };
    for (name, value) in &logging.options {
        let bad = || format!("`{value}` is not a value for {name}");
        match name.as_str() {
            "max-size" => {
                options.max_size =
                    size::parse(value).and_then(|bytes| u64::try_from(bytes).ok()).ok_or_else(bad)?;
            }
            "max-file" => options.max_files = value.parse().map_err(|_| bad())?,
            _ => {}
        }
    }
    Ok(options)
}

fn bytes(text: &str) -> i64 {
    size::parse(text).unwrap_or_default()
}

/// Limits; what `deploy` says and the service does not is taken from there.
fn resources(service: &Service) -> api::Resources {
    let deploy = service.deploy.as_ref().map(|deploy| &deploy.resources);
    let limits = deploy.and_then(|resources| resources.limits.clone()).unwrap_or_default();
    let reservations = deploy.and_then(|resources| resources.reservations.clone()).unwrap_or_default();
    let or = |own: i64, other: i64| if own == 0 { other } else { own };
    let cpus = if service.cpus == 0.0 { limits.cpus } else { service.cpus };
    let blkio = service.blkio_config.clone().unwrap_or_default();
    let rates = |rates: &[crate::model::DeviceRate]| {
        let rate = |rate: &crate::model::DeviceRate| api::DeviceRate {
            path: rate.path.clone(),
            rate: u64::try_from(bytes(&rate.rate)).unwrap_or_default(),
        };
        rates.iter().map(rate).collect()
    };
    api::Resources {
        memory: or(bytes(&service.mem_limit), bytes(&limits.memory)),
        memory_swap: service.memswap_limit.parse().unwrap_or_default(),
        memory_reservation: or(bytes(&service.mem_reservation), bytes(&reservations.memory)),
        memory_swappiness: service.mem_swappiness.parse().ok(),
        nano_cpus: (f64::from(cpus) * 1e9).round() as i64,
        cpu_shares: service.cpu_shares,
        cpu_quota: service.cpu_quota,
        cpu_period: service.cpu_period,
        cpuset_cpus: service.cpuset.clone(),
        pids_limit: or(service.pids_limit, limits.pids),
        blkio_weight: blkio.weight,
        blkio_weight_device: blkio
            .weight_device
            .iter()
            .map(|weight| api::DeviceRate { path: weight.path.clone(), rate: u64::from(weight.weight) })
            .collect(),
        device_read_bps: rates(&blkio.device_read_bps),
        device_write_bps: rates(&blkio.device_write_bps),
        device_read_iops: rates(&blkio.device_read_iops),
        device_write_iops: rates(&blkio.device_write_iops),
        oom_kill_disable: service.oom_kill_disable,
        devices: service.devices.iter().map(device).collect(),
        device_cgroup_rules: service.device_cgroup_rules.clone(),
        ulimits: ulimits(&service.ulimits),
        cgroup_parent: service.cgroup_parent.clone(),
        ..api::Resources::default()
    }
}

fn device(device: &crate::model::DeviceMapping) -> api::DeviceRequest {
    let or = |text: &str, other: &str| if text.is_empty() { other.to_owned() } else { text.to_owned() };
    api::DeviceRequest {
        host: device.source.clone(),
        container: or(&device.target, &device.source),
        permissions: or(&device.permissions, "rwm"),
    }
}

/// Limits as containers have them.
pub fn ulimits(limits: &BTreeMap<String, Ulimit>) -> Vec<api::Ulimit> {
    let limit = |(name, limit): (&String, &Ulimit)| {
        let (soft, hard) = match *limit {
            Ulimit::Single(both) => (both, both),
            Ulimit::Pair { soft, hard } => (soft, hard),
        };
        api::Ulimit { name: name.clone(), soft, hard }
    };
    limits.iter().map(limit).collect()
}
