//! `teu compose config`: the project in its canonical form, or one aspect of it.

use super::{digests, project};
use crate::arguments::{ComposeArguments, ComposeConfigArguments};
use crate::commands::{Outcome, print};
use crate::output::{self, safe};
use serde_json::json;
use teu_api::Failure;
use teu_core::stacks::{self, Project, Service};

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
    if !config.filter.is_empty() && !config.services {
        return Err(Failure::usage("--filter requires --services").hint("add --services"));
    }
    let filter = Filter::parse(&config.filter)?;
    options.profiles.extend(filter.profiles.iter().cloned());
    for (flag, set) in [("--no-interpolate", config.no_interpolate), ("--variables", config.variables)] {
        if set && !config.only.is_empty() {
            project::warn(&[format!("service filtering is not applied when {flag} is set")]);
        }
    }
    let is_json = config.format.as_deref() == Some("json");
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
        let mut model = stacks::load_model(&options)?;
        if config.resolve_image_digests || config.lock_image_digests {
            digests::pin(digests::of_model(&mut model).into_iter())?;
        }
        if config.lock_image_digests {
            let services = model["services"].as_object().into_iter().flatten();
            model = digests::lock(
                services.map(|(name, service)| (name, service["image"].as_str().unwrap_or_default())),
            );
        }
        return Ok(if is_json {
            format!("{}\n", output::json_pretty(&model))
        } else {
            stacks::json_to_yaml(&model)?
        });
    }
    let loaded = stacks::load(&options)?;
    let mut loaded = loaded.restricted_to(&config.only)?;
    project::warn(&loaded.warnings);
    if config.resolve_image_digests || config.lock_image_digests {
        digests::pin(digests::of_project(&mut loaded))?;
    }
    loaded.services.retain(|_, service| filter.matches(service));
    if aspect { shown(&loaded, config) } else { canonical(&loaded, config, is_json) }
}

/// Which services are listed.
struct Filter {
    profiles: Vec<String>,
    /// Names, and the values that they are to have.
    labels: Vec<(String, Option<String>)>,
}

impl Filter {
    fn parse(words: &[String]) -> Result<Self, Failure> {
        let mut filter = Self { profiles: Vec::new(), labels: Vec::new() };
        for word in words {
            match word.split_once('=') {
                Some(("profile", "*")) => {
                    return Err(Failure::usage("profiles must be selected explicitly")
                        .hint("name each, as in --filter profile=dev"));
                }
                Some(("profile", name)) => filter.profiles.push(name.to_owned()),
                Some(("label", text)) => filter.labels.push(match text.split_once('=') {
                    Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                    None => (text.to_owned(), None),
                }),
                Some((criteria, _)) => {
                    return Err(Failure::usage(format!(
                        "invalid filter '{word}': unknown criteria \"{criteria}\""
                    ))
                    .hint("write profile=NAME or label=NAME=VALUE"));
                }
                None => {
                    return Err(Failure::usage(format!("invalid filter '{word}'"))
                        .hint("write profile=NAME or label=NAME=VALUE"));
                }
            }
        }
        Ok(filter)
    }

    /// One of the profiles, and every label.
    fn matches(&self, service: &Service) -> bool {
        let in_profile =
            self.profiles.is_empty() || self.profiles.iter().any(|name| service.profiles.contains(name));
        in_profile
            && self.labels.iter().all(|(name, value)| {
                service.labels.get(name).is_some_and(|own| value.as_ref().is_none_or(|value| value == own))
            })
    }
}

fn canonical(project: &Project, config: &ComposeConfigArguments, is_json: bool) -> Result<String, Failure> {
    let lock =
        || digests::lock(project.services.iter().map(|(name, service)| (name, service.image.as_str())));
    match (is_json, config.lock_image_digests) {
        (true, true) => Ok(format!("{}\n", output::json_pretty(&lock()))),
        (true, false) => Ok(format!("{}\n", output::json_pretty(&stacks::to_json(project, true)?))),
        (false, true) => Ok(stacks::json_to_yaml(&lock())?),
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
        let images = |name: &&str| {
            let hooks = project.services.get(*name).map(Service::hook_images).unwrap_or_default();
            [project.image_of(name)]
                .into_iter()
                .chain(hooks.into_iter().map(str::to_owned))
                .collect::<Vec<_>>()
        };
        order.iter().flat_map(images).collect()
    } else if config.profiles {
        project.profiles().into_iter().map(str::to_owned).collect()
    } else if let Some(wanted) = &config.hash {
        hashes(project, wanted)?
    } else if config.environment {
        project.environment.iter().map(|(name, value)| format!("{name}={value}")).collect()
    } else {
        return variables(project, config.format.as_deref());
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

fn variables(project: &Project, format: Option<&str>) -> Result<String, Failure> {
    let all = |names: [&str; 4]| -> serde_json::Value {
        let shown = project.variables.iter().map(|(name, variable)| {
            let values = json!({
                names[0]: name,
                names[1]: variable.default,
                names[2]: variable.alternate,
                names[3]: variable.required,
            });
            (name.clone(), values)
        });
        serde_json::Value::Object(shown.collect())
    };
    match format {
        Some("json") => {
            let shown = all(["Name", "DefaultValue", "PresenceValue", "Required"]);
            return Ok(format!("{}\n", output::json_pretty(&shown)));
        }
        Some(_) => {
            let shown = all(["name", "defaultvalue", "presencevalue", "required"]);
            return Ok(stacks::json_to_yaml(&shown)?);
        }
        None => {}
    }
    let mut rows = vec![["NAME", "REQUIRED", "DEFAULT VALUE", "ALTERNATE VALUE"].map(str::to_owned).to_vec()];
    rows.extend(project.variables.iter().map(|(name, variable)| {
        vec![
            safe(name).into_owned(),
            variable.required.to_string(),
            safe(&variable.default).into_owned(),
            safe(&variable.alternate).into_owned(),
        ]
    }));
    Ok(output::table(&rows))
}
