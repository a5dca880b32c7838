//! A program that is nothing but a supervisor: `supervise supervisor DIR`, as `teu supervisor DIR`. Tests start it.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    match std::env::args_os().skip(1).collect::<Vec<_>>().as_slice() {
        [verb, folder] if verb == "supervisor" => teu_supervisor::main(&PathBuf::from(folder)),
        _ => ExitCode::FAILURE,
    }
}
