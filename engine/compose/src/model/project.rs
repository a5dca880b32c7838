//! A project and what its services share.

use super::{Service, record};
use crate::error::{ComposeError, Position};
use crate::template::Variable;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A project, loaded.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Project {
    /// Its name.
    pub name: String,
    /// The folder that relative paths start from.
    pub directory: PathBuf,
    /// The files it was read from, main file first.
    pub files: Vec<PathBuf>,
    /// The variables that it was filled in with.
    pub environment: BTreeMap<String, String>,
    /// The services that are enabled.
    pub services: BTreeMap<String, Service>,
    /// The services whose profiles are not active.
    pub disabled: BTreeMap<String, Service>,
    /// Networks.
    pub networks: BTreeMap<String, Network>,
    /// Volumes.
    pub volumes: BTreeMap<String, Volume>,
    /// Secrets.
    pub secrets: BTreeMap<String, Secret>,
    /// Configs.
    pub configs: BTreeMap<String, Config>,
    /// Models.
    pub models: BTreeMap<String, Model>,
    /// What the user should know: variables that are not set, keys without effect.
    pub warnings: Vec<String>,
    /// The variables that the files ask for.
    pub variables: BTreeMap<String, Variable>,
    /// The authors' own keys, `x-…`, at the top of the project.
    pub extensions: BTreeMap<String, serde_json::Value>,
    /// Where things stand in the files, by path: `services.web`, `services.web.ports`.
    pub places: BTreeMap<String, Position>,
    /// What parts the words of a container's name.
    pub(crate) separator: Separator,
    /// The merged tree, for the keys that have no place in the types.
    pub(crate) tree: serde_json::Value,
}

/// What parts the words of a container's name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Separator {
    /// `-`
    #[default]
    Dash,
    /// `_`, as in old Compose.
    Underscore,
}

impl std::fmt::Display for Separator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Dash => "-",
            Self::Underscore => "_",
        })
    }
}

impl Project {
    /// The error with the place of what it is about, as near as can be told.
    #[must_use]
    pub fn located(&self, error: ComposeError) -> ComposeError {
        if error.position.is_some() {
            return error;
        }
        let mut path = error.path.as_str();
        loop {
            if let Some(place) = self.places.get(path) {
                return ComposeError { position: Some(place.clone()), ..error };
            }
            match path.rsplit_once('.') {
                Some((above, _)) => path = above,
                None => return error,
            }
        }
    }
}

record! {
    /// A network.
    pub struct Network {
        /// Its name on this host.
        pub name: String,
        /// Its driver.
        pub driver: String,
        /// Options of the driver.
        pub driver_opts: BTreeMap<String, String>,
        /// Whether it is made elsewhere.
        pub external: bool,
        /// Whether it is cut off from the outside.
        pub internal: bool,
        /// Whether containers outside the project may join.
        pub attachable: bool,
        /// Labels.
        pub labels: BTreeMap<String, String>,
        /// Whether it has IPv4 addresses.
        pub enable_ipv4: Option<bool>,
        /// Whether it has IPv6 addresses.
        pub enable_ipv6: Option<bool>,
    }
    always {
        /// Its addresses.
        pub ipam: Ipam,
    }
}

record! {
    /// A network's addresses.
    pub struct Ipam {
        /// Who gives them out.
        pub driver: String,
        /// Ranges.
        pub config: Vec<AddressPool>,
    }
}

record! {
    /// A range of addresses.
    pub struct AddressPool {
        /// The range.
        pub subnet: String,
        /// The gateway.
        pub gateway: String,
        /// The part that containers get addresses from.
        pub ip_range: String,
        /// Addresses that are taken.
        pub aux_addresses: BTreeMap<String, String>,
    }
}

record! {
    /// A volume.
    pub struct Volume {
        /// Its name on this host.
        pub name: String,
        /// Its driver.
        pub driver: String,
        /// Options of the driver.
        pub driver_opts: BTreeMap<String, String>,
        /// Whether it is made elsewhere.
        pub external: bool,
        /// Labels.
        pub labels: BTreeMap<String, String>,
    }
}

record! {
    /// A secret.
    pub struct Secret {
        /// What the variable holds, as far as it is set where the file is included; never shown.
        #[serde(rename(deserialize = "x-#content"), skip_serializing)]
        pub value: Option<String>,
        /// Its name on this host.
        pub name: String,
        /// The file that holds it.
        pub file: String,
        /// The variable that holds it.
        pub environment: String,
        /// Whether it is made elsewhere.
        pub external: bool,
        /// Labels.
        pub labels: BTreeMap<String, String>,
        /// Its driver.
        pub driver: String,
        /// Options of the driver.
        pub driver_opts: BTreeMap<String, String>,
        /// The template driver.
        pub template_driver: String,
    }
}

record! {
    /// A config.
    pub struct Config {
        /// What the variable holds, as far as it is set where the file is included; never shown.
        #[serde(rename(deserialize = "x-#content"), skip_serializing)]
        pub value: Option<String>,
        /// Its name on this host.
        pub name: String,
        /// The file that holds it.
        pub file: String,
        /// The variable that holds it.
        pub environment: String,
        /// The content itself.
        pub content: String,
        /// Whether it is made elsewhere.
        pub external: bool,
        /// Labels.
        pub labels: BTreeMap<String, String>,
        /// The template driver.
        pub template_driver: String,
    }
}

record! {
    /// A language model.
    pub struct Model {
        /// Its name.
        pub name: String,
        /// The model's reference.
        pub model: String,
        /// Its context size in tokens.
        pub context_size: i64,
        /// Flags of the inference engine.
        pub runtime_flags: Vec<String>,
    }
}
