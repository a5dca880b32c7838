//! This host's own programs for a place that has none, with the libraries that they need: what a debug shell brings along
//! where there is no program that runs without any.

use super::elf::Elf;
use super::libraries::{Libraries, expand};
use super::search_path;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// Programs, and all that they need.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct HostTools {
    /// Each program's name and file.
    pub programs: Vec<(String, PathBuf)>,
    /// Each library's name, as programs ask for it, and its file.
    pub libraries: BTreeMap<String, PathBuf>,
    /// The dynamic linker, as programs name it.
    pub linker: PathBuf,
}

/// Finds programs by name. Those that are not there, are scripts, or want another linker than the first are left out;
/// `None` where the first is not there.
pub fn host_tools(names: &[&str]) -> Option<HostTools> {
    let search = search_path();
    let mut libraries = Libraries::read(Path::new("/"));
    let mut found = HostTools::default();
    for (at, name) in names.iter().enumerate() {
        let program = locate(&search, name).and_then(|path| {
            let elf = libraries.describe(&path)?;
            let linker = PathBuf::from(OsStr::from_bytes(elf.interpreter.as_deref()?));
            (at == 0 || linker == found.linker).then_some((path, elf, linker))
        });
        let Some((path, elf, linker)) = program else {
            if at == 0 {
                return None;
            }
            continue;
        };
        let mut needs = BTreeMap::new();
        let inherited = &mut BTreeSet::new();
        if gather(&mut libraries, &path, &elf, &[], &linker, inherited, &mut needs).is_some() {
            found.linker = linker;
            found.libraries.extend(needs);
            found.programs.push(((*name).to_owned(), path));
        } else if at == 0 {
            return None;
        }
    }
    Some(found)
}

/// The file of a program, all links to it followed.
fn locate(search: &[PathBuf], name: &str) -> Option<PathBuf> {
    let runnable = |path: &PathBuf| {
        fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    };
    let path = search.iter().map(|folder| folder.join(name)).find(runnable)?;
    fs::canonicalize(path).ok()
}

/// All libraries that a file needs; `None` where one is missing.
fn gather(
    libraries: &mut Libraries,
    file: &Path,
    elf: &Elf,
    inherited: &[PathBuf],
    linker: &Path,
    done: &mut BTreeSet<PathBuf>,
    needs: &mut BTreeMap<String, PathBuf>,
) -> Option<()> {
    let mut below = expand(&elf.rpath, file, elf.is_64);
    below.extend(inherited.iter().cloned());
    for name in &elf.needed {
        let path = fs::canonicalize(libraries.find(name, elf, file, inherited)?).ok()?;
        if fs::canonicalize(linker).is_ok_and(|linker| linker == path) {
            continue;
        }
        // Without folders: that is how it is found where it is brought to.
        let name = Path::new(OsStr::from_bytes(name)).file_name()?.to_str()?;
        needs.insert(name.to_owned(), path.clone());
        if done.insert(path.clone()) {
            let elf = libraries.describe(&path)?;
            gather(libraries, &path, &elf, &below, linker, done, needs)?;
        }
    }
    Some(())
}
