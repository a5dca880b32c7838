//! What takes the whole main area for a while.

use super::editor::Editor;
use super::hub::Hub;
use super::monitor::Monitor;
use super::pager::Pager;
use crate::keys::Layer;

/// It.
#[derive(Debug)]
pub enum Overlay {
    /// A file that is read.
    File(Pager),
    /// Images are looked for.
    Hub(Hub),
    /// What host and containers use.
    Monitor(Monitor),
    /// A stack's file that is edited.
    Editor(Box<Editor>),
}

impl Overlay {
    /// The layer in which its keys are looked up.
    pub fn layer(&self) -> Layer {
        match self {
            Self::File(_) => Layer::File,
            // Its keys are text.
            Self::Hub(_) => Layer::Global,
            Self::Monitor(_) => Layer::Monitor,
            Self::Editor(_) => Layer::Editor,
        }
    }

    /// When something is to be done for it.
    pub fn due(&self) -> Option<i64> {
        match self {
            Self::File(_) | Self::Monitor(_) | Self::Hub(_) => None,
            Self::Editor(editor) => editor.due,
        }
    }
}
