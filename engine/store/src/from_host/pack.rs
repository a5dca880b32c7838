//! Writing the gathered files as a layer that is the same each time: in order, with one time stamp.

use super::tree::{Source, Tree};
use crate::error::IoContext as _;
use crate::tar::{Builder, Kind, Time};
use crate::{Result, StoreError};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::MetadataExt as _;

/// Writes the tree's archive. Names of one and the same file of the host become hard links.
pub fn pack(tree: &Tree, epoch: i64, writer: &mut dyn Write) -> Result<()> {
    let failed = || "cannot write the image's layer".to_owned();
    let mut builder = Builder::new(BufWriter::with_capacity(256 << 10, writer));
    let mut linked: HashMap<(u64, u64), &[u8]> = HashMap::new();
    for (name, node) in tree.nodes() {
        let mut entry = node.entry.clone();
        entry.name.clone_from(name);
        entry.modified = Time { seconds: epoch, nanoseconds: 0 };
        if let Some(first) = node.identity.and_then(|identity| linked.get(&identity)) {
            entry.kind = Kind::HardLink(first.to_vec());
            entry.size = 0;
            builder.append(&entry, &mut io::empty()).context(failed)?;
            continue;
        }
        let mut file;
        let mut bytes;
        let content: &mut dyn Read = match &node.source {
            Source::None => &mut io::empty(),
            Source::Bytes(content) => {
                bytes = content.as_slice();
                &mut bytes
            }
            Source::Host(path) => {
                file = File::open(path).on("read", path)?;
                // It may have been replaced since it was gathered; an upgrade of the host goes on underneath.
                let size = file.metadata().on("read", path)?.size();
                if size != entry.size {
                    return Err(StoreError::conflict(
                        format!("{} changed while the image was made", path.display()),
                        "wait until the upgrade of this host has ended, and try again",
                    ));
                }
                &mut file
            }
        };
        builder.append(&entry, content).context(failed)?;
        linked.extend(node.identity.map(|identity| (identity, name.as_slice())));
    }
    builder.finish().context(failed)?;
    Ok(())
}
