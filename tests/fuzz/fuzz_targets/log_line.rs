#![no_main]
#![allow(missing_docs, reason = "a fuzz target has no interface")]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| teu_fuzz::log_line::check(bytes));
