//! `--mount type=bind,source=/a,target=/b,readonly`.

use super::{boolean, csv, labels, size, volume, wrong};
use std::path::Path;
use teu_api::Failure;
use teu_api::container::{MountKind, MountSpec};

/// Reads one `--mount`. Relative sources are of `cwd`, and `~` is `home`.
pub fn parse(text: &str, cwd: &Path, home: Option<&str>) -> Result<MountSpec, Failure> {
    let mut mount = MountSpec { kind: MountKind::Volume, ..MountSpec::default() };
    // Options of one kind of mount, with the kind they belong to, checked when the type is known.
    let mut particular: Vec<(&str, MountKind)> = Vec::new();
    for field in csv::fields(text)? {
        let (key, value) = match field.split_once('=') {
            Some((key, value)) => (key.trim().to_ascii_lowercase(), Some(value)),
            None => (field.trim().to_ascii_lowercase(), None),
        };
        let flag = || {
            value.map_or(Ok(true), |value| {
                boolean(value)
                    .map_err(|_| wrong(format!("invalid value for {key}: {value}"), "write true or false"))
            })
        };
        let needed = || {
            value.filter(|value| !value.is_empty()).ok_or_else(|| {
                wrong(
                    format!("invalid field '{field}' must be a key=value pair"),
                    "write --mount type=bind,source=/a,target=/b",
                )
            })
        };
        match key.as_str() {
            "type" => {
                mount.kind = match needed()?.to_ascii_lowercase().as_str() {
                    "bind" => MountKind::Bind,
                    "volume" => MountKind::Volume,
                    "tmpfs" => MountKind::Tmpfs,
                    other => {
                        return Err(wrong(
                            format!("mount type unknown: {other:?}"),
                            "known are bind, volume and tmpfs",
                        ));
                    }
                }
            }
            "source" | "src" => needed()?.clone_into(&mut mount.source),
            "target" | "dst" | "destination" => mount.target = volume::target_path(text, needed()?)?,
            "readonly" | "ro" => mount.read_only = flag()?,
            "rw" => mount.read_only = !flag()?,
            "consistency" => drop(needed()?),
            "bind-propagation" => {
                let word = needed()?;
                if !["private", "rprivate", "shared", "rshared", "slave", "rslave"].contains(&word) {
                    return Err(wrong(
                        format!("invalid propagation value: {word:?}"),
                        "known are private, shared, slave and each with an r before it",
                    ));
                }
                word.clone_into(&mut mount.propagation);
                particular.push(("bind-propagation", MountKind::Bind));
            }
            "bind-nonrecursive" => {
                mount.non_recursive = flag()?;
                particular.push(("bind-nonrecursive", MountKind::Bind));
            }
            "bind-recursive" => {
                match needed()? {
                    // Read-only mounts are so all the way down, as with Docker since version 25.
                    "enabled" | "readonly" => mount.non_recursive = false,
                    "writable" => mount.writable_below = true,
                    "disabled" => mount.non_recursive = true,
                    other => {
                        return Err(wrong(
                            format!("invalid value for bind-recursive: {other:?}"),
                            "known are enabled, disabled, writable and readonly",
                        ));
                    }
                }
                particular.push(("bind-recursive", MountKind::Bind));
            }
            "bind-create-src" => {
                mount.create_source = flag()?;
                particular.push(("bind-create-src", MountKind::Bind));
            }
            "volume-nocopy" => {
                mount.no_copy = flag()?;
                particular.push(("volume-nocopy", MountKind::Volume));
            }
            "volume-subpath" => {
                needed()?.clone_into(&mut mount.subpath);
                particular.push(("volume-subpath", MountKind::Volume));
            }
            "volume-driver" => {
                needed()?.clone_into(&mut mount.driver);
                particular.push(("volume-driver", MountKind::Volume));
            }
            "volume-opt" => {
                let (name, value) = labels::pair("volume-opt", needed()?)?;
                mount.driver_options.insert(name, value);
                particular.push(("volume-opt", MountKind::Volume));
            }
            "volume-label" => {
                let (name, value) = labels::pair("volume-label", needed()?)?;
                mount.labels.insert(name, value);
                particular.push(("volume-label", MountKind::Volume));
            }
            "tmpfs-size" => {
                mount.tmpfs_size = u64::try_from(size::flag("tmpfs-size", needed()?)?).unwrap_or_default();
                particular.push(("tmpfs-size", MountKind::Tmpfs));
            }
            "tmpfs-mode" => {
                let mode = needed()?;
                mount.tmpfs_mode =
                    u32::from_str_radix(mode, 8).ok().filter(|mode| *mode <= 0o7777).ok_or_else(|| {
                        wrong(format!("invalid value for tmpfs-mode: {mode}"), "write it in octal, like 1770")
                    })?;
                particular.push(("tmpfs-mode", MountKind::Tmpfs));
            }
            _ => {
                return Err(wrong(
                    format!("unknown option '{key}' in '{field}'"),
                    "write --mount type=bind|volume|tmpfs,source=...,target=...",
                ));
            }
        }
    }
    check(text, mount, &particular, cwd, home)
}

fn check(
    text: &str,
    mut mount: MountSpec,
    particular: &[(&str, MountKind)],
    cwd: &Path,
    home: Option<&str>,
) -> Result<MountSpec, Failure> {
    if mount.target.is_empty() {
        return Err(wrong(
            format!("target is required in --mount '{text}'"),
            "add target=/path/in/container",
        ));
    }
    if let Some((key, kind)) = particular.iter().find(|(_, kind)| *kind != mount.kind) {
        return Err(wrong(
            format!("cannot mix '{key}' with mount type '{}'", name(mount.kind)),
            format!("it is for type={}", name(*kind)),
        ));
    }
    match mount.kind {
        MountKind::Bind => {
            if mount.source.is_empty() {
                return Err(wrong(
                    format!("source is required in --mount '{text}'"),
                    "add source=/path/on/host",
                ));
            }
            mount.source = volume::host_path(&mount.source, cwd, home).ok_or_else(|| {
                wrong(format!("invalid bind source {:?}", mount.source), "give a path on the host")
            })?;
        }
        MountKind::Tmpfs => {
            if !mount.source.is_empty() {
                return Err(wrong("tmpfs source must be empty", "leave source= out"));
            }
        }
        MountKind::Volume => {
            mount.anonymous = mount.source.is_empty();
            if !mount.anonymous && !teu_api::id::is_valid_name(&mount.source) {
                return Err(wrong(
                    format!("{:?} includes invalid characters for a local volume name", mount.source),
                    "for a host directory write type=bind",
                ));
            }
            if mount.subpath.starts_with('/') || mount.subpath.split('/').any(|part| part == "..") {
                return Err(wrong(
                    format!("invalid volume-subpath {:?}", mount.subpath),
                    "give a path inside the volume",
                ));
            }
        }
    }
    Ok(mount)
}

fn name(kind: MountKind) -> &'static str {
    match kind {
        MountKind::Bind => "bind",
        MountKind::Volume => "volume",
        MountKind::Tmpfs => "tmpfs",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<MountSpec, Failure> {
        parse(text, Path::new("/work"), None)
    }

    #[test]
    fn mounts_are_read() {
        let bind = read("type=bind,src=/a,dst=/b,readonly,bind-propagation=rslave").unwrap();
        assert!(bind.read_only && !bind.create_source);
        assert_eq!((bind.source.as_str(), bind.propagation.as_str()), ("/a", "rslave"));
        assert_eq!(read("type=bind,src=x,dst=/b").unwrap().source, "/work/x");
        let volume =
            read(r#"type=volume,src=data,target=/b,"volume-opt=o=a,b",volume-opt=type=nfs"#).unwrap();
        assert_eq!(volume.driver_options["o"], "a,b");
        assert_eq!(volume.driver_options["type"], "nfs");
        assert!(read("target=/b").unwrap().anonymous);
        let memory = read("type=tmpfs,dst=/t,tmpfs-size=1m,tmpfs-mode=700").unwrap();
        assert_eq!((memory.tmpfs_size, memory.tmpfs_mode), (1 << 20, 0o700));
        assert!(!read("type=bind,src=/a,dst=/b,readonly=false").unwrap().read_only);
    }

    #[test]
    fn bad_mounts_are_refused() {
        for bad in [
            "",
            "type=bind",
            "type=bind,dst=/b",
            "type=disk,dst=/b",
            "dst=b",
            "dst=/",
            "dst=/b,color=red",
            "dst=/b,src",
            "type=tmpfs,src=/a,dst=/b",
            "type=bind,src=/a,dst=/b,volume-nocopy",
            "dst=/b,tmpfs-size=1m",
            "dst=/b,readonly=maybe",
            "dst=/b,src=a/b",
            "dst=/b,src=ab,volume-subpath=../x",
            "type=tmpfs,dst=/t,tmpfs-mode=8",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
