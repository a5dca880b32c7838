//! Instructions with their parts named and checked. Variables in them are not expanded yet.

use crate::error::{BuildError, Result};
use crate::flags::Flags;
use crate::mount::BuildMount;
use crate::parser::{Heredoc, Node};
use teu_api::container::HealthCheck;

/// What a shell runs, or a program with its arguments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CommandLine {
    /// A line for the shell; `None` is nothing at all.
    Shell(Option<String>),
    /// A program and its arguments.
    Exec(Vec<String>),
}

impl CommandLine {
    /// The arguments, given the shell.
    pub fn arguments(&self, shell: &[String]) -> Vec<String> {
        match self {
            Self::Shell(None) => Vec::new(),
            Self::Shell(Some(line)) => shell.iter().cloned().chain([line.clone()]).collect(),
            Self::Exec(arguments) => arguments.clone(),
        }
    }
}

/// `COPY` and `ADD`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Copy {
    /// Whether archives are unpacked and addresses fetched.
    pub is_add: bool,
    /// What is copied: paths with patterns, or addresses.
    pub sources: Vec<String>,
    /// Files that stand in the Dockerfile.
    pub documents: Vec<Heredoc>,
    /// Where to.
    pub destination: String,
    /// A stage, image or context that the sources are in; empty for the context.
    pub from: String,
    /// `user[:group]` of what is copied; empty for root.
    pub chown: String,
    /// The mode of what is copied; empty for its own.
    pub chmod: String,
    /// Patterns of what is left out.
    pub exclude: Vec<String>,
    /// Whether folders above a source are kept.
    pub parents: bool,
    /// Whether the layer does not depend on those below.
    pub link: bool,
    /// The digest that a fetched file must have; empty for any.
    pub checksum: String,
    /// Whether the history of a fetched repository comes along.
    pub keep_git_folder: bool,
    /// Whether archives are unpacked; `None` for those that were not fetched.
    pub unpack: Option<bool>,
}

/// `RUN`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Run {
    /// What runs.
    pub command: CommandLine,
    /// Documents that belong to it.
    pub documents: Vec<Heredoc>,
    /// What it sees besides its root.
    pub mounts: Vec<BuildMount>,
    /// `default`, `none`, `host`; empty for the build's.
    pub network: String,
}

/// One instruction after FROM.
#[derive(Clone, PartialEq, Debug)]
pub enum Instruction {
    /// Variables of the build: name and default.
    Arg(Vec<(String, Option<String>)>),
    /// What runs when nothing is said.
    Cmd(CommandLine),
    /// Files.
    Copy(Copy),
    /// The program.
    Entrypoint(CommandLine),
    /// Variables of the image.
    Env(Vec<(String, String)>),
    /// Ports.
    Expose(Vec<String>),
    /// The health check, with `None` in its test for none.
    Healthcheck(HealthCheck),
    /// Labels.
    Label(Vec<(String, String)>),
    /// The author.
    Maintainer(String),
    /// An instruction for images on top of this one.
    Onbuild(String),
    /// A step.
    Run(Run),
    /// What lines are run with.
    Shell(Vec<String>),
    /// The signal that asks for the end.
    StopSignal(String),
    /// Who runs.
    User(String),
    /// Folders that are volumes.
    Volume(Vec<String>),
    /// Where it runs.
    Workdir(String),
}

impl Instruction {
    /// Names the parts of a node. FROM is not one of these.
    pub fn of(node: &Node) -> Result<Self> {
        read(node).map_err(|error| error.or_at(node.lines.0))
    }
}

fn read(node: &Node) -> Result<Instruction> {
    let keyword = node.keyword.as_str();
    let mut flags = Flags::new(keyword, &node.flags);
    let result = match keyword {
        "add" | "copy" => Instruction::Copy(copy(node, &mut flags)?),
        "arg" => Instruction::Arg(arguments(node)?),
        "cmd" => Instruction::Cmd(command(node)),
        "entrypoint" => Instruction::Entrypoint(command(node)),
        "env" => Instruction::Env(pairs(node)?),
        "expose" => Instruction::Expose(at_least_one(node)?),
        "healthcheck" => Instruction::Healthcheck(health_check(node, &mut flags)?),
        "label" => Instruction::Label(pairs(node)?),
        "maintainer" => Instruction::Maintainer(exactly_one(node)?),
        "onbuild" => onbuild(node)?,
        "run" => Instruction::Run(run(node, &mut flags)?),
        "shell" => {
            if !node.is_json || node.arguments.is_empty() {
                return Err(BuildError::new("SHELL requires the arguments to be in JSON form")
                    .hint("write SHELL [\"/bin/sh\", \"-c\"]"));
            }
            Instruction::Shell(node.arguments.clone())
        }
        "stopsignal" => Instruction::StopSignal(exactly_one(node)?),
        "user" => Instruction::User(exactly_one(node)?),
        "volume" => {
            let folders = at_least_one(node)?;
            if folders.iter().any(|folder| folder.trim().is_empty()) {
                return Err(BuildError::new("VOLUME specified can not be an empty string"));
            }
            Instruction::Volume(folders)
        }
        "workdir" => Instruction::Workdir(exactly_one(node)?),
        "from" => return Err(BuildError::new("FROM isn't allowed here")),
        other => {
            let error = BuildError::new(format!("unknown instruction: {}", other.to_uppercase()));
            return Err(match nearest(other) {
                Some(known) => error.hint(format!("did you mean {known}?")),
                None => error,
            });
        }
    };
    flags.end()?;
    Ok(result)
}

const KEYWORDS: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// The keyword that a misspelt one resembles: one or two letters away.
fn nearest(word: &str) -> Option<&'static str> {
    let word = word.to_uppercase();
    let best = KEYWORDS.iter().map(|known| (distance(&word, known), *known)).min()?;
    (best.0 <= 2 && best.0 < word.chars().count()).then_some(best.1)
}

/// How many letters must change, come or go.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

fn needs(node: &Node, what: &str) -> BuildError {
    BuildError::new(format!("{} requires {what}", node.keyword.to_uppercase()))
}

fn at_least_one(node: &Node) -> Result<Vec<String>> {
    if node.arguments.is_empty() {
        return Err(needs(node, "at least one argument"));
    }
    Ok(node.arguments.clone())
}

fn exactly_one(node: &Node) -> Result<String> {
    match node.arguments.as_slice() {
        [one] => Ok(one.clone()),
        _ => Err(needs(node, "exactly one argument")),
    }
}

fn pairs(node: &Node) -> Result<Vec<(String, String)>> {
    at_least_one(node)?;
    let pairs = node.arguments.chunks(3).map(|pair| (pair[0].clone(), pair[1].clone()));
    pairs
        .map(|(name, value)| {
            if name.is_empty() {
                return Err(BuildError::new(format!(
                    "{} names can not be blank",
                    node.keyword.to_uppercase()
                )));
            }
            Ok((name, value))
        })
        .collect()
}

fn arguments(node: &Node) -> Result<Vec<(String, Option<String>)>> {
    at_least_one(node)?
        .iter()
        .map(|word| match word.split_once('=') {
            Some(("", _)) => Err(BuildError::new("ARG names can not be blank")),
            Some((name, value)) => Ok((name.to_owned(), Some(value.to_owned()))),
            None => Ok((word.clone(), None)),
        })
        .collect()
}

fn command(node: &Node) -> CommandLine {
    if node.is_json {
        CommandLine::Exec(node.arguments.clone())
    } else {
        CommandLine::Shell(node.arguments.first().cloned())
    }
}

fn onbuild(node: &Node) -> Result<Instruction> {
    let Some(child) = &node.child else { return Err(needs(node, "at least one argument")) };
    match child.keyword.as_str() {
        "onbuild" => return Err(BuildError::new("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")),
        "maintainer" | "from" => {
            let word = child.keyword.to_uppercase();
            return Err(BuildError::new(format!("{word} isn't allowed as an ONBUILD trigger")));
        }
        _ => _ = read(child)?,
    }
    let mut trigger = child.original.clone();
    for document in &node.heredocs {
        trigger.push('\n');
        trigger.push_str(&document.content);
        trigger.push_str(&document.name);
    }
    Ok(Instruction::Onbuild(trigger))
}

fn run(node: &Node, flags: &mut Flags<'_>) -> Result<Run> {
    let mounts = flags.all("mount")?.iter().map(|text| BuildMount::parse(text)).collect::<Result<_>>()?;
    let network = flags.text("network")?;
    if !matches!(network.as_str(), "" | "default" | "none" | "host") {
        return Err(
            BuildError::new(format!("invalid network mode {network:?}")).hint("write default, none or host")
        );
    }
    let security = flags.text("security")?;
    if !matches!(security.as_str(), "" | "sandbox") {
        return Err(BuildError::new(format!("RUN --security={security} is not supported"))
            .hint("steps run as ordinary containers do"));
    }
    if node.arguments.is_empty() {
        return Err(needs(node, "at least one argument"));
    }
    Ok(Run { command: command(node), documents: node.heredocs.clone(), mounts, network })
}

fn copy(node: &Node, flags: &mut Flags<'_>) -> Result<Copy> {
    let is_add = node.keyword == "add";
    let keyword = node.keyword.to_uppercase();
    let mut copy = Copy {
        is_add,
        chown: flags.text("chown")?,
        chmod: flags.text("chmod")?,
        exclude: flags.all("exclude")?,
        link: flags.switch("link")?,
        ..Copy::default()
    };
    if is_add {
        copy.checksum = flags.text("checksum")?;
        copy.keep_git_folder = flags.switch("keep-git-dir")?;
        copy.unpack = flags.choice("unpack")?;
    } else {
        copy.from = flags.text("from")?;
        copy.parents = flags.switch("parents")?;
    }
    let mut words = node.arguments.clone();
    match words.len() {
        0 => return Err(needs(node, "at least two arguments, but none were provided")),
        1 => {
            return Err(BuildError::new(format!(
                "{keyword} requires at least two arguments, but only one was provided. Destination could not be determined"
            )));
        }
        _ => {}
    }
    copy.destination = words.pop().unwrap_or_default();
    if !node.is_json {
        words.retain(|word| Heredoc::parse(word).is_none());
        copy.documents.clone_from(&node.heredocs);
    }
    copy.sources = words;
    Ok(copy)
}

fn health_check(node: &Node, flags: &mut Flags<'_>) -> Result<HealthCheck> {
    let (kind, rest) = node.arguments.split_first().ok_or_else(|| needs(node, "at least one argument"))?;
    let mut check = HealthCheck::default();
    match kind.to_ascii_uppercase().as_str() {
        "NONE" if rest.is_empty() => {
            check.test = vec!["NONE".to_owned()];
            return Ok(check);
        }
        "NONE" => return Err(BuildError::new("HEALTHCHECK NONE takes no arguments")),
        "CMD" => {}
        other => {
            return Err(BuildError::new(format!("Unknown type {other:?} in HEALTHCHECK (try CMD)")));
        }
    }
    if rest.is_empty() || (rest.len() == 1 && rest[0].is_empty()) {
        return Err(BuildError::new("missing command after HEALTHCHECK CMD"));
    }
    check.test = vec![if node.is_json { "CMD" } else { "CMD-SHELL" }.to_owned()];
    check.test.extend(rest.iter().cloned());
    for (name, place) in [
        ("interval", &mut check.interval),
        ("timeout", &mut check.timeout),
        ("start-period", &mut check.start_period),
        ("start-interval", &mut check.start_interval),
    ] {
        let text = flags.text(name)?;
        if !text.is_empty() {
            let invalid = || BuildError::new(format!("invalid duration {text:?} of --{name}"));
            *place = crate::duration::parse(&text).ok_or_else(invalid)?;
            if *place != 0 && *place < 1_000_000 {
                return Err(BuildError::new(format!("Interval {name:?} cannot be less than 1ms")));
            }
        }
    }
    let retries = flags.text("retries")?;
    if !retries.is_empty() {
        check.retries = retries
            .parse()
            .map_err(|_| BuildError::new(format!("--retries cannot be negative or no number: {retries}")))?;
    }
    Ok(check)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dockerfile;

    fn read(text: &str) -> Result<Instruction> {
        Instruction::of(&Dockerfile::parse(text.as_bytes()).unwrap().nodes[0])
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (text, message) in [
            ("COPI a b", "line 1: unknown instruction: COPI (did you mean COPY?)"),
            ("COPY --doit a b", "line 1: COPY: unknown flag: --doit"),
            (
                "COPY a",
                "line 1: COPY requires at least two arguments, but only one was provided. Destination could not be determined",
            ),
            ("ENV", "line 1: ENV requires at least one argument"),
            ("ENV =x", "line 1: ENV names can not be blank"),
            ("HEALTHCHECK CONNECT TCP 7000", "line 1: Unknown type \"CONNECT\" in HEALTHCHECK (try CMD)"),
            ("HEALTHCHECK CMD", "line 1: missing command after HEALTHCHECK CMD"),
            ("HEALTHCHECK --interval=1 CMD x", "line 1: invalid duration \"1\" of --interval"),
            ("ONBUILD ONBUILD RUN x", "line 1: Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"),
            ("ONBUILD FROM x", "line 1: FROM isn't allowed as an ONBUILD trigger"),
            (
                "SHELL sh",
                "line 1: SHELL requires the arguments to be in JSON form (write SHELL [\"/bin/sh\", \"-c\"])",
            ),
            ("RUN --network=x true", "line 1: invalid network mode \"x\" (write default, none or host)"),
            ("RUN", "line 1: RUN requires at least one argument"),
            ("\n\nWORKDIR", "line 3: WORKDIR requires exactly one argument"),
            ("XYZZY a", "line 1: unknown instruction: XYZZY"),
        ] {
            assert_eq!(read(text).unwrap_err().to_string(), message, "{text}");
        }
    }

    #[test]
    fn parts_are_named() {
        assert_eq!(
            read("ONBUILD COPY --chown=a x /y").unwrap(),
            Instruction::Onbuild("COPY --chown=a x /y".into())
        );
        let Instruction::Copy(copy) = read("COPY --from=b <<A c <<B /d/\n1\nA\n2\nB").unwrap() else {
            panic!()
        };
        assert_eq!((copy.from.as_str(), copy.sources.as_slice()), ("b", &["c".to_owned()][..]));
        assert_eq!(copy.documents.iter().map(|doc| doc.content.as_str()).collect::<Vec<_>>(), ["1\n", "2\n"]);
        let Instruction::Healthcheck(check) =
            read("HEALTHCHECK --interval=1m30s --retries=4 CMD a b").unwrap()
        else {
            panic!()
        };
        assert_eq!(
            (check.test, check.interval, check.retries),
            (vec!["CMD-SHELL".into(), "a b".into()], 90_000_000_000, 4)
        );
        assert_eq!(read("CMD []").unwrap(), Instruction::Cmd(CommandLine::Exec(Vec::new())));
        assert_eq!(CommandLine::Shell(Some("x".into())).arguments(&["sh".into()]), ["sh", "x"]);
    }
}
