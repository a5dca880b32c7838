//! Platforms, and which image of an index runs on one.

use super::{Descriptor, Index};
use crate::error::{RegistryError, Result};
use crate::text::printable;
use serde::{Deserialize, Serialize};
use std::fmt;

/// An operating system and a processor, in Go's names: `linux/arm64/v8`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Platform {
    /// The operating system.
    #[serde(default)]
    pub os: String,
    /// The processor.
    #[serde(default)]
    pub architecture: String,
    /// The processor's variant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
}

impl Platform {
    /// This host's.
    pub fn host() -> Self {
        let (architecture, variant) = match std::env::consts::ARCH {
            "x86_64" => ("amd64", None),
            "x86" => ("386", None),
            "aarch64" => ("arm64", Some("v8")),
            "arm" => ("arm", Some("v7")),
            "powerpc64" if cfg!(target_endian = "little") => ("ppc64le", None),
            "loongarch64" => ("loong64", None),
            other => (other, None),
        };
        Self {
            os: "linux".to_owned(),
            architecture: architecture.to_owned(),
            variant: variant.map(str::to_owned),
        }
    }

    /// Reads `os/architecture[/variant]`, or an architecture alone, in the spellings that Docker takes.
    pub fn parse(text: &str) -> Result<Self> {
        let invalid =
            || RegistryError::InvalidName(printable(text, 100), "it is not os/architecture[/variant]");
        let word = |w: &str| {
            !w.is_empty() && w.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
        };
        let lower = text.to_ascii_lowercase();
        let parts: Vec<&str> = lower.split('/').collect();
        if parts.len() > 3 || !parts.iter().all(|p| word(p)) {
            return Err(invalid());
        }
        let (os, architecture, variant) = match parts[..] {
            ["linux"] => return Ok(Self::host()),
            [architecture] => ("linux", architecture, None),
            [os, architecture] => (os, architecture, None),
            [os, architecture, variant] => (os, architecture, Some(variant)),
            _ => return Err(invalid()),
        };
        let (architecture, implied) = match architecture {
            "x86_64" | "x86-64" => ("amd64", None),
            "i386" | "i486" | "i586" | "i686" => ("386", None),
            "aarch64" => ("arm64", None),
            "armhf" => ("arm", Some("v7")),
            "armel" => ("arm", Some("v6")),
            other => (other, None),
        };
        let variant = variant.or(implied).map(str::to_owned);
        Ok(Self { os: os.to_owned(), architecture: architecture.to_owned(), variant })
    }

    /// How well an image made for `other` runs here: lower is better, `None` is not at all.
    fn rank(&self, other: &Self) -> Option<u32> {
        if self.os != other.os || self.architecture != other.architecture {
            return None;
        }
        let (own, others) = (self.level(), other.level());
        match (own, others) {
            (Some(own), Some(others)) => own.checked_sub(others),
            _ if self.variant == other.variant => Some(0),
            _ => None,
        }
    }

    /// The variant as a number, with the variants that a missing one stands for.
    fn level(&self) -> Option<u32> {
        match (self.architecture.as_str(), self.variant.as_deref()) {
            ("arm64", None) => Some(8),
            ("arm", None) => Some(7),
            ("amd64", None) => Some(1),
            (_, Some(variant)) => variant.strip_prefix('v')?.parse().ok(),
            _ => None,
        }
    }

    /// Whether an image made for `other` runs here.
    pub(crate) fn runs(&self, other: &Self) -> bool {
        self.rank(other).is_some()
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", printable(&self.os, 40), printable(&self.architecture, 40))?;
        match &self.variant {
            Some(variant) => write!(f, "/{}", printable(variant, 40)),
            None => Ok(()),
        }
    }
}

impl Index {
    /// The manifest that suits a platform best; the first of equals, as the specification asks.
    pub fn choose(&self, what: &str, platform: &Platform) -> Result<&Descriptor> {
        let ranked = self.manifests.iter().filter_map(|d| Some((platform.rank(d.platform.as_ref()?)?, d)));
        let chosen = ranked.min_by_key(|(rank, _)| *rank).map(|(_, descriptor)| descriptor);
        // An index whose entries name no platform at all can only mean its one entry.
        let only = match &self.manifests[..] {
            [one] if one.platform.is_none() => Some(one),
            _ => None,
        };
        chosen.or(only).ok_or_else(|| {
            let known = self.manifests.iter().filter_map(|d| d.platform.as_ref());
            let mut available: Vec<String> =
                known.filter(|p| p.os != "unknown").map(Platform::to_string).collect();
            available.dedup();
            available.truncate(20);
            RegistryError::NoPlatform {
                what: what.to_owned(),
                platform: platform.to_string(),
                available: if available.is_empty() { "none".to_owned() } else { available.join(", ") },
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use teu_store::Digest;

    fn index(platforms: &[&str]) -> Index {
        let manifests = platforms.iter().map(|text| Descriptor {
            media_type: super::super::OCI_MANIFEST.to_owned(),
            digest: Digest::of(text.as_bytes()),
            size: 1,
            platform: Some(Platform::parse(text).unwrap()),
            artifact_type: None,
            annotations: std::collections::BTreeMap::new(),
        });
        Index { media_type: super::super::OCI_INDEX.to_owned(), manifests: manifests.collect() }
    }

    fn chosen(platforms: &[&str], wanted: &str) -> Option<String> {
        let index = index(platforms);
        let found = index.choose("x", &Platform::parse(wanted).unwrap()).ok()?;
        Some(found.platform.as_ref().unwrap().to_string())
    }

    #[test]
    fn the_best_variant_is_chosen() {
        let all = ["linux/amd64", "linux/arm/v6", "linux/arm/v7", "linux/arm64/v8", "windows/amd64"];
        for (wanted, expected) in [
            ("linux/amd64", Some("linux/amd64")),
            ("x86_64", Some("linux/amd64")),
            ("linux/arm64", Some("linux/arm64/v8")),
            ("linux/arm/v7", Some("linux/arm/v7")),
            ("linux/arm/v8", Some("linux/arm/v7")),
            ("armel", Some("linux/arm/v6")),
            ("linux/arm/v5", None),
            ("linux/s390x", None),
        ] {
            assert_eq!(chosen(&all, wanted).as_deref(), expected, "{wanted}");
        }
        // A plain machine must not be handed code for a newer one.
        assert_eq!(chosen(&["linux/amd64/v3", "linux/amd64"], "linux/amd64").as_deref(), Some("linux/amd64"));
        assert_eq!(chosen(&["linux/amd64/v3"], "linux/amd64"), None);
    }

    #[test]
    fn a_missing_platform_is_named_with_what_there_is() {
        let error =
            index(&["linux/amd64"]).choose("img", &Platform::parse("linux/riscv64").unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "no image for platform linux/riscv64 in img; it has linux/amd64");
    }

    #[test]
    fn nonsense_is_not_a_platform() {
        for bad in ["", "/", "a/b/c/d", "linux/", "linux/a m"] {
            assert!(Platform::parse(bad).is_err(), "{bad}");
        }
    }
}
