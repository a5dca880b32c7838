//! The typed project: what is left when every short form, file and variable has been dissolved.

mod build;
mod deploy;
mod develop;
mod limits;
mod mounts;
mod project;
mod service;

pub use build::{Build, SshKey};
pub use deploy::{
    Deploy, DeviceReservation, DiscreteResource, GenericResource, Placement, PlacementPreference,
    ResourceLimits, Resources, RestartRule, UpdateRule,
};
pub use develop::{Develop, Hook, Trigger};
pub use limits::{BlkioConfig, DeviceMapping, DeviceRate, DeviceWeight, Ulimit};
pub use mounts::{FileReference, MountBind, MountImage, MountTmpfs, MountVolume, VolumeMount};
pub(crate) use project::Separator;
pub use project::{AddressPool, Config, Ipam, Model, Network, Project, Secret, Volume};
pub use service::{
    CredentialSpec, Dependency, EnvFile, HealthCheck, Logging, Port, PreStart, Provider, Service,
    ServiceModel, ServiceNetwork,
};

use serde::{Serialize, Serializer};

/// Whether a value is what its type begins as, and so need not be shown.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A number in its shortest notation: whole ones without a point, and 0.1 as 0.1.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "the serializer hands out references")]
pub(crate) fn short_number<S: Serializer>(value: &f32, serializer: S) -> Result<S::Ok, S::Error> {
    if value.fract() == 0.0 {
        (*value as i64).serialize(serializer)
    } else {
        value.to_string().parse().unwrap_or_else(|_| f64::from(*value)).serialize(serializer)
    }
}

/// A struct whose fields are read from keys that may be missing. Those after `always` are shown even at their default;
/// after `then` the others go on, for the order of fields is the order in which they are shown.
macro_rules! record {
    (
        $(#[$meta:meta])*
        pub struct $name:ident { $( $(#[$field_meta:meta])* pub $field:ident: $type:ty, )* }
        $(
            always { $( $(#[$always_meta:meta])* pub $always:ident: $always_type:ty, )* }
            $( then { $( $(#[$then_meta:meta])* pub $then:ident: $then_type:ty, )* } )?
        )*
    ) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Debug, Default, serde::Serialize, serde::Deserialize)]
        #[serde(default)]
        pub struct $name {
            $( $(#[$field_meta])* #[serde(skip_serializing_if = "crate::model::is_default")] pub $field: $type, )*
            $(
                $( $(#[$always_meta])* pub $always: $always_type, )*
                $( $(
                    $(#[$then_meta])*
                    #[serde(skip_serializing_if = "crate::model::is_default")]
                    pub $then: $then_type,
                )* )?
            )*
        }
    };
}
pub(crate) use record;
