//! What can be done to containers, one action a file.

mod attach;
pub(crate) mod copy;
mod create;
mod debug;
mod diff;
mod host_config;
mod init_system;
mod inspect;
mod kill;
mod limits;
mod list;
mod logs;
mod pause;
mod prepare;
mod remove;
mod rename;
mod restart;
mod shell;
mod start;
pub(crate) mod stats;
mod stop;
mod top;
mod update;
mod wait;

pub use attach::Exec;
pub use copy::CopyOptions;
pub(crate) use create::new_id;
pub use list::snapshot;
pub use start::Launch;
pub use stats::StatsReader;
pub use top::ProcessTable;
pub use update::Update;
