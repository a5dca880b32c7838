//! The stages of a build, one after the other, and their steps.

use super::base::Pull;
use super::context::{self, Context, ContextFolder};
use super::copy::Files;
use super::inside::inside;
use super::layer;
use super::state::State;
use super::{BuildEvent, BuildRequest, ContextSource, Tell};
use crate::engine::Engine;
use rustix::fs::OFlags;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::os::fd::AsFd as _;
use std::rc::Rc;
use teu_api::{Failure, FailureKind};
use teu_build::{BuildError, Dockerfile, Instruction, Stages, Step};
use teu_registry::shown;
use teu_store::{BuildStep, ImageRecord, Lock, Reference};

/// Variables that every build may be given without an ARG: they are in no name of a step and in no history.
const PROXIES: [&str; 5] = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"];

/// A build.
pub(super) struct Builder<'a> {
    pub engine: &'a Engine,
    pub request: &'a BuildRequest,
    pub tell: Tell<'a>,
    pub stages: Stages,
    pub context: Context,
    /// Folders that were fetched by the name that the Dockerfile has for them.
    pub contexts: RefCell<BTreeMap<String, Rc<ContextFolder>>>,
    /// Says that the build lives.
    _lock: Lock,
    /// What the build stands on stays until its image is known.
    _content: Lock,
    pub lock_name: String,
    predefined: BTreeMap<String, String>,
    finished: RefCell<BTreeMap<usize, State>>,
    steps: Cell<usize>,
    used_arguments: RefCell<BTreeSet<String>>,
}

/// The failure of a build that was given up.
pub(super) fn given_up() -> Failure {
    Failure::cancelled("the build was given up")
}

impl<'a> Builder<'a> {
    /// Reads the Dockerfile and opens the context.
    pub fn new(engine: &'a Engine, request: &'a BuildRequest, tell: Tell<'a>) -> Result<Self, Failure> {
        // A name that is none is told before any work is done.
        for name in &request.names {
            Reference::parse_tagged(name)?;
        }
        let mut steps = 0;
        if let ContextSource::Address(address) = &request.context {
            steps += 1;
            tell(BuildEvent::Begun {
                step: steps,
                name: format!("[internal] load remote build context {}", shown(address)),
            });
        }
        let context = context::open(engine, request, &Pull { request, tell, step: steps });
        if steps > 0 {
            tell(match &context {
                Ok(_) => BuildEvent::Done { step: steps, cached: false },
                Err(_) => BuildEvent::Failed { step: steps },
            });
        }
        let context = context?;
        let wrong = |error: BuildError| error.in_file(&request.dockerfile_name);
        let file = Dockerfile::parse(&context.dockerfile).map_err(wrong)?;
        for (line, warning) in &file.warnings {
            tell(BuildEvent::Warning(format!("{}:{line}: {warning}", request.dockerfile_name)));
        }
        let predefined = predefined(request);
        let mut stages = Stages::of(&file, &request.arguments, &predefined).map_err(wrong)?;
        stages.replaced = request.contexts.keys().cloned().collect();
        let lock_name = format!("build-{}", teu_store::files::random_hex::<8>()?);
        Ok(Self {
            engine,
            request,
            tell,
            context,
            contexts: RefCell::default(),
            _lock: Lock::wait(engine.store().paths(), &lock_name)?,
            _content: Lock::content(engine.store().paths())?,
            lock_name,
            predefined,
            finished: RefCell::default(),
            steps: Cell::new(steps),
            used_arguments: RefCell::new(stages.globals.keys().cloned().collect()),
            stages,
        })
    }

    /// Carries everything out.
    pub fn build(self) -> Result<ImageRecord, Failure> {
        let target = self.stages.target(&self.request.target).map_err(|error| self.wrong(error))?;
        for index in self.stages.needed(target) {
            self.finish_stage(index)?;
        }
        self.tell_of_unused_arguments();
        let state = self.finished(target)?;
        self.finish(state)
    }

    /// A stage that is done.
    pub fn finished(&self, index: usize) -> Result<State, Failure> {
        let known = self.finished.borrow().get(&index).cloned();
        known.ok_or_else(|| Failure::internal(format!("stage {index} is not built yet")))
    }

    /// Builds a stage, unless that is done.
    fn finish_stage(&self, index: usize) -> Result<(), Failure> {
        if self.finished.borrow().contains_key(&index) {
            return Ok(());
        }
        let state = self.stage(index)?;
        self.finished.borrow_mut().insert(index, state);
        Ok(())
    }

    /// A step that was taken before, unless it is to be taken again.
    pub fn cached(&self, key: &str, stage: usize) -> Result<Option<BuildStep>, Failure> {
        let name = &self.stages.stages[stage].name;
        let again = self.request.no_cache
            || self
                .request
                .no_cache_stages
                .iter()
                .any(|one| !name.is_empty() && one.eq_ignore_ascii_case(name));
        if again { Ok(None) } else { Ok(self.engine.store().build_step(key)?) }
    }

    /// Proxies of the command line, for steps that run something.
    pub fn proxies(&self) -> Vec<String> {
        let is_proxy = |name: &String| PROXIES.contains(&name.to_ascii_uppercase().as_str());
        let given = self.request.arguments.iter().filter(|(name, _)| is_proxy(name));
        given.map(|(name, value)| format!("{name}={value}")).collect()
    }

    fn wrong(&self, error: BuildError) -> Failure {
        error.in_file(&self.request.dockerfile_name)
    }

    fn stage(&self, index: usize) -> Result<State, Failure> {
        let stage = &self.stages.stages[index];
        let makes_files = |step: &&Step| {
            matches!(step.instruction, Instruction::Run(_) | Instruction::Copy(_) | Instruction::Workdir(_))
        };
        let total = 1 + stage.steps.iter().filter(makes_files).count();
        let label = if self.stages.stages.len() == 1 {
            String::new()
        } else if stage.name.is_empty() {
            format!("stage-{index} ")
        } else {
            format!("{} ", stage.name)
        };
        let mut number = 1;
        let mut state = self.told(&format!("[{label}1/{total}] {}", stage.text), |step| {
            let state = self.begin(index, step)?;
            Ok((state, true))
        })?;
        let triggers = self.triggers(&mut state, index)?;
        for step in triggers.iter().chain(&stage.steps) {
            let text = &told_text(step);
            if self.request.is_given_up() {
                return Err(given_up());
            }
            let name = if makes_files(&step) {
                number = (number + 1).min(total);
                Some(format!("[{label}{number}/{total}] {text}"))
            } else {
                None
            };
            let at = |failure: Failure| {
                let place = format!("{}:{}: {}", self.request.dockerfile_name, step.line, failure.message);
                if failure.kind == FailureKind::Cancelled {
                    failure
                } else {
                    Failure { message: place, ..failure }
                }
            };
            // Only now it is known what triggers and variables name.
            let variables = |name: &str| state.variable(name);
            let instruction = step.instruction.resolve(self.stages.escape, &variables);
            let instruction = instruction.map_err(|error| at(error.into()))?;
            for other in self.stages.taken_from(&instruction, index) {
                self.finish_stage(other)?;
            }
            match name {
                Some(name) => self.told(&name, |number| {
                    self.step(text, &instruction, index, number, &mut state).map(|cached| ((), cached))
                }),
                None => self.step(text, &instruction, index, 0, &mut state).map(drop),
            }
            .map_err(at)?;
        }
        Ok(state)
    }

    /// Instructions that the base left for images on top of it.
    fn triggers(&self, state: &mut State, stage: usize) -> Result<Vec<Step>, Failure> {
        let mut steps = Vec::new();
        for trigger in state.config.take_triggers() {
            let line = self.stages.stages[stage].line;
            let wrong = |error: BuildError| self.wrong(BuildError { line, ..error });
            for node in Dockerfile::parse(trigger.as_bytes()).map_err(wrong)?.nodes {
                let instruction = Instruction::of(&node).map_err(wrong)?;
                steps.push(Step { instruction, text: node.original, line });
            }
        }
        Ok(steps)
    }

    /// Does something as a step of its own, and tells of it.
    fn told<R>(
        &self,
        name: &str,
        work: impl FnOnce(usize) -> Result<(R, bool), Failure>,
    ) -> Result<R, Failure> {
        let step = self.steps.get() + 1;
        self.steps.set(step);
        (self.tell)(BuildEvent::Begun { step, name: name.to_owned() });
        match work(step) {
            Ok((result, cached)) => {
                (self.tell)(BuildEvent::Done { step, cached });
                Ok(result)
            }
            Err(failure) => {
                (self.tell)(BuildEvent::Failed { step });
                Err(failure)
            }
        }
    }

    /// One instruction; whether it was done before.
    fn step(
        &self,
        text: &str,
        instruction: &Instruction,
        stage: usize,
        number: usize,
        state: &mut State,
    ) -> Result<bool, Failure> {
        match instruction {
            Instruction::Arg(arguments) => {
                for (name, default) in arguments {
                    self.declare(name, default.as_deref(), state);
                }
                state.note(text.to_owned());
                Ok(true)
            }
            Instruction::Copy(copy) => self
                .with_tree(&copy.from, stage, |tree| {
                    let fetched = self.fetch(copy, number)?;
                    let files = Files::find(tree, &fetched, copy, state)?;
                    let key = files.key(state)?;
                    if let Some(found) = self.cached(&key, stage)? {
                        return Ok((found, true));
                    }
                    let staging = files.write(self.engine, state)?;
                    // What an editor saved meanwhile must not be kept under the name of what was there before.
                    let may_change =
                        !tree.keeps_owners && copy.sources.iter().any(|word| fetched.get(word).is_none());
                    if may_change && Files::find(tree, &fetched, copy, state)?.key(state)? != key {
                        return Err(
                            Failure::conflict("the files changed while they were copied").hint("try again")
                        );
                    }
                    let upper = layer::upper(&staging);
                    let made =
                        self.engine.store().put_build_step(&key, &upper, state.top().as_ref(), text)?;
                    Ok((made, false))
                })
                .map(|(made, cached)| {
                    state.push(made, text.to_owned());
                    cached
                }),
            Instruction::Run(run) => self.run(run, stage, number, text, state),
            Instruction::Workdir(_) => {
                state.config.apply(instruction)?;
                self.work_in(stage, text, state)
            }
            Instruction::Maintainer(author) => {
                state.author.clone_from(author);
                state.note(text.to_owned());
                Ok(true)
            }
            other => {
                state.config.apply(other)?;
                state.note(text.to_owned());
                Ok(true)
            }
        }
    }

    /// An ARG: the command line's value before the Dockerfile's, and that of one before the first FROM where there is
    /// none.
    fn declare(&self, name: &str, default: Option<&str>, state: &mut State) {
        self.used_arguments.borrow_mut().insert(name.to_owned());
        let given = self.request.arguments.get(name).map(String::as_str);
        let general =
            || self.stages.globals.get(name).or_else(|| self.predefined.get(name)).map(String::as_str);
        if let Some(value) = given.or(default).or_else(general) {
            state.arguments.insert(name.to_owned(), value.to_owned());
        }
    }

    /// WORKDIR makes its folder, unless it is there.
    fn work_in(&self, stage: usize, text: &str, state: &mut State) -> Result<bool, Failure> {
        let folder = state.config.working_folder().to_owned();
        let there = match self.engine.stack(&state.layers)? {
            Some(root) => inside(root.as_fd(), &folder, OFlags::PATH | OFlags::DIRECTORY).is_ok(),
            None => folder == "/",
        };
        if there {
            state.note(text.to_owned());
            return Ok(true);
        }
        let user = state.config.user().to_owned();
        let key = state.key("workdir", [folder.as_bytes(), user.as_bytes()]);
        if let Some(found) = self.cached(&key, stage)? {
            state.push(found, text.to_owned());
            return Ok(true);
        }
        let staging = layer::make_folder(self.engine, state, &folder, &user)?;
        let upper = layer::upper(&staging);
        let made = self.engine.store().put_build_step(&key, &upper, state.top().as_ref(), text)?;
        state.push(made, text.to_owned());
        Ok(false)
    }

    fn tell_of_unused_arguments(&self) {
        let used = self.used_arguments.borrow();
        let is_proxy = |name: &str| PROXIES.contains(&name.to_ascii_uppercase().as_str());
        for name in self.request.arguments.keys() {
            if !used.contains(name) && !is_proxy(name) && !self.predefined.contains_key(name) {
                (self.tell)(BuildEvent::Warning(format!(
                    "build argument {name} was not used: no ARG names it"
                )));
            }
        }
    }
}

/// A step as it is told of and remembered: in the image's history everybody reads the addresses that it fetched.
fn told_text(step: &Step) -> String {
    match step.instruction {
        Instruction::Copy(_) => shown(&step.text),
        _ => step.text.clone(),
    }
}

/// What the builder says of platforms; an ARG of the name makes it known to a stage.
fn predefined(request: &BuildRequest) -> BTreeMap<String, String> {
    let own = match std::env::consts::ARCH {
        "x86_64" => "linux/amd64",
        "aarch64" => "linux/arm64",
        "arm" => "linux/arm/v7",
        "x86" => "linux/386",
        _ => "linux/unknown",
    };
    let target = if request.platform.is_empty() { own } else { &request.platform };
    let mut all = BTreeMap::new();
    for (kind, platform) in [("TARGET", target), ("BUILD", own)] {
        let mut parts = platform.splitn(3, '/');
        all.insert(format!("{kind}PLATFORM"), platform.to_owned());
        for part in ["OS", "ARCH", "VARIANT"] {
            all.insert(format!("{kind}{part}"), parts.next().unwrap_or_default().to_owned());
        }
    }
    all.insert(
        "TARGETSTAGE".to_owned(),
        if request.target.is_empty() { "default" } else { &request.target }.to_owned(),
    );
    all
}
