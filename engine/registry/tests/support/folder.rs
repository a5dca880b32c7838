//! A plain folder as sink and source: blobs under their digits, "layers" as the names in their tar stream.

use flate2::read::GzDecoder;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use tempfile::TempDir;
use teu_api::Failure;
use teu_registry::{
    BlobStart, BlobWriter, Compression, Digest, FetchedImage, ImageSink, ImageSource, Repository,
};

pub struct Folder {
    root: TempDir,
    /// What `finish` was called with.
    pub images: Mutex<Vec<FetchedImage>>,
    /// What the registry may be told that other repositories have.
    pub elsewhere: Mutex<BTreeMap<Digest, Repository>>,
}

impl Folder {
    pub fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        for name in ["blobs", "draft", "layers"] {
            fs::create_dir(root.path().join(name)).unwrap();
        }
        Self { root, images: Mutex::default(), elsewhere: Mutex::default() }
    }

    pub fn blob(&self, digest: &Digest) -> PathBuf {
        self.root.path().join("blobs").join(digest.hex())
    }

    pub fn put(&self, bytes: &[u8]) -> Digest {
        let digest = Digest::of(bytes);
        fs::write(self.blob(&digest), bytes).unwrap();
        digest
    }

    /// The names in the layer that ends a chain of diff ids.
    pub fn layer(&self, chain: &[Digest]) -> Option<Vec<String>> {
        let text = fs::read_to_string(self.layer_path(chain)).ok()?;
        Some(text.lines().map(str::to_owned).collect())
    }

    fn layer_path(&self, chain: &[Digest]) -> PathBuf {
        let joined: String = chain.iter().map(Digest::as_str).collect();
        self.root.path().join("layers").join(Digest::of(joined.as_bytes()).hex())
    }

    /// How many files there are of each kind: blobs, drafts, layers.
    pub fn counts(&self) -> [usize; 3] {
        ["blobs", "draft", "layers"].map(|name| fs::read_dir(self.root.path().join(name)).unwrap().count())
    }

    pub fn is_empty(&self) -> bool {
        self.counts() == [0, 0, 0]
    }
}

struct Draft {
    path: PathBuf,
    target: PathBuf,
    file: File,
}

impl BlobWriter for Draft {
    fn append(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.file.write_all(bytes).map_err(|e| Failure::internal(e.to_string()))
    }

    fn reader(&self) -> Result<File, Failure> {
        File::open(&self.path).map_err(|e| Failure::internal(e.to_string()))
    }

    fn digest(&self) -> Digest {
        Digest::of(&fs::read(&self.path).unwrap())
    }

    fn commit(self: Box<Self>) -> Result<(), Failure> {
        fs::rename(&self.path, &self.target).map_err(|e| Failure::internal(e.to_string()))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

impl ImageSink for Folder {
    fn begin_blob(&self, digest: &Digest) -> Result<BlobStart, Failure> {
        let target = self.blob(digest);
        let path = self.root.path().join("draft").join(digest.hex());
        // The draft's name is the lock. It is taken before the blob is looked for, as its holder commits in between.
        let made = File::options().write(true).create_new(true).open(&path);
        if let Ok(about) = fs::metadata(&target) {
            if made.is_ok() {
                fs::remove_file(&path).unwrap();
            }
            return Ok(BlobStart::Present(about.len()));
        }
        Ok(match made {
            Ok(file) => BlobStart::Write(Box::new(Draft { path, target, file })),
            Err(_) => BlobStart::Busy,
        })
    }

    fn open_blob(&self, digest: &Digest) -> Result<Option<File>, Failure> {
        Ok(File::open(self.blob(digest)).ok())
    }

    fn has_layer(&self, chain: &[Digest]) -> Result<bool, Failure> {
        Ok(self.layer_path(chain).exists())
    }

    fn unpack_layer(
        &self,
        chain: &[Digest],
        compression: Compression,
        stream: &mut (dyn Read + Send),
    ) -> Result<(), Failure> {
        let names = unpack(chain, compression, stream)
            .map_err(|e| Failure::internal(format!("cannot unpack: {e}")))?;
        write_whole(&self.layer_path(chain), &names);
        Ok(())
    }

    fn finish(&self, image: &FetchedImage) -> Result<(), Failure> {
        self.images.lock().unwrap().push(image.clone());
        Ok(())
    }
}

fn write_whole(path: &Path, names: &[String]) {
    fs::write(path, names.join("\n")).unwrap();
}

fn unpack(chain: &[Digest], compression: Compression, stream: &mut dyn Read) -> std::io::Result<Vec<String>> {
    let mut tar = Vec::new();
    match compression {
        Compression::None => stream.read_to_end(&mut tar)?,
        Compression::Gzip => GzDecoder::new(stream).read_to_end(&mut tar)?,
        Compression::Zstd => zstd::Decoder::new(stream)?.read_to_end(&mut tar)?,
    };
    if Some(&Digest::of(&tar)) != chain.last() {
        return Err(std::io::Error::other("wrong diff id"));
    }
    let mut archive = tar::Archive::new(&tar[..]);
    archive.entries()?.map(|entry| Ok(entry?.path()?.display().to_string())).collect()
}

impl ImageSource for Folder {
    fn open_blob(&self, digest: &Digest) -> Result<Option<File>, Failure> {
        ImageSink::open_blob(self, digest)
    }

    fn repositories_with(&self, digest: &Digest) -> Vec<Repository> {
        self.elsewhere.lock().unwrap().get(digest).cloned().into_iter().collect()
    }
}
