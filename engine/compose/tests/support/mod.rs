//! Projects in memory.

use std::collections::BTreeMap;
use std::path::PathBuf;
use teu_compose::{ComposeError, LoadOptions, Project, load_from};

/// Files by path, as `Files` takes them.
pub fn files(list: &[(&str, &str)]) -> BTreeMap<PathBuf, String> {
    list.iter().map(|(path, text)| (PathBuf::from("/p").join(path), (*text).to_owned())).collect()
}

/// Options for a project named `p` in the folder `/p`.
pub fn options() -> LoadOptions {
    LoadOptions {
        project_name: Some("p".into()),
        current_directory: "/p".into(),
        resolve_paths: false,
        environment: BTreeMap::from([("OUT".into(), "side".into()), ("HOME".into(), "/home/me".into())]),
        ..LoadOptions::default()
    }
}

/// Loads files with the given options.
pub fn load_with(list: &[(&str, &str)], options: &LoadOptions) -> Result<Project, ComposeError> {
    load_from(options, &files(list))
}

/// Loads one file, `compose.yaml`.
#[allow(dead_code, reason = "not every suite needs it")]
pub fn load(text: &str) -> Result<Project, ComposeError> {
    load_with(&[("compose.yaml", text)], &options())
}
