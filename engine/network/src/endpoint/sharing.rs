//! Interfaces that share one of the host's: macvlan and ipvlan.

use crate::error::{NetworkError, Result};
use crate::netlink::Socket;
use crate::netlink::link::{self, Mac, Sharing};
use crate::network::random_hexadecimal;
use crate::tables::NetworkRow;
use nix::errno::Errno;
use std::fs::File;
use std::os::fd::{AsFd as _, BorrowedFd};
use teu_api::network::{NetworkDriver, NetworkSpec};

fn mode(spec: &NetworkSpec) -> Result<Sharing> {
    let option = |name: &str| spec.options.get(name).map_or("", String::as_str);
    let wrong = |option: &str, value: &str, choices: &str| {
        NetworkError::invalid(
            format!("network {}: option {option} cannot be {value:?}", spec.name),
            format!("choose one of {choices}"),
        )
    };
    match spec.driver {
        NetworkDriver::Ipvlan => match option("ipvlan_mode") {
            "" | "l2" => Ok(Sharing::Ipvlan(0)),
            "l3" => Ok(Sharing::Ipvlan(1)),
            "l3s" => Ok(Sharing::Ipvlan(2)),
            other => Err(wrong("ipvlan_mode", other, "l2, l3, l3s")),
        },
        _ => match option("macvlan_mode") {
            "private" => Ok(Sharing::Macvlan(1)),
            "vepa" => Ok(Sharing::Macvlan(2)),
            "" | "bridge" => Ok(Sharing::Macvlan(4)),
            "passthru" => Ok(Sharing::Macvlan(8)),
            other => Err(wrong("macvlan_mode", other, "bridge, private, vepa, passthru")),
        },
    }
}

/// Makes the interface of a place on a network in the container.
pub(crate) fn make_sharing(
    socket: &mut Socket,
    network: &NetworkRow,
    name: &str,
    namespace: BorrowedFd<'_>,
    mac: Mac,
    mtu: Option<u32>,
) -> std::result::Result<(), Errno> {
    let sharing = mode(&network.spec).map_err(|_| Errno::EINVAL)?;
    let parent = link::find(socket, &network.interface)?.ok_or(Errno::ENODEV)?;
    let mac = matches!(sharing, Sharing::Macvlan(_)).then_some(mac);
    link::create_sharing(socket, parent.index, name, namespace, mac, mtu, sharing)
}

/// Finds out whether the kernel has the driver and the parent can be shared, by making an interface and removing it.
pub(crate) fn probe_sharing(socket: &mut Socket, spec: &NetworkSpec, parent: &str) -> Result<()> {
    let sharing = mode(spec)?;
    let driver = spec.driver.as_str();
    let failed = |errno| NetworkError::kernel(format!("share interface {parent} by {driver}"))(errno);
    let found = link::find(socket, parent).map_err(failed)?.ok_or_else(|| {
        NetworkError::invalid(
            format!("network {}: this host has no interface {parent}", spec.name),
            "name one that ip link shows with --opt parent=NAME",
        )
    })?;
    let here =
        File::open("/proc/thread-self/ns/net").map_err(NetworkError::io("open this network namespace"))?;
    let name = format!("tp{}", random_hexadecimal(12)?);
    match link::create_sharing(socket, found.index, &name, here.as_fd(), None, None, sharing) {
        Ok(()) => link::remove(socket, &name).map_err(failed),
        Err(Errno::EOPNOTSUPP) => Err(NetworkError::Unsupported {
            message: format!("network {}: this kernel has no driver {driver}", spec.name),
            hint: format!("load the kernel module {driver}, or use the driver bridge"),
        }),
        Err(errno) => Err(failed(errno)),
    }
}
