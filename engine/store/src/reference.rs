//! Names of images, by the grammar of Docker and the OCI distribution specification:
//! `[domain[:port]/]path[:tag][@digest]`.

use crate::{Digest, Result, StoreError};
use std::fmt;

/// The registry of names without a domain.
const DEFAULT_DOMAIN: &str = "docker.io";
/// What comes before a one-word name there.
const DEFAULT_NAMESPACE: &str = "library/";
/// The tag of names without one.
const DEFAULT_TAG: &str = "latest";
/// The longest `domain/path`.
const LONGEST_NAME: usize = 255;
/// The longest tag.
const LONGEST_TAG: usize = 128;

/// A parsed image name, with the domain written out.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Reference {
    domain: String,
    path: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

impl Reference {
    /// Reads a name as a user types it: `alpine`, `demo/web:1`, `localhost:5000/a/b@sha256:…`.
    pub fn parse(text: &str) -> Result<Self> {
        let invalid = |why: &str| {
            let shown: String = text.chars().take(300).flat_map(char::escape_debug).collect();
            StoreError::invalid(
                format!("invalid reference format: \"{shown}\": {why}"),
                "a name is [registry/]repository[:tag][@digest] in lower case, such as alpine:3.20",
            )
        };
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (
                rest,
                Some(
                    Digest::parse(digest)
                        .map_err(|_| invalid("the digest is not sha256: and 64 hexadecimal digits"))?,
                ),
            ),
            None => (text, None),
        };
        // A colon after the last slash begins the tag; one before it belongs to the port.
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (rest, None),
        };
        if let Some(tag) = tag
            && !is_tag(tag)
        {
            return Err(invalid(
                "the tag must be up to 128 letters, digits, '_', '.' and '-', and not begin with '.' or '-'",
            ));
        }
        let (domain, path) = match name.split_once('/') {
            Some((first, path))
                if first.contains(['.', ':'])
                    || first == "localhost"
                    || first.bytes().any(|b| b.is_ascii_uppercase()) =>
            {
                (first, path)
            }
            _ => (DEFAULT_DOMAIN, name),
        };
        if !is_domain(domain) {
            return Err(invalid("the registry is not a host name with an optional port"));
        }
        let domain = if domain == "index.docker.io" { DEFAULT_DOMAIN } else { domain };
        let path = if domain == DEFAULT_DOMAIN && !path.contains('/') {
            format!("{DEFAULT_NAMESPACE}{path}")
        } else {
            path.to_owned()
        };
        if path.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(invalid("repository name must be lowercase"));
        }
        if !path.split('/').all(is_path_component) {
            return Err(invalid(
                "the repository's parts must be letters and digits, joined by '.', '_', '__' or dashes",
            ));
        }
        if domain.len() + 1 + path.len() > LONGEST_NAME {
            return Err(invalid("repository name must not be more than 255 characters"));
        }
        Ok(Self { domain: domain.to_owned(), path, tag: tag.map(str::to_owned), digest })
    }

    /// Reads a name and adds the tag `latest` where it has neither tag nor digest.
    pub fn parse_tagged(text: &str) -> Result<Self> {
        let mut reference = Self::parse(text)?;
        if reference.tag.is_none() && reference.digest.is_none() {
            reference.tag = Some(DEFAULT_TAG.to_owned());
        }
        Ok(reference)
    }

    /// The registry: `docker.io`, `localhost:5000`.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The repository within its registry: `library/alpine`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The tag, if any.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest, if any.
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// The same repository with another tag and no digest.
    pub fn with_tag(&self, tag: &str) -> Result<Self> {
        if !is_tag(tag) {
            return Err(StoreError::invalid(
                format!("invalid tag {tag:?}"),
                "a tag is letters, digits, '_', '.' and '-'",
            ));
        }
        Ok(Self { tag: Some(tag.to_owned()), digest: None, ..self.clone() })
    }

    /// The same repository with a digest and no tag.
    pub fn with_digest(&self, digest: Digest) -> Self {
        Self { tag: None, digest: Some(digest), ..self.clone() }
    }

    /// The repository in full: `docker.io/library/alpine`.
    pub fn repository(&self) -> String {
        format!("{}/{}", self.domain, self.path)
    }

    /// The repository as listings show it: `alpine`, `demo/web`, `localhost:5000/a`.
    pub fn familiar_repository(&self) -> String {
        if self.domain != DEFAULT_DOMAIN {
            return self.repository();
        }
        match self.path.strip_prefix(DEFAULT_NAMESPACE) {
            Some(name) if !name.contains('/') => name.to_owned(),
            _ => self.path.clone(),
        }
    }

    /// The name as listings show it.
    pub fn familiar(&self) -> String {
        self.append_suffix(self.familiar_repository())
    }

    fn append_suffix(&self, mut name: String) -> String {
        if let Some(tag) = &self.tag {
            name.push(':');
            name.push_str(tag);
        }
        if let Some(digest) = &self.digest {
            name.push('@');
            name.push_str(digest.as_str());
        }
        name
    }
}

/// The name in full: `docker.io/library/alpine:latest`.
impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.append_suffix(self.repository()))
    }
}

fn is_tag(text: &str) -> bool {
    let mut bytes = text.bytes();
    text.len() <= LONGEST_TAG
        && bytes.next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
}

/// `[a-z0-9]+` runs joined by one `.`, one or two `_`, or any number of `-`.
fn is_path_component(text: &str) -> bool {
    let is_word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return false };
    if !is_word(*first) || !is_word(*last) {
        return false;
    }
    bytes
        .split(|b| is_word(*b))
        .filter(|joint| !joint.is_empty())
        .all(|joint| matches!(joint, b"." | b"_" | b"__") || joint.iter().all(|b| *b == b'-'))
}

fn is_domain(text: &str) -> bool {
    if let Some(rest) = text.strip_prefix('[') {
        let Some((address, port)) = rest.split_once(']') else { return false };
        return address.parse::<std::net::Ipv6Addr>().is_ok()
            && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port));
    }
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    host.split('.').all(is_label) && port.is_none_or(is_port)
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_are_written_out() {
        for (typed, full, familiar) in [
            ("alpine", "docker.io/library/alpine:latest", "alpine:latest"),
            ("alpine:3.20", "docker.io/library/alpine:3.20", "alpine:3.20"),
            ("demo/web", "docker.io/demo/web:latest", "demo/web:latest"),
            ("docker.io/alpine", "docker.io/library/alpine:latest", "alpine:latest"),
            ("index.docker.io/library/a", "docker.io/library/a:latest", "a:latest"),
            ("localhost/a", "localhost/a:latest", "localhost/a:latest"),
            ("localhost:5000/a/b:v1", "localhost:5000/a/b:v1", "localhost:5000/a/b:v1"),
            ("ghcr.io/x/y", "ghcr.io/x/y:latest", "ghcr.io/x/y:latest"),
            ("[::1]:5000/a", "[::1]:5000/a:latest", "[::1]:5000/a:latest"),
            ("a__b-c---d.e:T_1", "docker.io/library/a__b-c---d.e:T_1", "a__b-c---d.e:T_1"),
        ] {
            let reference = Reference::parse_tagged(typed).unwrap();
            assert_eq!(reference.to_string(), full);
            assert_eq!(reference.familiar(), familiar);
            assert_eq!(Reference::parse(full).unwrap(), reference);
            assert_eq!(Reference::parse(familiar).unwrap(), reference);
        }
        let digest = Digest::of(b"");
        let reference = Reference::parse_tagged(&format!("alpine@{digest}")).unwrap();
        assert_eq!((reference.tag(), reference.digest()), (None, Some(&digest)));
    }

    #[test]
    fn hostile_names_are_refused() {
        let long = "a".repeat(300);
        let tag = format!("a:{}", "t".repeat(129));
        for bad in [
            "",
            ":",
            "a:",
            ":a",
            "/a",
            "a/",
            "a//b",
            "Alpine",
            "a b",
            "a\nb",
            "a\u{1b}[31m",
            "-a",
            "a-",
            "a..b",
            "a___b",
            "a._b",
            "../a",
            "a/../b",
            "a/.",
            "a@",
            "a@sha256:12",
            "a@md5:x",
            "a:.x",
            "a:-x",
            "a:b:c",
            "reg.io:99999/a",
            "reg.io:/a",
            "-reg.io/a",
            "reg..io/a",
            "[zz]:1/a",
            "a:\u{2026}",
            "é",
            &long,
            &tag,
        ] {
            let error = Reference::parse(bad).expect_err(bad);
            assert!(error.to_string().chars().all(|c| !c.is_control()), "{bad:?}");
        }
    }
}
