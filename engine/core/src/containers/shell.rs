//! A shell in a running container: the best one that is there.

use super::Exec;
use crate::engine::Engine;
use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};
use teu_api::session::ExecSpec;
use teu_api::{Failure, FailureKind};
use teu_store::ContainerRecord;

/// Shells from the most to the least comfortable, with where they are usually found.
const SHELLS: [&str; 8] = [
    "/bin/bash",
    "/usr/bin/bash",
    "/bin/zsh",
    "/usr/bin/zsh",
    "/bin/ash",
    "/bin/sh",
    "/usr/bin/sh",
    "/busybox/sh",
];

impl Engine {
    /// Begins the best shell that the container has; the rest is as `spec` says. Returns the shell's name with it.
    pub fn shell(&self, record: &ContainerRecord, mut spec: ExecSpec) -> Result<(String, Exec), Failure> {
        let shell = find(record.state.pid).ok_or_else(|| {
            Failure::new(FailureKind::CommandNotFound, format!("container {} has no shell", record.name))
                .hint("its image holds none: run a program that it has with teu exec")
        })?;
        spec.args = vec![shell.to_owned()];
        let name = shell.rsplit('/').next().unwrap_or(shell).to_owned();
        Ok((name, self.exec(record, spec)?))
    }
}

/// Looks through the root of the container's first process. Links are followed as the container would follow them,
/// never out of its root.
fn find(pid: i32) -> Option<&'static str> {
    let root = rustix::fs::open(
        format!("/proc/{pid}/root"),
        OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
    )
    .ok()?;
    SHELLS.into_iter().find(|shell| {
        openat2(&root, *shell, OFlags::PATH | OFlags::CLOEXEC, Mode::empty(), ResolveFlags::IN_ROOT).is_ok()
    })
}
