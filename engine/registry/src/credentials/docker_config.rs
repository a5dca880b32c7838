//! Docker's `config.json`: read leniently, changed without losing what others keep in it.

use super::helper::Helper;
use super::{Credentials, Secret, key};
use crate::error::{RegistryError, Result};
use crate::settings::Settings;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// The file's content, with everything in it that is not ours.
pub(super) struct DockerConfig {
    path: PathBuf,
    content: Map<String, Value>,
}

impl DockerConfig {
    /// Reads the file in a folder; a missing one is empty.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let named = folder.join("config.json");
        // People keep the file elsewhere and link to it: the link must survive a login.
        let path = std::fs::canonicalize(&named).unwrap_or(named);
        let unusable = |detail: String| RegistryError::Settings { path: path.clone(), detail };
        let content = match std::fs::read(&path) {
            Ok(bytes) if bytes.trim_ascii().is_empty() => Map::new(),
            Ok(bytes) => match serde_json::from_slice(&bytes).map_err(|e| unusable(e.to_string()))? {
                Value::Object(content) => content,
                _ => return Err(unusable("it is not a JSON object".to_owned())),
            },
            Err(e) if e.kind() == ErrorKind::NotFound => Map::new(),
            Err(e) => return Err(unusable(e.to_string())),
        };
        Ok(Self { path, content })
    }

    /// The helper that keeps a registry's credentials, if one does.
    pub(super) fn helper_of(&self, settings: &Settings, host: &str) -> Result<Option<Helper>> {
        let own =
            self.content.get("credHelpers").and_then(|all| all.get(key(host)).or_else(|| all.get(host)));
        let name =
            own.or_else(|| self.content.get("credsStore")).and_then(Value::as_str).filter(|n| !n.is_empty());
        name.map(|name| Helper::new(name, settings.helper_path.clone())).transpose()
    }

    /// The credentials in the file itself.
    pub(super) fn stored(&self, host: &str) -> Result<Option<Credentials>> {
        let Some(all) = self.content.get("auths").and_then(Value::as_object) else { return Ok(None) };
        let exact = all.get(key(host));
        let entry =
            exact.or_else(|| all.iter().find(|(name, _)| host_of(name) == host).map(|(_, entry)| entry));
        let Some(entry) = entry else { return Ok(None) };
        let text =
            |name: &str| entry.get(name).and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_owned);
        let (mut username, mut password) = (text("username"), text("password"));
        if let Some(auth) = text("auth") {
            let unusable = |detail: &str| RegistryError::Settings {
                path: self.path.clone(),
                detail: format!("the entry for {host} {detail}"),
            };
            let decoded = STANDARD.decode(auth.trim()).map_err(|_| unusable("is not base64"))?;
            let pair = String::from_utf8(decoded).map_err(|_| unusable("is not text"))?;
            let (name, secret) = pair.split_once(':').ok_or_else(|| unusable("has no password"))?;
            username = Some(name.to_owned());
            password = Some(secret.trim_end_matches('\0').to_owned());
        }
        let secret = match (text("identitytoken"), text("registrytoken"), password) {
            (Some(token), _, _) => Secret::IdentityToken(token),
            (_, Some(token), _) => Secret::RegistryToken(token),
            (_, _, Some(password)) => Secret::Password(password),
            _ => return Ok(None),
        };
        Ok(Some(Credentials { username: username.unwrap_or_default(), secret }))
    }

    /// Puts credentials into the file, or only the mark that a helper has them.
    pub(super) fn put(&mut self, host: &str, credentials: Option<&Credentials>) {
        let entry = match credentials {
            None => json!({}),
            Some(Credentials { username, secret: Secret::Password(password) }) => {
                json!({ "auth": STANDARD.encode(format!("{username}:{password}")) })
            }
            Some(Credentials { username, secret: Secret::IdentityToken(token) }) => {
                json!({ "auth": STANDARD.encode(format!("{username}:")), "identitytoken": token })
            }
            Some(Credentials { secret: Secret::RegistryToken(token), .. }) => {
                json!({ "registrytoken": token })
            }
        };
        let all = self.content.entry("auths").or_insert_with(|| json!({}));
        if !all.is_object() {
            *all = json!({});
        }
        if let Some(all) = all.as_object_mut() {
            all.insert(key(host).to_owned(), entry);
        }
    }

    /// Takes a registry's credentials out of the file. False when there were none.
    pub(super) fn remove(&mut self, host: &str) -> bool {
        let Some(all) = self.content.get_mut("auths").and_then(Value::as_object_mut) else { return false };
        let before = all.len();
        all.retain(|name, _| name != key(host) && host_of(name) != host);
        all.len() != before
    }

    /// Writes the file so that no reader ever sees half of it, and nobody else reads it at all.
    pub(super) fn write(&self) -> Result<()> {
        let unusable =
            |e: std::io::Error| RegistryError::Settings { path: self.path.clone(), detail: e.to_string() };
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let draft = folder.join(format!(".config.json.{}", std::process::id()));
        let mut text = serde_json::to_vec_pretty(&self.content).map_err(|e| unusable(e.into()))?;
        text.push(b'\n');
        let written = (|| {
            // A draft that a killed process left behind has nothing that is still needed.
            match std::fs::remove_file(&draft) {
                Err(e) if e.kind() != ErrorKind::NotFound => return Err(e),
                _ => {}
            }
            let mut file =
                std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
            file.write_all(&text)?;
            file.sync_all()?;
            std::fs::rename(&draft, &self.path)?;
            std::fs::File::open(folder)?.sync_all()
        })();
        written.map_err(|e| {
            let _ = std::fs::remove_file(&draft);
            unusable(e)
        })
    }
}

/// Changes the file in a folder while no other process of ours does.
pub(super) fn change<T>(folder: &Path, change: impl FnOnce(&mut DockerConfig) -> Result<T>) -> Result<T> {
    let unusable =
        |e: std::io::Error| RegistryError::Settings { path: folder.to_owned(), detail: e.to_string() };
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(unusable)?;
    // The folder itself is locked, so that no lock file is left lying about.
    let lock = std::fs::File::open(folder).map_err(unusable)?;
    lock.lock().map_err(unusable)?;
    let mut config = DockerConfig::read(folder)?;
    let outcome = change(&mut config)?;
    config.write()?;
    Ok(outcome)
}

/// The host of a name in the file: older tools kept whole addresses.
fn host_of(name: &str) -> &str {
    let bare = name.strip_prefix("https://").or_else(|| name.strip_prefix("http://")).unwrap_or(name);
    let host = bare.split('/').next().unwrap_or(bare);
    crate::name::canonical_host(host)
}
