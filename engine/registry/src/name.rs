//! Names of repositories and of what is in them, checked so that they are safe inside an address.

use crate::error::{RegistryError, Result};
use std::fmt;
use teu_store::Digest;

/// Docker's public registry under its canonical name.
pub const DOCKER_HUB: &str = "docker.io";

/// The longest repository name that registries accept, host included.
const LONGEST_NAME: usize = 255;

/// A repository on a registry, for example `docker.io/library/alpine`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Repository {
    host: String,
    path: String,
}

impl Repository {
    /// Accepts a host with an optional port, and a path in the distribution specification's grammar.
    pub fn new(host: &str, path: &str) -> Result<Self> {
        let shown = || crate::text::printable(&format!("{host}/{path}"), 300);
        if !is_host(host) {
            return Err(RegistryError::InvalidName(shown(), "the registry is not a host name"));
        }
        if host.len() + 1 + path.len() > LONGEST_NAME {
            return Err(RegistryError::InvalidName(shown(), "it is longer than 255 characters"));
        }
        if !path.split('/').all(is_component) {
            return Err(RegistryError::InvalidName(
                shown(),
                "the repository must be lower-case words joined by / . _ -",
            ));
        }
        Ok(Self { host: canonical_host(host).to_owned(), path: path.to_owned() })
    }

    /// The registry's host with its port where it has one; Docker's registry is `docker.io`.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The path on the registry, `library/alpine`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The repository with one of its tags.
    pub fn with_tag(&self, tag: &str) -> Result<Reference> {
        if !is_tag(tag) {
            return Err(RegistryError::InvalidName(crate::text::printable(tag, 200), "it is not a tag"));
        }
        Ok(Reference { repository: self.clone(), target: Target::Tag(tag.to_owned()) })
    }

    /// The repository with the digest of a manifest in it.
    pub fn with_digest(&self, digest: Digest) -> Reference {
        Reference { repository: self.clone(), target: Target::Digest(digest) }
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host, self.path)
    }
}

/// What of a repository is meant.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Target {
    /// What a tag names now.
    Tag(String),
    /// Exactly this manifest.
    Digest(Digest),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => f.write_str(tag),
            Self::Digest(digest) => digest.fmt(f),
        }
    }
}

/// A manifest on a registry, by tag or by digest.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Reference {
    /// Where it is.
    pub repository: Repository,
    /// Which one.
    pub target: Target,
}

impl TryFrom<&teu_store::Reference> for Reference {
    type Error = RegistryError;

    /// What a user typed: the digest where there is one, else the tag, else `latest`.
    fn try_from(typed: &teu_store::Reference) -> Result<Self> {
        let repository = Repository::new(typed.domain(), typed.path())?;
        match (typed.digest(), typed.tag()) {
            (Some(digest), _) => Ok(repository.with_digest(digest.clone())),
            (None, tag) => repository.with_tag(tag.unwrap_or("latest")),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = match self.target {
            Target::Tag(_) => ':',
            Target::Digest(_) => '@',
        };
        write!(f, "{}{separator}{}", self.repository, self.target)
    }
}

/// The one spelling of a registry's host.
pub(crate) fn canonical_host(host: &str) -> &str {
    match host {
        "index.docker.io" | "registry-1.docker.io" | "registry.hub.docker.com" | "hub.docker.com" => {
            DOCKER_HUB
        }
        other => other,
    }
}

/// `name`, `name:port`, `1.2.3.4:port` or `[::1]:port`.
pub(crate) fn is_host(text: &str) -> bool {
    let (name, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, rest)) => {
            if address.parse::<std::net::Ipv6Addr>().is_err() {
                return false;
            }
            return rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port);
        }
        None => match text.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (text, None),
        },
    };
    let labels = name.split('.').all(|label| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    });
    labels && port.is_none_or(is_port)
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u16>().is_ok_and(|port| port != 0)
}

/// One word of a repository's path: `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`.
fn is_component(text: &str) -> bool {
    let bytes = text.as_bytes();
    let alphanumeric = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    if !(bytes.first().is_some_and(alphanumeric) && bytes.last().is_some_and(alphanumeric)) {
        return false;
    }
    bytes
        .split(alphanumeric)
        .all(|run| matches!(run, b"" | b"." | b"_" | b"__") || run.iter().all(|&b| b == b'-'))
}

/// A tag: `[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}`.
fn is_tag(text: &str) -> bool {
    text.len() <= 128
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_follow_the_specification() {
        for (host, path) in [
            ("docker.io", "library/alpine"),
            ("localhost:5000", "a"),
            ("[::1]:5000", "a/b/c"),
            ("127.0.0.1:443", "a__b/c--d/e.f"),
        ] {
            assert!(Repository::new(host, path).is_ok(), "{host}/{path}");
        }
        for (host, path) in [
            ("docker.io", ""),
            ("docker.io", "../etc"),
            ("docker.io", "a//b"),
            ("docker.io", "Upper"),
            ("docker.io", "a?b"),
            ("docker.io", "a___b"),
            ("docker.io", "a\u{1b}"),
            ("", "a"),
            ("host:", "a"),
            ("host:99999", "a"),
            ("user@host", "a"),
            ("[::1", "a"),
            ("-host", "a"),
        ] {
            assert!(Repository::new(host, path).is_err(), "{host}/{path}");
        }
        assert!(Repository::new("docker.io", &"a".repeat(300)).is_err());
    }

    #[test]
    fn what_users_type_is_understood() {
        let of = |text: &str| {
            Reference::try_from(&teu_store::Reference::parse(text).unwrap()).unwrap().to_string()
        };
        assert_eq!(of("alpine"), "docker.io/library/alpine:latest");
        assert_eq!(of("localhost:5000/a/b:1"), "localhost:5000/a/b:1");
        let digest = Digest::of(b"");
        assert_eq!(of(&format!("me/app:1@{digest}")), format!("docker.io/me/app@{digest}"));
    }

    #[test]
    fn references_print_as_they_are_typed() {
        let repository = Repository::new("index.docker.io", "library/alpine").unwrap();
        assert_eq!(repository.with_tag("3.20").unwrap().to_string(), "docker.io/library/alpine:3.20");
        let digest = Digest::of(b"");
        assert_eq!(
            repository.with_digest(digest.clone()).to_string(),
            format!("docker.io/library/alpine@{digest}")
        );
        for bad in ["", ".a", "-a", "a/b", "a b", &"a".repeat(129)] {
            assert!(repository.with_tag(bad).is_err(), "{bad}");
        }
    }
}
