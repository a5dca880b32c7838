//! A container leaves a network: ports, interface, lease. Everything is tried, and every failure told; the row goes
//! last, and only when the rest is gone, so that what could not be removed is tried again by the next reconciliation.

use super::attach::{add_default_routes, socket_within};
use crate::error::{NetworkError, Result};
use crate::netlink::link;
use crate::network::{Networks, Settings, route_socket};
use crate::tables::{EndpointRow, NetworkRow};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::os::fd::BorrowedFd;
use teu_api::ContainerId;

/// How many waiting addresses are looked at each time one is leased.
const SWEEP: u32 = 16;

impl Networks {
    /// Gives the places of a container back whose processes have all ended. Its names and ports go at once. Its
    /// interfaces go with its network namespace, which the kernel takes apart by itself a little later, so nobody
    /// waits the tens of milliseconds that their removal costs; until then nobody else gets its addresses.
    pub fn detach_ended(&self, container: &ContainerId) -> Result<()> {
        let mut failures = Vec::new();
        for row in self.tables.endpoints_of(container.as_str())? {
            failures.extend(self.unpublish(&row).and_then(|()| self.tables.end(&row)).err());
        }
        NetworkError::gather(failures)
    }

    /// Frees the addresses of ended containers whose interfaces the kernel has removed.
    pub(crate) fn sweep(&self, most: u32) -> Result<()> {
        let ended = self.tables.ended(most)?;
        if ended.is_empty() {
            return Ok(());
        }
        let mut socket = route_socket()?;
        for row in ended {
            let interface = &row.host_interface;
            let gone = interface.is_empty()
                || link::find(&mut socket, interface)
                    .map_err(NetworkError::kernel(format!("look for interface {interface}")))?
                    .is_none();
            if gone {
                self.tables.release(&row)?;
            }
        }
        Ok(())
    }

    /// Frees fixed addresses that ended containers still have, as one that starts again does: their interfaces are
    /// removed now instead of when the kernel comes to it.
    pub(crate) fn take_back(
        &self,
        network: &NetworkRow,
        ipv4: Option<Ipv4Addr>,
        ipv6: Option<Ipv6Addr>,
    ) -> Result<()> {
        let wanted =
            |row: &EndpointRow| (ipv4.is_some() && row.ipv4 == ipv4) || (ipv6.is_some() && row.ipv6 == ipv6);
        for row in self.tables.ended(u32::MAX)? {
            if row.network == network.id && wanted(&row) {
                self.detach_endpoint(&row)?;
            }
        }
        Ok(())
    }

    /// As many as a lease looks at.
    pub(crate) fn sweep_some(&self) -> Result<()> {
        self.sweep(SWEEP)
    }

    /// Gives all places of a container back and removes its interfaces, whether it runs or not. One that has none is
    /// no failure.
    pub fn detach(&self, container: &ContainerId) -> Result<()> {
        let rows = self.tables.endpoints_of(container.as_str())?;
        NetworkError::gather(rows.iter().filter_map(|row| self.detach_endpoint(row).err()).collect())
    }

    /// Takes a running container off one network. Its default route moves to another of its networks, if it has one.
    pub fn disconnect(
        &self,
        network: &str,
        container: &ContainerId,
        namespace: Option<BorrowedFd<'_>>,
    ) -> Result<()> {
        let network = self.row(network)?;
        let mut rows = self.tables.endpoints_of(container.as_str())?;
        let position = rows.iter().position(|row| row.network == network.id).ok_or_else(|| {
            NetworkError::NotConnected {
                container: container.short().to_owned(),
                network: network.spec.name.clone(),
            }
        })?;
        let row = rows.remove(position);
        if let (Some(namespace), true) = (namespace, row.host_interface.is_empty()) {
            // A macvlan interface has no end on the host by which it could be removed.
            let mut inside = socket_within(namespace)?;
            link::remove(&mut inside, &row.interface).map_err(NetworkError::kernel(format!(
                "remove interface {} in the container",
                row.interface
            )))?;
        }
        self.detach_endpoint(&row)?;
        let Some(namespace) = namespace else { return Ok(()) };
        let mut inside = socket_within(namespace)?;
        for other in rows {
            let network = self.tables.network(&other.network)?;
            let found = link::find(&mut inside, &other.interface).map_err(NetworkError::kernel(format!(
                "find interface {} in the container",
                other.interface
            )))?;
            if let Some(link) = found {
                add_default_routes(&mut inside, &network, &Settings::of(&network)?, &other, link.index)?;
            }
        }
        Ok(())
    }

    /// Carries a container's new name over to what it answers to.
    pub fn rename(&self, container: &ContainerId, name: &str) -> Result<()> {
        self.tables.rename(container.as_str(), name)
    }

    pub(crate) fn detach_endpoint(&self, row: &EndpointRow) -> Result<()> {
        let mut failures = Vec::new();
        failures.extend(self.unpublish(row).err());
        if !row.host_interface.is_empty() {
            let removed = route_socket().and_then(|mut socket| {
                link::remove(&mut socket, &row.host_interface)
                    .map_err(NetworkError::kernel(format!("remove interface {}", row.host_interface)))
            });
            failures.extend(removed.err());
        }
        if failures.is_empty() {
            self.tables.release(row)?;
        }
        NetworkError::gather(failures)
    }
}
