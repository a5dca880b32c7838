//! Options about rights and namespaces.

use clap::Args;

/// Rights and namespaces.
#[derive(Args, Clone, PartialEq, Debug, Default)]
#[command(next_help_heading = "Security")]
pub struct SecurityOptions {
    /// Add a capability
    #[arg(long, value_name = "CAPABILITY")]
    pub cap_add: Vec<String>,
    /// Take a capability away
    #[arg(long, value_name = "CAPABILITY")]
    pub cap_drop: Vec<String>,
    /// Open everything of the host to the container
    #[arg(long)]
    pub privileged: bool,
    /// seccomp=FILE|unconfined, no-new-privileges, apparmor=..., systempaths=unconfined, ...
    #[arg(long, value_name = "OPTION")]
    pub security_opt: Vec<String>,
    /// Process namespace: host or container:NAME
    #[arg(long, value_name = "MODE")]
    pub pid: Option<String>,
    /// IPC namespace: none, private, shareable, host or container:NAME
    #[arg(long, value_name = "MODE")]
    pub ipc: Option<String>,
    /// Host name namespace: host
    #[arg(long, value_name = "MODE")]
    pub uts: Option<String>,
    /// User namespace: host, or a named mode
    #[arg(long, value_name = "MODE")]
    pub userns: Option<String>,
    /// Control group namespace: host or private
    #[arg(long, value_name = "MODE")]
    pub cgroupns: Option<String>,
    /// Set a kernel parameter
    #[arg(long, value_name = "KEY=VALUE")]
    pub sysctl: Vec<String>,
    /// Hand in a device, as HOST[:CONTAINER][:PERMISSIONS]
    #[arg(long, value_name = "DEVICE")]
    pub device: Vec<String>,
    /// Add a rule to the allowed devices, as 'TYPE MAJOR:MINOR PERMISSIONS'
    #[arg(long, value_name = "RULE")]
    pub device_cgroup_rule: Vec<String>,
}
