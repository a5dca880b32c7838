//! A change that asks for a new image: it is built, and the service's containers are made anew from it.

use crate::engine::Engine;
use crate::stacks::{Settings, StackEvent, build};
use teu_api::Failure;
use teu_compose::Project;
use teu_compose::plan::UpOptions;

/// Builds a service's image and brings the service up with it. What a step said last is told as warnings where it fails;
/// the containers go on as they are.
pub fn rebuild(
    engine: &Engine,
    project: &Project,
    service: &str,
    tell: &mut dyn FnMut(&StackEvent),
) -> Vec<Failure> {
    let image = project.image_of(service);
    let settings = Settings { name: project.name.clone(), ..Settings::default() };
    tell(&StackEvent::new("Image", &image, "Building"));
    if let Err(problem) = build::build(engine, project, service, &settings, &|_| {}) {
        tell(&StackEvent::new("Image", &image, "Error"));
        for line in &problem.log {
            tell(&StackEvent::new("Warning", &String::from_utf8_lossy(&line.text), ""));
        }
        return vec![problem.failure];
    }
    tell(&StackEvent::new("Image", &image, "Built"));
    let options = UpOptions { services: vec![service.to_owned()], no_deps: true, ..UpOptions::default() };
    match engine.raise_stack(project, &options, &settings, tell) {
        Ok(problems) => problems.into_iter().map(|problem| problem.failure).collect(),
        Err(failure) => vec![failure],
    }
}
