//! `save` and `load`.

use crate::engine::Engine;
use rustix::fs::{Mode, OFlags};
use std::io::{self, BufWriter, Read, Write};
use std::os::fd::AsFd as _;
use std::path::Path;
use teu_api::Failure;
use teu_registry::Platform;
use teu_store::Loaded;
use teu_store::layers::{Form, Limits, pack};

impl Engine {
    /// Writes images as one archive that is both Docker's and an OCI image layout.
    pub fn save_images(
        &self,
        names: &[String],
        platform: Option<&str>,
        writer: impl Write,
    ) -> Result<(), Failure> {
        if let Some(platform) = platform {
            Platform::parse(platform)?;
            for name in names {
                let image = self.store().find_image(name)?;
                if !self.fits(&image, platform) {
                    return Err(Failure::not_found(format!(
                        "image {name} is for {}/{}, not for {platform}",
                        image.os, image.architecture
                    )));
                }
            }
        }
        Ok(self.store().save_images(names, writer)?)
    }

    /// Loads every image of an archive of Docker or in the form of an OCI image layout.
    pub fn load_images(&self, archive: impl Read + Send) -> Result<Vec<Loaded>, Failure> {
        Ok(self.store().load_images(archive, &Limits::default())?)
    }

    /// Loads every image of a folder that is an OCI image layout.
    pub fn load_layout(&self, folder: &Path) -> Result<Vec<Loaded>, Failure> {
        let failed = |error: io::Error| {
            Failure::usage(format!("cannot open {}: {error}", folder.display()))
                .hint("name an archive or an OCI layout")
        };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let open = rustix::fs::open(folder, flags, Mode::empty()).map_err(|error| failed(error.into()))?;
        let (reader, writer) = io::pipe().map_err(failed)?;
        std::thread::scope(|threads| {
            let packing = threads
                .spawn(|| pack(open.as_fd(), Form::Whole, BufWriter::with_capacity(256 << 10, writer)));
            // What the reader does not want ends the writer by a broken pipe: only the reader's words count then.
            let loaded = self.load_images(reader)?;
            match packing.join() {
                Ok(packed) => packed?,
                Err(_) => return Err(Failure::internal(format!("reading {} broke off", folder.display()))),
            }
            Ok(loaded)
        })
    }
}
