//! What builds leave in the store: steps that need not be taken again, and the image at the end.

mod assemble;
mod caches;
mod steps;

#[cfg(test)]
mod tests;

pub(crate) use assemble::assemble;
pub use assemble::{Assembly, HistoryStep, NewLayer};
pub use caches::BuildCache;
pub use steps::{BuildStep, BuildStepUsage};
