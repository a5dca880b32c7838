//! Containers: what was asked for, what state they are in, and what listings show.

mod mount;
mod resources;
mod snapshot;
mod spec;
mod state;

pub use mount::{MountKind, MountSpec};
pub use resources::{DeviceRate, DeviceRequest, Resources, Ulimit};
pub use snapshot::ContainerSnapshot;
pub use spec::{
    ContainerSpec, HealthCheck, HostSpec, InitSystem, LogDriver, LogOptions, NamespaceMode,
    NetworkAttachment, NetworkMode, PortProtocol, PublishedPort, RestartPolicy,
};
pub use state::{ContainerState, Health, HealthProbe, HealthStatus, Status};
