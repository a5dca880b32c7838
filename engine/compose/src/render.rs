//! The canonical form, and what else `config` shows.

use crate::error::ComposeError;
use crate::model::{Project, Service};
use serde_json::{Map as JsonMap, Value as Json};
use sha2::{Digest as _, Sha256};

/// The canonical form as JSON, as `docker compose config --format json` prints it; with `escape`, dollar signs are doubled
/// so that the result can be loaded again.
pub fn to_json(project: &Project, escape: bool) -> Result<Json, ComposeError> {
    for (name, service) in &project.services {
        // Docker has no JSON for a key with a path, and refuses it.
        if let Some(key) = service.build.iter().flat_map(|build| &build.ssh).find(|key| !key.path.is_empty())
        {
            let message = format!("the key `{}` has a path, and such keys have no JSON form", key.id);
            return Err(ComposeError::new(message)
                .at(format!("services.{name}.build.ssh"))
                .hint("show the project as YAML"));
        }
    }
    let mut json = plain(project)?;
    if escape {
        escape_dollars(&mut json);
    }
    Ok(json)
}

/// The canonical form as YAML, with the authors' own keys.
pub fn to_yaml(project: &Project, escape: bool) -> Result<String, ComposeError> {
    let mut json = plain(project)?;
    // YAML leaves out what JSON shows as nothing.
    for service in
        json.get_mut("services").and_then(Json::as_object_mut).into_iter().flat_map(JsonMap::values_mut)
    {
        for hook in service.get_mut("pre_start").and_then(Json::as_array_mut).into_iter().flatten() {
            drop_nothing(hook);
        }
        drop_nothing(service);
    }
    add_extensions(&mut json, &project.tree);
    if escape {
        escape_dollars(&mut json);
    }
    json_to_yaml(&json)
}

fn drop_nothing(container: &mut Json) {
    if let Some(map) = container.as_object_mut() {
        map.retain(|key, value| !(value.is_null() && matches!(key.as_str(), "command" | "entrypoint")));
    }
}

/// Any JSON as YAML.
pub fn json_to_yaml(json: &Json) -> Result<String, ComposeError> {
    // As Docker prints it: lists are indented, and no line is broken.
    let options = serde_saphyr::ser_options! {
        compact_list_indent: false,
        folded_wrap_chars: usize::MAX,
    };
    serde_saphyr::to_string_with_options(json, options)
        .map_err(|error| ComposeError::new(format!("cannot show the project as YAML: {error}")))
}

/// The hash of a service's configuration: it changes if and only if its containers must be made anew.
pub fn config_hash(service: &Service) -> String {
    let mut bare = service.clone();
    bare.build = None;
    bare.pull_policy.clear();
    bare.scale = None;
    if let Some(deploy) = &mut bare.deploy {
        deploy.replicas = None;
    }
    bare.depends_on.clear();
    bare.profiles.clear();
    hash(&bare)
}

/// The hash of a network's or a volume's configuration.
pub fn resource_hash<T: serde::Serialize>(resource: &T) -> String {
    hash(resource)
}

/// The hash of anything that can be shown as JSON.
pub(crate) fn hash<T: serde::Serialize>(value: &T) -> String {
    let text = serde_json::to_vec(value).unwrap_or_default();
    Sha256::digest(&text).iter().fold(String::with_capacity(64), |mut hex, byte| {
        hex.push_str(&format!("{byte:02x}"));
        hex
    })
}

impl Project {
    /// The enabled services' names, each after those that it depends on.
    pub fn service_order(&self) -> Vec<&str> {
        fn visit<'a>(project: &'a Project, name: &'a str, order: &mut Vec<&'a str>, met: &mut Vec<&'a str>) {
            if met.contains(&name) {
                return;
            }
            met.push(name);
            let Some(service) = project.services.get(name) else { return };
            service.depends_on.keys().for_each(|other| visit(project, other, order, met));
            order.push(name);
        }
        let (mut order, mut met) = (Vec::new(), Vec::new());
        self.services.keys().for_each(|name| visit(self, name, &mut order, &mut met));
        order
    }

    /// The project with only some services and what they depend on, and what those use; all for none named.
    pub fn restricted_to(&self, services: &[String]) -> Result<Self, ComposeError> {
        let chosen: Vec<String> =
            crate::plan::select(self, services, true)?.into_iter().map(str::to_owned).collect();
        let mut project = self.clone();
        project.services.retain(|name, _| chosen.contains(name));
        crate::select::drop_unused(&mut project);
        Ok(project)
    }

    /// The image of a service: the one it names, or the one that its build makes.
    pub fn image_of(&self, name: &str) -> String {
        match self.services.get(name).map(|service| service.image.as_str()) {
            Some("") | None => format!("{}{}{name}", self.name, self.separator),
            Some(image) => image.to_owned(),
        }
    }

    /// The profiles that services name, sorted.
    pub fn profiles(&self) -> Vec<&str> {
        let services = self.services.values().chain(self.disabled.values());
        let mut profiles: Vec<&str> =
            services.flat_map(|service| &service.profiles).map(String::as_str).collect();
        profiles.sort_unstable();
        profiles.dedup();
        profiles
    }
}

fn plain(project: &Project) -> Result<Json, ComposeError> {
    let section =
        |value: Result<Json, serde_json::Error>| value.map_err(|error| ComposeError::new(error.to_string()));
    let mut top = JsonMap::new();
    top.insert("name".into(), project.name.as_str().into());
    top.insert("services".into(), section(serde_json::to_value(&project.services))?);
    for (name, value) in [
        ("networks", serde_json::to_value(&project.networks)),
        ("volumes", serde_json::to_value(&project.volumes)),
        ("secrets", serde_json::to_value(&project.secrets)),
        ("configs", serde_json::to_value(&project.configs)),
        ("models", serde_json::to_value(&project.models)),
    ] {
        let value = section(value)?;
        if value.as_object().is_some_and(|map| !map.is_empty()) {
            top.insert(name.into(), value);
        }
    }
    // Content that came from the environment is not shown.
    for (key, config) in project.configs.iter().filter(|(_, config)| !config.environment.is_empty()) {
        if let Some(shown) =
            top.get_mut("configs").and_then(|configs| configs.get_mut(key)).and_then(Json::as_object_mut)
        {
            shown.remove("content");
            shown.insert("environment".into(), config.environment.as_str().into());
        }
    }
    top.extend(project.extensions.iter().map(|(key, value)| (key.clone(), value.clone())));
    Ok(Json::Object(top))
}

/// Copies `x-…` keys from the merged tree to where they belong.
fn add_extensions(shown: &mut Json, tree: &Json) {
    match (shown, tree) {
        (Json::Object(shown), Json::Object(tree)) => {
            for (key, value) in tree {
                match shown.get_mut(key) {
                    Some(inner) => add_extensions(inner, value),
                    None if key.starts_with("x-") && !key.starts_with("x-#") => {
                        shown.insert(key.clone(), value.clone());
                    }
                    None => {}
                }
            }
        }
        (Json::Array(shown), Json::Array(tree)) => {
            shown.iter_mut().zip(tree).for_each(|(shown, tree)| add_extensions(shown, tree));
        }
        _ => {}
    }
}

fn escape_dollars(json: &mut Json) {
    match json {
        Json::String(text) if text.contains('$') => *text = text.replace('$', "$$"),
        Json::Array(items) => items.iter_mut().for_each(escape_dollars),
        Json::Object(map) => {
            let doubled: Vec<String> = map.keys().filter(|key| key.contains('$')).cloned().collect();
            for key in doubled {
                if let Some(value) = map.remove(&key) {
                    map.insert(key.replace('$', "$$"), value);
                }
            }
            map.values_mut().for_each(escape_dollars);
        }
        _ => {}
    }
}
