//! What is mounted in a container: volumes, folders in memory, secrets and configs.

use crate::canonical::size;
use crate::error::ComposeError;
use crate::model::{FileReference, Project, Service, VolumeMount};
use teu_api::container::{MountKind, MountSpec};

/// A small file to be written into a container before its start.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FileContent {
    /// The absolute path in the container.
    pub target: String,
    /// Its content.
    pub content: String,
    /// Its owner; empty for root.
    pub uid: String,
    /// Its group; empty for root.
    pub gid: String,
    /// Its permission bits.
    pub mode: u32,
}

pub(super) fn mounts(
    project: &Project,
    name: &str,
    service: &Service,
) -> Result<(Vec<MountSpec>, Vec<FileContent>), ComposeError> {
    let mut all = Vec::new();
    for (index, mount) in service.volumes.iter().enumerate() {
        all.push(
            volume_mount(project, mount).map_err(|message| {
                ComposeError::new(message).at(format!("services.{name}.volumes.{index}"))
            })?,
        );
    }
    for text in &service.tmpfs {
        let (target, options) = text.split_once(':').unwrap_or((text, ""));
        let options = options.split(',').filter(|option| !option.is_empty()).map(str::to_owned).collect();
        all.push(MountSpec {
            kind: MountKind::Tmpfs,
            target: target.to_owned(),
            options,
            ..MountSpec::default()
        });
    }
    let mut files = Vec::new();
    for reference in &service.secrets {
        let Some(secret) = project.secrets.get(&reference.source) else { continue };
        let target = if reference.target.starts_with('/') {
            reference.target.clone()
        } else {
            format!("/run/secrets/{}", reference.target)
        };
        let source = Source {
            kind: "secret",
            file: &secret.file,
            variable: &secret.environment,
            content: secret.value.as_deref(),
            external: secret.external,
        };
        place(project, name, reference, target, &source, &mut all, &mut files)?;
    }
    for reference in &service.configs {
        let Some(config) = project.configs.get(&reference.source) else { continue };
        let path = if reference.target.is_empty() { &reference.source } else { &reference.target };
        let target = if path.starts_with('/') { path.clone() } else { format!("/{path}") };
        let content =
            config.value.as_deref().or((!config.content.is_empty()).then_some(config.content.as_str()));
        let source = Source {
            kind: "config",
            file: &config.file,
            variable: &config.environment,
            content,
            external: config.external,
        };
        place(project, name, reference, target, &source, &mut all, &mut files)?;
    }
    Ok((all, files))
}

/// Where a secret's or config's content is.
struct Source<'a> {
    kind: &'static str,
    file: &'a str,
    variable: &'a str,
    content: Option<&'a str>,
    external: bool,
}

fn place(
    project: &Project,
    name: &str,
    reference: &FileReference,
    target: String,
    source: &Source<'_>,
    mounts: &mut Vec<MountSpec>,
    files: &mut Vec<FileContent>,
) -> Result<(), ComposeError> {
    let fail = |message: String| ComposeError::new(message).at(format!("services.{name}.{}s", source.kind));
    if source.external {
        return Err(fail(format!(
            "the {} `{}` is external, and there is no store for those here",
            source.kind, reference.source
        )));
    }
    if !source.file.is_empty() {
        let path = crate::paths::join(&project.directory, source.file).display().to_string();
        mounts.push(MountSpec {
            kind: MountKind::Bind,
            source: path,
            target,
            read_only: true,
            ..MountSpec::default()
        });
        return Ok(());
    }
    let Some(content) = source.content else {
        let failed = fail(format!(
            "the variable `{}` that holds the {} `{}` is not set",
            source.variable, source.kind, reference.source
        ));
        return Err(failed.hint(format!("set {} in the environment or in .env", source.variable)));
    };
    let mode = reference.mode.as_deref().and_then(|mode| u32::from_str_radix(mode, 8).ok()).unwrap_or(0o444);
    files.push(FileContent {
        target,
        content: content.to_owned(),
        uid: reference.uid.clone(),
        gid: reference.gid.clone(),
        mode,
    });
    Ok(())
}

fn volume_mount(project: &Project, mount: &VolumeMount) -> Result<MountSpec, String> {
    let mut spec = MountSpec {
        target: mount.target.clone(),
        read_only: mount.read_only,
        source: mount.source.clone(),
        ..MountSpec::default()
    };
    match mount.kind.as_str() {
        "bind" => {
            spec.kind = MountKind::Bind;
            spec.source = crate::paths::join(&project.directory, &mount.source).display().to_string();
            // The long form without `bind:` makes no folder, as `--mount` does not.
            spec.create_source =
                mount.bind.as_ref().is_some_and(|bind| bind.create_host_path.unwrap_or(true));
            if let Some(bind) = &mount.bind {
                spec.propagation.clone_from(&bind.propagation);
                spec.non_recursive = bind.recursive == "disabled";
                spec.writable_below = bind.recursive == "writable";
            }
        }
        "volume" => {
            spec.kind = MountKind::Volume;
            spec.anonymous = mount.source.is_empty();
            if let Some(volume) = project.volumes.get(&mount.source) {
                spec.source.clone_from(&volume.name);
                spec.driver.clone_from(&volume.driver);
                spec.driver_options.clone_from(&volume.driver_opts);
            }
            if let Some(volume) = &mount.volume {
                spec.no_copy = volume.nocopy;
                spec.subpath.clone_from(&volume.subpath);
                spec.labels.clone_from(&volume.labels);
            }
        }
        "tmpfs" => {
            spec.kind = MountKind::Tmpfs;
            if let Some(tmpfs) = &mount.tmpfs {
                spec.tmpfs_size =
                    size::parse(&tmpfs.size).and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default();
                spec.tmpfs_mode = tmpfs.mode;
            }
        }
        other => return Err(format!("mounts of the type `{other}` are not possible here")),
    }
    Ok(spec)
}
