//! A debug shell: programs of this host inside a running container, whatever its image holds.

use super::Exec;
use crate::engine::Engine;
use teu_api::session::{ExecSpec, Tool};
use teu_api::{Failure, FailureKind};
use teu_store::ContainerRecord;
use teu_store::from_host::static_busybox;

impl Engine {
    /// Begins a shell, or the program named in `spec`, with this host's tools in front of the container's own. Only
    /// that process and its children see them. It runs as root unless `spec` names a user.
    pub fn debug(&self, record: &ContainerRecord, mut spec: ExecSpec) -> Result<Exec, Failure> {
        let Some((source, links)) = static_busybox() else {
            return Err(Failure::new(
                FailureKind::CommandNotFound,
                "this host has no busybox that runs without libraries",
            )
            .hint("install busybox-static: its programs are what a debug shell brings along"));
        };
        if spec.args.is_empty() {
            spec.args = vec!["sh".to_owned()];
            spec.env.push(format!("PS1={} (debug) \\w # ", record.name));
        }
        spec.tools = vec![Tool { source, name: "busybox".to_owned(), links }];
        spec.user.get_or_insert_with(|| "0".to_owned());
        self.exec(record, spec)
    }
}
