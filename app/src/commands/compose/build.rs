//! `teu compose build`, and `--build` of other commands.

use super::manner::Manner;
use super::project;
use crate::arguments::values::size;
use crate::arguments::{ComposeArguments, ComposeBuildArguments};
use crate::commands::build::{self as one, variables};
use crate::commands::transfer::{Direction, Stream, Transfer};
use crate::commands::{Outcome, warn};
use teu_api::Failure;
use teu_core::stacks::{Project, build_order, build_request, plan};
use teu_core::{Engine, Paths};

/// Builds the images of services.
pub fn run(paths: Paths, arguments: &ComposeArguments, build: &ComposeBuildArguments) -> Outcome {
    let project = project::load(arguments, &build.services)?;
    let manner = Manner::of(arguments, &project.environment)?;
    manner.refuse_dry_run("build")?;
    let chosen = plan::select(&project, &build.services, build.with_dependencies)?;
    let order = build_order(&project, &chosen);
    if order.is_empty() {
        warn("no service has a build section: there is nothing to build");
        return Ok(0);
    }
    let engine = Engine::open(paths)?;
    let given = variables(&build.build_arg)?;
    let memory = build.memory.as_deref().map(|text| size::flag("--memory", text)).transpose()?;
    for name in &order {
        let mut request = build_request(&project, name)?;
        request.arguments.extend(given.clone());
        request.no_cache |= build.no_cache;
        request.pull |= build.pull;
        request.host.resources.memory = memory.unwrap_or_default();
        one::carry_out(&engine, request, manner.of_builds(build.quiet))?;
    }
    if build.push {
        let transfer =
            Transfer::new(Direction::Push, if build.quiet { Stream::Nowhere } else { Stream::Error });
        for name in order.iter().filter(|name| !project.services[name.as_str()].image.is_empty()) {
            engine.push(&project.image_of(name), None, &transfer)?;
        }
    }
    Ok(0)
}

/// Builds anew what `--build` asks for: the images of these services that have a `build` section.
pub fn anew(engine: &Engine, project: &Project, services: &[&str], manner: Manner) -> Result<(), Failure> {
    for name in build_order(project, services) {
        one::carry_out(engine, build_request(project, &name)?, manner.of_builds(false))?;
    }
    Ok(())
}
