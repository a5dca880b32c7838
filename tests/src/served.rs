//! Containers that serve their own names, and the end of suites that have networks.

use crate::{Teu, network_leftovers};

/// Ends a test: nothing is left in the kernel, of containers and of their networks.
#[track_caller]
pub fn finish(teu: Teu) {
    let ids = teu.run(["ps", "-aq"]).ok();
    if !ids.is_empty() {
        teu.run(["rm", "-f", "-v"].into_iter().chain(ids.lines())).ok();
    }
    // The kernel takes interfaces apart by itself a little after their namespace's end.
    teu.wait_until("the end of interfaces and ports", || network_leftovers().is_empty());
    teu.finish();
}

/// A container that serves its own name on port 80; its id.
#[track_caller]
pub fn serve(teu: &Teu, name: &str, words: &[&str]) -> String {
    let script = format!("mkdir -p /www; echo {name} > /www/index.html; exec httpd -f -p 80 -h /www");
    let id = teu
        .run(["run", "-d", "--name", name].iter().chain(words).chain(&["busybox", "sh", "-c", &script]))
        .ok();
    teu.wait_until("the server", || get(teu, name, "http://127.0.0.1/").as_deref() == Some(name));
    id
}

/// What a container gets from a server.
pub fn get(teu: &Teu, from: &str, url: &str) -> Option<String> {
    let output = teu.run(["exec", from, "timeout", "2", "wget", "-q", "-O", "-", url]);
    (output.code == 0).then(|| output.stdout.trim().to_owned())
}
