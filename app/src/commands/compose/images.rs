//! `teu compose images`.

use super::project::Stack;
use super::ps::service;
use crate::arguments::ComposeImagesArguments;
use crate::commands::{Outcome, now, print};
use crate::output::{self, safe, short_id};
use serde_json::json;
use teu_core::{Engine, Reference};

const TITLES: [&str; 7] = ["CONTAINER", "REPOSITORY", "TAG", "PLATFORM", "IMAGE ID", "SIZE", "CREATED"];

/// Lists the images that a stack's containers were made from.
pub fn run(engine: &Engine, stack: &Stack, arguments: &ComposeImagesArguments) -> Outcome {
    let mut rows = vec![TITLES.map(str::to_owned).to_vec()];
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
        // An image whose name went on to another may be gone.
        let image = engine.store().image(&spec.image_id).ok();
        let created = image.as_ref().and_then(|image| image.created_at);
        let size = image.as_ref().map_or(0, |image| image.size);
        let platform = image.as_ref().map_or_else(String::new, |image| {
            let parts = [&image.os, &image.architecture, &image.variant];
            parts.into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join("/")
        });
        let moment = |at: i64| {
            jiff::Timestamp::from_nanosecond(i128::from(at))
                .map_or_else(|_| String::new(), |at| at.to_string())
        };
        list.push(json!({
            "ID": spec.image_id,
            "ContainerName": record.name,
            "Repository": repository,
            "Tag": tag,
            "Platform": platform,
            "Size": size,
            "Created": created.map(moment),
            "LastTagTime": image.as_ref().map(|image| moment(image.stored_at)),
        }));
        rows.push(vec![
            safe(&record.name).into_owned(),
            safe(repository).into_owned(),
            safe(tag).into_owned(),
            safe(&platform).into_owned(),
            short_id(&spec.image_id).to_owned(),
            output::decimal_size(size),
            created.map_or_else(|| "N/A".to_owned(), |created| output::ago(created, now())),
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
