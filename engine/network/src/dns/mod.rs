//! Names for one container: a server at 127.0.0.11 inside its network namespace, without a thread, owned by the
//! supervisor's poll loop. What names this engine's containers have it answers itself; the rest it forwards.

mod answer;
mod forward;
mod redirect;
mod resolver;
mod source;
mod stream;

pub use answer::{Answer, Names, answer};
pub use resolver::Resolver;
pub use source::DatabaseNames;
