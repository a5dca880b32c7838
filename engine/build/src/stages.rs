//! The stages of a Dockerfile, and which of them a target needs.

use crate::error::{BuildError, Result};
use crate::expand::{self, Lookup};
use crate::flags::Flags;
use crate::instruction::Instruction;
use crate::parser::{Dockerfile, Node};
use std::collections::{BTreeMap, BTreeSet};

/// One instruction with where it stands.
#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    /// The instruction.
    pub instruction: Instruction,
    /// As it was written, continued lines joined.
    pub text: String,
    /// Its first line.
    pub line: usize,
}

/// One FROM and what follows it.
#[derive(Clone, PartialEq, Debug)]
pub struct Stage {
    /// Its name in lower case; empty for none.
    pub name: String,
    /// What it stands on: a stage, an image, or `scratch`. Variables are expanded.
    pub base: String,
    /// The platform; empty for this host's.
    pub platform: String,
    /// The line of its FROM.
    pub line: usize,
    /// FROM as it was written.
    pub text: String,
    /// Its instructions.
    pub steps: Vec<Step>,
}

/// What a stage stands on, or what files come from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// A stage by its index.
    Stage(usize),
    /// An image or a named context.
    Named(String),
    /// Nothing.
    Scratch,
}

/// A whole build.
#[derive(Clone, PartialEq, Debug)]
pub struct Stages {
    /// In order.
    pub stages: Vec<Stage>,
    /// ARGs before the first FROM: name and value, expanded.
    pub globals: BTreeMap<String, String>,
    /// The character that escapes.
    pub escape: char,
    /// Names that the command line gives to images and folders: they come before stages of these names.
    pub replaced: BTreeSet<String>,
}

impl Stages {
    /// Parts a Dockerfile into stages. `given` are the values of the command line, `predefined` those of the builder,
    /// such as TARGETPLATFORM.
    pub fn of(
        file: &Dockerfile,
        given: &BTreeMap<String, String>,
        predefined: &BTreeMap<String, String>,
    ) -> Result<Self> {
        let escape = file.directives.escape;
        let mut globals: BTreeMap<String, String> = BTreeMap::new();
        let mut stages: Vec<Stage> = Vec::new();
        for node in &file.nodes {
            let line = node.lines.0;
            let at = |error: BuildError| error.or_at(line);
            if node.keyword == "from" {
                let lookup = |name: &str| globals.get(name).or_else(|| predefined.get(name)).cloned();
                let stage = from(node, escape, &lookup).map_err(at)?;
                stages.push(stage);
                continue;
            }
            let instruction = Instruction::of(node)?;
            let Some(stage) = stages.last_mut() else {
                let Instruction::Arg(arguments) = instruction else {
                    return Err(BuildError::at(line, "no build stage in current context")
                        .hint("a Dockerfile begins with FROM"));
                };
                for (name, default) in arguments {
                    let lookup = |name: &str| globals.get(name).or_else(|| predefined.get(name)).cloned();
                    let value = match (given.get(&name), default) {
                        (Some(value), _) => value.clone(),
                        (None, Some(text)) => expand::word(&text, escape, &lookup).map_err(at)?,
                        (None, None) => continue,
                    };
                    globals.insert(name, value);
                }
                continue;
            };
            stage.steps.push(Step { instruction, text: node.original.clone(), line });
        }
        if stages.is_empty() {
            return Err(BuildError::new("dockerfile contains no stages to build").hint("begin with FROM"));
        }
        Ok(Self { stages, globals, escape, replaced: BTreeSet::new() })
    }

    /// The stage that a word names, among those before another. A name wins over a number.
    pub fn find(&self, word: &str, before: usize) -> Option<usize> {
        let word = word.to_lowercase();
        let named =
            self.stages[..before].iter().rposition(|stage| !stage.name.is_empty() && stage.name == word);
        named.or_else(|| word.parse().ok().filter(|index| *index < before))
    }

    /// The stage to build: the named one, or the last.
    pub fn target(&self, name: &str) -> Result<usize> {
        if name.is_empty() {
            return Ok(self.stages.len() - 1);
        }
        self.find(name, self.stages.len()).ok_or_else(|| {
            let names: Vec<&str> =
                self.stages.iter().map(|stage| stage.name.as_str()).filter(|name| !name.is_empty()).collect();
            let error = BuildError::new(format!("target stage {name:?} could not be found"));
            if names.is_empty() { error } else { error.hint(format!("the stages are {}", names.join(", "))) }
        })
    }

    /// What a stage stands on.
    pub fn base(&self, index: usize) -> Origin {
        let stage = &self.stages[index];
        if self.replaced.contains(&stage.base) {
            return Origin::Named(stage.base.clone());
        }
        if let Some(other) = self.find_named(&stage.base, index) {
            return Origin::Stage(other);
        }
        if stage.base == "scratch" { Origin::Scratch } else { Origin::Named(stage.base.clone()) }
    }

    /// FROM knows stages by name alone.
    fn find_named(&self, word: &str, before: usize) -> Option<usize> {
        let word = word.to_lowercase();
        self.stages[..before].iter().rposition(|stage| !stage.name.is_empty() && stage.name == word)
    }

    /// Where `--from` of a step leads.
    pub fn origin(&self, from: &str, stage: usize) -> Origin {
        match self.find(from, stage) {
            Some(index) if !self.replaced.contains(from) => Origin::Stage(index),
            _ => Origin::Named(from.to_owned()),
        }
    }

    /// The earlier stages that an instruction of a stage takes files from, as far as it names them without variables.
    pub fn taken_from(&self, instruction: &Instruction, stage: usize) -> Vec<usize> {
        let words: Vec<&String> = match instruction {
            Instruction::Copy(copy) => vec![&copy.from],
            Instruction::Run(run) => run.mounts.iter().map(|mount| &mount.from).collect(),
            _ => Vec::new(),
        };
        let named = words.into_iter().filter(|word| !word.is_empty());
        let stages = named.filter_map(|word| match self.origin(word, stage) {
            Origin::Stage(other) => Some(other),
            Origin::Scratch | Origin::Named(_) => None,
        });
        stages.collect()
    }

    /// The stages that a target needs, itself last: each after those that it needs.
    pub fn needed(&self, target: usize) -> Vec<usize> {
        let mut wanted = vec![false; self.stages.len()];
        wanted[target] = true;
        // A stage needs only earlier ones.
        for index in (0..=target).rev() {
            if !wanted[index] {
                continue;
            }
            if let Origin::Stage(other) = self.base(index) {
                wanted[other] = true;
            }
            for step in &self.stages[index].steps {
                for other in self.taken_from(&step.instruction, index) {
                    wanted[other] = true;
                }
            }
        }
        (0..=target).filter(|index| wanted[*index]).collect()
    }
}

fn from(node: &Node, escape: char, variables: &dyn Lookup) -> Result<Stage> {
    let mut flags = Flags::new("from", &node.flags);
    let platform = expand::word(&flags.text("platform")?, escape, variables)?;
    flags.end()?;
    let (base, name) = match node.arguments.as_slice() {
        [base] => (base, String::new()),
        [base, word, name] if word.eq_ignore_ascii_case("as") => (base, name.to_lowercase()),
        _ => {
            return Err(BuildError::new(
                "FROM requires either one argument, or three: FROM <source> [as <name>]",
            ));
        }
    };
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.'))
    };
    if !name.is_empty() && !is_name(&name) {
        return Err(BuildError::new(format!(
            "invalid name for build stage: {name:?}, name can't start with a number or contain symbols"
        )));
    }
    let expanded = expand::word(base, escape, variables)?;
    if expanded.is_empty() {
        return Err(BuildError::new(format!("base name ({base}) should not be blank"))
            .hint("give its ARG a value: --build-arg NAME=VALUE"));
    }
    Ok(Stage {
        name,
        base: expanded,
        platform,
        line: node.lines.0,
        text: node.original.clone(),
        steps: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stages(text: &str, given: &[(&str, &str)]) -> Result<Stages> {
        let given = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Stages::of(&Dockerfile::parse(text.as_bytes()).unwrap(), &given, &BTreeMap::new())
    }

    #[test]
    fn only_what_the_target_needs_is_built() {
        let all = stages(
            "FROM a AS one\nFROM b AS two\nFROM one AS three\nCOPY --from=two x y\nFROM c AS four\nRUN --mount=from=0,target=/x y",
            &[],
        )
        .unwrap();
        assert_eq!(all.needed(all.target("three").unwrap()), [0, 1, 2]);
        assert_eq!(all.needed(all.target("").unwrap()), [0, 3]);
        assert_eq!(all.needed(all.target("1").unwrap()), [1]);
        assert_eq!(
            all.target("none").unwrap_err().to_string(),
            "target stage \"none\" could not be found (the stages are one, two, three, four)"
        );
    }

    #[test]
    fn arguments_before_from_choose_the_base() {
        let text = "ARG V=1\nARG W=$V-x\nFROM a:${W}";
        assert_eq!(stages(text, &[]).unwrap().stages[0].base, "a:1-x");
        assert_eq!(stages(text, &[("V", "2")]).unwrap().stages[0].base, "a:2-x");
        assert_eq!(
            stages("ARG V\nFROM $V", &[]).unwrap_err().to_string(),
            "line 2: base name ($V) should not be blank (give its ARG a value: --build-arg NAME=VALUE)"
        );
        assert!(stages("RUN x", &[]).unwrap_err().to_string().contains("no build stage"));
        assert!(stages("ARG x", &[]).unwrap_err().to_string().contains("no stages to build"));
        assert!(
            stages("FROM a AS 1x", &[]).unwrap_err().to_string().contains("invalid name for build stage")
        );
    }

    #[test]
    fn a_stage_may_have_the_name_of_an_image() {
        let all = stages("FROM alpine AS alpine\nFROM alpine", &[]).unwrap();
        assert_eq!((all.base(0), all.base(1)), (Origin::Named("alpine".into()), Origin::Stage(0)));
        assert_eq!(all.needed(1), [0, 1]);
    }
}
