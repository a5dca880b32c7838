//! The OCI runtime beside runc, with one bundle for both.

use crate::measure::{in_turn, line, milliseconds, time};
use crate::peers::{root, succeeds};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;
use teu_tests::Teu;

const ROUNDS: usize = 30;

/// `teu oci run` beside `runc run`.
pub fn bench() {
    let teu = Teu::new();
    let Ok(folder) = tempfile::Builder::new().prefix("teu-bench-oci-").tempdir() else { return };
    let folder = folder.path();
    if bundle(&teu, folder).is_none() {
        println!("cannot be measured: the bundle cannot be made");
        return;
    }
    let path = folder.display().to_string();
    let (states, number) = (folder.join("states"), std::cell::Cell::new(0));
    let run = |mut command: Command| {
        number.set(number.get() + 1);
        command.args(["run", "--bundle", &path, &format!("bench-{}", number.get())]);
        time(&mut command)
    };
    let mut ours = || {
        let mut command = teu.command(["oci", "--root"]);
        command.arg(states.join("teu"));
        run(command)
    };
    let mut theirs = || {
        let mut command = Command::new("runc");
        command.arg("--root").arg(states.join("runc"));
        run(command)
    };
    match in_turn(ROUNDS, &mut [("teu", &mut ours), ("runc", &mut theirs)])[..] {
        [Some(ours), Some(theirs)] => {
            let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
            let figure = format!("{} / {} = {ratio:.2}x", milliseconds(ours), milliseconds(theirs));
            line("teu oci run beside runc run", &figure, "0.3x", ratio <= 0.3);
        }
        [Some(ours), None] => println!("teu oci run: {}; runc does not run here", milliseconds(ours)),
        _ => println!("cannot be measured: teu oci run failed"),
    }
    teu.finish();
}

/// A bundle that runs `true`: what `spec` writes, without a terminal.
fn bundle(teu: &Teu, folder: &Path) -> Option<()> {
    root(folder)?;
    succeeds(teu.command(["oci", "spec", "--bundle"]).arg(folder)).then_some(())?;
    let path = folder.join("config.json");
    let mut config: Value = serde_json::from_slice(&fs::read(&path).ok()?).ok()?;
    config["process"]["terminal"] = json!(false);
    config["process"]["args"] = json!(["/bin/true"]);
    config["root"]["path"] = json!("root");
    // A host need not let the bench raise limits.
    config["process"]["rlimits"] = json!([]);
    fs::write(path, config.to_string()).ok()
}
