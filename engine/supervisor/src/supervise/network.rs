//! The container's networks while it runs: brought up before its program is executed, taken down when it has ended,
//! changed in between, and its name server, which the loop polls like everything else.

use super::{Phase, SETTLE_AFTER, Supervisor, complain};
use crate::config::SupervisorConfig;
use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd as _, RawFd};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Instant;
use teu_api::Failure;
use teu_network::{Connected, Interest, Networks, Relay, Resolver, Setup, loopback_up};

/// What a running container holds of its networks.
#[derive(Default)]
pub struct Network {
    /// Whether there is something to give back.
    is_up: bool,
    /// What keeps other programs from the published ports, and takes in what the firewall cannot lead.
    relay: Relay,
    resolver: Option<Resolver>,
    /// Closing these waits for the kernel some milliseconds: done when nobody waits for us.
    closing: Vec<Networks>,
}

impl Network {
    /// Gives the network namespace of a process that waits for its program everything that its container asks for.
    pub fn up(&mut self, config: &SupervisorConfig, pid: i32) -> Result<(), Failure> {
        let Some(setup) = &config.network else { return Ok(()) };
        let namespace = namespace_of(pid)?;
        loopback_up(namespace.as_fd())?;
        if setup.networks.is_empty() {
            return Ok(());
        }
        let connected = setup.up(namespace.as_fd())?;
        self.is_up = true;
        self.resolver = None;
        self.take(config, connected)
    }

    /// Gives everything back once the container's processes have ended.
    pub fn down(&mut self, config: &SupervisorConfig) -> Result<(), Failure> {
        self.resolver = None;
        self.relay.clear();
        if !std::mem::take(&mut self.is_up) {
            return Ok(());
        }
        if let Some(setup) = &config.network {
            self.closing.push(setup.down()?);
        }
        Ok(())
    }

    /// Joins and leaves networks of a running container.
    pub fn change(&mut self, config: &SupervisorConfig, wanted: &Setup, pid: i32) -> Result<(), Failure> {
        let namespace = namespace_of(pid)?;
        self.is_up = true;
        let connected = wanted.change(namespace.as_fd(), self.resolver.is_some(), &mut self.relay)?;
        self.take(config, connected)
    }

    fn take(&mut self, config: &SupervisorConfig, connected: Connected) -> Result<(), Failure> {
        self.relay.extend(connected.doors);
        if connected.resolver.is_some() {
            self.resolver = connected.resolver;
        }
        // In place: the container has these very files mounted.
        for (name, text) in [("hosts", connected.hosts), ("resolv.conf", connected.resolv_conf)] {
            write(&config.bundle.join(name), &text)?;
        }
        Ok(())
    }

    /// What the name server and the relay wait for.
    pub fn interests(&self) -> Vec<Interest<'_>> {
        let mut all = self.relay.interests();
        all.extend(self.resolver.iter().flat_map(Resolver::interests));
        all
    }

    /// When the name server or the relay wants to be called without having been asked.
    pub fn deadline(&self) -> Option<Instant> {
        self.resolver
            .as_ref()
            .and_then(Resolver::next_deadline)
            .into_iter()
            .chain(self.relay.next_deadline())
            .min()
    }

    /// One of their descriptors is ready.
    pub fn go_on(&mut self, fd: RawFd, now: Instant) {
        self.relay.ready(fd, now);
        if let Some(resolver) = &mut self.resolver {
            resolver.ready(fd, now);
        }
    }

    /// Time has passed for the name server and the relay.
    pub fn expire(&mut self, now: Instant) {
        self.relay.expire(now);
        if let Some(resolver) = &mut self.resolver {
            resolver.expire(now);
        }
    }

    /// Nobody waits now.
    pub fn settle(&mut self) {
        self.closing = Vec::new();
    }
}

impl Supervisor {
    /// Takes the container off its networks. What fails is put right when the next supervisor starts it, or by the
    /// next command's reconciliation.
    pub(super) fn take_down_network(&mut self) {
        if let Err(failure) = self.network.down(&self.config) {
            complain("cannot take the network down", &failure);
        }
    }

    /// The container is to be on other networks from now on.
    pub(super) fn change_networks(&mut self, setup: Setup) -> Result<(), Failure> {
        if self.config.network.is_none() {
            return Err(Failure::conflict(format!(
                "container {} has no network of its own",
                self.config.name
            )));
        }
        if matches!(self.phase, Phase::Running { .. }) {
            let pid = self.main_pid();
            self.network.change(&self.config, &setup, pid)?;
            self.settle_at = Some(Instant::now() + SETTLE_AFTER);
        }
        self.config.network = Some(setup);
        Ok(())
    }
}

/// The network namespace of a process, which must not be our own: the host's links are not a container's to have.
fn namespace_of(pid: i32) -> Result<File, Failure> {
    let open = |path: &str| -> io::Result<(File, u64)> {
        let file = File::open(path)?;
        let number = file.metadata()?.ino();
        Ok((file, number))
    };
    let failed = |error: io::Error| {
        Failure::internal(format!("cannot open the container's network namespace: {error}"))
    };
    let (namespace, number) = open(&format!("/proc/{pid}/ns/net")).map_err(failed)?;
    let (_, own) = open("/proc/self/ns/net").map_err(failed)?;
    if number == own {
        return Err(Failure::internal("the container has no network namespace of its own"));
    }
    Ok(namespace)
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text)
        .map_err(|error| Failure::internal(format!("cannot write {}: {error}", path.display())))
}
