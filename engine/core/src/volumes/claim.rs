//! The volumes of a container that is made: named, anonymous, and taken over from others.

use crate::engine::Engine;
use teu_api::Failure;
use teu_api::container::{ContainerSpec, MountKind, MountSpec};
use teu_store::{NewVolume, files};

impl Engine {
    /// Gives every anonymous volume a name and takes over the mounts of other containers. Nothing is made yet: the
    /// container's row comes first, so that a process killed in between leaves no volume that nobody has.
    pub(crate) fn name_volumes(&self, spec: &mut ContainerSpec) -> Result<(), Failure> {
        for word in spec.host.volumes_from.clone() {
            let (name, mode) = word.split_once(':').unwrap_or((&word, ""));
            let read_only = match mode {
                "" | "rw" | "z" | "Z" => false,
                "ro" => true,
                _ => {
                    return Err(Failure::usage(format!("invalid mode for --volumes-from: {word}"))
                        .hint("write NAME, NAME:ro or NAME:rw"));
                }
            };
            for mount in self.find(name)?.spec.host.mounts {
                let target = |other: &MountSpec| other.target == mount.target && !is_image_volume(other);
                if mount.kind == MountKind::Tmpfs || spec.host.mounts.iter().any(target) {
                    continue;
                }
                // What the image wants a volume for is there now.
                spec.host.mounts.retain(|other| other.target != mount.target);
                spec.host.mounts.push(MountSpec {
                    read_only: mount.read_only || read_only,
                    no_copy: true,
                    ..mount
                });
            }
        }
        for mount in &mut spec.host.mounts {
            if mount.kind == MountKind::Volume && mount.source.is_empty() {
                mount.source = files::random_hex::<32>()?;
                mount.anonymous = true;
            }
        }
        Ok(())
    }

    /// Makes the volumes that a container's mounts name and that are not there yet.
    pub(crate) fn make_volumes(&self, spec: &ContainerSpec) -> Result<(), Failure> {
        for mount in spec.host.mounts.iter().filter(|mount| mount.kind == MountKind::Volume) {
            self.create_volume(&NewVolume {
                name: mount.source.clone(),
                driver: mount.driver.clone(),
                labels: mount.labels.clone(),
                options: mount.driver_options.clone(),
                anonymous: mount.anonymous,
            })?;
        }
        Ok(())
    }
}

fn is_image_volume(mount: &MountSpec) -> bool {
    mount.kind == MountKind::Volume && mount.source.is_empty()
}
