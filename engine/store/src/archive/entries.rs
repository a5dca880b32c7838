//! An archive of images taken apart: documents in memory, blobs in the store.

use crate::error::IoContext as _;
use crate::layers::decompress;
use crate::tar::{Archive, Kind};
use crate::{Digest, Result, Store, StoreError};
use std::collections::HashMap;
use std::io::{self, Read, Write as _};

/// The most entries an archive may have: far above any image's layers, far below what fills the memory.
const MOST_ENTRIES: usize = 20_000;
/// The largest of the documents that name the images.
const LARGEST_INDEX: u64 = 16 << 20;

/// What an archive holds, by names in it. Names are keys and never paths.
#[derive(Default)]
pub struct Entries {
    /// `index.json`, `manifest.json`, `oci-layout`.
    pub documents: HashMap<String, Vec<u8>>,
    /// Files, stored as blobs: digest and size.
    pub files: HashMap<String, (Digest, u64)>,
    /// Links to other names in the archive, as old versions of Docker wrote them for layers that stand in it twice.
    links: HashMap<String, String>,
}

impl Entries {
    /// Reads an archive, compressed or not, and stores what may be a blob.
    pub fn read(store: &Store, archive: impl Read + Send, limit: u64) -> Result<Self> {
        let broken = |error: io::Error| match error.kind() {
            io::ErrorKind::InvalidData
            | io::ErrorKind::UnexpectedEof
            | io::ErrorKind::Unsupported
            | io::ErrorKind::InvalidInput => StoreError::hostile("archive", error.to_string()),
            _ => StoreError::Io { what: "cannot read the archive".to_owned(), source: error },
        };
        let (_, stream) = decompress(archive).map_err(broken)?;
        let mut archive = Archive::new(stream);
        let mut entries = Self::default();
        let mut total = 0_u64;
        let mut buffer = vec![0; 256 << 10];
        while let Some((entry, mut content)) = archive.next_entry().map_err(broken)? {
            if entries.files.len() + entries.documents.len() + entries.links.len() >= MOST_ENTRIES {
                return Err(StoreError::hostile("archive", format!("has more than {MOST_ENTRIES} entries")));
            }
            let Ok(name) = String::from_utf8(entry.name) else { continue };
            let name = name.strip_prefix("./").unwrap_or(&name).to_owned();
            match entry.kind {
                Kind::Symlink(target) | Kind::HardLink(target) => {
                    if let Ok(target) = String::from_utf8(target) {
                        entries.links.insert(name, target);
                    }
                    continue;
                }
                Kind::File => {}
                _ => continue,
            }
            total = total.saturating_add(entry.size);
            if total > limit {
                return Err(StoreError::hostile("archive", format!("holds more than {limit} bytes")));
            }
            if matches!(name.as_str(), "index.json" | "manifest.json" | "oci-layout") {
                if entry.size > LARGEST_INDEX {
                    return Err(StoreError::hostile(
                        "archive",
                        format!("its {name} is larger than {LARGEST_INDEX} bytes"),
                    ));
                }
                let mut document = vec![0; entry.size as usize];
                while let Some((at, count)) = content.read_at(&mut buffer).map_err(broken)? {
                    let at = at as usize;
                    document[at..at + count].copy_from_slice(&buffer[..count]);
                }
                entries.documents.insert(name, document);
                continue;
            }
            // A sparse file's holes would have to be written out; nobody writes blobs so.
            let mut writer = store.blobs().writer()?;
            let mut expected = 0;
            while let Some((at, count)) = content.read_at(&mut buffer).map_err(broken)? {
                if at != expected {
                    return Err(StoreError::hostile("archive", format!("{name:?} is a sparse file")));
                }
                writer
                    .write_all(&buffer[..count])
                    .context(|| "cannot store the archive's content".to_owned())?;
                expected += count as u64;
            }
            let size = writer.size();
            let claimed = name
                .strip_prefix("blobs/sha256/")
                .map(|hex| Digest::parse(&format!("sha256:{hex}")))
                .transpose()?;
            let digest = writer.commit(claimed.as_ref(), Some(entry.size))?;
            entries.files.insert(name, (digest, size));
        }
        Ok(entries)
    }

    /// A file by its name in the archive, through links.
    pub fn file(&self, name: &str) -> Result<&(Digest, u64)> {
        let mut name = name.to_owned();
        for _ in 0..8 {
            if let Some(found) = self.files.get(&name) {
                return Ok(found);
            }
            let Some(target) = self.links.get(&name) else { break };
            name = beside(&name, target);
        }
        Err(StoreError::hostile("archive", format!("{name:?} is named in it but missing")))
    }

    /// A blob by its digest.
    pub fn blob(&self, digest: &Digest) -> Result<&(Digest, u64)> {
        self.file(&format!("blobs/sha256/{}", digest.hex()))
    }
}

/// The name that a link's target means: relative to the link's folder, or from the archive's top.
fn beside(name: &str, target: &str) -> String {
    let mut parts: Vec<&str> = name.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}
