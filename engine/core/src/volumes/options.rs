//! Options of the driver `local`: what is mounted in place of the volume's own folder.

use std::collections::BTreeMap;
use std::net::{IpAddr, ToSocketAddrs as _};
use std::path::{Path, PathBuf};
use teu_api::Failure;

/// Where a volume's files are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Backing {
    /// In the volume's own folder.
    Folder,
    /// In another folder of the host, with mount options.
    Bind(PathBuf, Vec<String>),
    /// In a file system of this type, source and options, mounted for each container by itself.
    Filesystem(String, String, Vec<String>),
}

/// Refuses options that the driver does not know, before anything is made.
pub(crate) fn check(name: &str, options: &BTreeMap<String, String>) -> Result<(), Failure> {
    for key in options.keys() {
        match key.as_str() {
            "type" | "device" | "o" => {}
            "size" => {
                return Err(Failure::unsupported(format!(
                    "create {name}: quotas of volumes are not supported"
                ))
                .hint("leave out --opt size, or use a volume of type tmpfs with o=size="));
            }
            _ => {
                return Err(Failure::usage(format!("create {name}: invalid option: {key:?}"))
                    .hint("known are type, device and o"));
            }
        }
    }
    if options.is_empty() {
        return Ok(());
    }
    for key in ["type", "device"] {
        // Docker lets a bind go without a type.
        let bind = key == "type" && words(options).iter().any(|word| word == "bind" || word == "rbind");
        if options.get(key).is_none_or(String::is_empty) && !bind {
            return Err(Failure::usage(format!("create {name}: missing required option: {key:?}"))
                .hint("write --opt type=TYPE --opt device=DEVICE --opt o=OPTIONS"));
        }
    }
    Ok(())
}

fn words(options: &BTreeMap<String, String>) -> Vec<String> {
    let text = options.get("o").map_or("", String::as_str);
    text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// What a volume with these options is.
pub(crate) fn backing(name: &str, options: &BTreeMap<String, String>) -> Result<Backing, Failure> {
    let device = options.get("device").cloned().unwrap_or_default();
    let kind = options.get("type").map_or("", String::as_str);
    if device.is_empty() {
        return Ok(Backing::Folder);
    }
    let mut words = words(options);
    let bind = words.iter().any(|word| word == "bind" || word == "rbind") || kind == "bind";
    if bind {
        let path = Path::new(&device);
        if !path.is_absolute() || !path.exists() {
            return Err(Failure::usage(format!(
                "failed to mount local volume {name}: no such folder: {device}"
            ))
            .hint("make the folder first"));
        }
        words.retain(|word| word != "bind" && word != "rbind");
        return Ok(Backing::Bind(path.to_owned(), words));
    }
    if kind.starts_with("nfs") || matches!(kind, "cifs" | "smb3") {
        // The device names the server of a share, `//server/share`, and may do so alone.
        let server = device.strip_prefix("//").and_then(|rest| rest.split('/').next());
        let has_address = words.iter().any(|word| word.starts_with("addr=") || word.starts_with("ip="));
        if let Some(server) = server.filter(|_| !has_address) {
            words.push(format!("addr={server}"));
        }
        resolve_server(name, &mut words)?;
    }
    Ok(Backing::Filesystem(kind.to_owned(), device, words))
}

/// The kernel wants a server's address, not its name.
fn resolve_server(name: &str, words: &mut [String]) -> Result<(), Failure> {
    for word in words {
        let Some(host) = word.strip_prefix("addr=") else { continue };
        if host.parse::<IpAddr>().is_ok() {
            continue;
        }
        let found = (host, 0).to_socket_addrs().ok().and_then(|mut addresses| addresses.next());
        let found = found.ok_or_else(|| {
            Failure::usage(format!("failed to mount local volume {name}: cannot resolve the server {host}"))
                .hint("name a server that this host can look up")
        })?;
        *word = format!("addr={}", found.ip());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn options_become_mounts() {
        let read = |pairs: &[(&str, &str)]| backing("v", &options(pairs)).unwrap();
        assert_eq!(read(&[]), Backing::Folder);
        assert_eq!(
            read(&[("type", "none"), ("device", "/tmp"), ("o", "bind,ro")]),
            Backing::Bind("/tmp".into(), vec!["ro".into()])
        );
        assert_eq!(
            read(&[("type", "tmpfs"), ("device", "tmpfs"), ("o", "size=1m")]),
            Backing::Filesystem("tmpfs".into(), "tmpfs".into(), vec!["size=1m".into()])
        );
        assert_eq!(
            read(&[("type", "nfs"), ("device", ":/x"), ("o", "addr=127.0.0.1,rw")]),
            Backing::Filesystem("nfs".into(), ":/x".into(), vec!["addr=127.0.0.1".into(), "rw".into()])
        );
    }

    #[test]
    fn servers_are_looked_up() {
        let read = |kind: &str, device: &str, o: &str| {
            backing("v", &options(&[("type", kind), ("device", device), ("o", o)]))
        };
        let local = |words: &[String], position: usize| {
            let address = words[position].strip_prefix("addr=").unwrap().parse::<IpAddr>().unwrap();
            address.is_loopback()
        };
        let Backing::Filesystem(kind, device, words) =
            read("nfs4", ":/export", "soft,addr=localhost,nolock").unwrap()
        else {
            panic!("a file system")
        };
        assert_eq!((kind.as_str(), device.as_str(), words.len()), ("nfs4", ":/export", 3));
        assert!(local(&words, 1) && words[2] == "nolock", "{words:?}");
        let Backing::Filesystem(_, device, words) = read("cifs", "//localhost/share", "username=me").unwrap()
        else {
            panic!("a file system")
        };
        assert!(device == "//localhost/share" && local(&words, 1), "{words:?}");
        let error = read("nfs", ":/export", "addr=no.such.host.invalid").unwrap_err();
        assert!(error.to_string().contains("cannot resolve the server no.such.host.invalid"), "{error}");
    }

    #[test]
    fn unknown_and_missing_options_are_refused() {
        assert!(check("v", &options(&[("colour", "red")])).is_err());
        assert!(check("v", &options(&[("type", "nfs")])).is_err());
        assert!(check("v", &options(&[("size", "1g")])).is_err());
        assert!(check("v", &options(&[("device", "/x"), ("o", "bind")])).is_ok());
        assert!(backing("v", &options(&[("device", "/no/such/folder"), ("o", "bind")])).is_err());
    }
}
