//! `teu info`.

use super::{Outcome, print, say, warn};
use crate::arguments::FormatArguments;
use crate::output;
use crate::template::Template;
use serde_json::{Value, json};
use teu_api::Failure;
use teu_api::container::Status;
use teu_core::{Engine, firewall_obstacles, host};

/// Shows facts about this machine and the engine.
pub fn run(engine: &Engine, arguments: &FormatArguments) -> Outcome {
    let facts = facts(engine)?;
    match arguments.format.as_deref() {
        Some("json") => say(&facts.to_string())?,
        Some(template) => say(&Template::parse(template)?.render(&facts)?)?,
        None => {
            print(&plain(&facts))?;
            // As Docker does, beside the facts.
            facts["Warnings"].as_array().into_iter().flatten().filter_map(Value::as_str).for_each(warn);
        }
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
        "DriverStatus": [["Backing Filesystem", "overlayfs"]],
        "Plugins": {
            "Volume": ["local"],
            "Network": ["bridge", "host", "ipvlan", "macvlan", "null"],
            "Log": ["cri", "json-file", "none"],
        },
        "LoggingDriver": "cri",
        "CgroupDriver": "cgroupfs",
        "CgroupVersion": controllers,
        "Swarm": {"LocalNodeState": "inactive"},
        "Runtimes": {"teu": {"path": engine.program()}},
        "Debug": false,
        "SystemTime": jiff::Timestamp::now().to_string(),
        "Labels": [],
        "Warnings": firewall_obstacles(true).unwrap_or_default(),
        "ClientInfo": {"Version": env!("CARGO_PKG_VERSION"), "Context": "default", "Debug": false},
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
    let list = |value: &Value| {
        value.as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
    };
    let version = text("ServerVersion");
    let mut all = format!("Client:\n Version:    {version}\n Context:    default\n\nServer:\n");
    for (name, value) in [
        ("Containers", text("Containers")),
        (" Running", text("ContainersRunning")),
        (" Paused", text("ContainersPaused")),
        (" Stopped", text("ContainersStopped")),
        ("Images", text("Images")),
        ("Server Version", version),
        ("Storage Driver", text("Driver")),
        ("Logging Driver", text("LoggingDriver")),
        ("Cgroup Driver", text("CgroupDriver")),
        ("Cgroup Version", text("CgroupVersion")),
        ("Plugins", String::new()),
        (" Volume", list(&facts["Plugins"]["Volume"])),
        (" Network", list(&facts["Plugins"]["Network"])),
        (" Log", list(&facts["Plugins"]["Log"])),
        ("Default Runtime", text("DefaultRuntime")),
        ("Security Options", String::new()),
        (" seccomp", String::new()),
        (" cgroupns", String::new()),
        ("Kernel Version", text("KernelVersion")),
        ("Operating System", text("OperatingSystem")),
        ("OSType", text("OSType")),
        ("Architecture", text("Architecture")),
        ("CPUs", text("NCPU")),
        ("Total Memory", memory),
        ("Name", text("Name")),
        ("Docker Root Dir", text("DockerRootDir")),
    ] {
        let colon = if name.starts_with(' ') && value.is_empty() { "" } else { ":" };
        all.push_str(format!(" {name}{colon} {value}").trim_end());
        all.push('\n');
    }
    all
}
