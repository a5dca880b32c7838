//! `--network`: a name, `none`, `host`, `container:NAME`, or `name=NET,alias=A,ip=IP`.

use super::{csv, hosts, labels, wrong};
use teu_api::Failure;
use teu_api::container::{NetworkAttachment, NetworkMode};

/// Reads the networks of one container. `default` and `bridge` alone mean the default bridge.
pub fn parse(texts: &[String]) -> Result<(NetworkMode, Vec<NetworkAttachment>), Failure> {
    let mut attachments: Vec<NetworkAttachment> = Vec::new();
    for text in texts {
        if texts.len() == 1 {
            match text.as_str() {
                "none" => return Ok((NetworkMode::None, Vec::new())),
                "host" => return Ok((NetworkMode::Host, Vec::new())),
                "" | "default" | "bridge" => return Ok((NetworkMode::Default, Vec::new())),
                _ => {}
            }
            if let Some(name) = text.strip_prefix("container:") {
                if name.is_empty() {
                    return Err(wrong(
                        "--network: invalid container format container:<name|id>",
                        "name the container",
                    ));
                }
                return Ok((NetworkMode::Container(name.to_owned()), Vec::new()));
            }
        } else if matches!(text.as_str(), "none" | "host") || text.starts_with("container:") {
            return Err(wrong(
                format!(
                    "conflicting options: cannot attach both user-defined and non-user-defined network-modes ({text})"
                ),
                "give one --network, or only networks of your own",
            ));
        }
        let attachment = attachment(text)?;
        if attachments.iter().any(|other| other.network == attachment.network) {
            return Err(wrong(
                format!("network {:?} is specified multiple times", attachment.network),
                "name each network once",
            ));
        }
        attachments.push(attachment);
    }
    let mode = if attachments.is_empty() { NetworkMode::Default } else { NetworkMode::Named };
    Ok((mode, attachments))
}

/// Reads one network to join, in either form.
pub fn attachment(text: &str) -> Result<NetworkAttachment, Failure> {
    let mut attachment = NetworkAttachment::default();
    if !text.contains('=') && !text.contains(',') {
        attachment.network = known(text)?;
        return Ok(attachment);
    }
    // `NET:ip=…` is the short form of `name=NET,ip=…`.
    let spread = match text.split_once(':') {
        Some((name, rest)) if !name.contains(['=', ',']) => format!("name={name},{rest}"),
        _ => text.to_owned(),
    };
    for field in csv::fields(&spread)? {
        let (key, value) = field.split_once('=').ok_or_else(|| {
            wrong(format!("invalid field {field} in network {text:?}"), "write it as name=NET,alias=A,ip=IP")
        })?;
        match key.trim().to_ascii_lowercase().as_str() {
            "name" => attachment.network = known(value.trim())?,
            "alias" => attachment.aliases.push(value.trim().to_owned()),
            "ip" => attachment.ipv4 = hosts::ipv4(value.trim())?,
            "ip6" => attachment.ipv6 = hosts::ipv6(value.trim())?,
            "mac-address" | "mac" => attachment.mac = hosts::mac(value.trim())?,
            "driver-opt" => {
                let (name, value) = labels::pair("driver-opt", value.trim())?;
                attachment.driver_options.insert(name, value);
            }
            other => {
                return Err(wrong(
                    format!("invalid field key {other} in network {text:?}"),
                    "known are name, alias, ip, ip6, mac-address and driver-opt",
                ));
            }
        }
    }
    if attachment.network.is_empty() {
        return Err(wrong(format!("network name missing in {text:?}"), "write it as name=NET,alias=A,ip=IP"));
    }
    Ok(attachment)
}

/// Checks the shape of a network's name; `default` is the default bridge.
fn known(name: &str) -> Result<String, Failure> {
    let name = if name == "default" { "bridge" } else { name };
    if teu_api::id::is_valid_network_name(name) {
        Ok(name.to_owned())
    } else {
        Err(wrong(format!("invalid network name {name:?}"), "names are letters, digits, _, . and -"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(texts: &[&str]) -> Result<(NetworkMode, Vec<NetworkAttachment>), Failure> {
        parse(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn modes_are_read() {
        assert_eq!(read(&[]).unwrap().0, NetworkMode::Default);
        assert_eq!(read(&["none"]).unwrap().0, NetworkMode::None);
        assert_eq!(read(&["container:web"]).unwrap().0, NetworkMode::Container("web".into()));
        let (mode, list) = read(&["front", "back"]).unwrap();
        assert_eq!((mode, list.len()), (NetworkMode::Named, 2));
    }

    #[test]
    fn both_forms_with_options_mean_the_same() {
        let long = attachment("name=net,alias=a,alias=b,ip=10.0.0.5").unwrap();
        assert_eq!(long.aliases, ["a", "b"]);
        assert_eq!(attachment("net:alias=a,alias=b,ip=10.0.0.5").unwrap(), long);
        assert_eq!(attachment("name=net,ip6=fd00::5").unwrap().ipv6, "fd00::5");
        let options = attachment("name=net,driver-opt=a.b=c").unwrap().driver_options;
        assert_eq!(options["a.b"], "c");
    }

    #[test]
    fn bad_networks_are_refused() {
        for bad in [
            &["host", "net"][..],
            &["container:"],
            &["net", "net"],
            &["alias=a"],
            &["name=net,color=red"],
            &["a/b"],
            &["name=net,ip=x"],
        ] {
            assert!(read(bad).is_err(), "{bad:?}");
        }
    }
}
