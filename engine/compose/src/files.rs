//! The files that a project is read from.

use std::io;
use std::path::Path;

/// Where files come from: the disk, or a test's own few.
pub trait Files {
    /// The text of a file.
    fn read(&self, path: &Path) -> io::Result<String>;
    /// Whether it is a file (or something readable as one) that exists.
    fn is_file(&self, path: &Path) -> bool;
    /// Whether it is a folder that exists.
    fn is_dir(&self, path: &Path) -> bool;
}

/// The disk; the path `-` is standard input.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

/// No compose or environment file is larger; what is, is not one.
const SIZE_MAX: u64 = 32 << 20;

impl Files for Disk {
    fn read(&self, path: &Path) -> io::Result<String> {
        use io::Read as _;
        let mut text = String::new();
        if path == Path::new("-") {
            io::stdin().lock().take(SIZE_MAX).read_to_string(&mut text)?;
            return Ok(text);
        }
        std::fs::File::open(path)?.take(SIZE_MAX + 1).read_to_string(&mut text)?;
        if text.len() as u64 > SIZE_MAX {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than 32 MiB"));
        }
        Ok(text)
    }

    fn is_file(&self, path: &Path) -> bool {
        path.exists() && !path.is_dir()
    }

    fn is_dir(&self, path: &Path) -> bool {
        path.is_dir()
    }
}

/// Files in memory, by path.
impl Files for std::collections::BTreeMap<std::path::PathBuf, String> {
    fn read(&self, path: &Path) -> io::Result<String> {
        self.get(path).cloned().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    fn is_file(&self, path: &Path) -> bool {
        self.contains_key(path)
    }

    fn is_dir(&self, path: &Path) -> bool {
        !self.contains_key(path) && self.keys().any(|file| file.starts_with(path))
    }
}
