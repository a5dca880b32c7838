//! What an image's configuration says about containers made from it.

use std::collections::BTreeMap;
use teu_api::container::HealthCheck;

/// The part of an image's configuration that a new container starts from.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ImageDefaults {
    /// The image's id, `sha256:…`.
    pub id: String,
    /// The program before the command.
    pub entrypoint: Vec<String>,
    /// The command, or the arguments to the entry point.
    pub command: Vec<String>,
    /// Environment, `NAME=value`.
    pub env: Vec<String>,
    /// Working directory; empty for `/`.
    pub working_dir: String,
    /// `user[:group]`; empty for root.
    pub user: String,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Ports it says it serves, `80/tcp`.
    pub exposed_ports: Vec<String>,
    /// Folders it wants as volumes.
    pub volumes: Vec<String>,
    /// Its health check.
    pub health_check: Option<HealthCheck>,
    /// The signal that asks it to stop; empty for SIGTERM.
    pub stop_signal: String,
}

impl ImageDefaults {
    /// Reads an OCI or Docker image configuration (the whole document, with its `config` object).
    /// Fields of a wrong type count as missing: the document is a stranger's.
    pub fn from_config(id: &str, document: &serde_json::Value) -> Self {
        let config = &document["config"];
        let text = |key: &str| config[key].as_str().unwrap_or_default().to_owned();
        let keys =
            |key: &str| config[key].as_object().map(|map| map.keys().cloned().collect()).unwrap_or_default();
        Self {
            id: id.to_owned(),
            entrypoint: words(&config["Entrypoint"]),
            command: words(&config["Cmd"]),
            env: words(&config["Env"]),
            working_dir: text("WorkingDir"),
            user: text("User"),
            labels: config["Labels"]
                .as_object()
                .into_iter()
                .flatten()
                .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
                .collect(),
            exposed_ports: keys("ExposedPorts"),
            volumes: keys("Volumes"),
            health_check: health_check(&config["Healthcheck"]),
            stop_signal: text("StopSignal"),
        }
    }
}

/// A list of strings; a lone string counts as a list of one, as old images have it.
fn words(value: &serde_json::Value) -> Vec<String> {
    match value {
        serde_json::Value::Array(items) => {
            items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
        }
        serde_json::Value::String(word) if !word.is_empty() => vec![word.clone()],
        _ => Vec::new(),
    }
}

fn health_check(value: &serde_json::Value) -> Option<HealthCheck> {
    let number = |key: &str| value[key].as_i64().unwrap_or_default();
    value.is_object().then(|| HealthCheck {
        test: words(&value["Test"]),
        interval: number("Interval"),
        timeout: number("Timeout"),
        retries: u32::try_from(number("Retries")).unwrap_or_default(),
        start_period: number("StartPeriod"),
        start_interval: number("StartInterval"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_configuration_is_read() {
        let image = ImageDefaults::from_config(
            "sha256:1",
            &json!({"config": {
                "Entrypoint": ["/bin/web"], "Cmd": ["-v"], "Env": ["A=1"], "WorkingDir": "/srv", "User": "www",
                "Labels": {"a": "b"}, "ExposedPorts": {"80/tcp": {}}, "Volumes": {"/data": {}},
                "StopSignal": "SIGINT", "Healthcheck": {"Test": ["CMD", "true"], "Interval": 5, "Retries": 2}
            }}),
        );
        assert_eq!(image.entrypoint, ["/bin/web"]);
        assert_eq!(image.volumes, ["/data"]);
        assert_eq!(image.health_check.map(|check| (check.interval, check.retries)), Some((5, 2)));
    }

    #[test]
    fn a_hostile_configuration_counts_as_missing() {
        let image =
            ImageDefaults::from_config("", &json!({"config": {"Env": 3, "Labels": [1], "Cmd": "sh"}}));
        assert_eq!(image.command, ["sh"]);
        assert!(image.env.is_empty() && image.labels.is_empty());
        assert_eq!(ImageDefaults::from_config("", &json!(null)), ImageDefaults::default());
    }
}
