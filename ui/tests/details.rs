//! Detail tabs, panes of other things, merged logs, pruning, tasks and the session.
#![allow(clippy::unwrap_used)]

mod common;

use common::{App, NOON, SECOND, container, demo, demo_app, id, images, log};
use serde_json::json;
use teu_api::container::{Health, HealthProbe, HealthStatus, Status};
use teu_api::details::{
    DetailRequest, HistoryStep, ImageDetails, LayerChange, LayerChangeKind, LayerSummary, Processes,
    PruneRow, PruneRowKind, PruneScope,
};
use teu_api::event::LogStream;
use teu_api::network::{NetworkSnapshot, NetworkSpec, Subnet};
use teu_api::volume::VolumeSnapshot;
use teu_api::{Command, Event, Failure};
use teu_ui::{Effect, Settings};

fn watched(app: &mut App) -> Vec<Option<DetailRequest>> {
    let commands = app.commands();
    let only = commands.into_iter().filter_map(|command| match command {
        Command::WatchDetail(request) => Some(request),
        _ => None,
    });
    only.collect()
}

fn document() -> serde_json::Value {
    json!({
        "Id": id(3).as_str(),
        "Config": {"Env": ["PATH=/usr/bin:/bin", "GREETING=hello world", "EMPTY="], "Tty": false, "ExposedPorts": {"9000/udp": {}}},
        "HostConfig": {"PortBindings": {}, "Memory": 67_108_864, "Init": null},
        "Mounts": [
            {"Type": "volume", "Name": "data", "Source": "/x", "Destination": "/var/lib/data", "RW": true, "Mode": ""},
            {"Type": "bind", "Source": "/etc/motd", "Destination": "/etc/motd", "RW": false, "Mode": "ro"},
        ],
        "NetworkSettings": {
            "Ports": {"80/tcp": [{"HostIp": "", "HostPort": "8080"}], "443/tcp": null},
            "Networks": {"bridge": {"IPAddress": "172.17.0.2", "Gateway": "172.17.0.1", "MacAddress": "02:42:ac:11:00:02"}},
        },
    })
}

fn tell(app: &mut App) {
    app.event(Event::Inspected { id: id(3).as_str().to_owned(), document: Ok(document()) });
}

/// Turns to the tab of that name.
fn turn(app: &mut App, title: &str) {
    for _ in 0..9 {
        app.keys("]");
        app.pass(SECOND);
        let head = app.text().lines().nth(1).unwrap().to_owned();
        if app.find(title).is_some() && head.contains(title) && bold(app, title) {
            return;
        }
    }
    panic!("no tab {title}");
}

fn bold(app: &mut App, title: &str) -> bool {
    let buffer = app.draw();
    let row: Vec<&str> = (0..buffer.area().width).map(|x| buffer[(x, 1)].symbol()).collect();
    let at = (0..row.len()).find(|at| row[*at..].concat().starts_with(&format!(" {title} ")));
    at.is_some_and(|at| buffer[(at as u16 + 1, 1)].modifier.contains(ratatui::style::Modifier::BOLD))
}

#[test]
fn tabs_of_a_container() {
    let mut app = demo_app(120, 36);
    for title in ["Env", "Mounts", "Ports", "Inspect"] {
        turn(&mut app, title);
        tell(&mut app);
        insta::assert_snapshot!(format!("tab_{}", title.to_lowercase()), app.text());
    }
}

#[test]
fn documents_fold() {
    let mut app = demo_app(120, 36);
    app.keys("i");
    tell(&mut app);
    assert!(app.text().contains("\"GREETING=hello world\""));
    assert!(app.text().contains("▸ 80/tcp  [{…}]"), "what lies deep is folded");
    // On the first branch: fold, look, unfold.
    app.keys("g j enter");
    assert!(app.text().contains("▸ Config  {Env: […], "), "{}", app.text());
    app.keys("enter");
    assert!(app.text().contains("▾ Config"));
    app.keys("h");
    assert!(app.text().contains("▸ Config"), "left folds");
    // Another reading keeps what was folded.
    let mut other = document();
    other["State"] = json!("new");
    app.event(Event::Inspected { id: id(3).as_str().to_owned(), document: Ok(other) });
    assert!(app.text().contains("▸ Config"));
    app.effects.clear();
    app.keys("G y");
    assert_eq!(app.effects, [Effect::CopyToClipboard("new".into())]);
    app.keys("g h j");
    assert!(app.text().contains("▎ ● demo-web"), "left of the root is the list");
}

#[test]
fn processes_are_read_only_while_looked_at() {
    let mut app = demo_app(120, 36);
    assert_eq!(watched(&mut app), []);
    turn(&mut app, "Top");
    assert_eq!(
        watched(&mut app),
        [Some(DetailRequest::Container(id(3))), Some(DetailRequest::Processes(id(3)))],
        "the tab before asked for the document"
    );
    let row = |pid: &str, command: &str| ["root", pid, command].map(str::to_owned).to_vec();
    let processes = Processes {
        titles: ["UID", "PID", "CMD"].map(str::to_owned).to_vec(),
        rows: vec![row("4003", "/bin/sh -c serve demo-wave"), row("4010", "sleep 1")],
    };
    let told = Event::Processes { id: id(3), processes: Ok(processes) };
    app.event(told.clone());
    insta::assert_snapshot!("tab_top", app.text());
    app.model.needs_redraw();
    app.event(told);
    assert!(!app.model.needs_redraw(), "the same processes are no news");
    app.keys("e");
    assert_eq!(watched(&mut app), [None], "a shell hides them");
    app.keys("ctrl-] ctrl-]");
    app.pass(SECOND);
    assert_eq!(watched(&mut app), [Some(DetailRequest::Processes(id(3)))]);
    app.keys("k");
    app.pass(SECOND);
    assert_eq!(watched(&mut app), [None], "what has ended has none");
    assert!(app.text().contains("it is not running"));
}

#[test]
fn details_are_not_asked_for_in_passing() {
    let mut app = demo_app(120, 36);
    app.keys("i tab");
    app.pass(SECOND);
    watched(&mut app);
    app.keys("g j j j");
    assert_eq!(watched(&mut app), [Some(DetailRequest::Container(id(2)))]);
    app.pass(SECOND);
    assert_eq!(watched(&mut app), [Some(DetailRequest::Container(id(1)))]);
    assert!(app.text().contains("reading…"), "what was read of another is not shown");
}

#[test]
fn health_and_its_history() {
    let mut app = App::new(120, 36);
    let mut web = container(1, "web", "web:1", Status::Running);
    let probe = |second: i64, exit_code: i32, output: &str| HealthProbe {
        start: NOON - second * SECOND,
        end: NOON - second * SECOND + 40_000_000,
        exit_code,
        output: output.into(),
    };
    web.state.health = Some(Health {
        status: HealthStatus::Unhealthy,
        failing_streak: 2,
        log: vec![probe(90, 0, "ok"), probe(60, 1, "\x1b[31mrefused"), probe(30, -1, "")],
    });
    app.event(Event::Containers(vec![web]));
    turn(&mut app, "Health");
    insta::assert_snapshot!("tab_health", app.text());
}

#[test]
fn volumes_and_networks() {
    let mut app = demo_app(120, 24);
    let volume = VolumeSnapshot {
        name: "data".into(),
        driver: "local".into(),
        mountpoint: "/srv/volumes/data/_data".into(),
        created_at: NOON - 3600 * SECOND,
        containers: vec!["demo-web".into()],
        ..VolumeSnapshot::default()
    };
    app.event(Event::Volumes(vec![volume]));
    app.event(Event::Networks(vec![NetworkSnapshot {
        id: "ab".repeat(32),
        spec: NetworkSpec {
            name: "backend".into(),
            subnets: vec![Subnet {
                subnet: "172.18.0.0/16".into(),
                gateway: "172.18.0.1".into(),
                ..Default::default()
            }],
            ..NetworkSpec::default()
        },
        interface: "teu-1".into(),
        created_at: NOON - 60 * SECOND,
        endpoints: vec![],
    }]));
    app.commands();
    app.keys("3");
    app.pass(SECOND);
    assert_eq!(watched(&mut app), [Some(DetailRequest::Volume("data".into()))]);
    app.event(Event::VolumeSize { name: "data".into(), bytes: Some(5 << 20) });
    assert!(app.text().contains("5.0 MiB"));
    app.keys("d");
    assert!(app.text().contains("gone for good"));
    app.keys("y");
    app.pass(5 * SECOND);
    assert!(app.commands().contains(&Command::RemoveVolume("data".into())));
    app.keys("4");
    insta::assert_snapshot!("pane_networks", app.text());
    app.keys("d y");
    app.pass(5 * SECOND);
    assert!(app.commands().contains(&Command::RemoveNetwork("backend".into())));
}

fn requests(app: &mut App) -> Vec<teu_api::command::LogRequest> {
    let found = app.commands().into_iter().filter_map(|command| match command {
        Command::FollowLogs(requests) => Some(requests),
        _ => None,
    });
    found.collect::<Vec<_>>().pop().unwrap_or_default()
}

#[test]
fn logs_of_marked_containers_are_one() {
    let mut app = demo_app(120, 30);
    app.commands();
    app.keys("g space space");
    app.pass(SECOND);
    let asked = requests(&mut app);
    assert_eq!(asked.iter().map(|request| request.id.clone()).collect::<Vec<_>>(), [id(2), id(4)]);
    let line = |at: usize, n: i64, text: &str| (asked[at].ticket, log(n, LogStream::Stdout, text));
    app.event(Event::MergedLog {
        lines: vec![line(0, 1, "count 1"), line(1, 2, "flaky says"), line(0, 3, "count 2")],
        dropped: 7,
    });
    let text = app.text();
    for part in ["2 logs", "7 lines are missing here", "demo-counter", "demo-flaky"] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    insta::assert_snapshot!("log_merged", common::colors(app.draw()));
    app.keys("esc");
    app.pass(SECOND);
    assert!(app.commands().iter().any(|command| matches!(command, Command::FollowLog(Some(_)))));
}

#[test]
fn a_stack_has_one_log() {
    let mut app = App::new(120, 30);
    let mut rows = demo();
    for row in &mut rows[..3] {
        row.labels.insert("com.docker.compose.project".into(), "shop".into());
    }
    app.event(Event::Containers(rows));
    app.commands();
    app.keys("5 l");
    app.pass(SECOND);
    assert_eq!(requests(&mut app).len(), 3);
    app.keys("1");
    app.pass(SECOND);
    assert!(app.commands().iter().any(|command| matches!(command, Command::FollowLog(Some(_)))));
}

fn image_details() -> ImageDetails {
    let change = |path: &str, kind, folder, size| LayerChange {
        path: path.into(),
        kind,
        folder,
        size,
        mode: if folder { 0o40_755 } else { 0o100_644 },
        uid: 0,
        gid: 0,
    };
    let base = LayerSummary {
        diff_id: "sha256:aa".into(),
        created_by: "ADD rootfs.tar /".into(),
        size: 7 << 20,
        added: 3,
        changes: vec![
            change("bin", LayerChangeKind::Added, true, 0),
            change("bin/sh", LayerChangeKind::Added, false, 1 << 20),
            change("etc", LayerChangeKind::Added, true, 0),
        ],
        ..LayerSummary::default()
    };
    let top = LayerSummary {
        diff_id: "sha256:bb".into(),
        created_by: "RUN rm /bin/sh".into(),
        size: 4096,
        wasted: 1 << 20,
        modified: 1,
        removed: 1,
        changes: vec![
            change("bin", LayerChangeKind::Modified, true, 0),
            change("bin/sh", LayerChangeKind::Removed, false, 1 << 20),
        ],
        left_out: 12,
        ..LayerSummary::default()
    };
    let step = |by: &str, size| HistoryStep {
        created_at: Some(NOON),
        created_by: by.into(),
        size,
        ..Default::default()
    };
    ImageDetails {
        layers: vec![base, top],
        history: vec![step("RUN rm /bin/sh", 4096), step("ENV A=b", 0), step("ADD rootfs.tar /", 7 << 20)],
        shared: 0,
        unique: 0,
    }
}

#[test]
fn an_image_is_taken_apart() {
    let mut app = demo_app(120, 30);
    app.keys("2 ]");
    app.pass(SECOND);
    let image = images()[1].id.clone();
    assert_eq!(watched(&mut app).last(), Some(&Some(DetailRequest::Image(images()[2].id.clone()))));
    app.keys("j");
    app.pass(SECOND);
    app.event(Event::ImageDetails { id: image.clone(), details: Ok(image_details()) });
    app.keys("tab enter j");
    insta::assert_snapshot!("tab_layers", app.text());
    app.keys("]");
    insta::assert_snapshot!("tab_history", app.text());
    app.event(Event::ImageDetails { id: image, details: Err(Failure::internal("layer cannot be read")) });
    assert!(app.text().contains("layer cannot be read"));
}

fn prune_rows() -> Vec<PruneRow> {
    let row = |kind, id: &str, reason: &str, bytes, precious| PruneRow {
        kind,
        id: id.into(),
        names: vec![],
        reason: reason.into(),
        bytes,
        parts: vec![],
        after: vec![],
        precious,
    };
    vec![
        row(PruneRowKind::Container, "demo-flaky", "exited", 5 << 20, false),
        row(PruneRowKind::Volume, "data", "unused", 3 << 30, true),
        row(PruneRowKind::Image, "sha256:030303", "dangling", 800 << 20, false),
    ]
}

#[test]
fn a_prune_removes_exactly_what_was_chosen() {
    let mut app = demo_app(120, 30);
    app.commands();
    app.keys("6 P");
    assert_eq!(app.commands().last(), Some(&Command::PlanPrune(PruneScope::Everything)));
    app.event(Event::PrunePlan(prune_rows()));
    insta::assert_snapshot!("dialog_prune", app.text());
    assert!(app.text().contains("2 of 3 things"), "a named volume is not chosen by itself");
    app.keys("space enter");
    assert_eq!(app.commands(), [Command::ApplyPrune(vec![prune_rows()[2].clone()])]);
    app.keys("P tab");
    assert_eq!(
        app.commands(),
        [Command::PlanPrune(PruneScope::Everything), Command::PlanPrune(PruneScope::Containers)]
    );
    app.event(Event::PrunePlan(vec![]));
    app.keys("enter");
    assert_eq!(app.commands(), [], "nothing chosen, nothing done");
    app.event(Event::Failed { ticket: None, failure: Failure::internal("x") });
    app.keys("tab");
    app.event(Event::Failed { ticket: None, failure: Failure::internal("no plan") });
    assert!(!app.text().contains("looking for"), "a plan that failed closes the wizard");
}

#[test]
fn nothing_is_pruned_read_only() {
    let mut app = common::demo_with(App::with(120, 30, Settings { readonly: true, ..Settings::default() }));
    app.commands();
    app.keys("P");
    assert_eq!(app.commands(), []);
    assert!(app.text().contains("read-only"));
}

#[test]
fn long_work_is_listed() {
    let mut app = demo_app(120, 30);
    let step = |text: &str| Event::Task { task: 1, title: "building the demo".into(), text: text.into() };
    app.event(step(""));
    app.event(step("packing the image of demo-web"));
    assert!(app.text().contains("◌ 1 task"));
    app.pass(3 * SECOND);
    app.event(Event::TaskEnded { task: 1, failure: Some(Failure::internal("no busybox")) });
    app.keys("@");
    let text = app.text();
    assert!(text.contains("building the demo") && text.contains("no busybox"), "{text}");
    assert!(!text.contains("1 task"));
}

#[test]
fn the_next_start_begins_where_the_last_one_ended() {
    let mut app = demo_app(120, 30);
    app.keys("2 ] s j");
    app.keys("1 ] ] / ");
    app.word("demo");
    app.keys("enter G > >");
    let session = app.model.session();
    let settings = Settings { session: session.clone(), ..Settings::default() };
    let mut next = App::with(120, 30, settings);
    next.event(Event::Images(images()));
    next.event(Event::Containers(demo()));
    assert_eq!(next.model.session(), session);
    assert!(next.text().contains("4 of 5") && next.text().contains("filter demo"), "{}", next.text());
    let broken = Settings { session: "pane = 7\n[[".into(), ..Settings::default() };
    let mut fresh = App::with(120, 30, broken);
    fresh.event(Event::Containers(demo()));
    assert!(fresh.text().contains("Containers 5"));
}
