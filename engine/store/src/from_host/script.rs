//! The first line of a script.

use crate::Result;
use crate::error::IoContext as _;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// How much of the first line the kernel reads.
const LONGEST_LINE: u64 = 256;

/// What runs a script.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Interpreter {
    /// The program.
    pub path: PathBuf,
    /// The program that `env` finds, when the first is `env`.
    pub by_env: Option<String>,
}

/// What a script's first line names; `None` when the file is no script.
pub fn interpreter(file: &Path) -> Result<Option<Interpreter>> {
    let mut line = Vec::new();
    File::open(file).and_then(|file| file.take(LONGEST_LINE).read_to_end(&mut line)).on("read", file)?;
    Ok(parse(&line))
}

fn parse(start: &[u8]) -> Option<Interpreter> {
    let line = start.strip_prefix(b"#!")?.split(|b| *b == b'\n').next()?;
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let path = PathBuf::from(OsStr::from_bytes(words.next()?));
    let by_env = if path.file_name() == Some(OsStr::new("env")) {
        let mut text = words.map(|word| String::from_utf8_lossy(word).into_owned());
        text.find(|word| !(word.starts_with('-') || word.contains('=')))
    } else {
        None
    };
    Some(Interpreter { path, by_env })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_lines_name_interpreters() {
        let found =
            |text: &str| parse(text.as_bytes()).map(|found| (found.path.display().to_string(), found.by_env));
        assert_eq!(found("#!/bin/sh\necho"), Some(("/bin/sh".into(), None)));
        assert_eq!(found("#! /bin/awk -f\n"), Some(("/bin/awk".into(), None)));
        assert_eq!(found("#!/usr/bin/env python3\n"), Some(("/usr/bin/env".into(), Some("python3".into()))));
        assert_eq!(
            found("#!/usr/bin/env -S A=1 perl -w\n"),
            Some(("/usr/bin/env".into(), Some("perl".into())))
        );
        assert_eq!(found("\u{7f}ELF"), None);
        assert_eq!(found("#!"), None);
    }
}
