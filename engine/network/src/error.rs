//! What can go wrong with networks, each as one line that says what failed, on what, and why.

use nix::errno::Errno;
use teu_api::{Failure, FailureKind};
use thiserror::Error;

/// A failure of this crate.
#[derive(Debug, Error)]
pub enum NetworkError {
    /// The request itself is wrong.
    #[error("{message}")]
    Invalid {
        /// What is wrong with what.
        message: String,
        /// What to do.
        hint: String,
    },
    /// There is no such network.
    #[error("network {0} not found")]
    NotFound(String),
    /// There is no such endpoint.
    #[error("container {container} is not connected to network {network}")]
    NotConnected {
        /// The container's name or id.
        container: String,
        /// The network's name.
        network: String,
    },
    /// Another network has the name.
    #[error("network with name {0} already exists")]
    NameTaken(String),
    /// Containers are on the network.
    #[error("network {network} has active endpoints: {}", containers.join(", "))]
    InUse {
        /// The network's name.
        network: String,
        /// The names of the containers on it.
        containers: Vec<String>,
    },
    /// The container is on the network already.
    #[error("container {container} is already connected to network {network}")]
    AlreadyConnected {
        /// The container's name.
        container: String,
        /// The network's name.
        network: String,
    },
    /// The network is there always.
    #[error("network {0} is predefined and cannot be removed")]
    Predefined(String),
    /// A range is in use on this host.
    #[error("subnet {subnet} overlaps with {with}")]
    Overlap {
        /// The range asked for.
        subnet: String,
        /// What has it: a network by name, or a route of the host.
        with: String,
    },
    /// No range is left.
    #[error("all predefined address pools are in use")]
    PoolsExhausted,
    /// No address is left.
    #[error("no free address on network {network}: {range} is exhausted")]
    AddressesExhausted {
        /// The network's name.
        network: String,
        /// The range.
        range: String,
    },
    /// The address is another container's.
    #[error("address {address} on network {network} is already in use by {holder}")]
    AddressTaken {
        /// The address.
        address: String,
        /// The network's name.
        network: String,
        /// Who has it.
        holder: String,
    },
    /// The host's port is in use.
    #[error("port {port} is already in use by {holder}")]
    PortTaken {
        /// Address, port and protocol.
        port: String,
        /// Who has it.
        holder: String,
    },
    /// None of the host's ports in a range is free.
    #[error("no port of {range} is free: the last is in use by {last}")]
    PortsTaken {
        /// The range, with the protocol.
        range: String,
        /// Who has the last one.
        last: String,
    },
    /// The hardware address is another container's.
    #[error("hardware address {mac} on network {network} is already in use by {holder}")]
    MacTaken {
        /// The address.
        mac: String,
        /// The network's name.
        network: String,
        /// Who has it.
        holder: String,
    },
    /// This kernel or host cannot do it.
    #[error("{message}")]
    Unsupported {
        /// What cannot be done, and why.
        message: String,
        /// What to do.
        hint: String,
    },
    /// The kernel refused.
    #[error("cannot {action}: {errno}")]
    Kernel {
        /// What was tried, on what.
        action: String,
        /// The kernel's reason.
        errno: Errno,
    },
    /// A file or program failed.
    #[error("cannot {action}: {source}")]
    Io {
        /// What was tried, on what.
        action: String,
        /// Why.
        source: std::io::Error,
    },
    /// The database failed.
    #[error("network database: {0}")]
    Database(#[from] rusqlite::Error),
    /// The event journal failed.
    #[error(transparent)]
    Journal(#[from] teu_store::StoreError),
    /// Several steps of a teardown failed.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Several(Vec<NetworkError>),
}

/// What this crate's functions return.
pub type Result<T> = std::result::Result<T, NetworkError>;

impl NetworkError {
    /// A wrong request.
    pub(crate) fn invalid(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Invalid { message: message.into(), hint: hint.into() }
    }

    /// Turns a kernel's refusal into a failure that names what was tried.
    pub(crate) fn kernel(action: impl Into<String>) -> impl FnOnce(Errno) -> Self {
        let action = action.into();
        move |errno| Self::Kernel { action, errno }
    }

    /// Turns an input or output failure into one that names what was tried.
    pub(crate) fn io(action: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let action = action.into();
        move |source| Self::Io { action, source }
    }

    /// A failure, with those of clearing up after it.
    pub(crate) fn with(self, more: Option<Self>) -> Self {
        match more {
            None => self,
            Some(more) => Self::Several(vec![self, more]),
        }
    }

    /// One failure out of many; none when there is none.
    pub(crate) fn gather(mut failures: Vec<Self>) -> Result<()> {
        match failures.pop() {
            None => Ok(()),
            Some(only) if failures.is_empty() => Err(only),
            Some(last) => {
                failures.push(last);
                Err(Self::Several(failures))
            }
        }
    }
}

impl From<NetworkError> for Failure {
    fn from(error: NetworkError) -> Self {
        let message = error.to_string();
        match error {
            NetworkError::Invalid { hint, .. } => Failure::usage(message).hint(hint),
            NetworkError::NotFound(_) => Failure::not_found(message).hint("teu network ls"),
            NetworkError::NotConnected { .. } => Failure::not_found(message).hint("teu network inspect"),
            NetworkError::NameTaken(_) => Failure::conflict(message).hint("choose another name"),
            NetworkError::InUse { .. } => {
                Failure::conflict(message).hint("stop those containers, or disconnect them first")
            }
            NetworkError::AlreadyConnected { .. } | NetworkError::Predefined(_) => Failure::conflict(message),
            NetworkError::Overlap { .. } => Failure::conflict(message).hint("choose another --subnet"),
            NetworkError::PoolsExhausted => Failure::conflict(message)
                .hint("remove unused networks with teu network prune, or name a --subnet"),
            NetworkError::AddressesExhausted { .. } => {
                Failure::conflict(message).hint("make a network with a larger --subnet")
            }
            NetworkError::PortsTaken { .. } => {
                Failure::conflict(message).hint("publish on a larger range, or stop a holder")
            }
            NetworkError::MacTaken { .. } => {
                Failure::conflict(message).hint("leave --mac-address out, or choose another")
            }
            NetworkError::AddressTaken { .. } => Failure::conflict(message).hint("choose another address"),
            NetworkError::PortTaken { .. } => {
                Failure::conflict(message).hint("publish on another port, or stop its holder")
            }
            NetworkError::Unsupported { hint, .. } => Failure::unsupported(message).hint(hint),
            NetworkError::Kernel { errno: Errno::EPERM | Errno::EACCES, .. } => Failure::unsupported(message)
                .hint("networks need the right to administer them (CAP_NET_ADMIN)"),
            NetworkError::Journal(error) => error.into(),
            NetworkError::Kernel { .. }
            | NetworkError::Io { .. }
            | NetworkError::Database(_)
            | NetworkError::Several(_) => Failure { kind: FailureKind::Internal, message, hint: None },
        }
    }
}
