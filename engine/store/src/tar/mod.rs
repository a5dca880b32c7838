//! Tar archives: a reader for hostile ones, and a writer whose output depends on nothing but its input.
//!
//! Own code because every size, name and record in an archive is an attacker's to choose: nothing is read into
//! memory beyond fixed bounds, and numbers, checksums and names that contradict each other are errors.

mod entry;
mod header;
mod pax;
mod reader;
mod sparse;
mod writer;

#[cfg(test)]
mod tests;

pub use entry::{Entry, Kind, Time};
pub use reader::{Archive, Content};
pub use writer::Builder;
