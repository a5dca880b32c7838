//! Commands about networks.

use super::container::{InspectArguments, PruneArguments};
use clap::{Args, Subcommand};

/// `teu network …`
#[derive(Subcommand, Clone, PartialEq, Debug)]
#[command(defer = true)]
pub enum NetworkCommand {
    /// Join a container to a network
    Connect(NetworkConnectArguments),
    /// Make a network
    Create(NetworkCreateArguments),
    /// Take a container off a network
    Disconnect(NetworkDisconnectArguments),
    /// Show everything about networks
    Inspect(InspectArguments),
    /// List networks
    #[command(visible_alias = "list")]
    Ls(NetworkListArguments),
    /// Remove networks without containers
    Prune(PruneArguments),
    /// Remove networks
    #[command(visible_alias = "remove")]
    Rm(NetworkRemoveArguments),
}

/// `teu network create`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct NetworkCreateArguments {
    /// bridge, macvlan or ipvlan
    #[arg(short, long, value_name = "DRIVER", default_value = "bridge")]
    pub driver: String,
    /// Let containers be joined by hand; accepted, since all networks here do
    #[arg(long, hide = true)]
    pub attachable: bool,
    /// Keep an address out of use, as NAME=IP
    #[arg(long, value_name = "NAME=IP")]
    pub aux_address: Vec<String>,
    /// The gateway of a range
    #[arg(long, value_name = "IP")]
    pub gateway: Vec<String>,
    /// Give containers addresses from this part of a range
    #[arg(long, value_name = "CIDR")]
    pub ip_range: Vec<String>,
    /// Cut it off from the outside
    #[arg(long)]
    pub internal: bool,
    /// Whether it has IPv4 addresses
    #[arg(long, value_name = "BOOL", default_value_t = true, default_missing_value = "true", num_args = 0..=1, require_equals = true, action = clap::ArgAction::Set)]
    pub ipv4: bool,
    /// Give it IPv6 addresses
    #[arg(long)]
    pub ipv6: bool,
    /// The source of addresses; default is the only one
    #[arg(long, value_name = "DRIVER", default_value = "default")]
    pub ipam_driver: String,
    /// Set an option of the source of addresses
    #[arg(long, value_name = "KEY=VALUE", hide = true)]
    pub ipam_opt: Vec<String>,
    /// Set a label
    #[arg(long, value_name = "KEY[=VALUE]")]
    pub label: Vec<String>,
    /// Set an option of the driver
    #[arg(short, long, value_name = "KEY=VALUE")]
    pub opt: Vec<String>,
    /// A range of addresses
    #[arg(long, value_name = "CIDR")]
    pub subnet: Vec<String>,
    /// Its name.
    #[arg(value_name = "NETWORK", help = "Its name")]
    pub name: String,
}

/// `teu network connect`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct NetworkConnectArguments {
    /// Answer to a further name there
    #[arg(long, value_name = "NAME")]
    pub alias: Vec<String>,
    /// Set an option of the driver
    #[arg(long, value_name = "KEY=VALUE")]
    pub driver_opt: Vec<String>,
    /// Take this IPv4 address
    #[arg(long, value_name = "IP")]
    pub ip: Option<String>,
    /// Take this IPv6 address
    #[arg(long, value_name = "IP")]
    pub ip6: Option<String>,
    /// Accepted so that it can be refused clearly.
    #[arg(long, value_name = "CONTAINER", hide = true)]
    pub link: Vec<String>,
    /// Accepted so that it can be refused clearly.
    #[arg(long, value_name = "IP", hide = true)]
    pub link_local_ip: Vec<String>,
    /// The network.
    #[arg(value_name = "NETWORK", help = "A network, by name or id")]
    pub network: String,
    /// The container.
    #[arg(value_name = "CONTAINER", help = "A container, by name or id")]
    pub container: String,
}

/// `teu network disconnect`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct NetworkDisconnectArguments {
    /// Do not fail when it is not joined
    #[arg(short, long)]
    pub force: bool,
    /// The network.
    #[arg(value_name = "NETWORK", help = "A network, by name or id")]
    pub network: String,
    /// The container.
    #[arg(value_name = "CONTAINER", help = "A container, by name or id")]
    pub container: String,
}

/// `teu network ls`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct NetworkListArguments {
    /// Show only what a condition allows, as driver=bridge
    #[arg(short, long, value_name = "KEY=VALUE")]
    pub filter: Vec<String>,
    /// table, json, or a Go template
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Do not shorten anything
    #[arg(long)]
    pub no_trunc: bool,
    /// Show ids only
    #[arg(short, long)]
    pub quiet: bool,
}

/// `teu network rm`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct NetworkRemoveArguments {
    /// Do not fail on one that is not there
    #[arg(short, long)]
    pub force: bool,
    /// The networks.
    #[arg(value_name = "NETWORK", required = true, help = "Networks, by name or id")]
    pub networks: Vec<String>,
}
