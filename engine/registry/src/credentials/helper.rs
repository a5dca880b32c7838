//! Credential helpers: programs named `docker-credential-NAME` that keep secrets elsewhere.
//! The protocol is one word as argument, a request on standard input, an answer on standard output.

use super::{Credentials, Secret};
use crate::error::{RegistryError, Result};
use crate::text::printable;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

/// The most bytes of a helper's answer that are read.
const LARGEST_ANSWER: u64 = 1 << 20;

/// The user name by which helpers mark an identity token.
const TOKEN_USER: &str = "<token>";

/// One helper.
pub(super) struct Helper {
    program: String,
    path: Option<OsString>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    #[serde(rename = "ServerURL", default)]
    server: String,
    username: String,
    secret: String,
}

impl Helper {
    /// The helper of that name.
    pub(super) fn new(name: &str, path: Option<OsString>) -> Result<Self> {
        let program = format!("docker-credential-{name}");
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
        if plain {
            Ok(Self { program, path })
        } else {
            Err(RegistryError::Helper {
                name: printable(&program, 100),
                detail: "is not a program's name".to_owned(),
            })
        }
    }

    /// The credentials that it keeps for a server.
    pub(super) fn get(&self, server: &str) -> Result<Option<Credentials>> {
        let Some(answer) = self.run("get", server.as_bytes())? else { return Ok(None) };
        let entry: Entry =
            serde_json::from_slice(&answer).map_err(|_| self.failure("its answer cannot be read"))?;
        let secret = match entry.username.as_str() {
            TOKEN_USER => Secret::IdentityToken(entry.secret),
            _ => Secret::Password(entry.secret),
        };
        Ok(Some(Credentials { username: entry.username, secret }))
    }

    /// Hands it credentials to keep.
    pub(super) fn store(&self, server: &str, credentials: &Credentials) -> Result<()> {
        let (username, secret) = match &credentials.secret {
            Secret::Password(password) => (credentials.username.as_str(), password),
            Secret::IdentityToken(token) | Secret::RegistryToken(token) => (TOKEN_USER, token),
        };
        let entry =
            Entry { server: server.to_owned(), username: username.to_owned(), secret: secret.clone() };
        let request = serde_json::to_vec(&entry).map_err(|e| self.failure(&e.to_string()))?;
        self.run("store", &request).map(drop)
    }

    /// Makes it forget a server. False when it knew nothing.
    pub(super) fn erase(&self, server: &str) -> Result<bool> {
        Ok(self.run("erase", server.as_bytes())?.is_some())
    }

    /// Runs it; `None` when it says that it has nothing.
    fn run(&self, word: &str, request: &[u8]) -> Result<Option<Vec<u8>>> {
        let io = |e: std::io::Error| self.failure(&e.to_string());
        let mut command = Command::new(&self.program);
        if let Some(path) = &self.path {
            command.env("PATH", path);
        }
        let mut child = command
            .arg(word)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(io)?;
        let written = child.stdin.take().map(|mut stdin| stdin.write_all(request));
        let mut answer = Vec::new();
        let read = child.stdout.take().map(|stdout| stdout.take(LARGEST_ANSWER).read_to_end(&mut answer));
        let status = child.wait().map_err(io)?;
        if !status.success() {
            let words = String::from_utf8_lossy(&answer);
            // The words are part of the protocol: every helper says exactly this.
            if words.contains("credentials not found") {
                return Ok(None);
            }
            let words = words.trim();
            return Err(self.failure(if words.is_empty() { "it failed without a word" } else { words }));
        }
        match (written, read) {
            // A helper may end without reading what it does not need.
            (Some(Err(e)), _) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(io(e)),
            (_, Some(Err(e))) => Err(io(e)),
            _ => Ok(Some(answer)),
        }
    }

    fn failure(&self, detail: &str) -> RegistryError {
        RegistryError::Helper { name: self.program.clone(), detail: printable(detail, 300) }
    }
}
