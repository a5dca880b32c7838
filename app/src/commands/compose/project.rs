//! From the flags before the command to the project that they name.

use super::manner::Manner;
use crate::arguments::ComposeArguments;
use crate::output::safe;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use teu_api::Failure;
use teu_core::stacks::{self, LoadOptions, Project};

/// How the flags and this process's surroundings say that a project is to be loaded. `services` are those that the
/// command names.
pub fn options(arguments: &ComposeArguments, services: &[String]) -> Result<LoadOptions, Failure> {
    let here = std::env::current_dir().map_err(|error| {
        Failure::usage(format!("the current folder cannot be read: {error}"))
            .hint("change to one that exists")
    })?;
    Ok(LoadOptions {
        files: arguments.file.iter().map(PathBuf::from).collect(),
        project_directory: arguments.project_directory.as_ref().map(PathBuf::from),
        project_name: arguments.project_name.clone(),
        profiles: arguments.profile.clone(),
        services: services.to_vec(),
        env_files: arguments.env_file.iter().map(PathBuf::from).collect(),
        environment: stacks::environment(),
        current_directory: here,
        all_resources: arguments.all_resources,
        compatibility: arguments.compatibility,
        ..LoadOptions::default()
    })
}

/// Whether a variable of a project's environment, its `.env` included, switches something on.
pub fn is_set(environment: &BTreeMap<String, String>, name: &str) -> bool {
    stacks::switch(environment, name) == Some(true)
}

/// Loads the project, and says what the user should know about it.
pub fn load(arguments: &ComposeArguments, services: &[String]) -> Result<Project, Failure> {
    let project = teu_core::stacks::load(&options(arguments, services)?)?;
    warn(&project.warnings);
    Ok(project)
}

/// Says warnings, one a line.
pub fn warn(warnings: &[String]) {
    for warning in warnings {
        // Standard error that is gone leaves no one to warn.
        let _ = writeln!(std::io::stderr(), "teu: warning: {}", safe(warning));
    }
}

/// A stack that a command is about.
pub struct Stack {
    /// Its name.
    pub name: String,
    /// Its project; none where there is no file, and the containers' labels have to do.
    pub project: Option<Project>,
    /// How its commands work and speak.
    pub manner: Manner,
}

/// The stack that the flags mean. A file is not needed where a name is given. Services that are in no file, if there
/// is one, are refused.
pub fn stack(arguments: &ComposeArguments, services: &[String]) -> Result<Stack, Failure> {
    let name = arguments
        .project_name
        .clone()
        .or_else(|| std::env::var("COMPOSE_PROJECT_NAME").ok().filter(|name| !name.is_empty()));
    let options = options(arguments, services)?;
    let project = match (teu_core::stacks::load(&options), name) {
        (Ok(project), _) => project,
        (Err(error), Some(name)) if error.missing && arguments.file.is_empty() => {
            let manner = Manner::of(arguments, &options.environment)?;
            return Ok(Stack { name, project: None, manner });
        }
        (Err(error), _) => return Err(error.into()),
    };
    teu_core::stacks::plan::select(&project, services, false)?;
    let manner = Manner::of(arguments, &project.environment)?;
    Ok(Stack { name: project.name.clone(), project: Some(project), manner })
}
