//! The OCI command line as a program of its own, for conformance suites and other engines.

use std::process::ExitCode;

fn main() -> ExitCode {
    teu_runtime::oci::main(std::env::args_os().skip(1).collect())
}
