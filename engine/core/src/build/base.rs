//! What a stage stands on.

use super::context::{self, ContextFolder};
use super::fetch::is_address;
use super::stage::Builder;
use super::state::State;
use super::tree::Tree;
use super::{BuildEvent, BuildRequest, Tell};
use crate::images::stack::open_folder;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use teu_api::Failure;
use teu_api::progress::TransferEvent;
use teu_build::{ImageConfig, Origin};
use teu_registry::Progress;
use teu_store::ImageRecord;

/// Tells of a pull, and gives it up with the build.
pub(super) struct Pull<'a> {
    pub request: &'a BuildRequest,
    pub tell: Tell<'a>,
    pub step: usize,
}

impl Progress for Pull<'_> {
    fn report(&self, event: TransferEvent) {
        (self.tell)(BuildEvent::Transfer { step: self.step, event });
    }

    fn is_cancelled(&self) -> bool {
        self.request.is_given_up()
    }
}

/// Whether an image is for a platform, `os/architecture[/variant]`; empty for any.
fn is_for(image: &ImageRecord, platform: &str) -> bool {
    let mut parts = platform.split('/');
    let fits = |own: &str, asked: Option<&str>| asked.is_none_or(|asked| asked.is_empty() || asked == own);
    fits(&image.os, parts.next())
        && fits(&image.architecture, parts.next())
        && (image.variant.is_empty() || fits(&image.variant, parts.next()))
}

impl Builder<'_> {
    /// The state in which a stage begins.
    pub(super) fn begin(&self, index: usize, step: usize) -> Result<State, Failure> {
        let from_image = |name: String, image: ImageRecord| -> Result<State, Failure> {
            let document = self.engine.store().image_config_json(&image.id)?;
            Ok(State {
                config: ImageConfig::new(document["config"].clone()),
                layers: self.engine.store().image_layers(&image.id)?,
                history: Vec::new(),
                arguments: BTreeMap::new(),
                author: String::new(),
                created_at: image.created_at.unwrap_or_default(),
                base: Some(image),
                base_name: name,
            })
        };
        match self.stages.base(index) {
            Origin::Stage(other) => {
                let mut state = self.finished(other)?;
                state.config.begin_stage();
                Ok(state)
            }
            Origin::Scratch => Ok(State {
                base: None,
                base_name: "scratch".to_owned(),
                config: ImageConfig::new(json!({ "Env": [super::state::PATH], "WorkingDir": "/" })),
                layers: Vec::new(),
                history: Vec::new(),
                arguments: BTreeMap::new(),
                author: String::new(),
                created_at: 0,
            }),
            Origin::Named(name) => {
                let name = match self.request.contexts.get(&name) {
                    Some(context) => {
                        context.strip_prefix("docker-image://").map(str::to_owned).ok_or_else(|| {
                            Failure::unsupported(format!(
                                "the context {name} is no image: a stage cannot stand on it"
                            ))
                            .hint("write --build-context NAME=docker-image://IMAGE")
                        })?
                    }
                    None => name,
                };
                let platform = self.stages.stages[index].platform.as_str();
                let image = self.image(&name, platform, step)?;
                from_image(name, image)
            }
        }
    }

    /// What is fetched for a name of the Dockerfile, once for the whole build; `None` for a folder of this machine.
    fn named_context(&self, name: &str, place: &str) -> Result<Option<Rc<ContextFolder>>, Failure> {
        if !is_address(place) {
            return Ok(None);
        }
        if let Some(known) = self.contexts.borrow().get(name) {
            return Ok(Some(Rc::clone(known)));
        }
        let progress = Pull { request: self.request, tell: self.tell, step: 0 };
        let fetched = Rc::new(self.engine.fetch_folder(place, &progress)?);
        self.contexts.borrow_mut().insert(name.to_owned(), Rc::clone(&fetched));
        Ok(Some(fetched))
    }

    /// An image, pulled where it is not here.
    fn image(&self, name: &str, platform: &str, step: usize) -> Result<ImageRecord, Failure> {
        let store = self.engine.store();
        let asked = if platform.is_empty() { self.request.platform.as_str() } else { platform };
        if !self.request.pull {
            match store.find_image(name) {
                Err(error) if error.is_not_found() => {}
                // The one that is here may be for another machine.
                Ok(found) if !is_for(&found, asked) => {}
                found => return Ok(found?),
            }
        }
        let platform = Some(asked).filter(|platform| !platform.is_empty());
        let pulled = self.engine.pull(name, platform, &Pull { request: self.request, tell: self.tell, step });
        match pulled {
            Ok(pulled) => Ok(store.find_image(&pulled.id)?),
            // One that was made here and is in no registry.
            Err(_) if self.request.pull && !self.request.is_given_up() && store.find_image(name).is_ok() => {
                (self.tell)(BuildEvent::Warning(format!(
                    "{name} cannot be pulled: the one that is here is used"
                )));
                Ok(store.find_image(name)?)
            }
            Err(failure) => Err(failure),
        }
    }

    /// Lends the tree that `--from` names; an empty word is the context.
    pub(super) fn with_tree<R>(
        &self,
        from: &str,
        stage: usize,
        work: impl FnOnce(&Tree) -> Result<R, Failure>,
    ) -> Result<R, Failure> {
        if from.is_empty() {
            return work(&self.context.tree);
        }
        let (layers, name) = match self.stages.origin(from, stage) {
            Origin::Stage(other) => (self.finished(other)?.layers.clone(), format!("stage {from}")),
            Origin::Scratch => (Vec::new(), from.to_owned()),
            Origin::Named(name) => match self.request.contexts.get(&name) {
                Some(context) if !context.starts_with("docker-image://") => {
                    let fetched = self.named_context(&name, context)?;
                    let folder = fetched.as_deref().map_or(Path::new(context), ContextFolder::path);
                    let tree = Tree::new(open_folder(folder)?, format!("the context {name}"));
                    let patterns = context::patterns(&tree, folder)?;
                    return work(&tree.leaving_out(patterns));
                }
                Some(context) => {
                    let image = self.image(context.trim_start_matches("docker-image://"), "", 0)?;
                    (self.engine.store().image_layers(&image.id)?, format!("image {name}"))
                }
                None => {
                    let image = self.image(&name, "", 0)?;
                    (self.engine.store().image_layers(&image.id)?, format!("image {name}"))
                }
            },
        };
        let root = self
            .engine
            .stack(&layers)?
            .ok_or_else(|| Failure::not_found(format!("{name} has no files to take")))?;
        work(&Tree::new(root, name).keeping_owners())
    }
}
