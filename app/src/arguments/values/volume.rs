//! `-v [SOURCE:]TARGET[:OPTIONS]` and `--tmpfs TARGET[:OPTIONS]`.

use super::{size, wrong};
use std::path::{Component, Path, PathBuf};
use teu_api::Failure;
use teu_api::container::{MountKind, MountSpec};

/// Reads one `-v`. A source that begins with `/`, `.` or `~` is a path of the host: relative ones are of `cwd`,
/// and `~` is `home`.
pub fn volume(text: &str, cwd: &Path, home: Option<&str>) -> Result<MountSpec, Failure> {
    let bad = |why: &str| {
        wrong(
            format!("invalid volume specification: '{text}': {why}"),
            "write it as [SOURCE:]TARGET[:OPTIONS]",
        )
    };
    let parts: Vec<&str> = text.split(':').collect();
    let (source, target, options) = match parts.as_slice() {
        [target] => ("", *target, ""),
        [source, target] => (*source, *target, ""),
        [source, target, options] => (*source, *target, *options),
        _ => return Err(bad("too many colons")),
    };
    if parts.len() > 1 && source.is_empty() {
        return Err(bad("the source is empty"));
    }
    let mut mount = MountSpec { target: target_path(text, target)?, ..MountSpec::default() };
    if source.is_empty() {
        mount.kind = MountKind::Volume;
        mount.anonymous = true;
    } else if source.starts_with(['/', '.', '~']) {
        mount.kind = MountKind::Bind;
        mount.source = host_path(source, cwd, home).ok_or_else(|| bad("the source is not a path"))?;
        mount.create_source = true;
    } else {
        if !teu_api::id::is_valid_name(source) {
            return Err(wrong(
                format!(
                    "{source:?} includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed, two of them at least"
                ),
                "if you intended to pass a host directory, use absolute path",
            ));
        }
        mount.kind = MountKind::Volume;
        source.clone_into(&mut mount.source);
    }
    let has = |wanted: &str| options.split(',').any(|option| option == wanted);
    if has("ro") && has("rw") {
        return Err(bad("it cannot be both ro and rw"));
    }
    for option in options.split(',').filter(|_| !options.is_empty()) {
        apply(&mut mount, option).ok_or_else(|| {
            wrong(
                format!("invalid mode {option:?} in volume '{text}'"),
                "known are ro, rw, z, Z, nocopy, cached, delegated, consistent and the propagations like rslave",
            )
        })?;
    }
    Ok(mount)
}

/// Lays one option over a mount; `None` for an unknown one.
fn apply(mount: &mut MountSpec, option: &str) -> Option<()> {
    match option {
        "ro" => mount.read_only = true,
        "rw" => mount.read_only = false,
        "nocopy" if mount.kind == MountKind::Volume => mount.no_copy = true,
        "private" | "rprivate" | "shared" | "rshared" | "slave" | "rslave"
            if mount.kind == MountKind::Bind =>
        {
            option.clone_into(&mut mount.propagation);
        }
        "bind" if mount.kind == MountKind::Bind => mount.non_recursive = true,
        "rbind" if mount.kind == MountKind::Bind => mount.non_recursive = false,
        "z" | "Z" | "noexec" | "nosuid" | "nodev" => mount.options.push(option.to_owned()),
        "exec" | "suid" | "dev" | "cached" | "delegated" | "consistent" | "copy" | "U" => {}
        _ => return None,
    }
    Some(())
}

/// Reads one `--tmpfs`.
pub fn tmpfs(text: &str) -> Result<MountSpec, Failure> {
    let (target, options) = text.split_once(':').unwrap_or((text, ""));
    let mut mount =
        MountSpec { kind: MountKind::Tmpfs, target: target_path(text, target)?, ..MountSpec::default() };
    for option in options.split(',').filter(|_| !options.is_empty()) {
        let bad = || {
            wrong(
                format!("invalid tmpfs option {option:?} in '{text}'"),
                "known are size=, mode=, uid=, gid=, nr_inodes=, ro, rw, exec, noexec, suid, nosuid, dev, nodev",
            )
        };
        match option.split_once('=') {
            Some(("size", value)) if value.ends_with('%') => mount.options.push(option.to_owned()),
            Some(("size", value)) => {
                mount.tmpfs_size =
                    u64::try_from(size::parse(value).map_err(|_| bad())?).map_err(|_| bad())?;
            }
            Some(("mode", value)) => {
                mount.tmpfs_mode =
                    u32::from_str_radix(value, 8).ok().filter(|mode| *mode <= 0o7777).ok_or_else(bad)?;
            }
            Some(("uid" | "gid" | "nr_inodes" | "nr_blocks", value))
                if value.bytes().all(|b| b.is_ascii_alphanumeric()) =>
            {
                mount.options.push(option.to_owned());
            }
            None if option == "ro" => mount.read_only = true,
            None if option == "rw" => mount.read_only = false,
            None if matches!(
                option,
                "exec"
                    | "noexec"
                    | "suid"
                    | "nosuid"
                    | "dev"
                    | "nodev"
                    | "sync"
                    | "async"
                    | "noatime"
                    | "relatime"
                    | "nodiratime"
                    | "strictatime"
            ) =>
            {
                mount.options.push(option.to_owned());
            }
            _ => return Err(bad()),
        }
    }
    Ok(mount)
}

/// Checks and cleans the path in the container: absolute, not the root, without `.` and `..`.
pub fn target_path(text: &str, target: &str) -> Result<String, Failure> {
    let bad = |why: &str| {
        wrong(format!("invalid mount target in '{text}': {why}"), "give an absolute path in the container")
    };
    if !target.starts_with('/') {
        return Err(bad(&format!("mount path must be absolute, not {target:?}")));
    }
    if target.contains('\0') {
        return Err(bad("it holds a NUL byte"));
    }
    let clean = lexically_clean(Path::new(target));
    if clean == Path::new("/") {
        return Err(bad("destination can't be '/'"));
    }
    Ok(clean.to_string_lossy().into_owned())
}

/// A path of the host made absolute, without touching the disk.
pub fn host_path(source: &str, cwd: &Path, home: Option<&str>) -> Option<String> {
    if source.contains('\0') {
        return None;
    }
    let path = match source.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => PathBuf::from(format!("{}{rest}", home?)),
        Some(_) => return None,
        None => cwd.join(source),
    };
    path.is_absolute().then(|| lexically_clean(&path).to_string_lossy().into_owned())
}

/// Takes `.`, `..` and doubled slashes out, as Go's `filepath.Clean` does.
fn lexically_clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::from("/");
    for component in path.components() {
        match component {
            Component::ParentDir => {
                clean.pop();
            }
            Component::Normal(name) => clean.push(name),
            _ => {}
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<MountSpec, Failure> {
        volume(text, Path::new("/work"), Some("/root"))
    }

    #[test]
    fn sources_are_paths_names_or_nothing() {
        let bind = read("/a:/b:ro,z").unwrap();
        assert_eq!((bind.kind, bind.source.as_str(), bind.target.as_str()), (MountKind::Bind, "/a", "/b"));
        assert!(bind.read_only && bind.create_source);
        assert_eq!(bind.options, ["z"]);
        assert_eq!(read("./x:/b").unwrap().source, "/work/x");
        assert_eq!(read("..:/b").unwrap().source, "/");
        assert_eq!(read("~/x:/b").unwrap().source, "/root/x");
        let named = read("data:/b/../c/:nocopy").unwrap();
        assert_eq!(
            (named.kind, named.source.as_str(), named.target.as_str()),
            (MountKind::Volume, "data", "/c")
        );
        assert!(named.no_copy && !named.create_source);
        assert!(read("/data").unwrap().anonymous);
        assert_eq!(read("/a:/b:rshared").unwrap().propagation, "rshared");
    }

    #[test]
    fn bad_volumes_are_refused() {
        for bad in [
            "",
            "a",
            "/a:b",
            ":/b",
            "/a:/",
            "/a:/b/..",
            "/a:/b:xx",
            "/a:/b:ro:rw",
            "we/ird:/b",
            "data:/b:rshared",
            "~joe/x:/b",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn tmpfs_options_are_read() {
        let mount = tmpfs("/x:size=64m,mode=1770,noexec,uid=5").unwrap();
        assert_eq!((mount.tmpfs_size, mount.tmpfs_mode), (64 << 20, 0o1770));
        assert_eq!(mount.options, ["noexec", "uid=5"]);
        for bad in ["x", "/", "/x:size=y", "/x:mode=9", "/x:mode=99999", "/x:what", "/x:lowerdir=/"] {
            assert!(tmpfs(bad).is_err(), "{bad}");
        }
    }
}
