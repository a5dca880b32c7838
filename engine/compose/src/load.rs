//! From options to a project.

use crate::canonical::convert;
use crate::error::{ComposeError, Position};
use crate::files::{Disk, Files};
use crate::model::{Project, Separator};
use crate::reader::Reader;
use crate::select::{apply_profiles, drop_unused, read_service_files};
use crate::start::Start;
use crate::yaml::Node;
use crate::{consistency, defaults};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What to load, and how. Relative paths start from `current_directory`.
#[derive(Clone, Debug)]
pub struct LoadOptions {
    /// The files, each laid over those before it; none: looked for from the current folder upwards.
    pub files: Vec<PathBuf>,
    /// The folder that relative paths start from; `None` for the first file's.
    pub project_directory: Option<PathBuf>,
    /// The project's name; `None` for the one that environment, files or folder give.
    pub project_name: Option<String>,
    /// The active profiles; `*` for all. None: those of `COMPOSE_PROFILES`.
    pub profiles: Vec<String>,
    /// The services that a command names: their profiles become active, too.
    pub services: Vec<String>,
    /// Environment files for variables; none: `.env` of the project's folder.
    pub env_files: Vec<PathBuf>,
    /// The caller's environment.
    pub environment: BTreeMap<String, String>,
    /// The caller's folder, absolute.
    pub current_directory: PathBuf,
    /// Whether paths are made absolute.
    pub resolve_paths: bool,
    /// Whether variables are filled in.
    pub interpolate: bool,
    /// Whether references are checked.
    pub consistency: bool,
    /// Whether defaults are filled in.
    pub normalize: bool,
    /// Whether environment and label files of services are read.
    pub resolve_environment: bool,
    /// Whether networks, volumes and the like stay that no enabled service uses.
    pub all_resources: bool,
    /// Whether containers and images are named as old Compose did, with `_`.
    pub compatibility: bool,
}

impl Default for LoadOptions {
    fn default() -> Self {
        Self {
            files: Vec::new(),
            project_directory: None,
            project_name: None,
            profiles: Vec::new(),
            services: Vec::new(),
            env_files: Vec::new(),
            environment: BTreeMap::new(),
            current_directory: PathBuf::from("/"),
            resolve_paths: true,
            interpolate: true,
            consistency: true,
            normalize: true,
            resolve_environment: true,
            all_resources: false,
            compatibility: false,
        }
    }
}

/// Loads a project from the disk.
pub fn load(options: &LoadOptions) -> Result<Project, ComposeError> {
    load_from(options, &Disk)
}

/// Loads a project from anywhere.
pub fn load_from(options: &LoadOptions, files: &dyn Files) -> Result<Project, ComposeError> {
    let start = Start::new(options, files)?;
    let (mut reader, tree, name) = start.tree(options, files)?;
    let mut tree = tree;
    if options.normalize {
        defaults::normalize(&mut tree, &name).map_err(|clash| reader.clash(clash))?;
    }
    let json = convert(&tree, &[]).map_err(|bad| reader.error(bad.span, &[], bad.message).at(bad.path))?;
    let mut project = typed(&json)?;
    project.name = name;
    project.places = places(&reader, &tree);
    let compatibility =
        options.compatibility || switch(&start.environment, "COMPOSE_COMPATIBILITY") == Some(true);
    project.separator = if compatibility { Separator::Underscore } else { Separator::Dash };
    project.directory.clone_from(&start.directory);
    project.files.clone_from(&start.files);
    project.environment = start.environment;
    project.environment.insert("COMPOSE_PROJECT_NAME".into(), project.name.clone());
    apply_profiles(&mut project, options);
    // `scale` and `deploy.replicas` are two names of one thing.
    for service in project.services.values_mut() {
        if let (Some(scale), Some(deploy)) = (service.scale, &mut service.deploy)
            && deploy.replicas.is_none()
        {
            deploy.replicas = Some(scale);
        }
    }
    if options.consistency {
        consistency::check(&reader, &tree, &project)?;
    }
    if options.resolve_environment {
        read_service_files(&mut project, &reader)?;
    }
    if !options.all_resources {
        drop_unused(&mut project);
    }
    reader.warnings.extend(
        reader.unset.iter().map(|name| format!("the variable `{name}` is not set: it is taken as empty")),
    );
    project.warnings = reader.warnings;
    project.variables = reader.variables;
    project.tree = json;
    Ok(project)
}

/// What a variable of an environment says of a switch; `None` where it says neither yes nor no.
pub fn switch(environment: &BTreeMap<String, String>, name: &str) -> Option<bool> {
    match environment.get(name)?.to_ascii_lowercase().as_str() {
        "1" | "true" | "t" | "yes" | "y" | "on" => Some(true),
        "0" | "false" | "f" | "no" | "n" | "off" => Some(false),
        _ => None,
    }
}

/// The merged files in their long form, without variables filled in if the options say so: what `config --no-interpolate` shows.
pub fn load_model(options: &LoadOptions) -> Result<Json, ComposeError> {
    let start = Start::new(options, &Disk)?;
    let (reader, mut tree, name) = start.tree(options, &Disk)?;
    if options.normalize {
        defaults::normalize(&mut tree, &name).map_err(|clash| reader.clash(clash))?;
    }
    let mut json = tree.to_json();
    if let Some(map) = json.as_object_mut() {
        map.insert("name".into(), name.into());
    }
    Ok(json)
}

fn typed(json: &Json) -> Result<Project, ComposeError> {
    fn section<T: serde::de::DeserializeOwned>(
        json: &Json,
        name: &str,
    ) -> Result<BTreeMap<String, T>, ComposeError> {
        let mut found = BTreeMap::new();
        for (key, value) in json.get(name).and_then(Json::as_object).into_iter().flatten() {
            let value = if value.is_null() { Json::Object(serde_json::Map::new()) } else { value.clone() };
            let read = serde_json::from_value(value)
                .map_err(|error| ComposeError::new(error.to_string()).at(format!("{name}.{key}")))?;
            found.insert(key.clone(), read);
        }
        Ok(found)
    }
    let top = json.as_object().into_iter().flatten();
    Ok(Project {
        services: section(json, "services")?,
        networks: section(json, "networks")?,
        volumes: section(json, "volumes")?,
        secrets: section(json, "secrets")?,
        configs: section(json, "configs")?,
        models: section(json, "models")?,
        extensions: top
            .filter(|(key, _)| key.starts_with("x-"))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
        ..Project::default()
    })
}

/// Where services, networks and the like stand, and the keys of each.
fn places(reader: &Reader<'_>, tree: &Node) -> BTreeMap<String, Position> {
    let mut places = BTreeMap::new();
    for (section, things) in tree.as_map().into_iter().flatten() {
        for (name, thing) in things.as_map().into_iter().flatten() {
            let path = format!("{section}.{name}");
            for (key, entry) in thing.as_map().into_iter().flatten() {
                places.extend(reader.position(entry.place()).map(|place| (format!("{path}.{key}"), place)));
            }
            places.extend(reader.position(thing.place()).map(|place| (path, place)));
        }
    }
    places
}
