//! `teu compose pull` and `push`.

use super::manner::Manner;
use super::project;
use crate::arguments::{ComposeArguments, ComposePullArguments};
use crate::commands::{Outcome, complain};
use crate::output::safe;
use std::io::Write as _;
use teu_api::Failure;
use teu_core::stacks::plan;
use teu_core::{Engine, Paths, Silent};

/// Pulls the images of services.
pub fn pull(paths: Paths, arguments: &ComposeArguments, pull: &ComposePullArguments) -> Outcome {
    each(paths, arguments, pull, "Pulled", |engine, image| engine.pull(image, None, &Silent).map(drop))
}

/// Pushes the images of services.
pub fn push(paths: Paths, arguments: &ComposeArguments, push: &ComposePullArguments) -> Outcome {
    each(paths, arguments, push, "Pushed", |engine, image| engine.push(image, None, &Silent).map(drop))
}

fn each(
    paths: Paths,
    arguments: &ComposeArguments,
    wanted: &ComposePullArguments,
    done: &str,
    action: impl Fn(&Engine, &str) -> Result<(), Failure>,
) -> Outcome {
    Manner::of(arguments).refuse_dry_run("a transfer")?;
    let project = project::load(arguments, &wanted.services)?;
    let services = plan::select(&project, &wanted.services, wanted.include_deps)?;
    // Those that only a build makes are in no registry.
    let mut images: Vec<&str> = services
        .iter()
        .filter_map(|name| project.services.get(*name))
        .filter(|service| !wanted.ignore_buildable || service.build.is_none())
        .map(|service| service.image.as_str())
        .filter(|image| !image.is_empty())
        .collect();
    images.sort_unstable();
    images.dedup();
    let engine = Engine::open(paths)?;
    let mut code = 0;
    for image in images {
        if wanted.policy.as_deref() == Some("missing") && engine.store().find_image(image).is_ok() {
            continue;
        }
        match action(&engine, image) {
            Ok(()) if wanted.quiet => {}
            Ok(()) => {
                let _ = writeln!(std::io::stderr(), " Image {}  {done}", safe(image));
            }
            Err(failure) => {
                complain(&failure);
                code = u8::from(!wanted.ignore_pull_failures);
            }
        }
    }
    Ok(code)
}
