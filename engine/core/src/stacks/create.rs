//! A container of a service.

use super::{files, image};
use crate::engine::Engine;
use teu_api::container::{MountKind, NamespaceMode, NetworkMode};
use teu_api::{ContainerId, Failure};
use teu_compose::{ContainerRequest, Project, container_request};

impl Engine {
    /// Makes one container of a service. `inherit_from` names, by id, the one whose anonymous volumes it takes over.
    pub(crate) fn create_of_service(
        &self,
        project: &Project,
        service: &str,
        number: u32,
        name: &str,
        inherit_from: Option<&str>,
    ) -> Result<ContainerId, Failure> {
        let request = container_request(project, service, number, false)?;
        self.create_requested(
            &project.name,
            ContainerRequest { name: name.to_owned(), ..request },
            inherit_from,
        )
    }

    /// Makes a container as a stack asks for it.
    pub fn create_requested(
        &self,
        stack: &str,
        mut request: ContainerRequest,
        inherit_from: Option<&str>,
    ) -> Result<ContainerId, Failure> {
        let name = request.name.clone();
        let contents = std::mem::take(&mut request.files);
        let mut spec = image::join(self, request)?;
        for content in &contents {
            spec.host.mounts.push(files::keep(self.store().paths(), stack, content)?);
        }
        // Others are held by id, so that they may be renamed.
        if let NetworkMode::Container(other) = &mut spec.host.network {
            *other = self.find(other)?.id.to_string();
        }
        let host = &mut spec.host;
        for mode in [&mut host.pid, &mut host.ipc, &mut host.uts, &mut host.userns, &mut host.cgroupns] {
            if let NamespaceMode::Container(other) = mode {
                *other = self.find(other)?.id.to_string();
            }
        }
        if let Some(former) = inherit_from {
            let former = self.find(former)?.spec.host.mounts;
            let anonymous = |kind: MountKind, source: &str| kind == MountKind::Volume && source.is_empty();
            for mount in spec.host.mounts.iter_mut().filter(|mount| anonymous(mount.kind, &mount.source)) {
                let same = former
                    .iter()
                    .find(|old| old.kind == MountKind::Volume && old.anonymous && old.target == mount.target);
                if let Some(old) = same {
                    mount.source.clone_from(&old.source);
                    mount.anonymous = true;
                    mount.no_copy = true;
                }
            }
        }
        self.create(Some(&name), spec)
    }
}
