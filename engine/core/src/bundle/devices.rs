//! Device nodes and who may open them.

use serde_json::{Value, json};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use teu_api::Failure;
use teu_api::container::DeviceRequest;

/// The access rules every container starts from: nothing, but for making nodes and the harmless devices.
pub fn default_rules() -> Vec<Value> {
    let rule = |kind: &str, major: i64, minor: i64, access: &str| {
        let mut rule = json!({"allow": true, "type": kind, "access": access});
        // A negative number stands for "any", which the specification says by leaving the field out.
        if major >= 0 {
            rule["major"] = json!(major);
        }
        if minor >= 0 {
            rule["minor"] = json!(minor);
        }
        rule
    };
    vec![
        json!({"allow": false, "access": "rwm"}),
        rule("c", -1, -1, "m"),
        rule("b", -1, -1, "m"),
        rule("c", 1, 3, "rwm"),
        rule("c", 1, 5, "rwm"),
        rule("c", 1, 7, "rwm"),
        rule("c", 1, 8, "rwm"),
        rule("c", 1, 9, "rwm"),
        rule("c", 5, 0, "rwm"),
        rule("c", 5, 1, "rwm"),
        rule("c", 5, 2, "rwm"),
        rule("c", 136, -1, "rwm"),
        rule("c", 10, 200, "rwm"),
    ]
}

/// The nodes and access rules of the devices handed in.
pub fn requested(requests: &[DeviceRequest]) -> Result<(Vec<Value>, Vec<Value>), Failure> {
    let (mut nodes, mut rules) = (Vec::new(), Vec::new());
    for request in requests {
        for (host, container) in expand(request)? {
            let (node, rule) = describe(&host, &container, &request.permissions)?;
            nodes.push(node);
            rules.push(rule);
        }
    }
    Ok((nodes, rules))
}

/// A folder of devices stands for every device in it.
fn expand(request: &DeviceRequest) -> Result<Vec<(PathBuf, PathBuf)>, Failure> {
    let (host, container) = (Path::new(&request.host), Path::new(&request.container));
    if !host.is_dir() {
        return Ok(vec![(host.to_owned(), container.to_owned())]);
    }
    let entries = std::fs::read_dir(host).map_err(|error| {
        Failure::usage(format!("--device {}: {error}", request.host))
            .hint("name a device or a readable folder")
    })?;
    let mut found: Vec<_> = entries
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_char_device() || kind.is_block_device()))
        .map(|entry| (entry.path(), container.join(entry.file_name())))
        .collect();
    found.sort();
    Ok(found)
}

fn describe(host: &Path, container: &Path, permissions: &str) -> Result<(Value, Value), Failure> {
    let name = host.display();
    let metadata = std::fs::metadata(host).map_err(|error| {
        Failure::usage(format!("--device {name}: {error}")).hint("name a device that exists on this host")
    })?;
    let kind = match metadata.file_type() {
        kind if kind.is_char_device() => "c",
        kind if kind.is_block_device() => "b",
        _ => {
            return Err(
                Failure::usage(format!("--device {name}: not a device")).hint("use -v for files and folders")
            );
        }
    };
    let (major, minor) = (nix::sys::stat::major(metadata.rdev()), nix::sys::stat::minor(metadata.rdev()));
    let node = json!({
        "path": container, "type": kind, "major": major, "minor": minor,
        "fileMode": metadata.mode() & 0o777, "uid": metadata.uid(), "gid": metadata.gid(),
    });
    let access = if permissions.is_empty() { "rwm" } else { permissions };
    Ok((node, json!({"allow": true, "type": kind, "major": major, "minor": minor, "access": access})))
}

/// Every device of the host, for a privileged container.
pub fn of_the_host() -> Vec<Value> {
    let mut nodes = Vec::new();
    collect(Path::new("/dev"), &mut nodes);
    nodes
}

fn collect(folder: &Path, nodes: &mut Vec<Value>) {
    // These are file systems of their own in the container.
    const OWN: [&str; 6] =
        ["/dev/pts", "/dev/shm", "/dev/mqueue", "/dev/fd", "/dev/console", "/dev/hugepages"];
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let Ok(kind) = entry.file_type() else { continue };
        if OWN.iter().any(|own| path == Path::new(own)) || path == Path::new("/dev/ptmx") {
            continue;
        }
        if kind.is_dir() {
            collect(&path, nodes);
        } else if (kind.is_char_device() || kind.is_block_device())
            && let Ok((node, _)) = describe(&path, &path, "rwm")
        {
            nodes.push(node);
        }
    }
}

/// Parses `--device-cgroup-rule "c 1:3 rwm"`.
pub fn parse_rule(text: &str) -> Result<Value, Failure> {
    let wrong = || {
        Failure::usage(format!("invalid --device-cgroup-rule {text:?}"))
            .hint("write it as \"c 1:3 rwm\", with * for any number")
    };
    let mut words = text.split_whitespace();
    let (Some(kind), Some(numbers), Some(access), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(wrong());
    };
    if !matches!(kind, "a" | "b" | "c") || !access.bytes().all(|b| matches!(b, b'r' | b'w' | b'm')) {
        return Err(wrong());
    }
    let (major, minor) = numbers.split_once(':').ok_or_else(wrong)?;
    let mut rule = json!({"allow": true, "type": kind, "access": access});
    for (key, number) in [("major", major), ("minor", minor)] {
        if number != "*" {
            rule[key] = json!(number.parse::<u32>().map_err(|_| wrong())?);
        }
    }
    Ok(rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read() {
        assert_eq!(
            parse_rule("c 1:* rw").unwrap(),
            json!({"allow": true, "type": "c", "access": "rw", "major": 1})
        );
        for bad in ["", "c 1:3", "x 1:3 r", "c 1 r", "c a:b r", "c 1:3 q", "c 1:3 r extra"] {
            assert!(parse_rule(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_device_is_described_by_its_node() {
        let request = DeviceRequest {
            host: "/dev/null".into(),
            container: "/dev/nothing".into(),
            permissions: "r".into(),
        };
        let (nodes, rules) = requested(&[request]).unwrap();
        assert_eq!(nodes[0]["major"], 1);
        assert_eq!(rules[0]["access"], "r");
        let file =
            DeviceRequest { host: "/etc/passwd".into(), container: "/x".into(), permissions: String::new() };
        assert!(requested(&[file]).unwrap_err().message.contains("not a device"));
    }
}
