//! From words to a [`Cli`], and from clap's errors to one line with Docker's wording and exit code.

use super::Cli;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgAction, CommandFactory, FromArgMatches};
use std::ffi::OsString;

/// Why words could not be parsed, or the help that they asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UsageError {
    /// What to print: help for standard output when `exit_code` is 0, else one line for standard error.
    pub text: String,
    /// The exit code: 0 for help, 125 for a wrong flag, 1 for a wrong command or number of arguments.
    pub exit_code: u8,
}

/// Parses the words, the program's name first.
pub fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Cli, UsageError> {
    let words: Vec<OsString> = words.into_iter().collect();
    if let Ok(cli) = matched(Cli::command(), &words) {
        return Ok(cli);
    }
    let error = match matched(whole(), &words) {
        Ok(cli) => return Ok(cli),
        Err(error) => error,
    };
    // Docker's switches take a value (`--rm=false`, `-it=true`). Only words that do so pay for another try.
    let equals_sign = ContextValue::String("-=".to_owned());
    if error.kind() == ErrorKind::TooManyValues || error.get(ContextKind::InvalidArg) == Some(&equals_sign) {
        return matched(with_values(whole()), &words).map_err(|error| explain(&error, &words));
    }
    Err(explain(&error, &words))
}

fn matched(command: clap::Command, words: &[OsString]) -> Result<Cli, clap::Error> {
    command.try_get_matches_from(words).and_then(|matches| Cli::from_arg_matches(&matches))
}

/// Every command with all its arguments, for help and errors. To carry one out only its own are made: all of them are
/// a megabyte, which takes longer than most commands' work.
pub fn whole() -> clap::Command {
    let mut command = Cli::command();
    let described = command.clone();
    command.build();
    describe(command, &described)
}

/// Arguments that are added late bring their type's description along: the command's own is put back.
fn describe(mut command: clap::Command, described: &clap::Command) -> clap::Command {
    for known in described.get_subcommands() {
        command = command.mut_subcommand(known.get_name(), |mut command| {
            command = command.about(None).long_about(None);
            if let Some(short) = known.get_about() {
                command = command.about(short.clone());
            }
            if let Some(long) = known.get_long_about() {
                command = command.long_about(long.clone());
            }
            describe(command, known)
        });
    }
    command
}

/// Makes every switch take an optional truth value.
fn with_values(command: clap::Command) -> clap::Command {
    let command = command.mut_args(|argument| {
        if matches!(argument.get_action(), ArgAction::SetTrue) {
            argument
                .action(ArgAction::Set)
                .num_args(0..=1)
                .require_equals(true)
                .default_missing_value("true")
                .default_value("false")
                .value_parser(|text: &str| super::values::boolean(text).map_err(|failure| failure.message))
        } else {
            argument
        }
    });
    command.mut_subcommands(with_values)
}

/// One line for the user.
fn explain(error: &clap::Error, words: &[OsString]) -> UsageError {
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    ) {
        return UsageError { text: error.to_string(), exit_code: 0 };
    }
    let context = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => Some(texts.join(", ")),
        Some(ContextValue::StyledStr(text)) => Some(text.to_string()),
        _ => None,
    };
    let (path, mut command) = named_command(words);
    let argument = context(ContextKind::InvalidArg).unwrap_or_default();
    let wanted = argument.replace(['<', '>'], "");
    let value = context(ContextKind::InvalidValue).unwrap_or_default();
    let (mut message, exit_code) = match error.kind() {
        ErrorKind::UnknownArgument if argument.starts_with('-') => (format!("unknown flag: {argument}"), 125),
        ErrorKind::UnknownArgument => (format!("\"{path}\" takes no further argument: {argument}"), 1),
        ErrorKind::InvalidSubcommand => {
            let word = context(ContextKind::InvalidSubcommand).unwrap_or_default();
            (format!("unknown command: {path} {word}"), 1)
        }
        ErrorKind::MissingSubcommand => (format!("\"{path}\" needs a command"), 1),
        ErrorKind::MissingRequiredArgument if wanted.starts_with('-') => {
            (format!("\"{path}\" requires {wanted}"), 1)
        }
        ErrorKind::MissingRequiredArgument | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            let usage = command.render_usage().to_string().replace(['<', '>'], "");
            let usage = usage.trim().trim_start_matches("Usage: ").to_owned();
            (format!("\"{path}\" requires more arguments: {usage}"), 1)
        }
        ErrorKind::InvalidValue if value.is_empty() => (format!("flag needs an argument: {wanted}"), 125),
        ErrorKind::InvalidValue => {
            let known = context(ContextKind::ValidValue)
                .map(|known| format!(": known are {known}"))
                .unwrap_or_default();
            (format!("invalid argument {value:?} for {argument}{known}"), 125)
        }
        ErrorKind::ValueValidation => {
            let why = std::error::Error::source(error).map(|why| format!(": {why}")).unwrap_or_default();
            (format!("invalid argument {value:?} for {argument}{why}"), 125)
        }
        ErrorKind::NoEquals => (format!("flag {argument} takes its value after =, as {argument}=VALUE"), 125),
        ErrorKind::ArgumentConflict => {
            let other = context(ContextKind::PriorArg).unwrap_or_default();
            (format!("conflicting options: {argument} and {other}"), 125)
        }
        ErrorKind::InvalidUtf8 => ("an argument is not UTF-8".to_owned(), 125),
        _ => (first_line(&error.to_string()), 125),
    };
    let suggestion = context(ContextKind::SuggestedArg).or_else(|| context(ContextKind::SuggestedSubcommand));
    if let Some(suggestion) = suggestion {
        message.push_str(&format!(" (did you mean {suggestion}?)"));
    }
    UsageError { text: format!("{message}; see '{path} --help'"), exit_code }
}

/// The first line of clap's own words, without their prefix.
fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

/// The command that the words name, as far as they name one, and how it is called: `teu container ls`.
fn named_command(words: &[OsString]) -> (String, clap::Command) {
    let mut command = whole();
    let mut path = "teu".to_owned();
    let mut words = words.iter().skip(1).filter_map(|word| word.to_str());
    while let Some(word) = words.next() {
        if word.starts_with('-') {
            let takes_value = command.get_arguments().any(|argument| {
                argument.get_action().takes_values()
                    && (argument.get_long().is_some_and(|long| word == format!("--{long}"))
                        || argument.get_short().is_some_and(|short| word == format!("-{short}")))
            });
            if takes_value {
                words.next();
            }
            continue;
        }
        let Some(next) = command.find_subcommand(word).cloned() else { break };
        path.push(' ');
        path.push_str(next.get_name());
        command = next;
    }
    (path, command)
}
