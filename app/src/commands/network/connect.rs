//! `teu network connect` and `teu network disconnect`.

use super::Outcome;
use crate::arguments::values::{hosts, labels};
use crate::arguments::{NetworkConnectArguments, NetworkDisconnectArguments};
use teu_api::container::NetworkAttachment;
use teu_api::{Failure, FailureKind};
use teu_core::Engine;

/// Joins a container to a network.
pub fn connect(engine: &Engine, arguments: NetworkConnectArguments) -> Outcome {
    for (asked, option) in
        [(!arguments.link.is_empty(), "--link"), (!arguments.link_local_ip.is_empty(), "--link-local-ip")]
    {
        if asked {
            return Err(Failure::unsupported(format!("{option} is not supported")).hint(
                "containers of a network find each other by name, and by --alias; teu run has --link",
            ));
        }
    }
    let attachment = NetworkAttachment {
        network: arguments.network,
        aliases: arguments.alias,
        ipv4: arguments.ip.as_deref().map(hosts::ipv4).transpose()?.unwrap_or_default(),
        ipv6: arguments.ip6.as_deref().map(hosts::ipv6).transpose()?.unwrap_or_default(),
        mac: String::new(),
        driver_options: labels::map("--driver-opt", &arguments.driver_opt)?,
    };
    engine.connect_network(&arguments.container, attachment)?;
    Ok(0)
}

/// Takes a container off a network.
pub fn disconnect(engine: &Engine, arguments: &NetworkDisconnectArguments) -> Outcome {
    match engine.disconnect_network(&arguments.network, &arguments.container) {
        Err(failure) if arguments.force && failure.kind == FailureKind::NotFound => Ok(0),
        other => other.map(|()| 0),
    }
}
