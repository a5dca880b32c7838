//! Running from a read-only clone of the program's own mount, so that no container can write the host's binary.
//!
//! A mount of the program file alone is cloned, detached from every mount namespace and made read-only. A process
//! executed from it has a `/proc/PID/exe` that refuses to be opened for writing (EROFS), whoever asks: a mount that
//! is in no namespace cannot be remounted. Where that mount may not be cloned, a copy in memory that is sealed does as
//! well, at the price of copying.

use crate::error::{Result, RuntimeError};
use rustix::fs::{Access, AtFlags, CWD, SealFlags, fcntl_add_seals, fcntl_get_seals};
use rustix::mount::{OpenTreeFlags, open_tree};
use std::ffi::{CString, OsString};
use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use teu_sys::exec::{StringTable, execveat};
use teu_sys::mount::{MountAttributes, mount_setattr};

/// This program.
const OWN: &str = "/proc/self/exe";
/// What makes a file in memory unchangeable.
const SEALS: SealFlags =
    SealFlags::WRITE.union(SealFlags::GROW).union(SealFlags::SHRINK).union(SealFlags::SEAL);
/// Read-only flag of `statvfs`.
const ST_RDONLY: u64 = 1;
/// `MOUNT_ATTR_RDONLY`.
const ATTRIBUTE_READ_ONLY: u64 = 1;

/// Whether this process already runs from a read-only mount or a sealed copy.
pub fn is_protected() -> bool {
    let is_read_only = rustix::fs::statvfs(OWN).is_ok_and(|stat| stat.f_flag.bits() & ST_RDONLY != 0);
    is_read_only
        || File::open(OWN).is_ok_and(|file| fcntl_get_seals(&file).is_ok_and(|has| has.contains(SEALS)))
}

/// Whether this process has the right to write the program's file.
fn is_writable() -> bool {
    rustix::fs::accessat(CWD, OWN, Access::WRITE_OK, AtFlags::EACCESS).is_ok()
}

/// Executes the program again with the same arguments from a file that nobody can write, unless it runs from one. Where
/// there is none, that is a failure for whoever could write the file, as a container's root could then too.
pub fn protect() -> Result<()> {
    if is_protected() {
        return Ok(());
    }
    let failed = match protected_file() {
        Ok(file) => {
            let (arguments, environment) = own_strings();
            RuntimeError::kernel("execute again", OWN, execveat(file.as_fd(), &arguments, &environment))
        }
        Err(error) => error,
    };
    if is_writable() { Err(failed) } else { Ok(()) }
}

/// The arguments and the environment of this process.
fn own_strings() -> (StringTable, StringTable) {
    let strings =
        |list: Vec<OsString>| list.into_iter().filter_map(|one| CString::new(one.into_vec()).ok()).collect();
    let environment = std::env::vars_os().map(|(mut key, value)| {
        key.push("=");
        key.push(value);
        key
    });
    let environment = strings(environment.collect());
    (StringTable::new(strings(std::env::args_os().collect())), StringTable::new(environment))
}

/// A descriptor of this program that nobody can write through. Execute `/proc/self/fd/N` to run from it.
pub fn protected_file() -> Result<OwnedFd> {
    read_only_clone().or_else(|_| sealed_copy())
}

/// A copy of this program in memory, sealed.
fn sealed_copy() -> Result<OwnedFd> {
    let fail = |error: std::io::Error| RuntimeError::kernel("copy", OWN, error);
    let file = teu_sys::exec::memory_file(c"teu").map_err(fail)?;
    let mut copy = File::from(file);
    File::open(OWN).and_then(|mut own| std::io::copy(&mut own, &mut copy)).map_err(fail)?;
    fcntl_add_seals(&copy, SEALS).map_err(|error| RuntimeError::kernel("seal", OWN, error))?;
    Ok(copy.into())
}

/// A descriptor of this program on a read-only detached mount.
fn read_only_clone() -> Result<OwnedFd> {
    let fail = |error: rustix::io::Errno| RuntimeError::kernel("clone the mount of", OWN, error);
    let tree = open_tree(CWD, OWN, OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC)
        .map_err(fail)?;
    let attributes = MountAttributes { set: ATTRIBUTE_READ_ONLY, ..Default::default() };
    mount_setattr(tree.as_fd(), attributes, false, None)
        .map_err(|error| RuntimeError::kernel("make read-only", OWN, error))?;
    Ok(tree)
}
