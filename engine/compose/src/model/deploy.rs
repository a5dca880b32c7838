//! Resources, replicas and rollouts.

use super::{record, short_number};
use std::collections::BTreeMap;

record! {
    /// How a service is deployed.
    pub struct Deploy {
        /// `replicated`, `global`, `replicated-job` or `global-job`.
        pub mode: String,
        /// How many containers.
        pub replicas: Option<u32>,
        /// Labels of the service.
        pub labels: BTreeMap<String, String>,
        /// How updates roll out.
        pub update_config: Option<UpdateRule>,
        /// How rollbacks roll out.
        pub rollback_config: Option<UpdateRule>,
        /// When containers are started again.
        pub restart_policy: Option<RestartRule>,
        /// `vip` or `dnsrr`.
        pub endpoint_mode: String,
    }
    always {
        /// Limits and reservations.
        pub resources: Resources,
        /// Where containers may run.
        pub placement: Placement,
    }
}

record! {
    /// How an update or a rollback rolls out.
    pub struct UpdateRule {
        /// How many at a time.
        pub parallelism: Option<u64>,
        /// The pause between groups.
        #[serde(deserialize_with = "non_zero_duration")]
        pub delay: String,
        /// What happens on failure.
        pub failure_action: String,
        /// How long each is watched.
        #[serde(deserialize_with = "non_zero_duration")]
        pub monitor: String,
        /// The share of failures that is borne.
        #[serde(serialize_with = "short_number")]
        pub max_failure_ratio: f32,
        /// `start-first` or `stop-first`.
        pub order: String,
    }
}

/// Zero is the default of these two, and not shown.
fn non_zero_duration<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text: String = serde::Deserialize::deserialize(deserializer)?;
    Ok(if text == "0s" { String::new() } else { text })
}

record! {
    /// Limits and reservations.
    pub struct Resources {
        /// The most a container may use.
        pub limits: Option<ResourceLimits>,
        /// What is kept for it.
        pub reservations: Option<ResourceLimits>,
    }
}

record! {
    /// One set of limits or reservations.
    pub struct ResourceLimits {
        /// CPUs.
        #[serde(serialize_with = "short_number")]
        pub cpus: f32,
        /// Memory in bytes, in digits.
        pub memory: String,
        /// Processes.
        pub pids: i64,
        /// Devices.
        pub devices: Vec<DeviceReservation>,
        /// Resources of the user's own.
        pub generic_resources: Vec<GenericResource>,
    }
}

record! {
    /// Devices such as GPUs.
    pub struct DeviceReservation {
        /// What they must be able to do.
        pub capabilities: Vec<String>,
        /// Whose they are.
        pub driver: String,
        /// How many; -1 for all.
        pub count: i64,
        /// Which ones.
        pub device_ids: Vec<String>,
        /// Options of the driver.
        pub options: BTreeMap<String, String>,
    }
}

record! {
    /// A resource of the user's own.
    pub struct GenericResource {
        /// A countable one.
        pub discrete_resource_spec: Option<DiscreteResource>,
    }
}

record! {
    /// A countable resource.
    pub struct DiscreteResource {}
    always {
        /// Its kind.
        pub kind: String,
        /// How many.
        pub value: i64,
    }
}

record! {
    /// When containers are started again.
    pub struct RestartRule {
        /// `none`, `on-failure` or `any`.
        pub condition: String,
        /// The pause before.
        pub delay: Option<String>,
        /// How often at most.
        pub max_attempts: Option<u64>,
        /// How long a start is watched.
        pub window: Option<String>,
    }
}

record! {
    /// Where containers may run.
    pub struct Placement {
        /// Conditions.
        pub constraints: Vec<String>,
        /// Wishes.
        pub preferences: Vec<PlacementPreference>,
        /// How many on one machine at most.
        pub max_replicas_per_node: u64,
    }
}

record! {
    /// A wish.
    pub struct PlacementPreference {
        /// The label over whose values to spread.
        pub spread: String,
    }
}
