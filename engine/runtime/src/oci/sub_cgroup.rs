//! `exec --cgroup [CONTROLLER[,CONTROLLER…]:]PATH`: cgroups below the container's that the process starts in.

use crate::cgroup::Cgroup;
use crate::error::{Result, RuntimeError};
use std::path::{Component, Path, PathBuf};

/// Where below the container's cgroup a process starts.
#[derive(Debug, PartialEq, Eq)]
enum Below<'a> {
    /// The container's cgroup itself, or where its init moved to.
    Unsaid,
    /// One path for every hierarchy.
    Everywhere(&'a str),
    /// A path for each of some controllers of v1.
    Each(Vec<(&'a str, &'a str)>),
}

/// The cgroup that the arguments name. The second value says whether it was named, and so is to be that and no other.
pub(super) fn open(arguments: &[String], container: &Path) -> Result<(Cgroup, bool)> {
    match parse(arguments)? {
        Below::Unsaid => Ok((Cgroup::open(container)?, false)),
        Below::Everywhere(path) => {
            let cgroup = Cgroup::open(&container.join(inside(path)?))?;
            if cgroup.exists() { Ok((cgroup, true)) } else { Err(missing(path, cgroup.path())) }
        }
        Below::Each(parts) => {
            let mut cgroup = Cgroup::open(container)?;
            let mut moves: Vec<(PathBuf, PathBuf)> = Vec::new();
            for (controller, path) in parts {
                let relative = inside(path)?;
                let refuse = |reason: String| {
                    Err(RuntimeError::invalid(format!("--cgroup {controller}:{path}"), reason))
                };
                let Some(from) = cgroup.directory(controller) else {
                    return refuse(format!("unknown controller {controller}"));
                };
                let to = from.join(relative);
                if !to.is_dir() {
                    return Err(missing(path, &container.join(relative)));
                }
                if moves.iter().any(|(same, other)| *same == from && *other != to) {
                    return refuse("another controller of its hierarchy has another path".to_string());
                }
                moves.push((from, to));
            }
            for (from, to) in moves {
                cgroup.redirect(&from, &to);
            }
            Ok((cgroup, true))
        }
    }
}

fn parse(arguments: &[String]) -> Result<Below<'_>> {
    let mut parts: Vec<(&str, &str)> = Vec::new();
    for argument in arguments {
        let refuse = |reason: String| Err(RuntimeError::invalid(format!("--cgroup {argument}"), reason));
        let Some((controllers, path)) = argument.split_once(':') else {
            if arguments.len() != 1 {
                return refuse("missing <controller>: prefix, which each of several needs".to_string());
            }
            return Ok(Below::Everywhere(argument));
        };
        for controller in controllers.split(',') {
            if controller.is_empty() {
                return refuse("empty <controller> prefix".to_string());
            }
            if parts.iter().any(|(other, _)| *other == controller) {
                return refuse(format!("controller {controller} specified multiple times"));
            }
            parts.push((controller, path));
        }
    }
    Ok(if parts.is_empty() { Below::Unsaid } else { Below::Each(parts) })
}

/// The path below the container's cgroup, which it may not leave.
fn inside(path: &str) -> Result<&Path> {
    let relative = Path::new(path.trim_start_matches('/'));
    if relative.components().any(|part| part == Component::ParentDir) {
        return Err(RuntimeError::invalid("--cgroup", format!("{path} is not a sub cgroup path")));
    }
    Ok(relative)
}

fn missing(path: &str, whole: &Path) -> RuntimeError {
    let (own, file) = (std::process::id(), whole.join("cgroup.procs"));
    let reason = format!("adding pid {own} to {}: no such file or directory", file.display());
    RuntimeError::invalid(format!("--cgroup {path}"), reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> std::result::Result<String, String> {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        parse(&arguments).map(|below| format!("{below:?}")).map_err(|error| error.to_string())
    }

    #[test]
    fn arguments_name_one_path_or_one_for_each_controller() {
        assert_eq!(parsed(&[]).as_deref(), Ok("Unsaid"));
        assert_eq!(parsed(&["a/b"]).as_deref(), Ok("Everywhere(\"a/b\")"));
        let each = parsed(&["memory:m", "cpu,cpuacct:c"]);
        assert_eq!(
            each.as_deref(),
            Ok("Each([(\"memory\", \"m\"), (\"cpu\", \"c\"), (\"cpuacct\", \"c\")])")
        );
    }

    #[test]
    fn what_names_no_place_or_two_is_refused() {
        for (arguments, reason) in [
            (&["a", "cpu:b"][..], "missing <controller>: prefix"),
            (&["cpu:a", "b"], "missing <controller>: prefix"),
            (&[":a"], "empty <controller> prefix"),
            (&["cpu,:a"], "empty <controller> prefix"),
            (&["cpu:a", "memory,cpu:b"], "controller cpu specified multiple times"),
        ] {
            let error = parsed(arguments).unwrap_err();
            assert!(error.contains(reason), "{arguments:?}: {error}");
        }
    }

    #[test]
    fn no_path_leaves_the_container() {
        for path in ["..", "a/../..", "/../x"] {
            assert!(inside(path).is_err(), "{path}");
        }
        assert_eq!(inside("/").unwrap(), Path::new(""));
        assert_eq!(inside("/a..b/c").unwrap(), Path::new("a..b/c"));
    }
}
