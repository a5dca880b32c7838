//! From options to a project.

use crate::canonical::convert;
use crate::error::ComposeError;
use crate::files::{Disk, Files};
use crate::loader::{Loader, Scope};
use crate::model::{Project, Service};
use crate::template::substitute;
use crate::yaml::Node;
use crate::{consistency, defaults, dotenv};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

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
    let (mut loader, tree, name) = start.tree(options, files)?;
    let mut tree = tree;
    if options.normalize {
        defaults::normalize(&mut tree, &name);
    }
    let json = convert(&tree, &[]).map_err(|bad| loader.error(bad.span, &[], bad.message).at(bad.path))?;
    let mut project = typed(&json)?;
    project.name = name;
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
        consistency::check(&loader, &tree, &project)?;
    }
    if options.resolve_environment {
        read_service_files(&mut project, &loader)?;
    }
    if !options.all_resources {
        drop_unused(&mut project);
    }
    loader.warnings.extend(
        loader.unset.iter().map(|name| format!("the variable `{name}` is not set: it is taken as empty")),
    );
    project.warnings = loader.warnings;
    project.variables = loader.variables;
    project.tree = json;
    Ok(project)
}

/// The merged files in their long form, without variables filled in if the options say so: what `config --no-interpolate` shows.
pub fn load_model(options: &LoadOptions) -> Result<Json, ComposeError> {
    let start = Start::new(options, &Disk)?;
    let (_, mut tree, name) = start.tree(options, &Disk)?;
    if options.normalize {
        defaults::normalize(&mut tree, &name);
    }
    let mut json = tree.to_json();
    if let Some(map) = json.as_object_mut() {
        map.insert("name".into(), name.into());
    }
    Ok(json)
}

/// What is known before the files are read.
struct Start {
    files: Vec<PathBuf>,
    directory: PathBuf,
    environment: BTreeMap<String, String>,
}

impl Start {
    fn new(options: &LoadOptions, files: &dyn Files) -> Result<Self, ComposeError> {
        let here = &options.current_directory;
        let absolute = |path: &Path| {
            // Standard input has no folder.
            if path == Path::new("-") {
                path.to_owned()
            } else {
                crate::paths::join(here, &path.to_string_lossy())
            }
        };
        let mut paths: Vec<PathBuf> = options.files.iter().map(|path| absolute(path)).collect();
        if paths.is_empty() {
            paths = match options.environment.get("COMPOSE_FILE").filter(|list| !list.is_empty()) {
                Some(list) => {
                    let separator =
                        options.environment.get("COMPOSE_PATH_SEPARATOR").map_or(":", String::as_str);
                    list.split(separator).map(|path| absolute(Path::new(path))).collect()
                }
                None => discover(
                    options.project_directory.as_ref().map_or(here.clone(), |path| absolute(path)),
                    files,
                )?,
            };
        }
        let directory = match &options.project_directory {
            Some(path) => absolute(path),
            None if paths[0] == Path::new("-") => here.clone(),
            None => paths[0].parent().unwrap_or(here).to_owned(),
        };
        let environment = environment(options, &directory, files, &absolute)?;
        Ok(Self { files: paths, directory, environment })
    }

    fn tree<'a>(
        &self,
        options: &LoadOptions,
        files: &'a dyn Files,
    ) -> Result<(Loader<'a>, Node, String), ComposeError> {
        let mut loader = Loader::new(files, options.interpolate, &options.current_directory);
        let name = project_name(options, self, &mut loader)?;
        let mut environment = self.environment.clone();
        environment.insert("COMPOSE_PROJECT_NAME".into(), name.clone());
        let scope = Scope {
            folder: self.directory.clone(),
            shown: self.directory.clone(),
            environment,
            included: Vec::new(),
        };
        let mut tree = loader.load_model(&self.files, &scope, options.resolve_paths)?;
        let empty = tree.as_map().is_none_or(|map| map.keys().all(|key| key == "name"));
        if empty {
            return Err(ComposeError::new(format!("{} says nothing", self.files[0].display()))
                .hint("a project needs `services`"));
        }
        if let Some(map) = tree.as_map_mut() {
            map.shift_remove("name");
        }
        Ok((loader, tree, name))
    }
}

/// The nearest compose file from a folder upwards, with its override file.
fn discover(folder: PathBuf, files: &dyn Files) -> Result<Vec<PathBuf>, ComposeError> {
    let mut level = Some(folder.as_path());
    while let Some(here) = level {
        for name in ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"] {
            if !files.is_file(&here.join(name)) {
                continue;
            }
            let mut found = vec![here.join(name)];
            let overrides = [
                "compose.override.yml",
                "compose.override.yaml",
                "docker-compose.override.yml",
                "docker-compose.override.yaml",
            ];
            found.extend(overrides.iter().map(|name| here.join(name)).find(|path| files.is_file(path)));
            return Ok(found);
        }
        level = here.parent();
    }
    let message = format!("there is no compose file in {} or above it", folder.display());
    Err(ComposeError::new(message).missing().hint("name one with -f, or write compose.yaml"))
}

/// The caller's variables, then those of the environment files.
fn environment(
    options: &LoadOptions,
    directory: &Path,
    files: &dyn Files,
    absolute: &dyn Fn(&Path) -> PathBuf,
) -> Result<BTreeMap<String, String>, ComposeError> {
    let mut named: Vec<PathBuf> = options.env_files.iter().map(|path| absolute(path)).collect();
    if named.is_empty() {
        let listed = options.environment.get("COMPOSE_ENV_FILES").map_or("", String::as_str);
        named =
            listed.split(',').filter(|path| !path.is_empty()).map(|path| absolute(Path::new(path))).collect();
    }
    let disabled = options
        .environment
        .get("COMPOSE_DISABLE_ENV_FILE")
        .is_some_and(|value| value == "true" || value == "1");
    if named.is_empty() && !disabled {
        named.extend([directory.join(".env")].into_iter().filter(|path| files.is_file(path)));
    }
    let loader = Loader::new(files, true, &options.current_directory);
    let lookup = |name: &str| options.environment.get(name).cloned();
    let mut found = BTreeMap::new();
    for path in named {
        let text = files.read(&path).map_err(|error| {
            ComposeError::new(format!("cannot read the environment file {}: {error}", path.display()))
                .missing()
        })?;
        dotenv::parse(&text, &mut found, &lookup).map_err(|error| loader.dotenv_error(&path, &error))?;
    }
    found.extend(options.environment.clone());
    Ok(found)
}

/// The project's name: asked for, from the environment, from the files, or from the folder.
fn project_name(
    options: &LoadOptions,
    start: &Start,
    loader: &mut Loader<'_>,
) -> Result<String, ComposeError> {
    let asked = options
        .project_name
        .clone()
        .or_else(|| start.environment.get("COMPOSE_PROJECT_NAME").cloned())
        .filter(|name| !name.is_empty());
    if let Some(name) = asked {
        return if normalized(&name) == name { Ok(name) } else { Err(bad_name(&name)) };
    }
    let mut named = None;
    for path in &start.files {
        for document in loader.documents(path)? {
            if let Some(node) = document.get("name") {
                named = node
                    .as_str()
                    .filter(|name| !name.is_empty())
                    .map(|name| (name.to_owned(), node.span))
                    .or(named);
            }
        }
    }
    if let Some((name, span)) = named {
        let lookup = |name: &str| start.environment.get(name).cloned();
        let name = if options.interpolate {
            substitute(&name, &lookup, &mut BTreeSet::new())
                .map_err(|error| loader.error(span, &["name"], error.message()).hint(error.hint()))?
        } else {
            name
        };
        let name = normalized(&name);
        if !name.is_empty() {
            return Ok(name);
        }
    }
    let folder =
        start.directory.file_name().map(|name| normalized(&name.to_string_lossy())).unwrap_or_default();
    if folder.is_empty() {
        Err(ComposeError::new("the project has no name").hint("give one with -p"))
    } else {
        Ok(folder)
    }
}

fn bad_name(name: &str) -> ComposeError {
    ComposeError::new(format!("`{name}` is not a project's name"))
        .hint("lower-case letters, digits, `-` and `_`, beginning with a letter or digit")
}

/// A text with only what a project's name may have.
fn normalized(text: &str) -> String {
    let kept: String = text
        .to_lowercase()
        .chars()
        .filter(|letter| {
            letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '-' | '_')
        })
        .collect();
    kept.trim_start_matches(['-', '_']).to_owned()
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

fn apply_profiles(project: &mut Project, options: &LoadOptions) {
    let mut active = options.profiles.clone();
    if active.is_empty() {
        let listed = project.environment.get("COMPOSE_PROFILES").map_or("", String::as_str);
        active = listed
            .split(',')
            .map(|profile| profile.trim().to_owned())
            .filter(|profile| !profile.is_empty())
            .collect();
    }
    let is_enabled = |service: &Service, active: &[String]| {
        service.profiles.is_empty()
            || active.iter().any(|active| active == "*" || service.profiles.contains(active))
    };
    for service in options.services.iter().filter_map(|name| project.services.get(name)) {
        if !is_enabled(service, &active) {
            active.extend(service.profiles.iter().cloned());
        }
    }
    let enabled = |service: &Service| is_enabled(service, &active);
    let (on, off) =
        std::mem::take(&mut project.services).into_iter().partition(|(_, service)| enabled(service));
    (project.services, project.disabled) = (on, off);
}

/// Reads the environment and label files that services name; what the service says itself wins.
fn read_service_files(project: &mut Project, loader: &Loader<'_>) -> Result<(), ComposeError> {
    let (directory, outside) = (project.directory.clone(), project.environment.clone());
    for (name, service) in &mut project.services {
        let own = service.environment.clone();
        let lookup = |name: &str| outside.get(name).cloned().or_else(|| own.get(name).cloned().flatten());
        let mut found = BTreeMap::new();
        for file in std::mem::take(&mut service.env_file) {
            let path = crate::paths::join(&directory, &file.path);
            let text = match loader.files.read(&path) {
                Ok(text) => text,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound && !file.required => continue,
                Err(error) => {
                    let failed =
                        ComposeError::new(format!("cannot read the environment file {}: {error}", file.path));
                    return Err(failed.at(format!("services.{name}.env_file")).missing());
                }
            };
            match file.format.as_str() {
                "" => dotenv::parse(&text, &mut found, &lookup)
                    .map_err(|error| loader.dotenv_error(&path, &error))?,
                "raw" => dotenv::parse_raw(&text, &mut found, &lookup),
                other => {
                    let failed = ComposeError::new(format!("there is no environment file format `{other}`"));
                    return Err(failed
                        .at(format!("services.{name}.env_file"))
                        .hint("leave it out, or use `raw`"));
                }
            }
        }
        service.environment = found.into_iter().map(|(name, value)| (name, Some(value))).chain(own).collect();

        let mut labels = BTreeMap::new();
        for file in std::mem::take(&mut service.label_file) {
            let path = crate::paths::join(&directory, &file);
            let text = loader.files.read(&path).map_err(|error| {
                ComposeError::new(format!("cannot read the label file {file}: {error}"))
                    .at(format!("services.{name}.label_file"))
                    .missing()
            })?;
            dotenv::parse(&text, &mut labels, &|_| None)
                .map_err(|error| loader.dotenv_error(&path, &error))?;
        }
        labels.extend(std::mem::take(&mut service.labels));
        service.labels = labels;
    }
    Ok(())
}

/// Drops what no enabled service uses.
pub(crate) fn drop_unused(project: &mut Project) {
    let services: Vec<&Service> = project.services.values().collect();
    project.networks.retain(|key, _| services.iter().any(|service| service.networks.contains_key(key)));
    project.volumes.retain(|key, _| {
        services
            .iter()
            .any(|service| service.volumes.iter().any(|mount| mount.kind == "volume" && mount.source == *key))
    });
    project.secrets.retain(|key, _| {
        let build = |service: &Service| {
            service
                .build
                .as_ref()
                .is_some_and(|build| build.secrets.iter().any(|secret| secret.source == *key))
        };
        services
            .iter()
            .any(|service| service.secrets.iter().any(|secret| secret.source == *key) || build(service))
    });
    project.configs.retain(|key, _| {
        services.iter().any(|service| service.configs.iter().any(|config| config.source == *key))
    });
    project.models.retain(|key, _| services.iter().any(|service| service.models.contains_key(key)));
}
