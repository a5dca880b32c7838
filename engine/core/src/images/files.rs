//! Files inside images: opened, and copied out.
//!
//! What an image holds is hostile: its paths are resolved by the kernel inside the image's own tree, and devices and
//! pipes are never opened.

use super::stack::open_folder;
use crate::containers::CopyOptions;
use crate::containers::copy::{Copier, Owner, Place, copy, regular, write_archive};
use crate::engine::Engine;
use rustix::fs::FileType;
use std::fs::File;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::path::Path;
use teu_api::Failure;
use teu_store::{ImageRecord, LayerRecord};

/// Files in an image: of all its layers as a container sees them, or of one layer alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ImageFiles<'a> {
    /// The image, by name or id.
    pub image: &'a str,
    /// One layer: its number from 1 for the lowest, or the beginning of its diff id or chain id.
    pub layer: Option<&'a str>,
    /// A path from the image's root, with or without a leading slash; links in it lead inside the image only.
    pub path: &'a [u8],
}

impl Engine {
    /// Opens a plain file of an image for reading. The file may be of any size: read no more of it than is wanted.
    pub fn open_image_file(&self, files: ImageFiles<'_>) -> Result<File, Failure> {
        let source = self.place_in_image(files)?.source(true)?;
        let shown = String::from_utf8_lossy(files.path).escape_debug().to_string();
        match FileType::from_raw_mode(source.stat.st_mode) {
            FileType::RegularFile => regular(&source.handle, files.path),
            FileType::Directory => Err(Failure::usage(format!("{shown} is a folder"))
                .hint(format!("teu image extract {} {shown} copies it", files.image))),
            FileType::CharacterDevice if source.stat.st_rdev == 0 => Err(removed_here(&shown)),
            _ => Err(Failure::unsupported(format!("{shown} is no plain file"))),
        }
    }

    /// Copies a file or a folder of an image to this machine, by the rules of `cp`; returns the bytes of files.
    pub fn extract_from_image(
        &self,
        files: ImageFiles<'_>,
        target: &Path,
        options: CopyOptions,
    ) -> Result<u64, Failure> {
        let from = self.place_in_image(files)?;
        let stat = from.source(options.follow_link)?.stat;
        if FileType::from_raw_mode(stat.st_mode) == FileType::CharacterDevice && stat.st_rdev == 0 {
            return Err(removed_here(&String::from_utf8_lossy(files.path).escape_debug().to_string()));
        }
        // Files of a stranger become the caller's: they must not run with the caller's rights for everyone.
        copy(&from, &Place::here(target), Copier::new(options.archive, !options.archive), options)
    }

    /// Writes a file or a folder of an image as a tar archive; returns the bytes of files.
    pub fn archive_of_image(
        &self,
        files: ImageFiles<'_>,
        options: CopyOptions,
        writer: impl Write,
    ) -> Result<u64, Failure> {
        write_archive(&self.place_in_image(files)?.source(options.follow_link)?, writer)
    }

    fn place_in_image(&self, files: ImageFiles<'_>) -> Result<Place, Failure> {
        let image = self.store().find_image(files.image)?;
        let root = match files.layer {
            Some(layer) => self.layer_root(&image, layer)?,
            None => self
                .stack(&self.store().image_layers(&image.id)?)?
                .ok_or_else(|| Failure::not_found("the image has no files"))?,
        };
        Ok(Place::inside(root, Owner::Image(files.image.to_owned()), files.path))
    }

    fn layer_root(&self, image: &ImageRecord, layer: &str) -> Result<OwnedFd, Failure> {
        let layers = self.store().image_layer_records(&image.id)?;
        let found = find_layer(&layers, layer).ok_or_else(|| {
            Failure::not_found(format!("the image has no layer {}", layer.escape_debug())).hint(format!(
                "give a number from 1 to {}, or the beginning of a layer's digest",
                layers.len()
            ))
        })?;
        open_folder(&self.store().paths().layer(&found.chain_id))
    }
}

/// The fewest digits of a digest that name a layer: what is shorter is a number.
const SHORTEST_DIGEST: usize = 4;

/// A number counts from the lowest layer; anything longer is the beginning of one layer's digest.
fn find_layer<'a>(layers: &'a [LayerRecord], word: &str) -> Option<&'a LayerRecord> {
    if word.len() < SHORTEST_DIGEST {
        return layers.get(word.parse::<usize>().ok()?.checked_sub(1)?);
    }
    let word = word.strip_prefix("sha256:").unwrap_or(word);
    let is_meant = |digest: &str| digest.strip_prefix("sha256:").is_some_and(|hex| hex.starts_with(word));
    let mut found = layers.iter().filter(|layer| is_meant(&layer.diff_id) || is_meant(&layer.chain_id));
    let first = found.next().filter(|_| !word.is_empty())?;
    found.next().is_none().then_some(first)
}

fn removed_here(path: &str) -> Failure {
    Failure::not_found(format!("the layer removes {path}")).hint("look for it in a lower layer")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_found_by_number_and_digest() {
        let layer = |diff: &str, chain: &str| LayerRecord {
            chain_id: format!("sha256:{chain}"),
            diff_id: format!("sha256:{diff}"),
            blob: String::new(),
            blob_size: 0,
            media_type: String::new(),
            size: 0,
        };
        let layers = [layer("aa11", "bb11"), layer("aa22", "cc22"), layer("12ff", "dd33")];
        let found = |word: &str| find_layer(&layers, word).map(|layer| layer.diff_id.as_str());
        assert_eq!(found("1"), Some("sha256:aa11"));
        assert_eq!(found("3"), Some("sha256:12ff"));
        assert_eq!(found("sha256:aa2"), Some("sha256:aa22"));
        assert_eq!(found("cc22"), Some("sha256:aa22"));
        assert_eq!(found("12ff"), Some("sha256:12ff"));
        for nothing in ["0", "4", "12", "aa", "aaa", "", "sha256:", "sha256:aa", "zzzz"] {
            assert_eq!(found(nothing), None, "{nothing}");
        }
    }
}
