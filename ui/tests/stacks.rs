//! Stacks: their services, what needs what, what differs, and their file being edited.
#![allow(clippy::unwrap_used)]

mod common;

use common::{App, SECOND, colors, container, demo_app, id, stats};
use teu_api::container::{ContainerSnapshot, Health, HealthStatus, PortProtocol, PublishedPort, Status};
use teu_api::details::DetailRequest;
use teu_api::stack::{Need, StackDeed, StackDetails, StackService, StackSource, TextFinding, WatchNews};
use teu_api::{Command, Event, Failure};
use teu_ui::Settings;

const FILE: &str = "/srv/shop/compose.yaml";

fn member(n: u8, service: &str, status: Status) -> ContainerSnapshot {
    let mut row = container(n, &format!("shop-{service}-1"), &format!("shop/{service}:latest"), status);
    for (label, value) in [
        ("com.docker.compose.project", "shop"),
        ("com.docker.compose.service", service),
        ("com.docker.compose.project.config_files", FILE),
        ("com.docker.compose.project.working_dir", "/srv/shop"),
    ] {
        row.labels.insert(label.into(), value.into());
    }
    row
}

fn shop() -> Vec<ContainerSnapshot> {
    let mut proxy = member(1, "proxy", Status::Running);
    proxy.ports.push(PublishedPort {
        host_ip: String::new(),
        host_port: 8080,
        host_port_end: 0,
        container_port: 80,
        protocol: PortProtocol::default(),
    });
    let mut db = member(3, "db", Status::Running);
    db.state.health = Some(Health { status: HealthStatus::Healthy, ..Health::default() });
    let mut worker = member(5, "worker", Status::Exited);
    worker.state.exit_code = 1;
    vec![proxy, member(2, "api", Status::Running), db, member(4, "migrate", Status::Exited), worker]
}

fn source() -> StackSource {
    StackSource { name: "shop".into(), files: vec![FILE.into()], directory: "/srv/shop".into() }
}

fn details() -> StackDetails {
    let service = |name: &str, needs: &[(&str, Need)]| StackService {
        name: name.into(),
        image: format!("shop/{name}:latest"),
        wanted: 1,
        needs: needs.iter().map(|(name, need)| ((*name).to_owned(), *need)).collect(),
        ..StackService::default()
    };
    let mut api =
        service("api", &[("db", Need::Healthy), ("migrate", Need::Completed), ("cache", Need::Started)]);
    api.drift = vec!["shop-api-1 was made from another configuration".into()];
    let mut cache = service("cache", &[]);
    cache.drift = vec!["1 container to be made".into()];
    StackDetails {
        source: source(),
        services: vec![
            service("db", &[]),
            cache,
            service("migrate", &[("db", Need::Healthy)]),
            api,
            service("worker", &[("db", Need::Healthy), ("cache", Need::Started)]),
            service("proxy", &[("api", Need::Started)]),
        ],
        drift: vec!["network shop_default is to be made".into()],
        warnings: vec![],
        problem: None,
    }
}

fn app(columns: u16, rows: u16) -> App {
    shop_in(App::new(columns, rows))
}

fn shop_in(mut app: App) -> App {
    app.event(Event::Containers(shop()));
    for second in 0..60 {
        app.event(stats(second));
    }
    app.keys("5");
    app.pass(SECOND);
    let asked = app.commands();
    let wanted = Command::WatchDetail(Some(DetailRequest::Stack(source())));
    assert!(asked.contains(&wanted), "{asked:?}");
    app.event(Event::StackDetails { name: "shop".into(), details: Ok(details()) });
    app
}

#[test]
fn services_at_three_sizes() {
    for (columns, rows) in [(60, 16), (80, 24), (220, 44)] {
        let mut app = app(columns, rows);
        app.keys("tab j");
        insta::assert_snapshot!(format!("services_{columns}x{rows}"), app.text());
    }
}

#[test]
fn services_have_colours() {
    let mut app = app(120, 30);
    app.keys("tab z");
    insta::assert_snapshot!("services_colours", colors(app.draw()));
}

#[test]
fn needs_are_drawn() {
    for (columns, rows) in [(60, 16), (120, 36)] {
        let mut app = app(columns, rows);
        app.keys("tab z t g j j j");
        insta::assert_snapshot!(format!("graph_{columns}x{rows}"), app.text());
    }
    let mut app = app(100, 34);
    app.keys("tab z t g");
    insta::assert_snapshot!("graph_colours", colors(app.draw()));
}

#[test]
fn differences_are_told() {
    let mut app = app(120, 30);
    app.keys("t d");
    insta::assert_snapshot!("drift", app.text());
    app.event(Event::StackDetails {
        name: "shop".into(),
        details: Ok(StackDetails {
            source: source(),
            problem: Some(Failure::usage("compose.yaml:3:5: services.web: unknown key")),
            ..StackDetails::default()
        }),
    });
    assert!(app.text().contains("unknown key"), "{}", app.text());
    app.keys("t s");
    assert!(app.text().contains("proxy"), "the containers tell without a file\n{}", app.text());
}

fn deeds(app: &mut App) -> Vec<(Vec<String>, StackDeed)> {
    let commands = app.commands().into_iter();
    commands
        .filter_map(|command| match command {
            Command::Stack(request) => Some((request.services, request.deed)),
            _ => None,
        })
        .collect()
}

#[test]
fn a_stack_is_handled_as_a_whole_or_by_service() {
    let mut app = app(120, 30);
    app.keys("u S r");
    let all = vec![];
    assert_eq!(
        deeds(&mut app),
        [(all.clone(), StackDeed::Up), (all.clone(), StackDeed::Stop), (all.clone(), StackDeed::Restart)]
    );
    app.keys("D enter");
    assert_eq!(deeds(&mut app), [], "what runs is not taken down by enter alone");
    app.keys("D y");
    assert_eq!(deeds(&mut app), [(all, StackDeed::Down { volumes: false })]);
    app.keys("tab j j j + - r");
    let api = vec!["api".to_owned()];
    assert_eq!(
        deeds(&mut app),
        [(api.clone(), StackDeed::Scale(2)), (api.clone(), StackDeed::Scale(0)), (api, StackDeed::Restart)]
    );
    app.keys("B");
    assert!(app.text().contains("not there yet"), "{}", app.text());
    app.keys("e");
    assert!(
        app.commands().iter().any(|c| matches!(c, Command::OpenShell { id: whose, .. } if *whose == id(2)))
    );
}

#[test]
fn what_happens_is_seen_service_by_service() {
    let mut app = app(120, 30);
    let step = |part: &str, what: &str| Event::StackStep {
        name: "shop".into(),
        part: part.into(),
        what: what.into(),
    };
    app.event(step("shop-api-1", "Starting"));
    app.event(step("shop-cache-1", "Creating"));
    let text = app.text();
    assert!(text.contains("starting…") && text.contains("creating…"), "{text}");
    app.event(step("shop-api-1", "Started"));
    app.event(step("shop-cache-1", "Created"));
    let text = app.text();
    assert!(!text.contains("starting…") && !text.contains("creating…"), "{text}");
}

#[test]
fn a_stack_that_is_down_can_be_brought_up_again() {
    let mut app = app(120, 30);
    app.event(Event::Containers(vec![]));
    app.event(Event::StackKnown(StackSource { name: "other".into(), ..source() }));
    let text = app.text();
    assert!(text.contains("shop") && text.contains("other") && text.contains("down"), "{text}");
    app.keys("G u");
    assert_eq!(deeds(&mut app), [(vec![], StackDeed::Up)]);
}

#[test]
fn readonly_changes_nothing() {
    let mut app = shop_in(App::with(120, 30, Settings { readonly: true, ..Settings::default() }));
    app.keys("u S r D tab + e");
    assert_eq!(deeds(&mut app), []);
    assert!(app.text().contains("read-only"), "{}", app.text());
}

const TEXT: &str =
    "# The shop.\nservices:\n  web:\n    image: \"shop/web:${TAG:-latest}\"\n    portz: [80]\n";

fn editing(columns: u16, rows: u16) -> App {
    let mut app = app(columns, rows);
    app.keys("E");
    assert_eq!(app.commands(), [Command::ReadStackFile(FILE.into())]);
    app.event(Event::StackFile { path: FILE.into(), text: Ok(TEXT.into()) });
    app
}

fn check(app: &mut App) -> Option<(u64, String)> {
    let commands = app.commands().into_iter();
    commands.rev().find_map(|command| match command {
        Command::CheckStackFile { ticket, text, .. } => Some((ticket, text)),
        _ => None,
    })
}

#[test]
fn a_file_is_checked_as_it_is_written() {
    let mut app = editing(80, 24);
    app.pass(SECOND);
    let (ticket, text) = check(&mut app).unwrap();
    assert_eq!(text, TEXT);
    let finding = TextFinding {
        line: 5,
        column: 5,
        grave: true,
        message: "services.web.portz: unknown key (did you mean ports?)".into(),
    };
    app.event(Event::StackFindings { ticket: ticket - 1, findings: vec![] });
    assert!(app.text().contains("checking"), "an answer to an older text is for nobody");
    app.event(Event::StackFindings { ticket, findings: vec![finding] });
    insta::assert_snapshot!("editor_error", colors(app.draw()));
    app.keys("ctrl-r");
    assert_eq!(deeds(&mut app), [], "what is wrong is not brought up");
    app.keys("ctrl-n right right right right right backspace s");
    assert!(app.text().contains("checking"), "{}", app.text());
    assert_eq!(check(&mut app), None, "not with every key");
    app.pass(SECOND);
    let (ticket, text) = check(&mut app).unwrap();
    assert!(text.contains("    ports: [80]\n"), "{text}");
    assert_eq!(
        app.model.next_deadline().filter(|due| *due < app.now + SECOND / 2),
        None,
        "no clock ticks on"
    );
    app.event(Event::StackFindings { ticket, findings: vec![] });
    assert!(app.text().contains("✓ valid"), "{}", app.text());
    app.keys("ctrl-r");
    let save = app.commands().pop().unwrap();
    let Command::SaveStackFile { path, text, before } = save else { panic!("{save:?}") };
    assert_eq!((path.as_str(), before.as_deref()), (FILE, Some(TEXT)));
    app.event(Event::StackFileSaved { path, text });
    assert_eq!(deeds(&mut app), [(vec![], StackDeed::Up)]);
    assert!(app.text().contains("Services"), "how it goes is shown");
}

#[test]
fn what_was_written_is_not_lost() {
    let mut app = editing(80, 24);
    app.keys("x esc");
    assert!(app.text().contains("Leave without saving?"), "{}", app.text());
    app.keys("enter");
    assert!(app.text().contains("changed"), "enter alone stays");
    app.keys("esc y");
    assert!(app.text().contains("service"), "{}", app.text());
    let mut app = editing(80, 24);
    app.keys("esc");
    assert!(!app.text().contains("Leave"), "nothing to lose, nothing asked");
    let mut app = editing(60, 16);
    app.keys("x ctrl-s");
    assert!(matches!(app.commands().last(), Some(Command::SaveStackFile { .. })));
    app.event(Event::Failed { ticket: None, failure: Failure::conflict("somebody else changed it") });
    assert!(app.text().contains("changed"), "{}", app.text());
}

#[test]
fn hostile_files_and_odd_sizes_are_survived() {
    let mut app = editing(80, 24);
    app.keys("esc E");
    let evil = format!("a: \u{1b}[31m\u{202e}x\n{}\n\tb\n", "漢".repeat(500));
    app.event(Event::StackFile { path: FILE.into(), text: Ok(evil) });
    for keys in ["down end", "ctrl-end", "home", "up up", "tab", "enter", "pgdn", "pgup"] {
        app.keys(keys);
        for (columns, rows) in [(20, 4), (21, 6), (60, 16), (300, 90), (80, 24)] {
            app.resize(columns, rows);
            let text = app.text();
            assert!(text.chars().all(|c| c == '\n' || teu_ui::text::is_safe(c)));
        }
    }
    let mut app = demo_app(80, 24);
    for tab in ["t s", "t g", "t d"] {
        app.keys("5");
        app.keys(tab);
        for (columns, rows) in [(20, 4), (30, 5), (90, 10), (300, 90)] {
            app.resize(columns, rows);
            app.draw();
        }
    }
}

#[test]
fn files_are_watched_from_the_board() {
    let mut app = app(120, 30);
    app.keys("W");
    assert!(app.text().contains("no service asks for it"), "{}", app.text());
    let mut known = details();
    known.services[3].watches = true;
    app.event(Event::StackDetails { name: "shop".into(), details: Ok(known) });
    app.commands();
    // Also where the key comes again before the first has begun.
    app.keys("W W");
    let asked = app.commands();
    assert!(
        matches!(&asked[..], [Command::Stack(request)] if request.deed == StackDeed::Watch && request.services.is_empty()),
        "{asked:?}"
    );
    let news = |news| Event::StackWatch { name: "shop".into(), news };
    app.event(news(WatchNews::Begun { task: 7, services: vec!["api".into()], warnings: vec![] }));
    let brought = |files: &[&str], restarted| WatchNews::Brought {
        service: "api".into(),
        files: files.iter().map(|file| (*file).to_owned()).collect(),
        restarted,
    };
    app.event(news(brought(&["src/a.js"], false)));
    app.event(news(brought(&["src/a.js", "src/b.js"], true)));
    app.event(news(WatchNews::Failed(Failure::internal("container shop-api-1: no room"))));
    app.pass(8 * SECOND);
    app.keys("tab");
    insta::assert_snapshot!("watching", app.text());
    app.keys("W");
    assert_eq!(app.commands(), [Command::CancelTask(7)]);
    app.event(news(WatchNews::Ended));
    assert!(!app.text().contains("watching files"), "{}", app.text());
}

#[test]
fn the_menu_of_a_stack_says_what_is_not_there_yet() {
    let mut app = app(120, 30);
    app.keys("enter");
    let screen = app.text();
    assert!(screen.contains("building is not there yet"), "{screen}");
    assert!(screen.contains("no service asks for it"), "{screen}");
}
