//! Devices: `/dev/x:/dev/y:rwm`, rates by device, and access rules.

use super::{size, wrong};
use teu_api::Failure;
use teu_api::container::{DeviceRate, DeviceRequest};

/// Reads `HOST[:CONTAINER][:PERMISSIONS]`.
pub fn parse(text: &str) -> Result<DeviceRequest, Failure> {
    let bad = |why: &str| {
        wrong(
            format!("invalid device specification: {text}: {why}"),
            "write it as /dev/host[:/dev/container][:rwm]",
        )
    };
    let parts: Vec<&str> = text.split(':').collect();
    let (host, container, permissions) = match parts.as_slice() {
        [host] => (*host, *host, "rwm"),
        [host, second] if are_permissions(second) => (*host, *host, *second),
        [host, second] => (*host, *second, "rwm"),
        [host, container, permissions] if are_permissions(permissions) => (*host, *container, *permissions),
        [_, _, permissions] => return Err(bad(&format!("invalid device mode {permissions:?}"))),
        _ => return Err(bad("too many colons")),
    };
    if !host.starts_with('/') || !container.starts_with('/') {
        return Err(bad("not an absolute path"));
    }
    if host.contains('\0') || container.split('/').any(|part| part == "..") {
        return Err(bad("not a plain path"));
    }
    Ok(DeviceRequest {
        host: host.to_owned(),
        container: container.to_owned(),
        permissions: permissions.to_owned(),
    })
}

fn are_permissions(text: &str) -> bool {
    (1..=3).contains(&text.len())
        && text
            .bytes()
            .enumerate()
            .all(|(index, byte)| b"rwm".contains(&byte) && !text.as_bytes()[..index].contains(&byte))
}

/// Reads `PATH:RATE`, the rate as a size (`1mb`) or, for operations, as a plain number.
pub fn rate(flag: &str, text: &str, bytes: bool) -> Result<DeviceRate, Failure> {
    let bad = |why: &str| {
        wrong(
            format!("invalid {flag} {text:?}: {why}"),
            "write it as /dev/sda:1mb or, for operations, /dev/sda:100",
        )
    };
    let (path, rate) = text.rsplit_once(':').ok_or_else(|| bad("no rate"))?;
    if !path.starts_with("/dev/") {
        return Err(bad("not a device path"));
    }
    let rate = if bytes {
        size::parse(rate).ok().and_then(|rate| u64::try_from(rate).ok())
    } else {
        rate.parse().ok()
    };
    Ok(DeviceRate { path: path.to_owned(), rate: rate.ok_or_else(|| bad("the rate is not a number"))? })
}

/// Checks an access rule, `TYPE MAJOR:MINOR PERMISSIONS`.
pub fn rule(text: &str) -> Result<String, Failure> {
    let number = |part: &str| part == "*" || (!part.is_empty() && part.parse::<u32>().is_ok());
    let parts: Vec<&str> = text.split(' ').collect();
    let valid = match parts.as_slice() {
        [kind, numbers, permissions] => {
            matches!(*kind, "a" | "b" | "c")
                && are_permissions(permissions)
                && numbers.split_once(':').is_some_and(|(major, minor)| number(major) && number(minor))
        }
        _ => false,
    };
    if valid {
        Ok(text.to_owned())
    } else {
        Err(wrong(format!("invalid device cgroup format '{text}'"), "write it like 'c 1:3 rwm'"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_read() {
        let device = parse("/dev/x:/dev/y:rw").unwrap();
        assert_eq!(
            (device.host.as_str(), device.container.as_str(), device.permissions.as_str()),
            ("/dev/x", "/dev/y", "rw")
        );
        assert_eq!(parse("/dev/x:r").unwrap().container, "/dev/x");
        assert_eq!(parse("/dev/x").unwrap().permissions, "rwm");
        for bad in
            ["", "x", "/dev/x:y", "/dev/x:/dev/y:rr", "/dev/x:/dev/y:z", "/a:/b:r:w", "/dev/x:/dev/../y"]
        {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn rates_and_rules_are_read() {
        assert_eq!(rate("--device-read-bps", "/dev/sda:1mb", true).unwrap().rate, 1 << 20);
        assert_eq!(rate("--device-read-iops", "/dev/sda:100", false).unwrap().rate, 100);
        assert!(rate("--device-read-iops", "/dev/sda:1mb", false).is_err());
        assert!(rate("--device-read-bps", "sda:1", true).is_err());
        assert!(rule("c 1:3 rwm").is_ok() && rule("a *:* m").is_ok());
        for bad in ["", "c 1:3", "d 1:3 r", "c 1 r", "c 1:x r", "c 1:3 rwx"] {
            assert!(rule(bad).is_err(), "{bad}");
        }
    }
}
