//! The image at the end of a build.

use super::stage::Builder;
use super::state::State;
use teu_api::Failure;
use teu_store::{Assembly, ImageRecord, Reference};

impl Builder<'_> {
    /// Puts the image together and gives it its names.
    pub(super) fn finish(&self, mut state: State) -> Result<ImageRecord, Failure> {
        let store = self.engine.store();
        let names =
            self.request.names.iter().map(|name| Reference::parse_tagged(name)).collect::<Result<_, _>>()?;
        for (name, value) in &self.request.labels {
            state.config.set_label(name, value);
        }
        let assembly = Assembly {
            config: state.config.value().clone(),
            platform: &self.request.platform,
            base: state.base.as_ref(),
            steps: state.history,
            author: state.author,
            created_at: state.created_at,
        };
        Ok(store.put_built_image(&assembly, names)?)
    }
}
