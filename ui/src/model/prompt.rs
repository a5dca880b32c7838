//! A question that is answered by typing.

use teu_api::details::ImagePath;

/// The question.
#[derive(Debug)]
pub struct Prompt {
    /// What it is about.
    pub title: String,
    /// What is wanted: one line.
    pub words: String,
    /// What was typed.
    pub text: String,
    /// What is wrong with it.
    pub error: Option<String>,
    /// What the answer is for.
    pub purpose: Purpose,
}

/// What an answer is for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// The place that something of an image is copied to.
    Extract(ImagePath),
    /// What to filter the files of layers by.
    FilterFiles,
    /// What to look for in a file.
    SearchFile,
}
