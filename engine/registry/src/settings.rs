//! How registries are reached: what the administrator and the environment say. In `registries.toml`:
//!
//! ```toml
//! largest-layer = "64GiB"          # what a layer may become when it is unpacked
//!
//! [registries."docker.io"]
//! mirrors = ["https://mirror.lan:5000", "http://10.0.0.2/hub"]
//!
//! [registries."registry.lan:5000"]
//! insecure = true                  # certificates are not checked, plain HTTP is tried
//! plain-http = true                # or: only plain HTTP
//! ca = "/etc/ssl/registry.pem"     # or: one more authority
//! ```

use crate::error::{RegistryError, Result};
use crate::name::canonical_host;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Everything that a request needs to know besides its subject. Read once, passed by reference.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Special treatment of registries, by host.
    pub registries: BTreeMap<String, RegistrySettings>,
    /// Folders in Docker's `certs.d` layout: `HOST:PORT/*.crt`, `*.cert` with `*.key`.
    pub certificate_folders: Vec<PathBuf>,
    /// The folder of Docker's `config.json`.
    pub docker_config: Option<PathBuf>,
    /// Proxies.
    pub proxies: Proxies,
    /// How failures are tried again.
    pub retries: Retries,
    /// The most bytes that a layer may become when it is unpacked, against those made to fill the disk; the store's own
    /// bound when it is not set.
    pub largest_layer: Option<u64>,
    /// How many blobs are transferred at a time.
    pub parallel: usize,
    /// Blobs of more bytes than this are uploaded in chunks of this size, each of which can be tried again.
    pub upload_chunk: u64,
    /// Folders that credential helpers are looked for in, as `PATH` lists them; the process's own when not set.
    pub helper_path: Option<std::ffi::OsString>,
}

/// Special treatment of one registry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct RegistrySettings {
    /// Base addresses that are asked first, in this order: `https://mirror:5000`, `http://10.0.0.2/prefix`.
    pub mirrors: Vec<String>,
    /// Certificates are not checked, and plain HTTP is used where TLS is not spoken.
    pub insecure: bool,
    /// Only plain HTTP is spoken.
    pub plain_http: bool,
    /// A certificate authority to trust besides the system's: a PEM file.
    pub ca: Option<PathBuf>,
}

/// Proxies, as the usual environment variables name them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies {
    /// For `http:` addresses.
    pub http: Option<String>,
    /// For `https:` addresses.
    pub https: Option<String>,
    /// Hosts that are reached without one, comma-separated.
    pub no_proxy: Option<String>,
}

/// How failures are tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retries {
    /// How many failures in a row end a request.
    pub attempts: u32,
    /// The first pause; each next is twice as long, give or take some jitter.
    pub first_pause: Duration,
    /// The longest pause, whatever the registry asks for.
    pub longest_pause: Duration,
    /// How long a silent connection is kept.
    pub silence: Duration,
    /// How long a connection may take to be made.
    pub connect: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            attempts: 5,
            first_pause: Duration::from_millis(250),
            longest_pause: Duration::from_mins(1),
            silence: Duration::from_mins(1),
            connect: Duration::from_secs(20),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            registries: BTreeMap::new(),
            certificate_folders: Vec::new(),
            docker_config: None,
            proxies: Proxies::default(),
            retries: Retries::default(),
            largest_layer: None,
            parallel: 3,
            upload_chunk: 32 << 20,
            helper_path: None,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    #[serde(default)]
    largest_layer: Option<Size>,
    #[serde(default)]
    registries: BTreeMap<String, RegistrySettings>,
}

/// A number of bytes, or one with a unit: `20GiB`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Size {
    Bytes(u64),
    Text(String),
}

impl Size {
    fn bytes(&self) -> Option<u64> {
        match self {
            Self::Bytes(bytes) => Some(*bytes),
            Self::Text(text) => text.parse::<bytesize::ByteSize>().ok().map(|size| size.as_u64()),
        }
    }
}

impl Settings {
    /// What the environment and the usual files say: `/etc/teu/registries.toml`, then the user's own
    /// `teu/registries.toml` in the configuration folder, which replaces whole entries.
    pub fn from_env() -> Result<Self> {
        let variable = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty());
        let home = variable("HOME").map(PathBuf::from);
        let user_config = variable("XDG_CONFIG_HOME")
            .map(PathBuf::from)
            .or_else(|| home.as_ref().map(|h| h.join(".config")));
        let mut settings = Self::default();
        settings.load(Path::new("/etc/teu/registries.toml"))?;
        if let Some(folder) = &user_config {
            settings.load(&folder.join("teu/registries.toml"))?;
        }
        let system = ["/etc/teu/certs.d", "/etc/docker/certs.d"].map(PathBuf::from);
        let own = user_config.iter().flat_map(|f| [f.join("teu/certs.d"), f.join("docker/certs.d")]);
        settings.certificate_folders = system.into_iter().chain(own).collect();
        settings.docker_config =
            variable("DOCKER_CONFIG").map(PathBuf::from).or_else(|| home.map(|h| h.join(".docker")));
        let text =
            |names: [&str; 2]| names.iter().find_map(|n| std::env::var(n).ok().filter(|v| !v.is_empty()));
        settings.proxies = Proxies {
            http: text(["http_proxy", "HTTP_PROXY"]),
            https: text(["https_proxy", "HTTPS_PROXY"]),
            no_proxy: text(["no_proxy", "NO_PROXY"]),
        };
        Ok(settings)
    }

    /// Adds the entries of a file; a missing file is an empty one.
    pub fn load(&mut self, path: &Path) -> Result<()> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(e) => return Err(RegistryError::Settings { path: path.to_owned(), detail: e.to_string() }),
        };
        let invalid = |detail: String| RegistryError::Settings { path: path.to_owned(), detail };
        let file: File = toml::from_str(&text).map_err(|e| {
            let line =
                e.span().map_or(1, |span| 1 + text[..span.start.min(text.len())].matches('\n').count());
            invalid(format!("line {line}: {}", e.message()))
        })?;
        if let Some(size) = file.largest_layer {
            let wrong = || invalid("largest-layer is no number of bytes, such as \"20GiB\"".to_owned());
            self.largest_layer = Some(size.bytes().ok_or_else(wrong)?);
        }
        for (host, entry) in file.registries {
            if !crate::name::is_host(&host) {
                return Err(invalid(format!(
                    "\"{}\" is not a registry's host",
                    crate::text::printable(&host, 100)
                )));
            }
            for mirror in &entry.mirrors {
                let usable = reqwest::Url::parse(mirror)
                    .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
                if !usable {
                    return Err(invalid(format!(
                        "mirror \"{mirror}\" of {host} is not an http or https address"
                    )));
                }
            }
            self.registries.insert(canonical_host(&host).to_owned(), entry);
        }
        Ok(())
    }

    /// The treatment of one registry.
    pub(crate) fn registry(&self, host: &str) -> RegistrySettings {
        self.registries.get(host).cloned().unwrap_or_default()
    }
}

/// Whether a host with an optional port is this machine itself, where Docker asks for no certificate.
pub(crate) fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.split(':').next().unwrap_or(host),
    };
    name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Settings> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("registries.toml");
        std::fs::write(&path, text).unwrap();
        let mut settings = Settings::default();
        settings.load(&path)?;
        Ok(settings)
    }

    #[test]
    fn a_file_sets_registries() {
        let settings = load(
            "[registries.\"index.docker.io\"]\nmirrors = [\"http://127.0.0.1:5000\"]\n\
             [registries.\"lan:5000\"]\ninsecure = true\nplain-http = true\n",
        )
        .unwrap();
        assert_eq!(settings.registry("docker.io").mirrors, ["http://127.0.0.1:5000"]);
        assert!(settings.registry("lan:5000").insecure && settings.registry("lan:5000").plain_http);
        assert_eq!(settings.registry("other"), RegistrySettings::default());
    }

    #[test]
    fn a_bound_for_layers_is_read() {
        assert_eq!(load("").unwrap().largest_layer, None);
        assert_eq!(load("largest-layer = 1000\n").unwrap().largest_layer, Some(1000));
        assert_eq!(load("largest-layer = \"20 GiB\"\n").unwrap().largest_layer, Some(20 << 30));
        assert!(load("largest-layer = \"much\"\n").unwrap_err().to_string().contains("largest-layer"));
        assert!(load("largest-layer = -1\n").is_err());
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        let error = load("[registries.a]\n\ninsecur = true\n").unwrap_err().to_string();
        assert!(error.contains("line 3") && error.contains("insecur"), "{error}");
        assert!(load("[registries.a]\nmirrors = [\"ftp://x\"]\n").is_err());
        assert!(load("[registries.\"a/b\"]\n").is_err());
    }

    #[test]
    fn loopback_is_known() {
        for yes in ["localhost", "localhost:5000", "127.0.0.1:5000", "127.9.9.9", "[::1]:5000"] {
            assert!(is_loopback(yes), "{yes}");
        }
        for no in ["docker.io", "localhost.example.org", "10.0.0.1:5000", "127.example.org"] {
            assert!(!is_loopback(no), "{no}");
        }
    }
}
