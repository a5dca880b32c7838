//! What is known before a project's files are read: which they are, its folder, its variables and its name.

use crate::dotenv;
use crate::error::ComposeError;
use crate::files::Files;
use crate::load::LoadOptions;
use crate::loader::load_model;
use crate::reader::{Reader, Scope};
use crate::template::substitute;
use crate::yaml::Node;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What is known before the files are read.
pub(crate) struct Start {
    pub files: Vec<PathBuf>,
    pub directory: PathBuf,
    pub environment: BTreeMap<String, String>,
}

impl Start {
    pub fn new(options: &LoadOptions, files: &dyn Files) -> Result<Self, ComposeError> {
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
        let folder = |paths: &[PathBuf]| match &options.project_directory {
            Some(path) => absolute(path),
            None => {
                let file = paths.iter().find(|path| *path != Path::new("-"));
                file.and_then(|path| path.parent()).unwrap_or(here).to_owned()
            }
        };
        // Environment files may name the files of the project, and those may be in a folder that has one, too.
        let nearest = folder(&paths);
        let mut environment = environment(options, &nearest, options.environment.clone(), files, &absolute)?;
        if paths.is_empty() {
            paths = match environment.get("COMPOSE_FILE").filter(|list| !list.is_empty()) {
                Some(list) => {
                    let separator = environment.get("COMPOSE_PATH_SEPARATOR").map_or(":", String::as_str);
                    list.split(separator).map(|path| absolute(Path::new(path))).collect()
                }
                None => discover(nearest.clone(), files)?,
            };
        }
        let directory = folder(&paths);
        if directory != nearest {
            environment = self::environment(options, &directory, environment, files, &absolute)?;
        }
        Ok(Self { files: paths, directory, environment })
    }

    pub fn tree<'a>(
        &self,
        options: &LoadOptions,
        files: &'a dyn Files,
    ) -> Result<(Reader<'a>, Node, String), ComposeError> {
        let mut reader = Reader::new(files, options.interpolate, &options.current_directory);
        let name = project_name(options, self, &mut reader)?;
        let mut environment = self.environment.clone();
        environment.insert("COMPOSE_PROJECT_NAME".into(), name.clone());
        let scope = Scope {
            folder: self.directory.clone(),
            shown: self.directory.clone(),
            environment,
            included: Vec::new(),
        };
        let mut tree = load_model(&mut reader, &self.files, &scope, options.resolve_paths)?;
        let empty = tree.as_map().is_none_or(|map| map.keys().all(|key| key == "name"));
        if empty {
            return Err(ComposeError::new(format!("{} says nothing", self.files[0].display()))
                .hint("a project needs `services`"));
        }
        if let Some(map) = tree.as_map_mut() {
            map.shift_remove("name");
        }
        Ok((reader, tree, name))
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

/// What is known already, then the variables of the environment files: those named, or the folder's own.
fn environment(
    options: &LoadOptions,
    directory: &Path,
    known: BTreeMap<String, String>,
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
        .is_some_and(|value| matches!(value.to_ascii_lowercase().as_str(), "true" | "t" | "1"));
    if named.is_empty() && !disabled {
        named.extend([directory.join(".env")].into_iter().filter(|path| files.is_file(path)));
    }
    let reader = Reader::new(files, true, &options.current_directory);
    let lookup = |name: &str| known.get(name).cloned();
    let mut found = BTreeMap::new();
    for path in named {
        let text = files.read(&path).map_err(|error| {
            ComposeError::new(format!("cannot read the environment file {}: {error}", path.display()))
                .missing()
        })?;
        dotenv::parse(&text, &mut found, &lookup).map_err(|error| reader.dotenv_error(&path, &error))?;
    }
    found.extend(known);
    Ok(found)
}

/// The project's name: asked for, from the environment, from the files, or from the folder.
fn project_name(
    options: &LoadOptions,
    start: &Start,
    reader: &mut Reader<'_>,
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
        for document in reader.documents(path)? {
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
                .map_err(|error| reader.error(span, &["name"], error.message()).hint(error.hint()))?
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
