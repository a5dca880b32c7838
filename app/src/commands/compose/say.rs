//! Telling what happens to a stack, on standard error: standard output is the containers'.

use crate::commands::complain;
use crate::output::safe;
use std::io::{self, Write as _};
use teu_core::stacks::{Problem, StackEvent};

/// Tells one thing that happens.
pub fn event(event: &StackEvent) {
    let mut err = io::stderr().lock();
    // Standard error that is gone leaves no one to tell.
    let _ = if event.kind == "Warning" {
        writeln!(err, "teu: warning: {}", safe(&event.name))
    } else {
        writeln!(err, " {} {}  {}", event.kind, safe(&event.name), event.what)
    };
}

/// Lines of text, each with its end, fit for a terminal.
pub fn lines(all: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    all.into_iter().fold(String::new(), |mut text, line| {
        text.push_str(&safe(line.as_ref()));
        text.push('\n');
        text
    })
}

/// Tells what failed, each with the last lines of its container; the exit code for it.
pub fn problems(problems: &[Problem]) -> u8 {
    for problem in problems {
        for line in &problem.log {
            let text = String::from_utf8_lossy(&line.text);
            let _ = writeln!(io::stderr(), "{} | {}", safe(&problem.container), safe(&text));
        }
        complain(&problem.failure);
    }
    u8::from(!problems.is_empty())
}
