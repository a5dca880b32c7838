//! Options about mounts.

use clap::Args;

/// Mounts.
#[derive(Args, Clone, PartialEq, Debug, Default)]
#[command(next_help_heading = "Storage")]
pub struct StorageOptions {
    /// Mount a folder or volume, as [SOURCE:]TARGET[:OPTIONS]
    #[arg(short, long, value_name = "VOLUME")]
    pub volume: Vec<String>,
    /// Mount, as type=bind|volume|tmpfs,source=...,target=...[,OPTION]...
    #[arg(long, value_name = "MOUNT")]
    pub mount: Vec<String>,
    /// Mount memory, as TARGET[:OPTIONS]
    #[arg(long, value_name = "TARGET")]
    pub tmpfs: Vec<String>,
    /// Take over the volumes of another container, as NAME[:ro]
    #[arg(long, value_name = "CONTAINER")]
    pub volumes_from: Vec<String>,
    /// Mount the root file system read-only
    #[arg(long)]
    pub read_only: bool,
    /// Size of /dev/shm
    #[arg(long, value_name = "SIZE")]
    pub shm_size: Option<String>,
}
