//! Programs: found, taken over, and what they need after them.

use super::busybox;
use super::libraries::{Libraries, expand, needs_cache};
use super::script::{self, Interpreter};
use super::tree::Tree;
use super::{DEFAULT_PATH, terminals};
use crate::error::IoContext as _;
use crate::{Result, StoreError};
use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Component, Path, PathBuf};

/// How many interpreters may stand behind one script, as the kernel bounds it.
const DEEPEST_SCRIPT: u32 = 4;

/// Libraries that glibc loads by itself when names are looked up; newer ones have them built in.
const NAME_SERVICES: [&[u8]; 2] = [b"libnss_files.so.2", b"libnss_dns.so.2"];

/// Gathers programs and what they need.
pub struct Programs {
    search: Vec<PathBuf>,
    libraries: Libraries,
    done: HashSet<PathBuf>,
    glibc: bool,
    terminals: bool,
}

impl Programs {
    /// Programs are looked for in these folders, in order.
    pub fn new(search: Vec<PathBuf>, libraries: Libraries) -> Self {
        Self { search, libraries, done: HashSet::new(), glibc: false, terminals: false }
    }

    /// Whether a program's C library is glibc.
    pub fn uses_glibc(&self) -> bool {
        self.glibc
    }

    /// Whether a program draws on terminals by their descriptions.
    pub fn uses_terminals(&self) -> bool {
        self.terminals
    }

    /// Takes a program over by name or path; returns what its command is in the image, or `None` where there is none.
    pub fn add(&mut self, tree: &mut Tree, program: &str) -> Result<Option<String>> {
        let Some(path) = self.locate(program)? else { return Ok(None) };
        let real = tree.add_host(&path)?;
        self.needs(tree, &real, 0)?;
        if path.file_name() == Some(OsStr::new("busybox")) {
            for applet in busybox::applets(&real)? {
                tree.link(&Path::new("/bin").join(applet), &path);
            }
        }
        let in_path = path
            .parent()
            .is_some_and(|folder| DEFAULT_PATH.split(':').any(|known| folder == Path::new(known)));
        let name = path.file_name().and_then(OsStr::to_str).filter(|_| in_path);
        Ok(Some(name.map_or_else(|| path.display().to_string(), str::to_owned)))
    }

    /// Takes a file or folder over, to its own place or another, with what programs and libraries in it need.
    pub fn add_file(&mut self, tree: &mut Tree, source: &Path, target: Option<&str>) -> Result<()> {
        let source = std::path::absolute(source).on("find", source)?;
        let target = target.map_or(source.as_path(), Path::new);
        let invalid = |why: &str| {
            StoreError::invalid(
                format!("cannot add {} at {}: {why}", source.display(), target.display()),
                "write FILE or FILE:/place",
            )
        };
        if !target.is_absolute() {
            return Err(invalid("the place must be an absolute path"));
        }
        if target.components().any(|component| component == Component::ParentDir) {
            return Err(invalid("the place must not contain \"..\""));
        }
        let mut found = Vec::new();
        tree.add_at(&source, target, &mut |file| found.push(file.to_owned()))?;
        for file in found {
            self.needs(tree, &file, 0)?;
        }
        Ok(())
    }

    fn locate(&self, program: &str) -> Result<Option<PathBuf>> {
        let runnable = |path: &Path| {
            fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
        };
        if program.contains('/') {
            let path = std::path::absolute(program).on("find", Path::new(program))?;
            return Ok(runnable(&path).then_some(path));
        }
        Ok(self
            .search
            .iter()
            .map(|folder| folder.join(program))
            .find(|path| !program.is_empty() && runnable(path)))
    }

    /// Takes over what a file needs: a script's interpreter, a dynamic linker, libraries.
    fn needs(&mut self, tree: &mut Tree, file: &Path, depth: u32) -> Result<()> {
        if !self.done.insert(file.to_owned()) {
            return Ok(());
        }
        if let Some(interpreter) = script::interpreter(file)? {
            return self.interpreter(tree, file, &interpreter, depth);
        }
        self.dynamic(tree, file, &[])
    }

    fn interpreter(
        &mut self,
        tree: &mut Tree,
        script: &Path,
        interpreter: &Interpreter,
        depth: u32,
    ) -> Result<()> {
        let missing = |name: &str| {
            StoreError::invalid(
                format!("the script {} needs {name}, which this host does not have", script.display()),
                "install it, or leave the script out",
            )
        };
        if depth >= DEEPEST_SCRIPT {
            return Err(StoreError::invalid(
                format!("the script {} has too many interpreters", script.display()),
                "leave it out",
            ));
        }
        let real =
            tree.add_host(&interpreter.path).map_err(|_| missing(&interpreter.path.display().to_string()))?;
        self.needs(tree, &real, depth + 1)?;
        if let Some(name) = &interpreter.by_env {
            let path = self.locate(name)?.ok_or_else(|| missing(name))?;
            let real = tree.add_host(&path)?;
            self.needs(tree, &real, depth + 1)?;
        }
        Ok(())
    }

    fn dynamic(&mut self, tree: &mut Tree, file: &Path, inherited: &[PathBuf]) -> Result<()> {
        let Some(elf) = self.libraries.describe(file) else { return Ok(()) };
        if let Some(linker) = &elf.interpreter {
            tree.add_host(Path::new(OsStr::from_bytes(linker)))?;
        }
        // Folders of an `rpath` hold for all that is loaded below, those of a `runpath` for the file alone.
        let mut below = expand(&elf.rpath, file, elf.is_64);
        below.extend(inherited.iter().cloned());
        let own = expand(&elf.runpath, file, elf.is_64);
        for name in &elf.needed {
            self.terminals |= terminals::is_needed_by(name);
            let Some(path) = self.libraries.find(name, &elf, file, inherited) else {
                return Err(StoreError::invalid(
                    format!(
                        "{} needs the library {}, which this host does not have",
                        file.display(),
                        String::from_utf8_lossy(name).escape_debug()
                    ),
                    "install the package that has it",
                ));
            };
            self.library(tree, &path, &below)?;
            let asked_for = below.iter().chain(&own).any(|folder| path.parent() == Some(folder));
            let cache = Path::new("/etc/ld.so.cache");
            if !asked_for && needs_cache(&path) && cache.exists() {
                tree.add_host(cache)?;
            }
            if name == b"libc.so.6" && !self.glibc {
                self.glibc = true;
                for service in NAME_SERVICES {
                    if let Some(path) = self.libraries.find(service, &elf, file, &[]) {
                        self.library(tree, &path, &[])?;
                    }
                }
            }
        }
        Ok(())
    }

    fn library(&mut self, tree: &mut Tree, path: &Path, inherited: &[PathBuf]) -> Result<()> {
        let real = tree.add_host(path)?;
        if self.done.insert(real.clone()) {
            self.dynamic(tree, &real, inherited)?;
        }
        Ok(())
    }
}
