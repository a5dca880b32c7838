//! How an image is built.

use super::{FileReference, Ulimit, record};
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;

record! {
    /// How a service's image is built.
    pub struct Build {
        /// The folder or address that the build sees.
        pub context: String,
        /// The Dockerfile's path in the context.
        pub dockerfile: String,
        /// The Dockerfile itself.
        pub dockerfile_inline: String,
        /// Extra rights.
        pub entitlements: Vec<String>,
        /// Arguments; `None` where the value is still to come from the environment.
        pub args: BTreeMap<String, Option<String>>,
        /// Provenance attestation.
        pub provenance: String,
        /// Bill of materials.
        pub sbom: String,
        /// SSH agents and keys.
        pub ssh: Vec<SshKey>,
        /// Labels of the image.
        pub labels: BTreeMap<String, String>,
        /// Where cached steps come from.
        pub cache_from: Vec<String>,
        /// Where cached steps go.
        pub cache_to: Vec<String>,
        /// Whether nothing is taken from the cache.
        pub no_cache: bool,
        /// Stages that take nothing from the cache.
        pub no_cache_filter: Vec<String>,
        /// Further contexts by name.
        pub additional_contexts: BTreeMap<String, String>,
        /// Whether base images are pulled again.
        pub pull: bool,
        /// Lines for `/etc/hosts`, `name=address`.
        pub extra_hosts: Vec<String>,
        /// Isolation technology.
        pub isolation: String,
        /// Network during the build.
        pub network: String,
        /// The stage to build.
        pub target: String,
        /// Secrets during the build.
        pub secrets: Vec<FileReference>,
        /// Size of `/dev/shm` in bytes, in digits.
        pub shm_size: String,
        /// Further names of the image.
        pub tags: Vec<String>,
        /// Process limits.
        pub ulimits: BTreeMap<String, Ulimit>,
        /// Platforms to build for.
        pub platforms: Vec<String>,
        /// Whether the build has every right.
        pub privileged: bool,
    }
}

/// An SSH agent or key. It is shown as `id` or `id=path`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SshKey {
    /// Its name.
    pub id: String,
    /// A socket or key file; empty for the user's agent.
    pub path: String,
}

impl Serialize for SshKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.path.is_empty() {
            serializer.serialize_str(&self.id)
        } else {
            serializer.collect_str(&format_args!("{}={}", self.id, self.path))
        }
    }
}
