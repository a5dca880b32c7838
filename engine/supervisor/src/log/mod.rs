//! A container's log: size-rotated files of lines that carry their time and stream.
//!
//! The newest file is `container.log`, older ones `container.log.1` and so on. A line is written once it is complete or
//! 16 KiB long; the pieces of a longer one are marked so that readers join them.

mod cri;
mod json_file;
mod position;
mod reader;
mod splitter;
mod timestamp;
mod writer;

pub use reader::{Progress, ReadOptions, Reader};
pub use timestamp::now;
pub use writer::Writer;

use std::path::{Path, PathBuf};
use teu_api::event::LogStream;

/// The longest piece of a line that is written at once, as CRI and Docker have it.
const MAX_PIECE: usize = 16 << 10;

/// The name of the newest file.
const FILE_NAME: &str = "container.log";

/// The path of a file by age: 0 is the newest.
fn file_path(folder: &Path, age: u32) -> PathBuf {
    match age {
        0 => folder.join(FILE_NAME),
        older => folder.join(format!("{FILE_NAME}.{older}")),
    }
}

/// One line as stored: perhaps a piece of a longer one.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Entry {
    at: i64,
    stream: LogStream,
    /// Whether the next entry of the same stream goes on with it.
    partial: bool,
    text: Vec<u8>,
}

/// Reads one stored line, without its line end, in whichever format it is.
fn parse_entry(line: &[u8]) -> Option<Entry> {
    if line.first() == Some(&b'{') { json_file::parse(line) } else { cri::parse(line) }
}
