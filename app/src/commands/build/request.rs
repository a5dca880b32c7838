//! What the flags of `build` ask for.

use crate::arguments::BuildArguments;
use crate::arguments::values::{csv, hosts, labels, size, ulimit};
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use teu_api::Failure;
use teu_api::container::{HostSpec, NetworkMode, Resources};
use teu_core::Engine;
use teu_core::build::{
    BuildRequest, ContextFolder, ContextSource, DockerfileSource, SecretSource, agent_socket, is_address,
};

/// The request, and the folder that an archive was unpacked into for it.
pub fn of(
    engine: &Engine,
    arguments: &BuildArguments,
) -> Result<(BuildRequest, Option<ContextFolder>), Failure> {
    let text = arguments.context.as_str();
    let mut unpacked = None;
    let (context, dockerfile) = match (text, arguments.file.as_deref()) {
        ("-", Some("-")) => {
            return Err(Failure::usage(
                "invalid argument: can't use stdin for both build context and dockerfile",
            ));
        }
        ("-", file) => {
            let mut stdin = std::io::stdin();
            let mut content = Vec::new();
            let broken =
                |error: std::io::Error| Failure::usage(format!("cannot read standard input: {error}"));
            stdin.by_ref().take(512).read_to_end(&mut content).map_err(broken)?;
            if ContextFolder::is_archive(&content) {
                let folder = engine.unpack_context(content.as_slice().chain(stdin))?;
                let path = folder.path().to_owned();
                unpacked = Some(folder);
                (ContextSource::Folder(path), inner(file))
            } else {
                stdin.read_to_end(&mut content).map_err(broken)?;
                (ContextSource::Nothing, DockerfileSource::Text(content))
            }
        }
        (context, Some("-")) => {
            let mut content = Vec::new();
            std::io::stdin()
                .lock()
                .read_to_end(&mut content)
                .map_err(|error| Failure::usage(format!("cannot read standard input: {error}")))?;
            (place(context)?, DockerfileSource::Text(content))
        }
        (address, file) if is_address(address) => (place(address)?, inner(file)),
        (folder, file) => {
            let folder = self::folder(folder)?;
            let file = match file {
                Some(file) => PathBuf::from(file),
                // The older name of the file in lower case is found as well.
                None => ["Dockerfile", "dockerfile", "Containerfile"]
                    .map(|name| folder.join(name))
                    .into_iter()
                    .find(|path| path.exists())
                    .unwrap_or_else(|| folder.join("Dockerfile")),
            };
            (ContextSource::Folder(folder), DockerfileSource::File(file))
        }
    };
    let dockerfile_name = match &dockerfile {
        DockerfileSource::File(path) => path.file_name().map(|name| name.to_string_lossy().into_owned()),
        DockerfileSource::Context(path) => path.rsplit('/').next().map(str::to_owned),
        DockerfileSource::Text(_) => None,
    };
    let dockerfile_name = dockerfile_name.unwrap_or_else(|| "Dockerfile".to_owned());
    let request = BuildRequest {
        context,
        dockerfile,
        dockerfile_name,
        names: Vec::new(),
        arguments: build_arguments(&arguments.build_arg)?,
        target: arguments.target.clone().unwrap_or_default(),
        labels: labels::map("--label", &arguments.label)?,
        no_cache: arguments.no_cache,
        no_cache_stages: arguments.no_cache_filter.clone(),
        pull: arguments.pull,
        platform: platform(arguments.platform.as_deref().unwrap_or_default())?,
        contexts: contexts(&arguments.build_context)?,
        secrets: arguments.secret.iter().map(|text| secret(text)).collect::<Result<_, _>>()?,
        allows_host_network: allows_host_network(arguments)?,
        agents: arguments.ssh.iter().map(|text| agent(text)).collect::<Result<_, _>>()?,
        host: host(arguments)?,
        give_up: None,
    };
    Ok((request, unpacked))
}

/// A Dockerfile of a context that is not this machine's.
fn inner(file: Option<&str>) -> DockerfileSource {
    DockerfileSource::Context(file.unwrap_or("Dockerfile").to_owned())
}

/// A folder, or an address.
fn place(text: &str) -> Result<ContextSource, Failure> {
    if is_address(text) {
        return Ok(ContextSource::Address(text.to_owned()));
    }
    folder(text).map(ContextSource::Folder)
}

fn folder(text: &str) -> Result<PathBuf, Failure> {
    let failed = |error: std::io::Error| {
        Failure::usage(format!("unable to prepare context: path {text:?}: {error}")).hint("name a folder")
    };
    let path = std::fs::canonicalize(text).map_err(failed)?;
    if !path.is_dir() {
        return Err(Failure::usage(format!("unable to prepare context: path {text:?} is no folder"))
            .hint("name a folder; the Dockerfile is named with -f"));
    }
    Ok(path)
}

/// Values of `--build-arg`. A name alone takes the value of the environment, if there is one.
pub fn build_arguments(texts: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let mut all = BTreeMap::new();
    for text in texts {
        match text.split_once('=') {
            Some(("", _)) => {
                return Err(Failure::usage(format!("invalid --build-arg {text:?}: it has no name")));
            }
            Some((name, value)) => _ = all.insert(name.to_owned(), value.to_owned()),
            None => all.extend(std::env::var(text).ok().map(|value| (text.clone(), value))),
        }
    }
    Ok(all)
}

fn contexts(texts: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let one = |text: &String| {
        let (name, place) = labels::required_pair("--build-context", text)?;
        if place.contains("://") && !place.starts_with("docker-image://") && !is_address(&place) {
            return Err(Failure::unsupported(format!(
                "--build-context {text}: only folders, images, archives and repositories are contexts"
            )));
        }
        Ok((name, place))
    };
    texts.iter().map(one).collect()
}

fn secret(text: &str) -> Result<(String, SecretSource), Failure> {
    let fields = csv::fields(text)?;
    let mut id = String::new();
    let (mut file, mut variable) = (None, None);
    for field in &fields {
        match field.split_once('=') {
            Some(("id", value)) => value.clone_into(&mut id),
            Some(("src" | "source", value)) => file = Some(PathBuf::from(value)),
            Some(("env", value)) => variable = Some(value.to_owned()),
            Some(("type", "file" | "env")) => {}
            _ => return Err(Failure::usage(format!("unexpected {field:?} in --secret {text}"))),
        }
    }
    if id.is_empty() {
        return Err(Failure::usage(format!("--secret {text} has no id")).hint("write id=NAME,src=FILE"));
    }
    let source = match (file, variable) {
        (Some(file), None) => SecretSource::File(file),
        (None, Some(variable)) => SecretSource::Variable(variable),
        (None, None) if std::env::var_os(&id).is_some() => SecretSource::Variable(id.clone()),
        (None, None) => SecretSource::File(Path::new(&id).to_owned()),
        (Some(_), Some(_)) => return Err(Failure::usage(format!("--secret {text} has two sources"))),
    };
    Ok((id, source))
}

fn agent(text: &str) -> Result<(String, PathBuf), Failure> {
    let (id, path) = text.split_once('=').unwrap_or((text, ""));
    if id.is_empty() {
        return Err(Failure::usage(format!("--ssh {text} has no id")).hint("write default, or id=SOCKET"));
    }
    Ok((id.to_owned(), agent_socket(id, Path::new(path))?))
}

fn platform(text: &str) -> Result<String, Failure> {
    if text.contains(',') {
        return Err(Failure::unsupported(format!("--platform {text}: an image is built for one platform"))
            .hint("build once for each, under names of their own"));
    }
    Ok(text.to_owned())
}

/// Whether steps may use the host's network: by `--allow`, or as the whole build does.
fn allows_host_network(arguments: &BuildArguments) -> Result<bool, Failure> {
    let mut is_allowed = arguments.network.as_deref() == Some("host");
    for what in &arguments.allow {
        match what.as_str() {
            "network.host" => is_allowed = true,
            other => {
                return Err(Failure::unsupported(format!("--allow {other}: steps cannot have that"))
                    .hint("network.host is all that can be allowed"));
            }
        }
    }
    Ok(is_allowed)
}

fn host(arguments: &BuildArguments) -> Result<HostSpec, Failure> {
    let number =
        |flag: &str, text: &Option<String>| text.as_deref().map_or(Ok(0), |text| size::flag(flag, text));
    let network = match arguments.network.as_deref().unwrap_or_default() {
        "" | "default" | "bridge" => NetworkMode::Default,
        "none" => NetworkMode::None,
        "host" => NetworkMode::Host,
        other => {
            return Err(Failure::unsupported(format!("network mode {other:?} not supported by a build"))
                .hint("it is default, none or host"));
        }
    };
    Ok(HostSpec {
        network,
        extra_hosts: arguments
            .add_host
            .iter()
            .map(|text| hosts::extra_host(text))
            .collect::<Result<_, _>>()?,
        shm_size: u64::try_from(number("--shm-size", &arguments.shm_size)?).unwrap_or_default(),
        resources: Resources {
            memory: number("--memory", &arguments.memory)?,
            memory_swap: match arguments.memory_swap.as_deref() {
                Some("-1") => -1,
                _ => number("--memory-swap", &arguments.memory_swap)?,
            },
            cpu_period: arguments.cpu_period.unwrap_or_default(),
            cpu_quota: arguments.cpu_quota.unwrap_or_default(),
            cpu_shares: arguments.cpu_shares.unwrap_or_default(),
            cpuset_cpus: arguments.cpuset_cpus.clone().unwrap_or_default(),
            cpuset_mems: arguments.cpuset_mems.clone().unwrap_or_default(),
            cgroup_parent: arguments.cgroup_parent.clone().unwrap_or_default(),
            ulimits: arguments.ulimit.iter().map(|text| ulimit::parse(text)).collect::<Result<_, _>>()?,
            ..Resources::default()
        },
        ..HostSpec::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_have_one_source() {
        assert_eq!(secret("id=a,src=/f").unwrap(), ("a".into(), SecretSource::File("/f".into())));
        assert_eq!(secret("id=a,env=B").unwrap(), ("a".into(), SecretSource::Variable("B".into())));
        for bad in ["src=/f", "id=a,src=/f,env=B", "id=a,x=y"] {
            assert!(secret(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn arguments_without_a_value_are_the_environment_s() {
        let all = build_arguments(&["A=1=2".into(), "NO_SUCH_VARIABLE_HERE".into()]).unwrap();
        assert_eq!(all, BTreeMap::from([("A".into(), "1=2".into())]));
        assert!(build_arguments(&["=x".into()]).is_err());
    }
}
