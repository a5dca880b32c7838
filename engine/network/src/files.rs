//! The text of a container's `/etc/hosts` and `/etc/resolv.conf`. Pure.

use crate::error::{NetworkError, Result};
use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

/// The server that each container's supervisor runs.
const EMBEDDED: &str = "127.0.0.11";
/// What `--add-host NAME:host-gateway` stands for.
const HOST_GATEWAY: &str = "host-gateway";
/// The port of the DNS.
const PORT: u16 = 53;

/// What a container's `/etc/hosts` says.
#[derive(Clone, Debug, Default)]
pub struct HostsFile<'a> {
    /// The container's host name.
    pub hostname: &'a str,
    /// Its domain name; empty for none.
    pub domainname: &'a str,
    /// Its own addresses.
    pub addresses: &'a [IpAddr],
    /// The user's lines, `name:address` or `name=address`.
    pub extra: &'a [String],
    /// The host's address as the container reaches it: its gateway.
    pub host_gateway: Option<IpAddr>,
}

impl HostsFile<'_> {
    /// The file's text.
    pub fn text(&self) -> Result<String> {
        let mut text = String::from(
            "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::\tip6-localnet\n\
             ff00::\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n",
        );
        for line in self.extra {
            let (name, address) = self.read(line)?;
            let _ = writeln!(text, "{address}\t{name}");
        }
        for address in self.addresses {
            if self.domainname.is_empty() {
                let _ = writeln!(text, "{address}\t{}", self.hostname);
            } else {
                let _ = writeln!(text, "{address}\t{0}.{1} {0}", self.hostname, self.domainname);
            }
        }
        Ok(text)
    }

    fn read<'b>(&self, line: &'b str) -> Result<(&'b str, IpAddr)> {
        let wrong = || {
            NetworkError::invalid(
                format!("bad format for add-host: {line:?}"),
                "write it as in --add-host name:10.0.0.5 or name:host-gateway",
            )
        };
        let (name, address) = line.split_once('=').or_else(|| line.split_once(':')).ok_or_else(wrong)?;
        let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic() && b != b'#');
        if !plain {
            return Err(wrong());
        }
        if address == HOST_GATEWAY {
            let gateway = self.host_gateway.ok_or_else(|| {
                NetworkError::invalid(
                    "host-gateway is not available: the container has no network with a gateway",
                    "name an address",
                )
            })?;
            return Ok((name, gateway));
        }
        let address = address.trim_start_matches('[').trim_end_matches(']').parse().map_err(|_| wrong())?;
        Ok((name, address))
    }
}

/// What decides about a container's name resolution.
#[derive(Clone, Debug, Default)]
pub struct Resolution<'a> {
    /// The host's `/etc/resolv.conf`.
    pub host: &'a str,
    /// The user's servers.
    pub servers: &'a [String],
    /// The user's search domains; `.` for none.
    pub search: &'a [String],
    /// The user's options.
    pub options: &'a [String],
    /// Whether the container's supervisor answers.
    pub embedded: bool,
}

impl Resolution<'_> {
    /// The text of the container's `/etc/resolv.conf`.
    pub fn text(&self) -> String {
        let mut text = String::new();
        if self.embedded {
            let _ = writeln!(text, "nameserver {EMBEDDED}");
        } else if self.servers.is_empty() {
            // The host's own loopback address means another machine in here.
            for server in host_servers(self.host).into_iter().filter(|server| !server.is_loopback()) {
                let _ = writeln!(text, "nameserver {server}");
            }
        } else {
            for server in self.servers.iter().filter(|server| is_word(server)) {
                let _ = writeln!(text, "nameserver {server}");
            }
        }
        let search: Vec<&str> = if self.search.is_empty() {
            words(self.host, "search")
        } else {
            self.search
                .iter()
                .map(String::as_str)
                .filter(|domain| *domain != "." && is_word(domain))
                .collect()
        };
        if !search.is_empty() {
            let _ = writeln!(text, "search {}", search.join(" "));
        }
        let mut options: Vec<&str> = if self.options.is_empty() {
            words(self.host, "options")
        } else {
            self.options.iter().map(String::as_str).filter(|option| is_word(option)).collect()
        };
        // Names of containers have no dot: they are to be asked for as they are, before the search domains.
        if self.embedded && !options.iter().any(|option| option.starts_with("ndots:")) {
            options.push("ndots:0");
        }
        if !options.is_empty() {
            let _ = writeln!(text, "options {}", options.join(" "));
        }
        text
    }

    /// The servers that the container's supervisor forwards to.
    pub fn upstream(&self) -> Result<Vec<SocketAddr>> {
        if self.servers.is_empty() {
            return Ok(host_servers(self.host)
                .into_iter()
                .map(|server| SocketAddr::new(server, PORT))
                .collect());
        }
        let read = |text: &String| {
            let wrong = |_| {
                NetworkError::invalid(
                    format!("invalid name server {text:?}"),
                    "write an address, as in --dns 9.9.9.9",
                )
            };
            text.parse().map(|address| SocketAddr::new(address, PORT)).map_err(wrong)
        };
        self.servers.iter().map(read).collect()
    }
}

fn host_servers(text: &str) -> Vec<IpAddr> {
    words(text, "nameserver").into_iter().filter_map(|word| word.parse().ok()).collect()
}

/// The words after a keyword; of `search` and `options` the last line counts, of `nameserver` all do.
fn words<'a>(text: &'a str, keyword: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    for line in text.lines() {
        let mut words = line.split(['#', ';']).next().unwrap_or_default().split_ascii_whitespace();
        if words.next() == Some(keyword) {
            if keyword != "nameserver" {
                found.clear();
            }
            found.extend(words);
        }
    }
    found
}

/// A word that cannot end its line or begin another.
fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_hold_the_container_and_the_user_s_lines() {
        let extra = ["db:10.0.0.9".to_owned(), "six=[fd00::1]".to_owned(), "host:host-gateway".to_owned()];
        let mut file = HostsFile {
            hostname: "web",
            domainname: "example.org",
            addresses: &["172.18.0.2".parse().unwrap()],
            extra: &extra,
            host_gateway: "172.18.0.1".parse().ok(),
        };
        let text = file.text().unwrap();
        assert!(text.starts_with("127.0.0.1\tlocalhost\n"));
        assert!(
            text.ends_with("10.0.0.9\tdb\nfd00::1\tsix\n172.18.0.1\thost\n172.18.0.2\tweb.example.org web\n"),
            "{text}"
        );
        file.host_gateway = None;
        assert!(file.text().is_err());
        for bad in ["db", "db:", ":10.0.0.1", "a b:10.0.0.1", "a\n127.0.0.1 evil:10.0.0.1", "db:10.0.0.1\n"] {
            let extra = [bad.to_owned()];
            assert!(HostsFile { extra: &extra, ..file.clone() }.text().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn resolv_conf_follows_the_host_and_the_user() {
        let host = "# made by hand\nnameserver 127.0.0.53\nnameserver 10.1.1.1\nsearch old\nsearch lan corp\noptions edns0\n";
        let mut resolution = Resolution { host, embedded: true, ..Resolution::default() };
        assert_eq!(resolution.text(), "nameserver 127.0.0.11\nsearch lan corp\noptions edns0 ndots:0\n");
        assert_eq!(
            resolution.upstream().unwrap(),
            ["127.0.0.53:53".parse().unwrap(), "10.1.1.1:53".parse().unwrap()]
        );
        resolution.embedded = false;
        assert_eq!(resolution.text(), "nameserver 10.1.1.1\nsearch lan corp\noptions edns0\n");
        let (servers, search) = (["9.9.9.9".to_owned(), "fd00::53".to_owned()], [".".to_owned()]);
        resolution.servers = &servers;
        resolution.search = &search;
        assert_eq!(resolution.text(), "nameserver 9.9.9.9\nnameserver fd00::53\noptions edns0\n");
        assert_eq!(resolution.upstream().unwrap()[1], "[fd00::53]:53".parse().unwrap());
        let servers = ["9.9.9.9\nnameserver 6.6.6.6".to_owned()];
        resolution.servers = &servers;
        assert!(resolution.upstream().is_err() && !resolution.text().contains("6.6.6.6"));
    }
}
