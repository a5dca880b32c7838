//! What an artifact's files are called.

use crate::manifest::Descriptor;

/// The annotation by which artifacts name their files (image specification, annotations.md).
const TITLE: &str = "org.opencontainers.image.title";

/// The longest name that file systems take, in bytes.
const LONGEST: usize = 255;

/// The name that a file gets. A stranger chose its title: only a plain name counts, one that lies in the folder itself
/// and does not hide. Everything else is called after its digest.
pub(super) fn file_name(file: &Descriptor) -> String {
    file.annotations
        .get(TITLE)
        .filter(|title| is_plain(title))
        .cloned()
        .unwrap_or_else(|| format!("sha256-{}", file.digest.short()))
}

fn is_plain(title: &str) -> bool {
    !title.is_empty()
        && title.len() <= LONGEST
        && !title.starts_with('.')
        && !title.chars().any(|c| c == '/' || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use teu_store::Digest;

    #[test]
    fn titles_are_names_in_the_folder_or_nothing() {
        let named = |title: &str| {
            file_name(&Descriptor {
                media_type: String::new(),
                digest: Digest::of(b"x"),
                size: 1,
                platform: None,
                artifact_type: None,
                annotations: BTreeMap::from([(TITLE.to_owned(), title.to_owned())]),
            })
        };
        assert_eq!(named("report 1.json"), "report 1.json");
        let instead = format!("sha256-{}", Digest::of(b"x").short());
        for bad in
            ["", ".", "..", "../x", "/etc/passwd", "a/b", ".bashrc", "a\x1b[2Jb", "a\0b", &"n".repeat(256)]
        {
            assert_eq!(named(bad), instead, "{bad:?}");
        }
    }
}
