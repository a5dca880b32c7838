//! `--change`: instructions of a Dockerfile that alter a configuration only.

use crate::{Result, StoreError};
use serde_json::{Map, Value, json};

/// Applies instructions to the `config` object of an image configuration.
pub fn apply(config: &mut Value, changes: &[String]) -> Result<()> {
    for change in changes {
        apply_one(config, change.trim())?;
    }
    Ok(())
}

fn apply_one(config: &mut Value, change: &str) -> Result<()> {
    let invalid = |why: &str| {
        StoreError::invalid(
            format!("invalid change {change:?}: {why}"),
            "a change is one of CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME, WORKDIR, HEALTHCHECK NONE",
        )
    };
    let (word, rest) =
        change.split_once(char::is_whitespace).map_or((change, ""), |(word, rest)| (word, rest.trim()));
    if rest.is_empty() {
        return Err(invalid("it has no value"));
    }
    if config.is_null() {
        *config = json!({});
    }
    match word.to_ascii_uppercase().as_str() {
        "CMD" => config["Cmd"] = command(rest),
        "ENTRYPOINT" => {
            config["Entrypoint"] = command(rest);
            // A new entry point takes the old one's arguments away, as in a build.
            config["Cmd"] = Value::Null;
        }
        "ENV" => {
            for (name, value) in pairs(rest).ok_or_else(|| invalid("write NAME=value"))? {
                set_variable(config, &name, &value);
            }
        }
        "LABEL" => {
            for (name, value) in pairs(rest).ok_or_else(|| invalid("write name=value"))? {
                entry(config, "Labels").insert(name, value.into());
            }
        }
        "EXPOSE" => {
            for port in rest.split_whitespace() {
                let (number, protocol) = port.split_once('/').unwrap_or((port, "tcp"));
                if number.parse::<u16>().is_err() || !matches!(protocol, "tcp" | "udp" | "sctp") {
                    return Err(invalid("write PORT or PORT/tcp, PORT/udp, PORT/sctp"));
                }
                entry(config, "ExposedPorts").insert(format!("{number}/{protocol}"), json!({}));
            }
        }
        "VOLUME" => {
            let folders = match serde_json::from_str::<Vec<String>>(rest) {
                Ok(folders) => folders,
                Err(_) => words(rest),
            };
            for folder in folders {
                entry(config, "Volumes").insert(folder, json!({}));
            }
        }
        "USER" => config["User"] = rest.into(),
        "WORKDIR" => {
            let before = config["WorkingDir"].as_str().unwrap_or("/").trim_end_matches('/').to_owned();
            config["WorkingDir"] =
                if rest.starts_with('/') { rest.into() } else { format!("{before}/{rest}").into() };
        }
        "STOPSIGNAL" => config["StopSignal"] = rest.into(),
        "ONBUILD" => match config["OnBuild"].as_array_mut() {
            Some(all) => all.push(rest.into()),
            None => config["OnBuild"] = json!([rest]),
        },
        "HEALTHCHECK" if rest.eq_ignore_ascii_case("none") => {
            config["Healthcheck"] = json!({ "Test": ["NONE"] });
        }
        "HEALTHCHECK" => {
            let (_, test) = rest
                .split_once("CMD")
                .ok_or_else(|| invalid("write HEALTHCHECK NONE or HEALTHCHECK CMD …"))?;
            if !rest.starts_with("CMD") {
                return Err(invalid("options of HEALTHCHECK are not known here"));
            }
            let test = match serde_json::from_str::<Vec<String>>(test.trim()) {
                Ok(mut args) => {
                    args.insert(0, "CMD".to_owned());
                    args
                }
                Err(_) => vec!["CMD-SHELL".to_owned(), test.trim().to_owned()],
            };
            config["Healthcheck"] = json!({ "Test": test });
        }
        _ => return Err(invalid("the instruction is not known, or does more than change the configuration")),
    }
    Ok(())
}

/// The JSON form as it is; anything else through the shell.
fn command(text: &str) -> Value {
    match serde_json::from_str::<Vec<String>>(text) {
        Ok(args) => json!(args),
        Err(_) => json!(["/bin/sh", "-c", text]),
    }
}

fn entry<'a>(config: &'a mut Value, key: &str) -> &'a mut Map<String, Value> {
    let value = &mut config[key];
    if !value.is_object() {
        *value = json!({});
    }
    match value {
        Value::Object(map) => map,
        _ => unreachable!("made an object above"),
    }
}

fn set_variable(config: &mut Value, name: &str, value: &str) {
    let written = format!("{name}={value}");
    let Some(all) = config["Env"].as_array_mut() else {
        config["Env"] = json!([written]);
        return;
    };
    let prefix = format!("{name}=");
    match all.iter_mut().find(|one| one.as_str().is_some_and(|one| one.starts_with(&prefix))) {
        Some(one) => *one = written.into(),
        None => all.push(written.into()),
    }
}

/// `a=b c="d e"`, or the old `name value`.
fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let words = words(text);
    if !words.first()?.contains('=') {
        let (name, value) = text.split_once(char::is_whitespace)?;
        return Some(vec![(name.to_owned(), value.trim().to_owned())]);
    }
    words
        .into_iter()
        .map(|word| {
            let (name, value) = word.split_once('=')?;
            (!name.is_empty()).then(|| (name.to_owned(), value.to_owned()))
        })
        .collect()
}

/// Words, with quotes and backslashes taken away.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') => word.get_or_insert_default().extend(characters.next()),
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(changes: &[&str]) -> Value {
        let mut config = Value::Null;
        apply(&mut config, &changes.iter().map(|change| (*change).to_owned()).collect::<Vec<_>>()).unwrap();
        config
    }

    #[test]
    fn changes_alter_the_configuration() {
        let config = applied(&[
            "CMD [\"a\", \"b\"]",
            "env A=1 B=\"x y\"",
            "ENV A 2 3",
            "EXPOSE 80 53/udp",
            "LABEL k=v",
            "USER u",
            "WORKDIR /a",
            "WORKDIR b",
            "VOLUME /data",
            "STOPSIGNAL SIGINT",
        ]);
        assert_eq!(
            config,
            json!({
                "Cmd": ["a", "b"], "Env": ["A=2 3", "B=x y"], "ExposedPorts": {"80/tcp": {}, "53/udp": {}}, "Labels": {"k": "v"},
                "User": "u", "WorkingDir": "/a/b", "Volumes": {"/data": {}}, "StopSignal": "SIGINT"
            })
        );
        assert_eq!(applied(&["CMD echo hi"])["Cmd"], json!(["/bin/sh", "-c", "echo hi"]));
        assert_eq!(applied(&["HEALTHCHECK CMD true"])["Healthcheck"]["Test"], json!(["CMD-SHELL", "true"]));
    }

    #[test]
    fn other_instructions_are_refused() {
        for bad in ["RUN x", "CMD", "FROM a", "EXPOSE x", "EXPOSE 80/icmp", "ENV =x", ""] {
            assert!(apply(&mut Value::Null, &[bad.to_owned()]).is_err(), "{bad}");
        }
    }
}
