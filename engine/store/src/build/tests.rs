use super::*;
use crate::test_support::TestStore;
use crate::{Digest, PruneRequest};
use serde_json::json;

fn upper(folder: &std::path::Path, name: &str, content: &str) -> std::path::PathBuf {
    let upper = folder.join(format!("upper-{name}"));
    std::fs::create_dir(&upper).unwrap();
    std::fs::write(upper.join(name), content).unwrap();
    upper
}

#[test]
fn a_step_is_found_again_until_it_is_removed() {
    let (dir, store) = (tempfile::tempdir().unwrap(), TestStore::new());
    assert_eq!(store.build_step("k1").unwrap(), None);
    let first = store.put_build_step("k1", &upper(dir.path(), "a", "1"), None, "COPY a").unwrap();
    let second =
        store.put_build_step("k2", &upper(dir.path(), "b", "2"), Some(&first.chain_id), "RUN b").unwrap();
    assert_eq!(store.build_step("k1").unwrap().as_ref(), Some(&first));
    // Nothing else names its layer: no prune may take it.
    let plan = store.plan_prune(&PruneRequest { content: true, ..PruneRequest::default() }).unwrap();
    assert_eq!(plan.items, []);
    let steps = store.build_steps().unwrap();
    assert_eq!(steps.len(), 2);
    assert!(steps.iter().all(|step| step.bytes > 0 && !step.in_use));
    store.remove_build_steps(&["k1".into(), "k2".into(), "other".into()]).unwrap();
    assert_eq!(store.build_step("k2").unwrap(), None);
    assert_eq!(store.blobs().size(&second.blob).unwrap(), None);
    assert_eq!(store.layers().get(&second.chain_id).unwrap(), None);
}

#[test]
fn an_image_keeps_what_a_forgotten_step_made() {
    let (dir, store) = (tempfile::tempdir().unwrap(), TestStore::new());
    let step = store.put_build_step("k", &upper(dir.path(), "a", "1"), None, "COPY a").unwrap();
    let image = Assembly {
        config: json!({"Cmd": ["x"]}),
        platform: "",
        base: None,
        steps: vec![
            HistoryStep {
                created_by: "COPY a".into(),
                layer: Some(step.clone().into()),
                ..HistoryStep::default()
            },
            HistoryStep { created_by: "CMD x".into(), ..HistoryStep::default() },
        ],
        author: String::new(),
        created_at: 1_000_000_000,
    };
    let made = store.put_built_image(&image, Vec::new()).unwrap();
    // The same parts make the same image.
    assert_eq!(store.put_built_image(&image, Vec::new()).unwrap().id, made.id);
    assert!(store.build_steps().unwrap()[0].in_use);
    store.remove_build_steps(&["k".into()]).unwrap();
    assert_eq!(store.blobs().size(&step.blob).unwrap(), Some(step.blob_size));
    let config = store.image_config_json(&made.id).unwrap();
    assert_eq!(config["created"], "1970-01-01T00:00:01Z");
    assert_eq!(config["history"][1]["empty_layer"], true);
    assert_eq!(store.image_layers(&made.id).unwrap(), [step.chain_id.to_string()]);
}

#[test]
fn a_step_whose_blob_is_gone_is_not_found() {
    let (dir, store) = (tempfile::tempdir().unwrap(), TestStore::new());
    let step = store.put_build_step("k", &upper(dir.path(), "a", "1"), None, "COPY a").unwrap();
    let hex = Digest::parse(step.blob.as_str()).unwrap().hex().to_owned();
    std::fs::remove_file(store.paths().blobs().join(hex)).unwrap();
    assert_eq!(store.build_step("k").unwrap(), None);
}
