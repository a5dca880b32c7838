//! A container's published port, opened in a browser.

use crate::model::{Model, Pane};
use crate::msg::Effect;
use teu_api::container::{PortProtocol, PublishedPort};

/// The address of the selected container's first published port.
pub(super) fn url(model: &Model) -> Option<String> {
    let row = model.containers.selected().filter(|_| model.pane == Pane::Containers)?;
    let tcp = |port: &&PublishedPort| matches!(port.protocol, PortProtocol::Tcp) && port.host_port > 0;
    let port = row.snapshot.ports.iter().filter(tcp).min_by_key(|port| port.container_port)?;
    let host = match port.host_ip.as_str() {
        "" | "0.0.0.0" | "::" => "localhost".to_owned(),
        ip if ip.contains(':') => format!("[{ip}]"),
        ip => ip.to_owned(),
    };
    let scheme = if matches!(port.container_port, 443 | 8443) { "https" } else { "http" };
    Some(format!("{scheme}://{host}:{}", port.host_port))
}

pub(super) fn open(model: &Model, out: &mut Vec<Effect>) {
    out.extend(url(model).map(Effect::OpenUrl));
}
