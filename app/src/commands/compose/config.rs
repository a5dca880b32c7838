//! `teu compose config`: the project in its canonical form, or one aspect of it.

use super::{digests, project};
use crate::arguments::{ComposeArguments, ComposeConfigArguments};
use crate::commands::{Outcome, print};
use crate::output::{self, safe};
use teu_api::Failure;
use teu_core::stacks::{self, Project};

/// Checks the files and prints what is asked for.
pub fn run(arguments: &ComposeArguments, config: &ComposeConfigArguments) -> Outcome {
    let text = text(arguments, config)?;
    if config.quiet {
        return Ok(0);
    }
    match &config.output {
        Some(path) => std::fs::write(path, text).map_err(|error| {
            Failure::usage(format!("cannot write {path}: {error}")).hint("name a file that can be written")
        })?,
        None => print(&text)?,
    }
    Ok(0)
}

fn text(arguments: &ComposeArguments, config: &ComposeConfigArguments) -> Result<String, Failure> {
    let mut options = project::options(arguments, &config.only)?;
    options.interpolate = !config.no_interpolate;
    options.normalize = !config.no_normalize;
    options.resolve_paths = !config.no_path_resolution;
    options.consistency = !config.no_consistency;
    options.resolve_environment = !config.no_env_resolution;
    if config.variables {
        // What is not set is shown, not complained about.
        options.consistency = false;
    }
    let aspect = config.services
        || config.images
        || config.volumes
        || config.networks
        || config.profiles
        || config.variables
        || config.environment
        || config.models
        || config.hash.is_some();
    if config.no_interpolate && !aspect {
        let model = stacks::load_model(&options)?;
        return Ok(if config.format == "json" {
            format!("{}\n", output::json_pretty(&model))
        } else {
            stacks::json_to_yaml(&model)?
        });
    }
    let loaded = stacks::load(&options)?;
    let mut loaded = loaded.restricted_to(&config.only)?;
    project::warn(&loaded.warnings);
    if config.resolve_image_digests || config.lock_image_digests {
        digests::pin(&mut loaded)?;
    }
    if aspect { shown(&loaded, config) } else { canonical(&loaded, config) }
}

fn canonical(project: &Project, config: &ComposeConfigArguments) -> Result<String, Failure> {
    match (config.format == "json", config.lock_image_digests) {
        (true, true) => Ok(format!("{}\n", output::json_pretty(&digests::lock(project)))),
        (true, false) => Ok(format!("{}\n", output::json_pretty(&stacks::to_json(project, true)?))),
        (false, true) => Ok(stacks::json_to_yaml(&digests::lock(project))?),
        (false, false) => Ok(stacks::to_yaml(project, true)?),
    }
}

fn shown(project: &Project, config: &ComposeConfigArguments) -> Result<String, Failure> {
    let order = project.service_order();
    let lines: Vec<String> = if config.services {
        order.iter().map(|name| (*name).to_owned()).collect()
    } else if config.volumes {
        project.volumes.keys().cloned().collect()
    } else if config.networks {
        project.networks.keys().cloned().collect()
    } else if config.models {
        project.models.values().map(|model| model.model.clone()).collect()
    } else if config.images {
        order.iter().map(|name| project.image_of(name)).collect()
    } else if config.profiles {
        project.profiles().into_iter().map(str::to_owned).collect()
    } else if let Some(wanted) = &config.hash {
        hashes(project, wanted)?
    } else if config.environment {
        project.environment.iter().map(|(name, value)| format!("{name}={value}")).collect()
    } else {
        return Ok(variables(project));
    };
    Ok(super::say::lines(&lines))
}

/// `SERVICE HASH` lines; of all services for `*`, else of those named, parted by commas.
fn hashes(project: &Project, wanted: &str) -> Result<Vec<String>, Failure> {
    let mut names: Vec<&str> = if wanted == "*" {
        project.services.keys().map(String::as_str).collect()
    } else {
        wanted.split(',').filter(|name| !name.is_empty()).collect()
    };
    names.sort_unstable();
    names
        .into_iter()
        .map(|name| {
            let service = project.services.get(name).ok_or_else(|| {
                Failure::not_found(format!("there is no service `{name}`"))
                    .hint("see teu compose config --services")
            })?;
            Ok(format!("{name} {}", stacks::config_hash(service)))
        })
        .collect()
}

fn variables(project: &Project) -> String {
    let mut rows = vec![["NAME", "REQUIRED", "DEFAULT VALUE", "ALTERNATE VALUE"].map(str::to_owned).to_vec()];
    rows.extend(project.variables.iter().map(|(name, variable)| {
        vec![
            safe(name).into_owned(),
            variable.required.to_string(),
            safe(&variable.default).into_owned(),
            safe(&variable.alternate).into_owned(),
        ]
    }));
    output::table(&rows)
}
