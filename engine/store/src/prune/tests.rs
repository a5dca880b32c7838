use super::*;
use crate::import::Import;
use crate::tar::{Builder, Entry, Kind};
use crate::test_support::TestStore;
use crate::{ImageRecord, NewContainer, NewVolume};
use std::io::Cursor;
use teu_api::ContainerId;
use teu_api::container::{ContainerSpec, MountKind, MountSpec, Status};

fn import(store: &TestStore, name: Option<&str>, content: &str, label: &str) -> ImageRecord {
    let mut builder = Builder::new(Vec::new());
    let mut entry = Entry::new("file", Kind::File, 0o644);
    entry.size = content.len() as u64;
    builder.append(&entry, &mut content.as_bytes()).unwrap();
    let changes = vec![format!("LABEL kind={label}")];
    let request = Import { name: name.map(str::to_owned), changes, ..Import::default() };
    store.import_image(Cursor::new(builder.finish().unwrap()), &request).unwrap()
}

fn container(store: &TestStore, byte: u8, image: &ImageRecord, status: Status, volume: &str) -> ContainerId {
    let id = ContainerId::from_bytes([byte; 32]);
    let mut spec = ContainerSpec {
        image_id: image.id.clone(),
        layers: store.image_layers(&image.id).unwrap(),
        ..ContainerSpec::default()
    };
    spec.host.mounts.push(MountSpec {
        kind: MountKind::Volume,
        source: volume.into(),
        ..MountSpec::default()
    });
    store.insert_container(&NewContainer { id: id.clone(), name: format!("c{byte}"), spec }).unwrap();
    store.update_container_state(&id, None, &[], |state| state.status = status).unwrap();
    id
}

fn shown(plan: &PrunePlan) -> Vec<String> {
    plan.items
        .iter()
        .map(|item| format!("{} {}", item.kind, item.names.first().unwrap_or(&item.id)))
        .collect()
}

#[test]
fn a_plan_says_exactly_what_goes_and_exactly_that_goes() {
    let store = TestStore::new();
    for name in ["kept", "free"] {
        store.create_volume(&NewVolume { name: name.into(), ..NewVolume::default() }).unwrap();
    }
    let anonymous = store.create_volume(&NewVolume { anonymous: true, ..NewVolume::default() }).unwrap();
    let used = import(&store, Some("used"), "1", "x");
    let stopped = import(&store, Some("stopped"), "2", "x");
    let unused = import(&store, Some("unused"), "3", "y");
    let dangling = import(&store, None, "4", "x");
    container(&store, 1, &used, Status::Running, "kept");
    container(&store, 2, &stopped, Status::Exited, "free");
    let blob = store.blobs().put(b"left by a pull").unwrap();

    let plan = |request: PruneRequest| store.plan_prune(&request).unwrap();
    assert_eq!(shown(&plan(PruneRequest::default())), [""; 0]);
    assert_eq!(shown(&plan(PruneRequest { containers: true, ..Default::default() })), ["container c2"]);
    let dangling_plan = plan(PruneRequest { images: PruneImages::Dangling, ..Default::default() });
    assert_eq!(shown(&dangling_plan), [format!("image {}", dangling.id)]);
    assert_eq!(
        shown(&plan(PruneRequest { volumes: PruneVolumes::Anonymous, ..Default::default() })),
        [format!("volume {}", anonymous.name)]
    );
    assert_eq!(shown(&plan(PruneRequest { content: true, ..Default::default() })), [format!("blob {blob}")]);
    let images = PruneRequest { images: PruneImages::Unused, ..Default::default() };
    assert_eq!(plan(images.clone()).items.len(), 2, "the stopped container needs its image");
    let label = |negated| LabelCondition { name: "kind".into(), value: Some("y".into()), negated };
    assert_eq!(
        shown(&plan(PruneRequest { labels: vec![label(false)], ..images.clone() })),
        ["image unused:latest"]
    );
    assert_eq!(
        shown(&plan(PruneRequest { labels: vec![label(true)], ..images.clone() })),
        [format!("image {}", dangling.id)]
    );
    assert_eq!(plan(PruneRequest { until: Some(1), ..images }).items.len(), 0);

    let all = PruneRequest {
        containers: true,
        images: PruneImages::Unused,
        volumes: PruneVolumes::Unused,
        content: true,
        ..Default::default()
    };
    let planned = plan(all);
    let kinds: Vec<String> = planned.items.iter().map(|item| item.kind.to_string()).collect();
    assert_eq!(kinds, ["container", "volume", "volume", "image", "image", "image", "blob"]);
    // Between plan and deed one image comes into use, and one gets another name.
    container(&store, 3, &unused, Status::Created, "kept");
    store.tag_image(&dangling.id, "named").unwrap();
    let outcome = store.apply_prune(&planned).unwrap();
    let kept: Vec<&str> = outcome.kept.iter().map(|(item, _)| item.id.as_str()).collect();
    assert_eq!(kept.len(), 2, "{:?}", outcome.kept);
    assert!(kept.contains(&unused.id.as_str()) && kept.contains(&dangling.id.as_str()));
    assert_eq!(outcome.total, outcome.removed.iter().map(|item| item.bytes).sum::<u64>());
    let left: Vec<Vec<String>> = store.images().unwrap().into_iter().map(|image| image.tags).collect();
    assert_eq!(left.len(), 3);
    assert!(store.find_image("stopped").is_err() && store.find_image("used").is_ok());
    assert_eq!(store.volumes().unwrap().len(), 1);
    assert!(store.blobs().size(&blob).unwrap().is_none());
    assert_eq!(std::fs::read_dir(store.paths().layers()).unwrap().count(), 3);
}

#[test]
fn shared_layers_are_counted_once_and_freed_last() {
    let store = TestStore::new();
    let first = import(&store, Some("a"), "same content", "x");
    let second = import(&store, Some("b"), "same content", "y");
    let other = import(&store, Some("c"), "other", "x");
    let usage = store.disk_usage().unwrap();
    let of = |image: &ImageRecord| {
        usage
            .images
            .iter()
            .find(|usage| usage.image.id == image.id)
            .map(|usage| (usage.shared, usage.unique))
            .unwrap()
    };
    assert_eq!((of(&first), of(&second), of(&other)), ((12, 0), (12, 0), (0, 5)));
    let plan = store.plan_prune(&PruneRequest { images: PruneImages::Unused, ..Default::default() }).unwrap();
    assert_eq!(
        (plan.total, usage.images_total, usage.images_reclaimable),
        (usage.images_total, plan.total, plan.total)
    );
    let freed: Vec<u64> =
        plan.items.iter().filter(|item| item.id != other.id).map(|item| item.bytes).collect();
    assert_eq!(freed[0], 0, "the first of the two frees nothing");
    assert!(freed[1] > 12);
    store.apply_prune(&plan).unwrap();
    assert_eq!(store.disk_usage().unwrap().images_total, 0);
    assert_eq!(std::fs::read_dir(store.paths().blobs()).unwrap().count(), 0);
}
