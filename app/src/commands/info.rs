//! `teu info`.

use super::{Outcome, print, say};
use crate::arguments::FormatArguments;
use crate::output;
use crate::template::Template;
use serde_json::{Value, json};
use teu_api::Failure;
use teu_api::container::Status;
use teu_core::{Engine, host};

/// Shows facts about this machine and the engine.
pub fn run(engine: &Engine, arguments: &FormatArguments) -> Outcome {
    let facts = facts(engine)?;
    match arguments.format.as_deref() {
        Some("json") => say(&facts.to_string())?,
        Some(template) => say(&Template::parse(template)?.render(&facts)?)?,
        None => print(&plain(&facts))?,
    }
    Ok(0)
}

fn facts(engine: &Engine) -> Result<Value, Failure> {
    let containers = engine.containers()?;
    let count = |wanted: &[Status]| {
        containers.iter().filter(|container| wanted.contains(&container.state.status)).count()
    };
    let system = rustix::system::uname();
    let controllers = if engine.host().unified_cgroups { "2" } else { "1" };
    Ok(json!({
        "Containers": containers.len(),
        "ContainersRunning": count(&[Status::Running, Status::Restarting]),
        "ContainersPaused": count(&[Status::Paused]),
        "ContainersStopped": count(&[Status::Created, Status::Exited, Status::Dead]),
        "Images": engine.images()?.len(),
        "ServerVersion": env!("CARGO_PKG_VERSION"),
        "Driver": "overlayfs",
        "LoggingDriver": "cri",
        "CgroupVersion": controllers,
        "DefaultRuntime": "teu",
        "SecurityOptions": ["name=seccomp,profile=builtin", "name=cgroupns"],
        "KernelVersion": system.release().to_string_lossy(),
        "OperatingSystem": host::operating_system(),
        "OSType": "linux",
        "Architecture": system.machine().to_string_lossy(),
        "NCPU": std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
        "MemTotal": host::total_memory(),
        "Name": system.nodename().to_string_lossy(),
        "DockerRootDir": engine.store().paths().root(),
    }))
}

fn plain(facts: &Value) -> String {
    let text = |key: &str| match &facts[key] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let memory = output::binary_size(facts["MemTotal"].as_u64().unwrap_or(0));
    [
        ("Containers", text("Containers")),
        (" Running", text("ContainersRunning")),
        (" Paused", text("ContainersPaused")),
        (" Stopped", text("ContainersStopped")),
        ("Images", text("Images")),
        ("Version", text("ServerVersion")),
        ("Storage Driver", text("Driver")),
        ("Logging Driver", text("LoggingDriver")),
        ("Cgroup Version", text("CgroupVersion")),
        ("Default Runtime", text("DefaultRuntime")),
        ("Kernel Version", text("KernelVersion")),
        ("Operating System", text("OperatingSystem")),
        ("Architecture", text("Architecture")),
        ("CPUs", text("NCPU")),
        ("Total Memory", memory),
        ("Name", text("Name")),
        ("Root Dir", text("DockerRootDir")),
    ]
    .iter()
    .fold(String::new(), |text, (name, value)| text + name + ": " + value + "\n")
}
