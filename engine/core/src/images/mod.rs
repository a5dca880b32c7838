//! What can be done with images.

pub mod account;
mod inspect;
mod list;
mod pull;
mod push;

pub use pull::PulledImage;
pub use push::PushedImage;
