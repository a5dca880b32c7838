//! `teu network create`.

use super::Outcome;
use crate::arguments::NetworkCreateArguments;
use crate::arguments::values::labels;
use crate::commands::say;
use teu_api::Failure;
use teu_api::network::{NetworkDriver, NetworkSpec};
use teu_core::{Engine, network_subnets};

/// Makes a network and prints its id.
pub fn run(engine: &Engine, arguments: &NetworkCreateArguments) -> Outcome {
    let driver = NetworkDriver::parse(&arguments.driver).ok_or_else(|| {
        Failure::usage(format!("unknown network driver {:?}", arguments.driver))
            .hint("known are bridge, macvlan and ipvlan")
    })?;
    if !arguments.ipv4 {
        return Err(Failure::unsupported("--ipv4=false: networks without IPv4 are not supported")
            .hint("leave it out"));
    }
    if arguments.ipam_driver != "default" || !arguments.ipam_opt.is_empty() {
        return Err(Failure::unsupported("--ipam-driver: there is no source of addresses but \"default\"")
            .hint("leave --ipam-driver and --ipam-opt out"));
    }
    let spec = NetworkSpec {
        name: arguments.name.clone(),
        driver,
        subnets: network_subnets(
            &arguments.subnet,
            &arguments.gateway,
            &arguments.ip_range,
            &arguments.aux_address,
        )?,
        internal: arguments.internal,
        ipv6: arguments.ipv6,
        labels: labels::map("--label", &arguments.label)?,
        options: labels::map("--opt", &arguments.opt)?,
    };
    let network = engine.networks()?.create(&spec)?;
    if driver == NetworkDriver::Bridge && !spec.internal {
        super::warn_of_obstacles(network.spec.ipv6);
    }
    say(&network.id)?;
    Ok(0)
}
