//! Talking to one registry: connections, authentication, retries and bounded answers.

mod answer;
mod authenticate;
mod challenge;
mod client;
mod endpoint;
mod link;
mod retry;
mod token;
mod trust;

pub(crate) use client::{Purpose, client};
pub(crate) use endpoint::{Candidate, Endpoint};
pub(crate) use link::next_page;
pub(crate) use retry::{Failed, Patience, transport_failure};
pub(crate) use token::Scope;
