//! What instructions do to the `config` object of an image's configuration.

use crate::error::{BuildError, Result};
use crate::instruction::Instruction;
use serde_json::{Map, Value, json};

/// What lines are run with where no SHELL says otherwise.
const SHELL: [&str; 2] = ["/bin/sh", "-c"];

/// The `config` object of a configuration.
#[derive(Clone, PartialEq, Debug)]
pub struct ImageConfig {
    value: Value,
    /// Whether CMD was set in this stage: an ENTRYPOINT takes one of the base away.
    has_own_command: bool,
}

impl ImageConfig {
    /// Begins with the configuration of a base; null for none.
    pub fn new(value: Value) -> Self {
        Self { value: if value.is_object() { value } else { json!({}) }, has_own_command: false }
    }

    /// Another stage begins with it: what it has is the base's now.
    pub fn begin_stage(&mut self) {
        self.has_own_command = false;
    }

    /// The object.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The environment, `NAME=value`.
    pub fn env(&self) -> Vec<String> {
        strings(&self.value["Env"])
    }

    /// A variable of the environment.
    pub fn variable(&self, name: &str) -> Option<String> {
        let all = self.value["Env"].as_array()?;
        let value = |entry: &Value| Some(entry.as_str()?.strip_prefix(name)?.strip_prefix('=')?.to_owned());
        all.iter().rev().find_map(value)
    }

    /// What lines are run with.
    pub fn shell(&self) -> Vec<String> {
        let own = strings(&self.value["Shell"]);
        if own.is_empty() { SHELL.map(str::to_owned).to_vec() } else { own }
    }

    /// The working folder; `/` where none is named.
    pub fn working_folder(&self) -> &str {
        self.value["WorkingDir"].as_str().filter(|folder| !folder.is_empty()).unwrap_or("/")
    }

    /// Who runs; empty for root.
    pub fn user(&self) -> &str {
        self.value["User"].as_str().unwrap_or_default()
    }

    /// Takes the instructions out that were meant for images on top of this one.
    pub fn take_triggers(&mut self) -> Vec<String> {
        let triggers = strings(&self.value["OnBuild"]);
        if let Value::Object(map) = &mut self.value {
            map.remove("OnBuild");
        }
        triggers
    }

    /// Sets a label, also such of the command line.
    pub fn set_label(&mut self, name: &str, value: &str) {
        self.entry("Labels").insert(name.to_owned(), value.into());
    }

    /// A path as the working folder makes it absolute.
    pub fn absolute(&self, path: &str) -> String {
        if path.starts_with('/') { clean(path) } else { clean(&format!("{}/{path}", self.working_folder())) }
    }

    /// Applies an instruction whose variables are expanded. Those that make files change nothing here.
    pub fn apply(&mut self, instruction: &Instruction) -> Result<()> {
        match instruction {
            Instruction::Cmd(command) => {
                self.value["Cmd"] = json!(command.arguments(&self.shell()));
                self.has_own_command = true;
            }
            Instruction::Entrypoint(command) => {
                self.value["Entrypoint"] = json!(command.arguments(&self.shell()));
                if !self.has_own_command {
                    self.value["Cmd"] = Value::Null;
                }
            }
            Instruction::Env(pairs) => pairs.iter().for_each(|(name, value)| self.set_variable(name, value)),
            Instruction::Expose(ports) => {
                for port in ports {
                    for one in exposed(port)? {
                        self.entry("ExposedPorts").insert(one, json!({}));
                    }
                }
            }
            Instruction::Healthcheck(check) => {
                let mut value = json!({ "Test": check.test });
                for (key, number) in [
                    ("Interval", check.interval),
                    ("Timeout", check.timeout),
                    ("StartPeriod", check.start_period),
                    ("StartInterval", check.start_interval),
                    ("Retries", i64::from(check.retries)),
                ] {
                    if number != 0 {
                        value[key] = number.into();
                    }
                }
                self.value["Healthcheck"] = value;
            }
            Instruction::Label(pairs) => pairs.iter().for_each(|(name, value)| self.set_label(name, value)),
            Instruction::Onbuild(trigger) => match self.value["OnBuild"].as_array_mut() {
                Some(all) => all.push(trigger.as_str().into()),
                None => self.value["OnBuild"] = json!([trigger]),
            },
            Instruction::Shell(words) => self.value["Shell"] = json!(words),
            Instruction::StopSignal(signal) => {
                self.value["StopSignal"] = signal.as_str().into();
            }
            Instruction::User(user) => self.value["User"] = user.as_str().into(),
            Instruction::Volume(folders) => {
                for folder in folders {
                    self.entry("Volumes").insert(folder.clone(), json!({}));
                }
            }
            Instruction::Workdir(folder) => self.value["WorkingDir"] = self.absolute(folder).into(),
            Instruction::Arg(_) | Instruction::Copy(_) | Instruction::Maintainer(_) | Instruction::Run(_) => {
            }
        }
        Ok(())
    }

    fn set_variable(&mut self, name: &str, value: &str) {
        let written = format!("{name}={value}");
        let Some(all) = self.value["Env"].as_array_mut() else {
            self.value["Env"] = json!([written]);
            return;
        };
        let is_it = |entry: &&mut Value| {
            entry
                .as_str()
                .and_then(|entry| entry.strip_prefix(name))
                .is_some_and(|rest| rest.starts_with('='))
        };
        match all.iter_mut().find(is_it) {
            Some(entry) => *entry = written.into(),
            None => all.push(written.into()),
        }
    }

    fn entry(&mut self, key: &str) -> &mut Map<String, Value> {
        let value = &mut self.value[key];
        if !value.is_object() {
            *value = json!({});
        }
        match value {
            Value::Object(map) => map,
            _ => unreachable!("made an object above"),
        }
    }
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(|entry| entry.as_str().map(str::to_owned)).collect()
}

/// `80`, `80/udp`, `8000-8010/tcp`.
fn exposed(text: &str) -> Result<Vec<String>> {
    let invalid =
        || BuildError::new(format!("invalid containerPort: {text}")).hint("write PORT, PORT-PORT, PORT/udp");
    let (ports, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    let protocol = protocol.to_ascii_lowercase();
    if !matches!(protocol.as_str(), "tcp" | "udp" | "sctp") {
        return Err(invalid());
    }
    let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
    let number = |text: &str| text.parse::<u16>().map_err(|_| invalid());
    let (first, last) = (number(first)?, number(last)?);
    if first > last {
        return Err(invalid());
    }
    Ok((first..=last).map(|port| format!("{port}/{protocol}")).collect())
}

/// A path from the root without `.`, `..` and doubled slashes.
pub fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dockerfile;

    fn applied(base: Value, text: &str) -> Value {
        let mut config = ImageConfig::new(base);
        for node in &Dockerfile::parse(text.as_bytes()).unwrap().nodes {
            config.apply(&Instruction::of(node).unwrap()).unwrap();
        }
        config.value().clone()
    }

    #[test]
    fn instructions_alter_the_configuration() {
        let config = applied(
            json!({"Env": ["PATH=/bin"], "Cmd": ["old"]}),
            "ENV A=1 PATH=/x\nLABEL k=v\nEXPOSE 80 53/UDP 7-8\nVOLUME /d\nUSER u\nWORKDIR /a\nWORKDIR b/../c\n\
             STOPSIGNAL SIGINT\nSHELL [\"/bin/bash\", \"-c\"]\nENTRYPOINT [\"e\"]\nONBUILD RUN x\n\
             HEALTHCHECK --interval=1s CMD true",
        );
        assert_eq!(
            config,
            json!({
                "Env": ["PATH=/x", "A=1"], "Cmd": null, "Labels": {"k": "v"},
                "ExposedPorts": {"80/tcp": {}, "53/udp": {}, "7/tcp": {}, "8/tcp": {}},
                "Volumes": {"/d": {}}, "User": "u", "WorkingDir": "/a/c", "StopSignal": "SIGINT",
                "Shell": ["/bin/bash", "-c"], "Entrypoint": ["e"], "OnBuild": ["RUN x"],
                "Healthcheck": {"Test": ["CMD-SHELL", "true"], "Interval": 1_000_000_000},
            })
        );
    }

    #[test]
    fn an_entry_point_takes_only_the_base_s_arguments_away() {
        assert_eq!(applied(json!({}), "CMD [\"a\"]\nENTRYPOINT [\"e\"]")["Cmd"], json!(["a"]));
        assert_eq!(applied(json!({}), "CMD a")["Cmd"], json!(["/bin/sh", "-c", "a"]));
    }

    #[test]
    fn ports_that_are_none_are_refused() {
        for bad in ["x", "1-", "9-8", "80/icmp", "70000"] {
            assert!(exposed(bad).is_err(), "{bad}");
        }
    }
}
