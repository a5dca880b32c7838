//! Options about how the container stands on its host.

use clap::Args;

/// Labels, restarts, logs and the runtime.
#[derive(Args, Clone, PartialEq, Debug, Default)]
#[command(next_help_heading = "Host")]
pub struct HostOptions {
    /// Set a label
    #[arg(short, long, value_name = "KEY[=VALUE]")]
    pub label: Vec<String>,
    /// Read labels from a file
    #[arg(long, value_name = "FILE")]
    pub label_file: Vec<String>,
    /// Set an OCI annotation
    #[arg(long, value_name = "KEY=VALUE")]
    pub annotation: Vec<String>,
    /// Start again when it ends: no, on-failure[:MAX], always or unless-stopped
    #[arg(long, value_name = "POLICY")]
    pub restart: Option<String>,
    /// Where output is kept: cri, json-file or none
    #[arg(long, value_name = "DRIVER")]
    pub log_driver: Option<String>,
    /// Set an option of the log: max-size or max-file
    #[arg(long, value_name = "KEY=VALUE")]
    pub log_opt: Vec<String>,
    /// Run by another OCI runtime, as a path
    #[arg(long, value_name = "PATH")]
    pub runtime: Option<String>,
    /// Accepted so that it can be refused clearly.
    #[arg(long, value_name = "GPUS", hide = true)]
    pub gpus: Option<String>,
    /// Accepted so that it can be refused clearly.
    #[arg(long, value_name = "MODE", hide = true)]
    pub isolation: Option<String>,
    /// Accepted and without effect: there is no image trust here.
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub disable_content_trust: Option<String>,
    /// Accepted so that it can be refused clearly.
    #[arg(long, value_name = "KEY=VALUE", hide = true)]
    pub storage_opt: Vec<String>,
    /// Accepted so that it can be refused clearly.
    #[arg(long, value_name = "DRIVER", hide = true)]
    pub volume_driver: Option<String>,
}
