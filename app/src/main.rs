//! The program `teu`.

use std::process::ExitCode;

fn main() -> ExitCode {
    teu_app::main(std::env::args_os().collect())
}
