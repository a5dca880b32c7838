//! `import`: a root file system's archive becomes an image of one layer.

mod changes;
mod compose;
mod tee;

pub use changes::apply;
pub(crate) use compose::{Composed, compose};

use crate::build::NewLayer;
use crate::error::IoContext as _;
use crate::layers::{Compression, Limits};
use crate::{ImageRecord, Lock, Reference, Result, Store, StoreError};
use serde_json::json;
use std::io::{self, Read};
use tee::Tee;

/// What to make of an archive.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Import {
    /// The image's name; none leaves it without one.
    pub name: Option<String>,
    /// Instructions as in a Dockerfile: `CMD ["sh"]`, `ENV A=b`.
    pub changes: Vec<String>,
    /// A comment for the image's history.
    pub message: String,
    /// The platform, `linux/arm64/v8`; empty for this host's.
    pub platform: String,
    /// Bounds on what the archive may become.
    pub limits: Limits,
}

impl Store {
    /// Makes an image of a root file system's archive: tar, plain or compressed with gzip or zstd. It is read once,
    /// and kept as it is.
    pub fn import_image(&self, archive: impl Read + Send, import: &Import) -> Result<ImageRecord> {
        let name = import.name.as_deref().map(Reference::parse_tagged).transpose()?;
        if name.as_ref().is_some_and(|name| name.digest().is_some()) {
            return Err(StoreError::invalid(
                "cannot import digest reference",
                "give a name with a tag instead",
            ));
        }
        let mut config = json!({});
        apply(&mut config, &import.changes)?;

        let _content = Lock::content(self.paths())?;
        let mut tee = Tee::new(archive, self.blobs().writer()?);
        let unpacked = self.layers().unpack(&mut tee, None, None, &import.limits)?;
        // The digest covers what comes after the compressed stream's end, too.
        io::copy(&mut tee, &mut io::sink()).context(|| "cannot read the archive".to_owned())?;
        let (start, writer) = tee.into_parts();
        let compression = Compression::detect(&start).context(|| "cannot read the archive".to_owned())?;
        let size = writer.size();
        let blob = writer.commit(None, None)?;
        let composed = Composed {
            config,
            platform: &import.platform,
            base: None,
            layer: Some(NewLayer {
                diff_id: unpacked.diff_id,
                blob,
                size,
                media_type: compression.media_type().to_owned(),
            }),
            created_by: String::new(),
            comment: import.message.clone(),
            author: String::new(),
            created_at: None,
        };
        compose(self, &composed, name.into_iter().collect(), "import")
    }
}
