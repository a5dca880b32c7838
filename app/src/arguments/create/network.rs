//! Options about networks, names and ports.

use clap::Args;

/// Networks, names and ports.
#[derive(Args, Clone, PartialEq, Debug, Default)]
#[command(next_help_heading = "Network")]
pub struct NetworkOptions {
    /// Join a network: a name, none, host, container:NAME, or name=NET,alias=A,ip=IP,...
    #[arg(long, visible_alias = "net", value_name = "NETWORK")]
    pub network: Vec<String>,
    /// Answer to a further name on the network
    #[arg(long, visible_alias = "net-alias", value_name = "NAME")]
    pub network_alias: Vec<String>,
    /// Publish a port, as [[IP:]HOSTPORT:]PORT[/PROTOCOL]
    #[arg(short, long, value_name = "PORT")]
    pub publish: Vec<String>,
    /// Publish every exposed port on a free one
    #[arg(short = 'P', long)]
    pub publish_all: bool,
    /// Expose a port or a range of ports
    #[arg(long, value_name = "PORT")]
    pub expose: Vec<String>,
    /// Set the host name
    #[arg(short = 'h', long, value_name = "NAME")]
    pub hostname: Option<String>,
    /// Set the domain name
    #[arg(long, value_name = "NAME")]
    pub domainname: Option<String>,
    /// Add a line to the hosts file
    #[arg(long, value_name = "HOST:IP")]
    pub add_host: Vec<String>,
    /// Ask this name server
    #[arg(long, value_name = "IP")]
    pub dns: Vec<String>,
    /// Search names in this domain
    #[arg(long, value_name = "DOMAIN")]
    pub dns_search: Vec<String>,
    /// Set an option of the resolver
    #[arg(long, visible_alias = "dns-opt", value_name = "OPTION")]
    pub dns_option: Vec<String>,
    /// Take this IPv4 address
    #[arg(long, value_name = "IP")]
    pub ip: Option<String>,
    /// Take this IPv6 address
    #[arg(long, value_name = "IP")]
    pub ip6: Option<String>,
    /// Take this hardware address
    #[arg(long, value_name = "MAC")]
    pub mac_address: Option<String>,
    /// Accepted so that it can be refused clearly.
    #[arg(long, value_name = "IP", hide = true)]
    pub link_local_ip: Vec<String>,
    /// Add a link to another container, as NAME[:ALIAS]
    #[arg(long, value_name = "CONTAINER")]
    pub link: Vec<String>,
}
