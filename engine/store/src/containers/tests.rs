use super::NewContainer;
use crate::test_support::TestStore;
use crate::{NewVolume, StoreError};
use teu_api::ContainerId;
use teu_api::container::{ContainerSpec, MountKind, MountSpec, Status};

fn new(byte: u8, name: &str) -> NewContainer {
    let spec = ContainerSpec {
        image: "alpine".into(),
        command: vec!["sleep".into(), "9".into()],
        ..Default::default()
    };
    NewContainer { id: ContainerId::from_bytes([byte; 32]), name: name.into(), spec }
}

#[test]
fn containers_are_found_as_docker_finds_them() {
    let store = TestStore::new();
    for (byte, name) in [(0xaa, "web"), (0xab, "db"), (0xcc, "aa")] {
        store.insert_container(&new(byte, name)).unwrap();
    }
    let find = |reference: &str| store.find_container(reference).map(|found| found.name);
    assert_eq!(find("web").unwrap(), "web");
    assert_eq!(find("/web").unwrap(), "web");
    assert_eq!(find("ab").unwrap(), "db");
    assert_eq!(find("aa").unwrap(), "aa", "a name goes before an id's beginning");
    assert_eq!(find(&"aa".repeat(32)).unwrap(), "web");
    assert!(matches!(find("a"), Err(StoreError::Ambiguous(_))));
    for missing in ["", "we", "%", "dd", "x'--"] {
        let error = find(missing).unwrap_err();
        assert_eq!(error.to_string(), format!("No such container: {missing}"));
    }
    assert_eq!(
        store.containers().unwrap().iter().map(|found| found.name.as_str()).collect::<Vec<_>>(),
        ["aa", "db", "web"]
    );
}

#[test]
fn a_name_is_one_containers() {
    let store = TestStore::new();
    store.insert_container(&new(1, "web")).unwrap();
    let error = store.insert_container(&new(2, "web")).unwrap_err();
    assert!(error.is_name_taken());
    assert_eq!(
        error.to_string(),
        format!(
            "Conflict. The container name \"/web\" is already in use by container \"{}\". You have to remove (or rename) that container to be able to reuse that name.",
            "01".repeat(32)
        )
    );
    store.insert_container(&new(2, "other")).unwrap();
    assert!(store.rename_container(&new(2, "").id, "web").unwrap_err().is_name_taken());
    store.rename_container(&new(2, "").id, "free").unwrap();
    assert_eq!(store.find_container("free").unwrap().id, new(2, "").id);
    let event = store.events_after(0).unwrap().pop().unwrap();
    assert_eq!((event.action.as_str(), event.attributes["oldName"].as_str()), ("rename", "/other"));
}

#[test]
fn two_processes_never_get_the_same_name() {
    let store = TestStore::new();
    let paths = store.paths().clone();
    let winners: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8_u8)
            .map(|byte| {
                let paths = paths.clone();
                scope.spawn(move || {
                    let store = crate::Store::open(paths).unwrap();
                    match store.insert_container(&new(byte, "one")) {
                        Ok(()) => 1,
                        Err(error) if error.is_name_taken() => 0,
                        Err(error) => panic!("{error}"),
                    }
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!((winners, store.containers().unwrap().len()), (1, 1));
}

#[test]
fn state_and_event_change_together() {
    let store = TestStore::new();
    let mut container = new(1, "web");
    container.spec.labels.insert("a".into(), "b".into());
    store.insert_container(&container).unwrap();
    assert!(store.unsettled_containers().unwrap().is_empty());
    store
        .update_container_state(&container.id, Some("start"), &[("x", "y".to_owned())], |state| {
            state.status = Status::Running;
            state.pid = 7;
        })
        .unwrap();
    let found = store.again().container(&container.id).unwrap();
    assert_eq!((found.state.status, found.state.pid, &found.spec), (Status::Running, 7, &container.spec));
    assert_eq!(store.unsettled_containers().unwrap().len(), 1);
    assert_eq!(store.unsettled().unwrap().len(), 1);
    let events = store.events_after(0).unwrap();
    assert_eq!(events.iter().map(|event| event.action.as_str()).collect::<Vec<_>>(), ["create", "start"]);
    let attributes: Vec<_> =
        events[1].attributes.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(attributes, ["a=b", "image=alpine", "name=web", "x=y"]);
    assert_eq!(store.last_event().unwrap(), events[1].seq);
}

#[test]
fn removal_takes_folders_and_anonymous_volumes_along() {
    let store = TestStore::new();
    let anonymous = store.create_volume(&NewVolume { anonymous: true, ..NewVolume::default() }).unwrap();
    let named = store.create_volume(&NewVolume { name: "data".into(), ..NewVolume::default() }).unwrap();
    let mut container = new(1, "web");
    container.spec.host.mounts = vec![
        MountSpec {
            kind: MountKind::Volume,
            source: anonymous.name.clone(),
            anonymous: true,
            ..Default::default()
        },
        MountSpec { kind: MountKind::Volume, source: "data".into(), ..Default::default() },
    ];
    store.insert_container(&container).unwrap();
    let folder = store.paths().container(&container.id);
    std::fs::create_dir_all(folder.join("upper/deep")).unwrap();
    std::fs::create_dir_all(store.paths().container_run(&container.id)).unwrap();
    assert!(
        store.remove_volume("data").unwrap_err().to_string().starts_with("remove data: volume is in use")
    );

    store.remove_container(&container.id, true).unwrap();
    assert!(store.container(&container.id).unwrap_err().is_not_found());
    assert!(
        !folder.exists()
            && !store.paths().container_run(&container.id).exists()
            && !anonymous.mountpoint.exists()
    );
    assert!(named.mountpoint.exists());
    assert!(store.volume(&anonymous.name).unwrap_err().is_not_found());
    store.remove_volume("data").unwrap();
    assert!(!named.mountpoint.exists());
    assert_eq!(std::fs::read_dir(store.paths().staging()).unwrap().count(), 0);
}

#[test]
fn events_are_bounded_and_selected_by_time() {
    let store = TestStore::new();
    let event = crate::NewEvent::new(crate::EventKind::Network, "create", "x");
    let first = store.append_event(&event).unwrap();
    let time = store.events_after(0).unwrap()[0].time;
    assert_eq!(store.events_between(time, time).unwrap().len(), 1);
    assert_eq!(store.events_between(time + 1, i64::MAX).unwrap().len(), 0);
    assert_eq!(store.events_after(first).unwrap().len(), 0);
}
