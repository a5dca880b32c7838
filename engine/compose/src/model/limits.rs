//! Limits and devices.

use super::record;
use serde::{Deserialize, Serialize};

/// A process limit: one number, or soft and hard.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Ulimit {
    /// Both are the same.
    Single(i64),
    /// They differ.
    Pair {
        /// The soft limit.
        #[serde(default, skip_serializing_if = "crate::model::is_default")]
        soft: i64,
        /// The hard limit.
        #[serde(default, skip_serializing_if = "crate::model::is_default")]
        hard: i64,
    },
}

record! {
    /// Block I/O.
    pub struct BlkioConfig {
        /// Relative weight.
        pub weight: u16,
        /// Weight by device.
        pub weight_device: Vec<DeviceWeight>,
        /// Bytes read per second.
        pub device_read_bps: Vec<DeviceRate>,
        /// Reads per second.
        pub device_read_iops: Vec<DeviceRate>,
        /// Bytes written per second.
        pub device_write_bps: Vec<DeviceRate>,
        /// Writes per second.
        pub device_write_iops: Vec<DeviceRate>,
    }
}

/// A weight for one device. Docker shows these keys with capitals.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DeviceWeight {
    /// The device.
    #[serde(rename(serialize = "Path"))]
    pub path: String,
    /// The weight.
    #[serde(rename(serialize = "Weight"))]
    pub weight: u16,
}

/// A rate for one device. Docker shows these keys with capitals.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DeviceRate {
    /// The device.
    #[serde(rename(serialize = "Path"))]
    pub path: String,
    /// The rate, in digits.
    #[serde(rename(serialize = "Rate"))]
    pub rate: String,
}

record! {
    /// A device.
    pub struct DeviceMapping {
        /// Its path on the host.
        pub source: String,
        /// Its path in the container.
        pub target: String,
        /// Some of `rwm`.
        pub permissions: String,
    }
}
