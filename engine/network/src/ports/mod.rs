//! Published ports: reserved by a socket and a row, redirected by an element of the firewall's maps.
//!
//! A port is held by a socket of this host besides its row: a program that wants it later is told by the kernel that
//! it is in use, instead of waiting for traffic that never comes.

mod expose;
mod holder;
mod publish;
mod reserve;

pub(crate) use expose::exposed;
