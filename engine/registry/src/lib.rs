//! The distribution protocol: pull, push, search, login; and files by their address.
//!
//! Purpose: OCI distribution 1.1 and Docker's registry protocol with schema 2 manifests, as a client.
//! Boundary: this crate talks to registries and reads how to; where content is kept is behind [`ImageSink`] and
//! [`ImageSource`]. Its interface is synchronous: the runtime inside is nobody else's business, and its functions
//! must not be called on a thread of another asynchronous runtime. Everything that a registry sends is hostile until
//! its length and digest are what a trusted manifest says, and no text of it is shown before it is made printable.

mod artifact;
mod credentials;
mod error;
mod fetch;
mod http;
mod list;
mod manifest;
mod name;
mod progress;
mod pull;
mod push;
mod remote;
mod run;
mod search;
mod settings;
mod sink;
mod store;
mod text;

pub use artifact::{FetchedArtifact, pull_artifact};
pub use credentials::{Credentials, Secret, login, logout};
pub use error::{RegistryError, Result};
pub use fetch::{FileHead, fetch, file_name, shown};
pub use list::{catalog, referrers, tags};
pub use manifest::{Compression, Descriptor, ImageManifest, Index, Manifest, Platform};
pub use name::{DOCKER_HUB, Reference, Repository, Target};
pub use progress::{Progress, Silent};
pub use pull::{PullRequest, Pulled, pull, pull_all_tags};
pub use push::{PushRequest, Pushed, push};
pub use remote::{RemoteManifest, inspect};
pub use search::{Found, SearchRequest, search};
pub use settings::{Proxies, RegistrySettings, Retries, Settings};
pub use sink::{BlobStart, BlobWriter, FetchedImage, ImageSink, ImageSource};
pub use store::{StoreSink, StoreSource};
pub use teu_store::Digest;
