//! Names from the shared database.

use super::Names;
use crate::tables::Tables;
use std::net::IpAddr;
use std::path::PathBuf;
use teu_api::ContainerId;

/// The names that one container sees. The database is open only while questions come, since an open one costs the
/// supervisor memory.
pub struct DatabaseNames {
    database: PathBuf,
    container: ContainerId,
    /// Each name by which this container alone knows another, in lower case, and the other's own.
    links: Vec<(String, String)>,
    tables: Option<Tables>,
}

impl DatabaseNames {
    /// The names that a container sees in the database at a path, and with its links, as `CONTAINER:NAME`.
    pub fn new(database: PathBuf, container: ContainerId, links: &[String]) -> Self {
        let read = |link: &String| {
            let (other, name) = link.split_once(':')?;
            Some((name.to_ascii_lowercase(), other.to_ascii_lowercase()))
        };
        Self { database, container, links: links.iter().filter_map(read).collect(), tables: None }
    }

    fn tables(&mut self) -> Option<&Tables> {
        if self.tables.is_none() {
            self.tables = Tables::open(&self.database).ok();
        }
        self.tables.as_ref()
    }
}

impl Names for DatabaseNames {
    fn addresses(&mut self, name: &str) -> Option<Vec<IpAddr>> {
        let container = self.container.clone();
        // The other one's own name comes with a link, as in Docker's hosts file.
        let link = self
            .links
            .iter()
            .find(|(link, other)| link == name || other == name)
            .map(|(_, other)| other.clone());
        let is_linked = link.is_some();
        let name = link.unwrap_or_else(|| name.to_owned());
        let rows = self.tables()?.resolve(container.as_str(), &name, is_linked).ok()?;
        if rows.is_empty() && !is_linked {
            return None;
        }
        let addresses = rows.into_iter().flat_map(|row| [row.ipv4.map(IpAddr::V4), row.ipv6.map(IpAddr::V6)]);
        Some(addresses.flatten().collect())
    }

    fn name_of(&mut self, address: IpAddr) -> Option<String> {
        let container = self.container.clone();
        self.tables()?.resolve_address(container.as_str(), &address.to_string()).ok()?
    }

    fn rest(&mut self) {
        self.tables = None;
    }
}
