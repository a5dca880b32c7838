//! `image from-template`: images whose first process is an init, made by a distribution's own tools.

mod busybox;
mod debian;

use crate::engine::Engine;
use std::path::PathBuf;
use teu_api::Failure;
use teu_store::ImageRecord;
use teu_store::from_host::search_path;

pub use debian::Debian;

/// What an image is made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Template {
    /// Debian with systemd.
    Debian(Debian),
    /// This host's busybox with its init, and further programs of this host by name.
    Busybox(Vec<String>),
}

impl Engine {
    /// Makes an image of a template. `tell` is handed what the tools say, line by line, from a thread of its own.
    pub fn image_from_template(
        &self,
        name: &str,
        template: &Template,
        tell: &(dyn Fn(&str) + Sync),
    ) -> Result<ImageRecord, Failure> {
        match template {
            Template::Debian(debian) => debian::make(self, name, debian, tell),
            Template::Busybox(programs) => busybox::make(self, name, programs),
        }
    }
}

/// A program of this host as the shell finds it.
fn find_program(name: &str) -> Option<PathBuf> {
    search_path().into_iter().map(|folder| folder.join(name)).find(|path| path.is_file())
}
