//! What is said of folders, kept until all files are made: making files changes a folder's time and may need its
//! permissions. An archive may hold millions of folders with long names, so only so many are kept in memory.

use super::super::names::Name;
use super::Fault;
use crate::tar::Time;
use rustix::fs::{Mode, OFlags, openat};
use rustix::io::Errno;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, Write as _};
use std::os::fd::{AsFd, OwnedFd};

/// The most bytes that are kept in memory.
const MOST: usize = 1 << 20;

/// Permissions and times by name, in the archive's order.
#[derive(Default)]
pub(super) struct Folders {
    held: Vec<u8>,
    /// What no longer fits into memory: a file without a name on the layer's own file system.
    spilled: Option<File>,
}

impl Folders {
    /// Adds a folder. `root` is where the file system is that takes what does not fit into memory.
    pub(super) fn push(&mut self, root: impl AsFd, name: &Name, mode: u32, time: Time) -> io::Result<()> {
        let name = name.as_bytes();
        self.held.extend_from_slice(&(name.len() as u32).to_le_bytes());
        self.held.extend_from_slice(name);
        self.held.extend_from_slice(&mode.to_le_bytes());
        self.held.extend_from_slice(&time.seconds.to_le_bytes());
        self.held.extend_from_slice(&time.nanoseconds.to_le_bytes());
        if self.held.len() < MOST {
            return Ok(());
        }
        let file = match &mut self.spilled {
            Some(file) => file,
            none => none.insert(nameless(root)?),
        };
        file.write_all(&self.held)?;
        self.held.clear();
        Ok(())
    }

    /// Does something for each folder, in the archive's order.
    pub(super) fn each(
        self,
        mut action: impl FnMut(&[u8], u32, Time) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        if let Some(mut file) = self.spilled {
            file.rewind()?;
            read(BufReader::new(file), &mut action)?;
        }
        read(self.held.as_slice(), &mut action)
    }
}

fn read(
    mut from: impl Read,
    action: &mut impl FnMut(&[u8], u32, Time) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut name = Vec::new();
    loop {
        let mut length = [0; 4];
        if from.read(&mut length[..1])? == 0 {
            return Ok(());
        }
        from.read_exact(&mut length[1..])?;
        name.resize(u32::from_le_bytes(length) as usize, 0);
        from.read_exact(&mut name)?;
        let (mut mode, mut seconds, mut nanoseconds) = ([0; 4], [0; 8], [0; 4]);
        from.read_exact(&mut mode)?;
        from.read_exact(&mut seconds)?;
        from.read_exact(&mut nanoseconds)?;
        let time =
            Time { seconds: i64::from_le_bytes(seconds), nanoseconds: u32::from_le_bytes(nanoseconds) };
        action(&name, u32::from_le_bytes(mode), time)?;
    }
}

fn nameless(root: impl AsFd) -> io::Result<File> {
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let made: OwnedFd = match openat(root, ".", flags, Mode::RUSR | Mode::WUSR) {
        // Not every file system has files without names.
        Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::NOENT) => {
            rustix::fs::memfd_create("teu-folders", rustix::fs::MemfdFlags::CLOEXEC)?
        }
        made => made?,
    };
    Ok(made.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_folders_comes_back_in_order() {
        let root = tempfile::tempdir().unwrap();
        let open = File::open(root.path()).unwrap();
        let mut folders = Folders::default();
        let name = |number: u32| Name::parse(format!("{}/{number}", "n".repeat(200)).as_bytes()).unwrap();
        let time = |number: u32| Time { seconds: -i64::from(number), nanoseconds: number };
        for number in 0..20_000 {
            folders.push(&open, &name(number), number, time(number)).unwrap();
        }
        assert!(folders.spilled.is_some() && folders.held.len() < MOST, "most of it is not in memory");
        let mut next = 0;
        let came = folders.each(|path, mode, at| {
            assert_eq!((path, mode, at), (name(next).as_bytes(), next, time(next)));
            next += 1;
            Ok(())
        });
        assert!(came.is_ok());
        assert_eq!(next, 20_000);
        assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 0);
    }
}
