//! Launches a command in a root directory and times it: `launch ROOT COUNT COMMAND…`.

use oci_spec::runtime::Spec;
use std::os::fd::AsFd;
use std::path::Path;
use std::time::Instant;
use teu_runtime::{CreateRequest, RootSource, create};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [root, count, command @ ..] = args.as_slice() else { return };
    let mut spec = Spec::default();
    spec.set_hostname(Some("example".into()));
    if let Some(process) = spec.process_mut() {
        process.set_args(Some(command.to_vec())).set_cwd("/".into());
        process.set_rlimits(None);
    }
    if let Some(root) = spec.root_mut() {
        root.set_readonly(Some(false));
    }
    for round in 0..count.parse().unwrap_or(1) {
        let begin = Instant::now();
        let id = format!("example-{}-{round}", std::process::id());
        let mut request = CreateRequest::new(&id, Path::new(root), &spec, RootSource::Path(root.into()));
        request.stdio = [0, 1, 2].map(|_| std::io::stdout().as_fd().try_clone_to_owned().ok());
        let running = match create(request).and_then(teu_runtime::Created::start) {
            Ok(running) => running,
            Err(error) => {
                println!("{error}");
                return;
            }
        };
        let started = begin.elapsed();
        let code = teu_sys::process::wait_child(running.pid);
        let ended = begin.elapsed();
        let deleted = running.cgroup.delete();
        println!("started {started:?} ended {ended:?} all {:?} {code:?} {deleted:?}", begin.elapsed());
    }
}
