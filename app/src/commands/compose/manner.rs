//! How a project's commands work and speak, by the flags before the command.

use super::board::Standing;
use super::live::Live;
use super::{interrupt, say};
use crate::arguments::ComposeArguments;
use crate::output::{self, safe};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _, Write as _};
use teu_api::Failure;
use teu_core::stacks::{Listener, Problem, Settings, StackEvent};

/// How what happens is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// A board that is drawn anew.
    Live,
    Lines,
    Json,
    Quiet,
}

/// How to work and speak.
#[derive(Clone, Copy)]
pub struct Manner {
    style: Style,
    /// Whether plans are only shown.
    pub dry_run: bool,
    /// Whether colours are wanted or not; `None`: where there is a terminal.
    colours: Option<bool>,
    parallel: usize,
    /// Whether pulls are kept quiet.
    quiet_pulls: bool,
}

/// How a change went.
pub struct Shown {
    /// The exit code.
    pub code: u8,
    /// How often it was interrupted.
    pub interrupts: u32,
}

impl Manner {
    /// The manner that the flags ask for, or the project's environment where there are none.
    pub fn of(arguments: &ComposeArguments, environment: &BTreeMap<String, String>) -> Result<Self, Failure> {
        let variable = |name: &str| environment.get(name).filter(|value| !value.is_empty()).cloned();
        let choice = |flag: &Option<String>, name: &str, known: &[&str]| {
            let value = flag.clone().or_else(|| variable(name)).unwrap_or_else(|| "auto".to_owned());
            if known.contains(&value.as_str()) {
                return Ok(value);
            }
            Err(Failure::usage(format!("{name} is {value:?}"))
                .hint(format!("set it to one of {}", known.join(", "))))
        };
        let ansi = choice(&arguments.ansi, "COMPOSE_ANSI", &["never", "always", "auto"])?;
        let progress =
            choice(&arguments.progress, "COMPOSE_PROGRESS", &["auto", "tty", "plain", "json", "quiet"])?;
        // A terminal that cannot move its cursor gets lines.
        let is_able = || {
            io::stderr().is_terminal()
                && std::env::var_os("TERM").is_none_or(|name| name != "dumb")
                && ansi != "never"
        };
        let parallel = match (arguments.parallel, variable("COMPOSE_PARALLEL_LIMIT")) {
            (Some(number), _) => number,
            (None, Some(text)) => text.parse().map_err(|_| {
                Failure::usage(format!("COMPOSE_PARALLEL_LIMIT is {text:?}")).hint("set it to a number")
            })?,
            (None, None) => -1,
        };
        Ok(Self {
            style: match progress.as_str() {
                "json" => Style::Json,
                "quiet" => Style::Quiet,
                "tty" => Style::Live,
                "auto" if is_able() => Style::Live,
                _ => Style::Lines,
            },
            dry_run: arguments.dry_run,
            colours: match ansi.as_str() {
                "never" => Some(false),
                "always" => Some(true),
                _ => None,
            },
            parallel: usize::try_from(parallel).unwrap_or(0),
            quiet_pulls: false,
        })
    }

    /// The same without a word of what is done.
    #[must_use]
    pub fn quiet(self, quiet: bool) -> Self {
        Self { style: if quiet { Style::Quiet } else { self.style }, ..self }
    }

    /// The same without a word of pulls.
    #[must_use]
    pub fn quiet_pulls(self, quiet: bool) -> Self {
        Self { quiet_pulls: quiet, ..self }
    }

    /// Whether it is only shown what would be done.
    pub fn is_dry(self) -> bool {
        self.dry_run
    }

    /// How builds are shown.
    pub fn of_builds(self, quiet: bool) -> crate::commands::build::Manner {
        use crate::commands::build::Manner;
        match self.style {
            _ if quiet => Manner::Quiet,
            Style::Quiet => Manner::Quiet,
            Style::Live => Manner::of("auto"),
            _ => Manner::Plain,
        }
    }

    /// Refuses a dry run of what has no plan to show.
    pub fn refuse_dry_run(self, command: &str) -> Result<(), Failure> {
        if self.dry_run {
            return Err(Failure::unsupported(format!("{command} cannot be run dry")).hint(
                "up, create, scale, down, start, stop, restart, kill, pause, unpause, rm, pull and push can",
            ));
        }
        Ok(())
    }

    /// Whether names are shown in colours.
    pub fn coloured(self) -> bool {
        self.colours.unwrap_or_else(|| io::stdout().is_terminal() && is_coloured())
    }

    /// Settings for a stack's plans.
    pub fn settings(self, stack: &str) -> Settings {
        Settings {
            name: stack.to_owned(),
            parallel: self.parallel,
            dry_run: self.dry_run,
            ..Settings::default()
        }
    }

    /// Tells one thing that happens, in a line.
    pub fn tell(self, event: &StackEvent) {
        // How far a transfer has come is for pictures.
        if (self.quiet_pulls && event.kind == "Image") || event.bytes.is_some() {
            return;
        }
        match self.style {
            Style::Json => {
                let line = json!({
                    "id": format!("{} {}", event.kind, event.name),
                    "status": Standing::of(event.what).word(),
                    "text": event.what,
                });
                // Standard error that is gone leaves no one to tell.
                let _ = writeln!(io::stderr(), "{}", output::json(&line));
            }
            Style::Quiet if event.kind != "Warning" => {}
            _ if self.dry_run && event.kind != "Warning" => {
                let _ =
                    writeln!(io::stderr(), " DRY-RUN {} {}  {}", event.kind, safe(&event.name), event.what);
            }
            _ => say::event(event),
        }
    }

    /// Carries a change of a stack out, shows what happens, and tells what failed. Interrupted, it is given up in good
    /// order; interrupted so many `times`, it ends where it stands.
    pub fn show(
        self,
        title: &str,
        times: u32,
        settings: Settings,
        change: impl FnOnce(&Settings, Listener<'_>) -> Result<Vec<Problem>, Failure>,
    ) -> Result<Shown, Failure> {
        let (changed, interrupts) = interrupt::heeded(times, |give_up| {
            let settings = Settings { give_up: Some(give_up), ..settings };
            if self.style != Style::Live || self.dry_run {
                return change(&settings, &mut |event| self.tell(event));
            }
            let live = Live::new(title, self.colours.unwrap_or_else(is_coloured));
            change(&settings, &mut |event| {
                if !(self.quiet_pulls && event.kind == "Image") {
                    live.tell(event);
                }
            })
        })?;
        let code = say::problems(&changed?);
        Ok(Shown { code: if interrupts > 0 { 130 } else { code }, interrupts })
    }

    /// The same for commands that end with the change: says that it was interrupted.
    pub fn carry_out(
        self,
        title: &str,
        settings: Settings,
        change: impl FnOnce(&Settings, Listener<'_>) -> Result<Vec<Problem>, Failure>,
    ) -> Result<u8, Failure> {
        let shown = self.show(title, 2, settings, change)?;
        if shown.interrupts > 0 {
            let _ = writeln!(io::stderr(), "teu: interrupted (the same command does the rest)");
        }
        Ok(shown.code)
    }
}

/// Whether colours are wanted where nothing is said.
fn is_coloured() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
