//! `update`: other limits for a container, at once where it runs, and another restart policy.

use crate::bundle;
use crate::engine::Engine;
use oci_spec::runtime::LinuxResources;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use teu_api::container::{ContainerSpec, HostSpec, Resources, RestartPolicy};
use teu_api::{ContainerId, Failure};
use teu_runtime::cgroup::Cgroup;
use teu_store::{ContainerRecord, files};
use teu_supervisor::Request;

/// The least memory that a container may be limited to, as Docker has it.
const LEAST_MEMORY: i64 = 6 << 20;

/// What is to change; what is `None` stays. The units are those of [`Resources`].
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Update {
    /// Memory limit in bytes.
    pub memory: Option<i64>,
    /// Memory plus swap in bytes; -1 for unlimited swap.
    pub memory_swap: Option<i64>,
    /// Soft memory limit in bytes.
    pub memory_reservation: Option<i64>,
    /// CPUs in billionths.
    pub nano_cpus: Option<i64>,
    /// Relative CPU weight.
    pub cpu_shares: Option<i64>,
    /// CPU quota in microseconds per period.
    pub cpu_quota: Option<i64>,
    /// CPU period in microseconds.
    pub cpu_period: Option<i64>,
    /// CPUs to run on.
    pub cpuset_cpus: Option<String>,
    /// Memory nodes to use.
    pub cpuset_mems: Option<String>,
    /// Most processes and threads; 0 or -1 for no limit.
    pub pids_limit: Option<i64>,
    /// Relative block I/O weight.
    pub blkio_weight: Option<u16>,
    /// When to start again.
    pub restart: Option<RestartPolicy>,
}

impl Engine {
    /// Changes a container. Nothing is stored when the kernel refuses a limit.
    pub fn update(&self, id: &ContainerId, update: &Update) -> Result<(), Failure> {
        let record = self.store().container(id)?;
        let mut spec = record.spec.clone();
        apply(update, &mut spec, &record.name)?;
        let limits = limits(&spec.host, update)?;
        if record.state.status.is_live() {
            limit(&record, &limits)?;
        }
        self.store().update_container_spec(id, Some("update"), |stored| {
            stored.host.resources = spec.host.resources.clone();
            stored.host.restart = spec.host.restart;
        })?;
        if record.state.status.is_live() {
            // A restart by its supervisor reads the bundle again.
            rewrite_bundle(&self.store().paths().container(id), &record.name, &limits)?;
            // One that ends just now needs no other policy.
            if let (Some(policy), Ok(mut connection)) = (update.restart, self.connect(&record)) {
                connection.request(&Request::UpdateRestart(policy))?;
            }
        }
        Ok(())
    }
}

/// Sets the new values, by Docker's rules about what goes together.
fn apply(update: &Update, spec: &mut ContainerSpec, name: &str) -> Result<(), Failure> {
    let conflict = |message: &str, hint: &str| {
        Err(Failure::conflict(format!("cannot update container {name}: {message}")).hint(hint))
    };
    let host = &mut spec.host;
    if let Some(policy) = update.restart {
        if host.auto_remove && policy != RestartPolicy::No {
            return conflict(
                "restart policy cannot be updated because AutoRemove is enabled for the container",
                "it was made with --rm",
            );
        }
        host.restart = policy;
    }
    let limits = &mut host.resources;
    // Docker takes zero for "not given".
    let given = |value: Option<i64>| value.filter(|value| *value != 0);
    let (quota, period) = (given(update.cpu_quota), given(update.cpu_period));
    if let Some(nano_cpus) = given(update.nano_cpus) {
        if quota.is_some() || period.is_some() {
            return conflict(
                "conflicting options: CPUs and a CPU quota or period cannot both be set",
                "use either --cpus or --cpu-quota and --cpu-period",
            );
        }
        if limits.cpu_quota != 0 || limits.cpu_period != 0 {
            return conflict(
                "CPUs cannot be updated as a CPU quota or period has already been set",
                "use --cpu-quota and --cpu-period",
            );
        }
        limits.nano_cpus = nano_cpus;
    } else if limits.nano_cpus != 0 && (quota.is_some() || period.is_some()) {
        return conflict(
            "a CPU quota or period cannot be updated as CPUs have already been set",
            "use --cpus",
        );
    }
    set(&mut limits.cpu_quota, quota);
    set(&mut limits.cpu_period, period);
    set(&mut limits.cpu_shares, given(update.cpu_shares));
    set(&mut limits.memory_reservation, given(update.memory_reservation));
    set(&mut limits.pids_limit, update.pids_limit);
    set(&mut limits.blkio_weight, update.blkio_weight.filter(|weight| *weight != 0));
    set(&mut limits.cpuset_cpus, update.cpuset_cpus.clone().filter(|cpus| !cpus.is_empty()));
    set(&mut limits.cpuset_mems, update.cpuset_mems.clone().filter(|nodes| !nodes.is_empty()));
    memory(given(update.memory), given(update.memory_swap), limits)
        .or_else(|(message, hint)| conflict(message, hint))
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

fn memory(
    memory: Option<i64>,
    swap: Option<i64>,
    limits: &mut Resources,
) -> Result<(), (&'static str, &'static str)> {
    if memory.is_some_and(|memory| memory < LEAST_MEMORY) {
        return Err(("minimum memory limit allowed is 6MB", "give it more"));
    }
    // What is set already stays: swap that was never spoken of is as much again as memory.
    if let Some(memory) = memory
        && swap.is_none()
        && limits.memory_swap > 0
        && memory > limits.memory_swap
    {
        return Err((
            "memory limit should be smaller than already set memoryswap limit",
            "update --memory-swap at the same time",
        ));
    }
    set(&mut limits.memory, memory);
    set(&mut limits.memory_swap, swap);
    if limits.memory_swap > 0 && limits.memory_swap < limits.memory {
        return Err((
            "minimum memoryswap limit should be larger than memory limit",
            "--memory-swap counts memory and swap together",
        ));
    }
    Ok(())
}

/// All limits after the change, in the specification's terms, without device rules: those stay as they are.
fn limits(host: &HostSpec, update: &Update) -> Result<Value, Failure> {
    let mut limits = bundle::limits(host)?;
    if update.pids_limit.is_some_and(|limit| limit <= 0) {
        limits["pids"] = json!({"limit": -1});
    }
    Ok(limits)
}

fn limit(record: &ContainerRecord, limits: &Value) -> Result<(), Failure> {
    let resources: LinuxResources = serde_json::from_value(limits.clone())
        .map_err(|error| Failure::internal(format!("container {}: its limits: {error}", record.name)))?;
    let path = bundle::cgroup_path(record.id.as_str(), &record.spec);
    Cgroup::open(Path::new(&path))?.update(&resources).map_err(|error| {
        let failure = Failure::from(error);
        Failure::new(failure.kind, format!("cannot update container {}: {}", record.name, failure.message))
            .hint(failure.hint.unwrap_or_else(|| "what the kernel refused is not stored".to_owned()))
    })
}

/// Puts the limits into the bundle's `linux.resources`, whose device rules stay.
fn rewrite_bundle(directory: &Path, name: &str, limits: &Value) -> Result<(), Failure> {
    let path = directory.join("config.json");
    let failed =
        |error: String| Failure::internal(format!("container {name}: cannot change its bundle: {error}"));
    let text = fs::read(&path).map_err(|error| failed(error.to_string()))?;
    let mut config: Value = serde_json::from_slice(&text).map_err(|error| failed(error.to_string()))?;
    let resources = &mut config["linux"]["resources"];
    if let (Some(resources), Some(limits)) = (resources.as_object_mut(), limits.as_object()) {
        for (key, value) in limits {
            resources.insert(key.clone(), value.clone());
        }
    }
    Ok(files::write_atomically(&path, config.to_string().as_bytes())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn updated(before: Resources, update: &Update) -> Result<Resources, Failure> {
        let mut spec = ContainerSpec::default();
        spec.host.resources = before;
        apply(update, &mut spec, "web").map(|()| spec.host.resources)
    }

    #[test]
    fn what_is_not_given_stays() {
        let before = Resources { memory: 64 << 20, cpu_shares: 512, ..Resources::default() };
        let update = Update { memory: Some(128 << 20), pids_limit: Some(-1), ..Update::default() };
        let after = updated(before, &update).unwrap();
        assert_eq!((after.memory, after.cpu_shares, after.pids_limit), (128 << 20, 512, -1));
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        let swap = Resources { memory: 64 << 20, memory_swap: 96 << 20, ..Resources::default() };
        let quota = Resources { cpu_quota: 50_000, ..Resources::default() };
        let cpus = Resources { nano_cpus: 1, ..Resources::default() };
        for (before, update) in [
            (Resources::default(), Update { memory: Some(1 << 20), ..Update::default() }),
            (swap.clone(), Update { memory: Some(128 << 20), ..Update::default() }),
            (swap, Update { memory_swap: Some(32 << 20), ..Update::default() }),
            (quota, Update { nano_cpus: Some(1), ..Update::default() }),
            (cpus, Update { cpu_quota: Some(1), ..Update::default() }),
        ] {
            let failure = updated(before, &update).unwrap_err();
            assert!(failure.message.starts_with("cannot update container web") && failure.hint.is_some());
        }
        let mut spec = ContainerSpec::default();
        spec.host.auto_remove = true;
        let always = Update { restart: Some(RestartPolicy::Always), ..Update::default() };
        assert!(apply(&always, &mut spec, "web").unwrap_err().message.contains("AutoRemove"));
    }
}
