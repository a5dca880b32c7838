//! How things are shown: tables, sizes, durations, states, ports. Pure: text in, text out, and the caller's clock.
//!
//! Names, labels and commands come from strangers' images: [`safe()`] keeps their control characters off the
//! terminal.

mod duration;
mod format;
mod json;
mod ports;
mod size;
mod status;
mod table;
mod text;

pub use duration::{ago, docker_time, human as human_duration, since};
pub use format::{Format, Row};
pub use json::{compact as json, pretty as json_pretty};
pub use ports::ports;
pub use size::{binary as binary_size, decimal as decimal_size, decimal_digits};
pub use status::status;
pub use table::{table, table_of};
pub use text::{command, ellipsis, quoted, safe, short_id};
