//! The labels by which containers, networks and volumes of a project are found again; Docker Compose's own, so that each
//! finds the other's.

/// The project's name.
pub const PROJECT: &str = "com.docker.compose.project";
/// The service's name.
pub const SERVICE: &str = "com.docker.compose.service";
/// Which of the service's containers it is, from 1.
pub const CONTAINER_NUMBER: &str = "com.docker.compose.container-number";
/// Whether `run` made it: `True` or `False`.
pub const ONE_OFF: &str = "com.docker.compose.oneoff";
/// The hash of its configuration.
pub const CONFIG_HASH: &str = "com.docker.compose.config-hash";
/// What its service depends on: `service:condition:restart`, joined by commas.
pub const DEPENDS_ON: &str = "com.docker.compose.depends_on";
/// The image's id at its making.
pub const IMAGE: &str = "com.docker.compose.image";
/// The project's folder.
pub const WORKING_DIR: &str = "com.docker.compose.project.working_dir";
/// The project's files, joined by commas.
pub const CONFIG_FILES: &str = "com.docker.compose.project.config_files";
/// A network's key.
pub const NETWORK: &str = "com.docker.compose.network";
/// A volume's key.
pub const VOLUME: &str = "com.docker.compose.volume";
/// Which turn of a service's life a container is for: `pre_start`.
pub const HOOK: &str = "com.docker.compose.hook";
/// The version of the program that made it.
pub const VERSION: &str = "com.docker.compose.version";
