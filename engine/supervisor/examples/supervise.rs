//! A program that is nothing but a supervisor: `supervise supervisor DIR`, as `teu supervisor DIR`, and
//! `supervise start DIR`, which starts one as `teu` does. Tests run it.

use std::path::Path;
use std::process::ExitCode;
use teu_supervisor::{Message, Request};

fn main() -> ExitCode {
    match std::env::args_os().skip(1).collect::<Vec<_>>().as_slice() {
        [verb, folder] if verb == "supervisor" => teu_supervisor::main(Path::new(folder)),
        [verb, folder] if verb == "start" => start(Path::new(folder)),
        _ => ExitCode::FAILURE,
    }
}

fn start(folder: &Path) -> ExitCode {
    let started = std::env::current_exe()
        .map_err(|error| error.to_string())
        .and_then(|program| teu_supervisor::spawn(&program, folder).map_err(|error| error.to_string()))
        .and_then(|mut connection| connection.request(&Request::Start).map_err(|error| error.to_string()));
    if matches!(started, Ok(Message::Started { .. })) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
