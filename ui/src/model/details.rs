//! What was read on demand of the thing that is looked at.

use super::explorer::Explorer;
use super::tree::{self, Tree};
use serde_json::Value;
use std::collections::BTreeMap;
use teu_api::details::{DetailRequest, ImageDetails, Processes};
use teu_api::{ContainerId, Failure};

/// The readings, each of the thing it names.
#[derive(Debug, Default)]
pub struct Details {
    /// What is asked for now, and the state it was asked in: another state asks anew.
    pub asked: Option<(DetailRequest, String)>,
    /// When the question may be put, while the selection runs through a list.
    pub due: Option<i64>,
    /// When the last question was put.
    pub turned: i64,
    /// A document, and whose it is.
    pub document: Option<(String, Result<Value, Failure>)>,
    /// The document, to be folded.
    pub tree: Tree,
    /// Processes, and whose they are.
    pub processes: Option<(ContainerId, Result<Processes, Failure>)>,
    /// What an image is made of, and which.
    pub image: Option<(String, Result<ImageDetails, Failure>)>,
    /// Its layers, to be looked through.
    pub explorer: Explorer,
    /// Bytes of volumes that were counted.
    pub volumes: BTreeMap<String, Option<u64>>,
}

impl Details {
    /// Takes a document; says whether it is another than before.
    pub fn take_document(&mut self, id: String, document: Result<Value, Failure>) -> bool {
        let next = Some((id, document));
        if self.document == next {
            return false;
        }
        let same = self.document.as_ref().map(|(id, _)| id) == next.as_ref().map(|(id, _)| id);
        self.document = next;
        if !same {
            self.tree.rewind();
        }
        let value = self.document.as_ref().and_then(|(_, document)| document.as_ref().ok());
        self.tree.replace(value.map(tree::document).unwrap_or_default());
        true
    }

    /// Takes processes; says whether they are others than before.
    pub fn take_processes(&mut self, id: ContainerId, processes: Result<Processes, Failure>) -> bool {
        let next = Some((id, processes));
        let changed = self.processes != next;
        self.processes = next;
        changed
    }

    /// Takes what an image is made of; its layers go to the explorer.
    pub fn take_image(&mut self, id: String, mut details: Result<ImageDetails, Failure>) {
        // The explorer keeps the layers, with every path of the image: once is enough.
        let layers = details.as_mut().map(|details| std::mem::take(&mut details.layers)).unwrap_or_default();
        self.explorer.take(&id, layers);
        self.image = Some((id, details));
    }

    /// The document of a thing, when it is what was read last.
    pub fn document_of(&self, id: &str) -> Option<&Result<Value, Failure>> {
        self.document.as_ref().filter(|(whose, _)| whose == id).map(|(_, document)| document)
    }
}
