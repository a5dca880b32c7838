//! `teu compose images`.

use super::project::Stack;
use super::ps::service;
use crate::arguments::ComposeImagesArguments;
use crate::commands::{Outcome, now, print};
use crate::output::{self, safe, short_id};
use serde_json::json;
use teu_core::{Engine, Reference};

/// Lists the images that a stack's containers were made from.
pub fn run(engine: &Engine, stack: &Stack, arguments: &ComposeImagesArguments) -> Outcome {
    let mut rows =
        vec![["CONTAINER", "REPOSITORY", "TAG", "IMAGE ID", "CREATED"].map(str::to_owned).to_vec()];
    let (mut list, mut ids) = (Vec::new(), Vec::new());
    for record in engine.stack_containers(&stack.name)? {
        let wanted = &arguments.services;
        if !wanted.is_empty() && wanted.iter().all(|name| name != service(&record.spec.labels)) {
            continue;
        }
        let spec = &record.spec;
        let familiar = Reference::parse_tagged(&spec.image)
            .map_or_else(|_| spec.image.clone(), |reference| reference.familiar());
        let (repository, tag) = familiar.rsplit_once(':').unwrap_or((&familiar, "<none>"));
        let created =
            engine.store().image(&spec.image_id).map_or(0, |image| image.created_at.unwrap_or_default());
        list.push(
            json!({"ContainerName": record.name, "Repository": repository, "Tag": tag, "ID": spec.image_id}),
        );
        rows.push(vec![
            safe(&record.name).into_owned(),
            safe(repository).into_owned(),
            safe(tag).into_owned(),
            short_id(&spec.image_id).to_owned(),
            if created == 0 { "N/A".to_owned() } else { output::ago(created, now()) },
        ]);
        if !ids.contains(&spec.image_id) {
            ids.push(spec.image_id.clone());
        }
    }
    if arguments.quiet {
        print(&super::say::lines(ids.iter().map(|id| short_id(id))))?;
    } else if arguments.format == "json" {
        print(&format!("{}\n", output::json(&list)))?;
    } else {
        print(&output::table(&rows))?;
    }
    Ok(0)
}
