//! The environment of the first process: Docker's four, then the image's and the user's.

use super::BundleInput;
use teu_api::container::InitSystem;

/// What a shell finds programs by when the image says nothing.
const DEFAULT_PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The whole environment but HOME, which depends on the user and is added when that is resolved.
pub fn build(input: &BundleInput<'_>) -> Vec<String> {
    let spec = input.spec;
    let mut env = Vec::with_capacity(spec.env.len() + 4);
    env.push(DEFAULT_PATH.to_owned());
    env.push(format!("HOSTNAME={}", spec.hostname_or(&input.id[..12])));
    if spec.tty {
        env.push("TERM=xterm".to_owned());
    }
    if spec.init_system != InitSystem::None {
        // How systemd learns that it is in a container: https://systemd.io/CONTAINER_INTERFACE
        env.push("container=teu".to_owned());
        env.push(format!("container_uuid={}", &input.id[..32]));
    }
    for entry in &spec.env {
        set(&mut env, entry);
    }
    env
}

/// Sets `NAME=value` in place of an earlier value of that name.
fn set(env: &mut Vec<String>, entry: &str) {
    let name = entry.split('=').next().unwrap_or(entry);
    let same = |other: &&mut String| other.split('=').next() == Some(name);
    match env.iter_mut().find(same) {
        Some(place) => entry.clone_into(place),
        None => env.push(entry.to_owned()),
    }
}
