//! How a project's commands work and speak, by the flags before the command.

use super::say;
use crate::arguments::ComposeArguments;
use crate::output::{self, safe};
use serde_json::json;
use std::io::{self, IsTerminal as _, Write as _};
use teu_api::Failure;
use teu_core::Engine;
use teu_core::stacks::plan::Plan;
use teu_core::stacks::{Problem, Project, Settings, StackEvent};

/// How what happens is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
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

impl Manner {
    /// The manner that the flags ask for.
    pub fn of(arguments: &ComposeArguments) -> Self {
        Self {
            style: match arguments.progress.as_str() {
                "json" => Style::Json,
                "quiet" => Style::Quiet,
                _ => Style::Lines,
            },
            dry_run: arguments.dry_run,
            colours: match arguments.ansi.as_str() {
                "never" => Some(false),
                "always" => Some(true),
                _ => None,
            },
            parallel: usize::try_from(arguments.parallel).unwrap_or(0),
            quiet_pulls: false,
        }
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

    /// Refuses a dry run of what has no plan to show.
    pub fn refuse_dry_run(self, command: &str) -> Result<(), Failure> {
        if self.dry_run {
            return Err(Failure::unsupported(format!("{command} cannot be run dry"))
                .hint("up, create, scale, down, start, stop, restart, kill, pause, unpause and rm can"));
        }
        Ok(())
    }

    /// Whether names are shown in colours.
    pub fn coloured(self) -> bool {
        self.colours.unwrap_or_else(|| {
            io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        })
    }

    /// Settings for a stack's plans.
    pub fn settings(self, stack: &str) -> Settings {
        Settings { name: stack.to_owned(), parallel: self.parallel, ..Settings::default() }
    }

    /// Tells one thing that happens.
    pub fn tell(self, event: &StackEvent) {
        if self.quiet_pulls && event.kind == "Image" {
            return;
        }
        match self.style {
            Style::Lines => say::event(event),
            Style::Json => {
                let line = json!({"id": format!("{} {}", event.kind, event.name), "text": event.what});
                // Standard error that is gone leaves no one to tell.
                let _ = writeln!(io::stderr(), "{}", output::json(&line));
            }
            Style::Quiet if event.kind == "Warning" => say::event(event),
            Style::Quiet => {}
        }
    }

    /// Carries a plan out and tells what failed; in a dry run only shows it. The exit code.
    pub fn carry_out(
        self,
        engine: &Engine,
        plan: &Plan,
        project: Option<&Project>,
        settings: &Settings,
    ) -> u8 {
        say::problems(&self.try_out(engine, plan, project, settings))
    }

    fn try_out(
        self,
        engine: &Engine,
        plan: &Plan,
        project: Option<&Project>,
        settings: &Settings,
    ) -> Vec<Problem> {
        if self.dry_run {
            for (kind, name, what) in plan.steps.iter().filter_map(|step| step.action.told()) {
                let _ = writeln!(io::stderr(), " DRY-RUN {kind} {}  {what}", safe(name));
            }
            return Vec::new();
        }
        engine.execute_plan(plan, project, settings, &mut |event| self.tell(event))
    }
}
