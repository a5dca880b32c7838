//! A small live stack from this host's own programs, for a machine with no registry in reach.

use teu_api::container::{ContainerSpec, NetworkMode, RestartPolicy};

/// The label that marks everything the demo made, so that it can be taken down without a trace.
pub const LABEL: &str = "teu.demo";

/// The host programs that the demo's images are made of. Those that this host lacks are left out, but for the first.
pub const PROGRAMS: [&str; 26] = [
    "sh", "bash", "sleep", "date", "head", "cat", "ls", "ps", "top", "vi", "env", "id", "grep", "sed",
    "tail", "mkdir", "rm", "cp", "mv", "wc", "uname", "hostname", "stty", "clear", "less", "df",
];

/// One container of the demo.
pub struct DemoContainer {
    /// Its name.
    pub name: &'static str,
    /// Its image.
    pub image: &'static str,
    script: &'static str,
    restart: RestartPolicy,
}

/// What the demo consists of.
pub const CONTAINERS: [DemoContainer; 4] = [
    DemoContainer {
        name: "demo-web",
        image: "demo/web",
        script: include_str!("web.sh"),
        restart: RestartPolicy::No,
    },
    DemoContainer {
        name: "demo-counter",
        image: "demo/counter",
        script: include_str!("counter.sh"),
        restart: RestartPolicy::No,
    },
    DemoContainer {
        name: "demo-wave",
        image: "demo/wave",
        script: include_str!("wave.sh"),
        restart: RestartPolicy::No,
    },
    DemoContainer {
        name: "demo-flaky",
        image: "demo/flaky",
        script: include_str!("flaky.sh"),
        restart: RestartPolicy::Always,
    },
];

impl DemoContainer {
    /// What the container is asked to be; its image is filled in by `create`.
    pub fn spec(&self) -> ContainerSpec {
        let mut spec = ContainerSpec {
            image: self.image.to_owned(),
            command: vec!["sh".into(), "-c".into(), self.script.to_owned(), self.name.to_owned()],
            stop_signal: "SIGKILL".into(),
            ..Default::default()
        };
        spec.labels.insert(LABEL.to_owned(), "true".to_owned());
        spec.host.network = NetworkMode::None;
        spec.host.restart = self.restart;
        spec
    }
}

mod down;
mod up;
