//! Detached overlay mounts: in no mount namespace until the container's first process attaches them in its own, so
//! that no crash leaves a mount behind.

use crate::error::{ErrorClass, Result, RuntimeError};
use crate::launch::wire::{Message, hear, tell_descriptor};
use crate::launch::{BIRTH, pair};
use crate::plan::{MS_PRIVATE, MS_REC, c_path};
use oci_spec::runtime::LinuxNamespaceType;
use rustix::fs::{CWD, Mode, OFlags};
use rustix::io::Errno;
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MountFlags, OpenTreeFlags, fsconfig_create, fsconfig_set_flag,
    fsconfig_set_string, fsmount, fsopen, open_tree,
};
use std::ffi::{CStr, CString};
use std::os::fd::{AsFd, BorrowedFd, IntoRawFd, OwnedFd};
use std::path::Path;
use std::sync::PoisonError;
use teu_sys::mount::change_propagation;
use teu_sys::process::{CloneRequest, clone_child, wait_child};

/// An overlay of `lower` directories (topmost first), written to `upper` with `work` on the same file system.
pub fn mount(lower: &[impl AsRef<Path>], upper: &Path, work: &Path) -> Result<OwnedFd> {
    make(lower, Some((upper, work)))
}

/// A read-only overlay of `lower` directories (topmost first).
pub fn mount_read_only(lower: &[impl AsRef<Path>]) -> Result<OwnedFd> {
    make(lower, None)
}

fn make(lower: &[impl AsRef<Path>], upper: Option<(&Path, &Path)>) -> Result<OwnedFd> {
    let context = fsopen("overlay", FsOpenFlags::FSOPEN_CLOEXEC)
        .map_err(|error| RuntimeError::kernel("open", "the overlay file system", error))?;
    let fail = |error: rustix::io::Errno| {
        let mut failure = RuntimeError::kernel("mount", "the container's layers", error);
        if let Some(said) = kernel_message(context.as_fd()) {
            failure.reason = format!("{} ({said})", failure.reason);
        }
        failure
    };
    let set = |key: &str, value: &Path| {
        fsconfig_set_string(context.as_fd(), key, value).map_err(|error| {
            let mut failure = fail(error);
            failure.subject = format!("layer {}", value.display());
            failure
        })
    };
    fsconfig_set_string(context.as_fd(), "source", "overlay").map_err(fail)?;
    for layer in lower {
        // One call for each layer: no colon escapes, no page-size limit (Linux 6.7).
        match set("lowerdir+", layer.as_ref()) {
            Err(error) if error.errno == Some(22) => return joined(lower, upper),
            result => result?,
        }
    }
    if let Some((upper, work)) = upper {
        set("upperdir", upper)?;
        set("workdir", work)?;
    }
    finish(context.as_fd(), upper.is_none()).map_err(fail)
}

/// Kernels before `lowerdir+` take all layers in one parameter, and of a parameter 255 bytes, which few layers fill. Their
/// mount(2) takes a page. It mounts somewhere, so that a process of its own calls it, in a mount namespace that ends with
/// it; what comes back is a clone that is mounted nowhere.
fn joined(lower: &[impl AsRef<Path>], upper: Option<(&Path, &Path)>) -> Result<OwnedFd> {
    let fail = |error: std::io::Error| RuntimeError::kernel("mount", "the container's layers", error);
    let mut folders = Vec::with_capacity(lower.len() + 2);
    for folder in
        lower.iter().map(AsRef::as_ref).chain(upper.iter().flat_map(|(upper, work)| [*upper, *work]))
    {
        if let Err(error) = folder.metadata() {
            return Err(RuntimeError::kernel("mount", format!("layer {}", folder.display()), error));
        }
        folders.push(c_path(folder, "layers")?);
    }
    let (layers, above) = folders.split_at(lower.len());
    let privileged = rustix::process::geteuid().is_root();
    let (ours, theirs) = pair(0)?;
    let request = CloneRequest { flags: LinuxNamespaceType::Mount as u64, into_cgroup: None };
    let guard = BIRTH.lock().unwrap_or_else(PoisonError::into_inner);
    let child = clone_child(&request, || match mount_all(layers, above, privileged) {
        Ok(mount) => tell_descriptor(theirs.as_fd(), mount.as_fd()).map_or_else(Errno::raw_os_error, |()| 0),
        Err(error) => error.raw_os_error(),
    })
    .map_err(fail)?;
    drop(guard);
    drop(theirs);
    let told = hear(ours.as_fd());
    let ended = wait_child(child.pid);
    match (told?, ended) {
        (Some(Message::Descriptor(mount)), _) => Ok(mount),
        (_, Ok((code, _))) if code == Errno::TOOBIG.raw_os_error() => {
            let reason = "this kernel takes fewer in one mount (from Linux 6.7 on there is no limit)";
            let subject = format!("{} layers", lower.len());
            Err(RuntimeError::of(ErrorClass::Unsupported, "mount", subject, reason))
        }
        (_, ended) => {
            Err(fail(ended.map_or_else(|error| error, |(code, _)| std::io::Error::from_raw_os_error(code))))
        }
    }
}

/// In a mount namespace of its own: mounts and gives a clone that outlives it. Allocates nothing.
fn mount_all(layers: &[CString], above: &[CString], privileged: bool) -> std::result::Result<OwnedFd, Errno> {
    change_propagation(c"/", MS_PRIVATE | MS_REC).map_err(|_| Errno::PERM)?;
    let mut options = Options { bytes: [0; PAGE], length: 0 };
    for (index, layer) in layers.iter().enumerate() {
        options.push(if index == 0 { b"lowerdir=" } else { b":" })?;
        options.push_folder(layer)?;
    }
    for (name, folder) in [&b",upperdir="[..], b",workdir="].into_iter().zip(above) {
        options.push(name)?;
        options.push_folder(folder)?;
    }
    if !privileged {
        options.push(b",userxattr")?;
    }
    let flags = if above.is_empty() { MountFlags::RDONLY } else { MountFlags::empty() };
    let text = CStr::from_bytes_until_nul(&options.bytes).map_err(|_| Errno::TOOBIG)?;
    let place = layers.first().ok_or(Errno::INVAL)?.as_c_str();
    rustix::mount::mount(c"overlay", place, c"overlay", flags, Some(text))?;
    open_tree(CWD, place, OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC)
}

/// Bytes that mount(2) takes of options, with the zero at their end.
const PAGE: usize = 4096;

/// The options of a mount(2).
struct Options {
    bytes: [u8; PAGE],
    length: usize,
}

impl Options {
    fn push(&mut self, text: &[u8]) -> std::result::Result<(), Errno> {
        let end = self.length + text.len();
        // The last byte stays zero.
        self.bytes[..PAGE - 1].get_mut(self.length..end).ok_or(Errno::TOOBIG)?.copy_from_slice(text);
        self.length = end;
        Ok(())
    }

    /// Names a folder by a descriptor, which is short and has no letters with a meaning. It must be opened in the
    /// namespace of the mount (the kernel takes no others), and stays open until the process ends.
    fn push_folder(&mut self, folder: &CStr) -> std::result::Result<(), Errno> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let number = rustix::fs::open(folder, flags, Mode::empty())?.into_raw_fd();
        self.push(b"/proc/self/fd/")?;
        let mut digits = [0u8; 10];
        let (mut rest, mut at) = (number, digits.len());
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                return self.push(&digits[at..]);
            }
        }
    }
}

fn finish(context: BorrowedFd<'_>, read_only: bool) -> rustix::io::Result<OwnedFd> {
    if rustix::process::geteuid().is_root() {
        // trusted.* attributes need privileges in the first user namespace.
    } else {
        fsconfig_set_flag(context, "userxattr")?;
    }
    fsconfig_create(context)?;
    let attributes = if read_only { MountAttrFlags::MOUNT_ATTR_RDONLY } else { MountAttrFlags::empty() };
    fsmount(context, FsMountFlags::FSMOUNT_CLOEXEC, attributes)
}

/// What the kernel says about a failed configuration step ("e overlay: …").
fn kernel_message(context: BorrowedFd<'_>) -> Option<String> {
    let mut buffer = [0u8; 512];
    let read = rustix::io::read(context, &mut buffer[..]).ok()?;
    let text = String::from_utf8_lossy(&buffer[..read]);
    Some(text.trim().trim_start_matches("e ").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{openat, statat};

    #[test]
    fn a_hundred_layers_are_mounted_the_old_way() {
        let dir = tempfile::tempdir().unwrap();
        // A name that options would take apart, and that is longer than a parameter.
        let root = dir.path().join(format!("a:b,c\\{}", "d".repeat(200)));
        let lower: Vec<_> = (0..100).map(|number| root.join(number.to_string())).collect();
        for (number, layer) in lower.iter().enumerate() {
            std::fs::create_dir_all(layer).unwrap();
            std::fs::write(layer.join(format!("of-{number}")), "").unwrap();
        }
        let (upper, work) = (root.join("upper"), root.join("work"));
        std::fs::create_dir(&upper).unwrap();
        std::fs::create_dir(&work).unwrap();
        let mounts = || std::fs::read_to_string("/proc/self/mountinfo").unwrap().lines().count();
        let before = mounts();
        let mount = joined(&lower, Some((&upper, &work))).unwrap();
        for number in 0..100 {
            statat(&mount, format!("of-{number}"), rustix::fs::AtFlags::empty()).unwrap();
        }
        let flags = OFlags::CREATE | OFlags::WRONLY;
        openat(&mount, "new", flags, Mode::RUSR).unwrap();
        assert!(upper.join("new").exists());
        let fixed = joined(&lower, None).unwrap();
        assert!(openat(&fixed, "new", flags, Mode::RUSR).is_err());
        assert_eq!(mounts(), before);
        let error = joined(&[root.join("absent")], None).unwrap_err().to_string();
        assert!(error.contains("absent"), "{error}");
        let many: Vec<_> = (0..400).map(|number| lower[number % 100].clone()).collect();
        assert!(joined(&many, None).unwrap_err().to_string().contains("400 layers"));
    }
}
