//! `teu image from-template`.

use super::{Outcome, say};
use crate::arguments::{FromTemplateArguments, Template};
use std::io::{self, IsTerminal as _, Write as _};
use teu_api::Failure;
use teu_core::Engine;
use teu_core::images::{Debian, Template as Wanted};

/// Makes an image whose first process is an init, and prints its id.
pub fn run(engine: &Engine, arguments: FromTemplateArguments) -> Outcome {
    let (name, wanted) = match arguments.template {
        Template::Debian => {
            let debian =
                Debian { suite: arguments.suite, include: arguments.include, mirror: arguments.mirror };
            (format!("debian:{}", debian.suite()), Wanted::Debian(debian))
        }
        Template::Busybox => {
            if arguments.suite.is_some() || arguments.mirror.is_some() {
                return Err(Failure::usage(
                    "busybox comes from this host: it has no --suite and no --mirror",
                )
                .hint("leave them out; --include adds programs of this host"));
            }
            ("busybox:latest".to_owned(), Wanted::Busybox(arguments.include))
        }
    };
    let name = arguments.tag.unwrap_or(name);
    let shown = !arguments.quiet && io::stderr().is_terminal();
    let image = engine.image_from_template(&name, &wanted, &|line| {
        if shown {
            // Progress that cannot be shown stops nothing.
            let _ = writeln!(io::stderr(), "{}", crate::output::safe(line));
        }
    })?;
    say(&image.id)?;
    Ok(0)
}
