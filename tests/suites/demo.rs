//! The demo comes up live and goes without a trace.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use teu_tests::Teu;

#[test]
fn the_demo_comes_up_and_goes() {
    let teu = Teu::new();
    teu.run(["demo"]).ok();
    let names = teu.run(["ps", "--format", "{{.Names}}"]).ok();
    let mut names: Vec<&str> = names.lines().collect();
    names.sort_unstable();
    assert_eq!(names, ["demo-counter", "demo-flaky", "demo-wave", "demo-web"]);
    for name in ["demo-web", "demo-counter", "demo-wave", "demo-flaky"] {
        teu.wait_until("its first line", || !teu.run(["logs", name]).stdout.is_empty());
    }
    teu.run(["demo"]).ok();
    assert_eq!(teu.run(["ps", "-q"]).ok().lines().count(), 4, "a second call changes nothing");
    teu.run(["demo", "--down"]).ok();
    assert_eq!(teu.run(["ps", "-aq"]).ok(), "");
    assert_eq!(teu.run(["images", "-q"]).ok(), "");
    teu.finish();
}

#[test]
fn the_failing_one_is_started_again() {
    let teu = Teu::new();
    teu.run(["demo"]).ok();
    let end = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while teu.inspect("demo-flaky", "{{.RestartCount}}") == "0" {
        assert!(std::time::Instant::now() < end, "demo-flaky was not started again");
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    assert!(teu.run(["logs", "demo-flaky"]).stderr.contains("fatal"));
    teu.run(["demo", "--down"]).ok();
    teu.finish();
}
