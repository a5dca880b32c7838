//! `teu system df`.

use crate::arguments::DiskUsageArguments;
use crate::commands::{Outcome, now, print, say};
use crate::output::{self, Format, Row, decimal_size, json, safe, short_id, table};
use serde_json::{Value, json as value};
use teu_api::Failure;
use teu_api::container::ContainerSnapshot;
use teu_core::Engine;
use teu_core::images::DiskUsage;

const TABLE: &str = r"{{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}";
const HEADINGS: [(&str, &str); 5] = [
    ("Type", "TYPE"),
    ("TotalCount", "TOTAL"),
    ("Active", "ACTIVE"),
    ("Size", "SIZE"),
    ("Reclaimable", "RECLAIMABLE"),
];

/// Shows what takes up the disk.
pub fn run(engine: &Engine, arguments: &DiskUsageArguments) -> Outcome {
    let usage = engine.store().disk_usage()?;
    let containers = engine.containers()?;
    if arguments.verbose {
        return verbose(&usage, &containers, arguments.format.as_deref());
    }
    let format = Format::parse(arguments.format.as_deref(), TABLE, None)?;
    let of = |id: &str| {
        usage.containers.iter().find(|(other, _)| other.as_str() == id).map_or(0, |(_, bytes)| *bytes)
    };
    let live = |container: &&ContainerSnapshot| container.state.status.is_live();
    let container_bytes: u64 = usage.containers.iter().map(|(_, bytes)| bytes).sum();
    let live_bytes: u64 = containers.iter().filter(live).map(|container| of(container.id.as_str())).sum();
    let volume_bytes: u64 = usage.volumes.iter().map(|volume| volume.bytes).sum();
    let unused: u64 =
        usage.volumes.iter().filter(|volume| volume.users == 0).map(|volume| volume.bytes).sum();
    let used_images = usage.images.iter().filter(|image| image.image.containers > 0).count();
    let mut rows = vec![
        row("Images", usage.images.len(), used_images, usage.images_total, usage.images_reclaimable),
        row(
            "Containers",
            containers.len(),
            containers.iter().filter(live).count(),
            container_bytes,
            container_bytes.saturating_sub(live_bytes),
        ),
        row(
            "Local Volumes",
            usage.volumes.len(),
            usage.volumes.iter().filter(|volume| volume.users > 0).count(),
            volume_bytes,
            unused,
        ),
    ];
    let steps = engine.store().build_steps()?;
    let caches = engine.store().build_caches()?;
    let built = steps.iter().map(|step| step.bytes).chain(caches.iter().map(|cache| cache.bytes)).sum();
    let count = steps.len() + caches.len();
    rows.push(row("Build Cache", count, steps.iter().filter(|step| step.in_use).count(), built, built));
    if usage.unused_content > 0 {
        // Docker has no such thing: what interrupted pulls left behind.
        let count = engine
            .store()
            .plan_prune(&teu_core::images::PruneRequest { content: true, ..Default::default() })?
            .items
            .len();
        rows.push(row("Unused Content", count, 0, usage.unused_content, usage.unused_content));
    }
    print(&format.render(&HEADINGS, &rows)?)?;
    Ok(0)
}

fn row(kind: &str, total: usize, active: usize, bytes: u64, reclaimable: u64) -> Row {
    let share = if bytes > 0 {
        format!(" ({}%)", u128::from(reclaimable) * 100 / u128::from(bytes))
    } else {
        String::new()
    };
    Row::new([
        ("Type", kind.to_owned()),
        ("TotalCount", total.to_string()),
        ("Active", active.to_string()),
        ("Size", decimal_size(bytes)),
        ("Reclaimable", format!("{}{share}", decimal_size(reclaimable))),
    ])
}

fn verbose(usage: &DiskUsage, containers: &[ContainerSnapshot], format: Option<&str>) -> Outcome {
    let now = now();
    let images: Vec<Value> = usage.images.iter().flat_map(|image| image_rows(image, now)).collect();
    let own: Vec<Value> = containers
        .iter()
        .map(|container| {
            let bytes =
                usage.containers.iter().find(|(id, _)| *id == container.id).map_or(0, |(_, bytes)| *bytes);
            value!({
                "ID": short_id(container.id.as_str()),
                "Image": container.image,
                "Size": decimal_size(bytes),
                "CreatedSince": output::ago(container.created_at, now),
                "Status": container.state.status.as_str(),
                "Names": container.name,
            })
        })
        .collect();
    let volumes: Vec<Value> = usage
        .volumes
        .iter()
        .map(|volume| value!({ "Name": volume.name, "Links": volume.users.to_string(), "Size": decimal_size(volume.bytes) }))
        .collect();
    match format.unwrap_or_default() {
        "" | "table" => {}
        "json" => {
            say(&json(&value!({ "Images": images, "Containers": own, "Volumes": volumes })))?;
            return Ok(0);
        }
        _ => {
            return Err(
                Failure::usage("--verbose has no templates").hint("use --format json, or leave out -v")
            );
        }
    }
    let sections = [
        (
            "Images space usage:",
            &images,
            &[
                ("Repository", "REPOSITORY"),
                ("Tag", "TAG"),
                ("ID", "IMAGE ID"),
                ("CreatedSince", "CREATED"),
                ("Size", "SIZE"),
                ("SharedSize", "SHARED SIZE"),
                ("UniqueSize", "UNIQUE SIZE"),
                ("Containers", "CONTAINERS"),
            ][..],
        ),
        (
            "Containers space usage:",
            &own,
            &[
                ("ID", "CONTAINER ID"),
                ("Image", "IMAGE"),
                ("Size", "SIZE"),
                ("CreatedSince", "CREATED"),
                ("Status", "STATUS"),
                ("Names", "NAMES"),
            ],
        ),
        (
            "Local Volumes space usage:",
            &volumes,
            &[("Name", "VOLUME NAME"), ("Links", "LINKS"), ("Size", "SIZE")],
        ),
    ];
    let mut text = String::new();
    for (title, rows, columns) in sections {
        let mut lines = vec![columns.iter().map(|(_, heading)| (*heading).to_owned()).collect::<Vec<_>>()];
        for row in rows {
            let cell = |field: &str| safe(row[field].as_str().unwrap_or_default()).into_owned();
            lines.push(columns.iter().map(|(field, _)| cell(field)).collect());
        }
        text.push_str(&format!("{title}\n\n{}\n", table(&lines)));
    }
    print(text.strip_suffix('\n').unwrap_or(&text))?;
    Ok(0)
}

fn image_rows(usage: &teu_core::images::ImageUsage, now: i64) -> Vec<Value> {
    let image = &usage.image;
    let untagged = ["<none>:<none>".to_owned()];
    let tags = if image.tags.is_empty() { &untagged[..] } else { &image.tags };
    let row = |tag: &String| {
        let (repository, tag) = tag.rsplit_once(':').unwrap_or((tag, "<none>"));
        value!({
            "Repository": repository,
            "Tag": tag,
            "ID": short_id(&image.id),
            "CreatedSince": image.created_at.map_or_else(|| "N/A".to_owned(), |at| output::ago(at, now)),
            "Size": decimal_size(image.size),
            "SharedSize": decimal_size(usage.shared),
            "UniqueSize": decimal_size(usage.unique),
            "Containers": image.containers.to_string(),
        })
    };
    tags.iter().map(row).collect()
}
