//! `image from-host`: an image of this host's own programs, with the libraries that they need. No program is executed:
//! what each needs is read from its file.

mod accounts;
mod busybox;
mod elf;
mod libraries;
mod pack;
mod programs;
mod script;
mod terminals;
mod tools;
mod tree;

#[cfg(test)]
mod tests;

pub use busybox::applets;
pub use tools::{HostTools, host_tools};

use crate::build::NewLayer;
use crate::import::{Composed, apply, compose};
use crate::layers::{Compression, Limits};
use crate::{ImageRecord, Lock, Reference, Result, Store, StoreError};
use libraries::Libraries;
use programs::Programs;
use serde_json::json;
use std::path::{Path, PathBuf};
use tree::Tree;

/// Where programs are looked for when the environment does not say.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The files that hold the certificates of authorities, on the distributions there are.
const CERTIFICATES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// What to make an image of.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FromHost {
    /// The image's name.
    pub name: String,
    /// Programs by name or path; the first is the image's command.
    pub programs: Vec<String>,
    /// Whether programs that this host lacks are left out, but for the first.
    pub skip_missing: bool,
    /// Further files and folders, each with its place in the image; without one it keeps the host's.
    pub add: Vec<(PathBuf, Option<String>)>,
    /// Further files by their content.
    pub files: Vec<ImageFile>,
    /// Further symbolic links: path and target.
    pub links: Vec<(String, PathBuf)>,
    /// Whether certificates of authorities come along, for TLS.
    pub certificates: bool,
    /// Instructions as in a Dockerfile: `CMD ["sh"]`, `ENV A=b`.
    pub changes: Vec<String>,
    /// The time stamp of every file, in seconds since the Unix epoch; without one `SOURCE_DATE_EPOCH`, then 0. With
    /// one the whole image, not only its layer, is the same each time.
    pub epoch: Option<i64>,
}

/// A busybox of this host that needs no library, with the names of its programs: it runs inside any container.
pub fn static_busybox() -> Option<(PathBuf, Vec<String>)> {
    let found = search_path().into_iter().map(|folder| folder.join("busybox")).find(|path| {
        elf::read(path).ok().flatten().is_some_and(|elf| elf.interpreter.is_none() && elf.needed.is_empty())
    })?;
    let names = busybox::applets(&found).ok().filter(|names| !names.is_empty())?;
    Some((found, names))
}

/// The absolute folders that programs of this host are looked up in.
pub fn search_path() -> Vec<PathBuf> {
    let path =
        std::env::var_os("PATH").filter(|path| !path.is_empty()).unwrap_or_else(|| DEFAULT_PATH.into());
    std::env::split_paths(&path).filter(|folder| folder.is_absolute()).collect()
}

/// A file of an image, by its content.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ImageFile {
    /// Its absolute path.
    pub path: String,
    /// Its permissions.
    pub mode: u32,
    /// Its content.
    pub content: Vec<u8>,
}

impl Store {
    /// Makes an image of this host's programs.
    pub fn image_from_host(&self, request: &FromHost) -> Result<ImageRecord> {
        let name = Reference::parse_tagged(&request.name)?;
        let epoch = request.epoch.or_else(|| std::env::var("SOURCE_DATE_EPOCH").ok()?.parse().ok());
        let mut config = json!({ "Env": [format!("PATH={DEFAULT_PATH}")] });
        let (tree, command) = collect(request)?;
        config["Cmd"] = json!([command]);
        apply(&mut config, &request.changes)?;

        let _content = Lock::content(self.paths())?;
        let mut writer = self.blobs().writer()?;
        pack::pack(&tree, epoch.unwrap_or(0), &mut writer)?;
        let size = writer.size();
        let blob = writer.commit(None, None)?;
        let file = self.blobs().open(&blob)?;
        let unpacked = self.layers().unpack(file, None, Some(&blob), &Limits::default())?;
        let composed = Composed {
            config,
            platform: "",
            base: None,
            layer: Some(NewLayer {
                diff_id: unpacked.diff_id,
                blob,
                size,
                media_type: Compression::None.media_type().to_owned(),
            }),
            created_by: format!("teu image from-host {}", request.programs.join(" ")),
            comment: String::new(),
            author: String::new(),
            created_at: epoch.map(|seconds| seconds.saturating_mul(1_000_000_000)),
        };
        compose(self, &composed, vec![name], "import")
    }
}

/// The image's files, and the first program as its command names it.
fn collect(request: &FromHost) -> Result<(Tree, String)> {
    let mut tree = Tree::new();
    accounts::folders(&mut tree);
    let mut programs = Programs::new(search_path(), Libraries::read(Path::new("/")));
    let mut command = None;
    for (at, program) in request.programs.iter().enumerate() {
        match programs.add(&mut tree, program)? {
            Some(found) => {
                command.get_or_insert(found);
            }
            None if at > 0 && request.skip_missing => {}
            None => {
                return Err(StoreError::invalid(
                    format!("cannot find the program {program:?} on this host"),
                    "install it, or give its path",
                ));
            }
        }
    }
    let Some(command) = command else {
        return Err(StoreError::invalid(
            "no program named",
            "name at least one: teu image from-host -t NAME sh ls",
        ));
    };
    for (source, target) in &request.add {
        programs.add_file(&mut tree, source, target.as_deref())?;
    }
    for file in &request.files {
        tree.file(&file.path, file.mode, file.content.clone());
    }
    for (path, target) in &request.links {
        tree.link(Path::new(path), target);
    }
    if request.certificates {
        let Some(bundle) = CERTIFICATES.iter().map(Path::new).find(|path| path.exists()) else {
            return Err(StoreError::invalid(
                "this host has no bundle of certificates",
                "install ca-certificates",
            ));
        };
        tree.add_host(bundle)?;
    }
    accounts::files(&mut tree, programs.uses_glibc());
    if programs.uses_terminals() {
        terminals::add(&mut tree)?;
    }
    Ok((tree, command))
}
