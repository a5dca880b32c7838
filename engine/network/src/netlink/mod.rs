//! The kernel's netlink, spoken directly over blocking sockets: links, addresses and routes (rtnetlink(7)) and the
//! elements of nftables' sets and maps. Synchronous and without a thread, so that a container's interface costs
//! microseconds; numbers are those of the kernel's uapi headers.

pub mod chain;
pub mod flows;
pub mod link;
pub mod nft;
pub mod route;
pub mod rules;
mod socket;
mod wire;

pub use socket::Socket;
