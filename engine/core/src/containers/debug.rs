//! A debug shell: programs of this host inside a running container, whatever its image holds.

use super::Exec;
use crate::engine::Engine;
use std::path::Path;
use teu_api::session::{ExecSpec, Tool};
use teu_api::{Failure, FailureKind};
use teu_runtime::tools::LIBRARIES;
use teu_store::ContainerRecord;
use teu_store::from_host::{host_tools, static_busybox};

/// What is brought along of a host without a busybox that needs no library: the shell first.
const PROGRAMS: &[&str] = &[
    "sh",
    "bash",
    "ls",
    "cat",
    "cp",
    "mv",
    "rm",
    "mkdir",
    "rmdir",
    "ln",
    "chmod",
    "chown",
    "touch",
    "stat",
    "du",
    "df",
    "head",
    "tail",
    "wc",
    "sort",
    "uniq",
    "cut",
    "tr",
    "tee",
    "grep",
    "sed",
    "awk",
    "find",
    "xargs",
    "ps",
    "top",
    "kill",
    "free",
    "vi",
    "less",
    "more",
    "env",
    "id",
    "whoami",
    "hostname",
    "uname",
    "date",
    "sleep",
    "ip",
    "ss",
    "ping",
    "nc",
    "curl",
    "wget",
    "getent",
    "mount",
    "tar",
    "gzip",
    "od",
    "md5sum",
    "sha256sum",
    "readlink",
    "realpath",
    "basename",
    "dirname",
    "clear",
    "diff",
];

/// The folders that dynamic linkers look in by themselves and the files that tell them of others, as they stand in them.
/// The copy of one looks nowhere but among the libraries that are brought along.
const LINKERS_FOLDERS: [&str; 3] = ["/lib/ARCH-linux-gnu/", "/usr/lib64/", "/usr/lib/"];
const LINKERS_FILES: [&str; 2] = ["/etc/ld.so.cache", "/etc/ld-musl-ARCH.path"];
/// As musl's has them.
const LINKERS_PATH: &str = "/lib:/usr/local/lib:/usr/lib";
/// The copy's name: no longer than that of any linker.
const LINKER: &str = "ld.so";

impl Engine {
    /// Begins a shell, or the program named in `spec`, with this host's tools in front of the container's own. Only
    /// that process and its children see them. It runs as root unless `spec` names a user.
    pub fn debug(&self, record: &ContainerRecord, mut spec: ExecSpec) -> Result<Exec, Failure> {
        let Some(tools) = single_tool().or_else(tools_with_libraries) else {
            return Err(Failure::new(
                FailureKind::CommandNotFound,
                "this host has neither a busybox that runs without libraries nor a shell that can be taken along",
            )
            .hint("install busybox-static: its programs are what a debug shell brings along"));
        };
        if spec.args.is_empty() {
            spec.args = vec!["sh".to_owned()];
            spec.env.push(format!("PS1={} (debug) \\w # ", record.name));
        }
        spec.tools = tools;
        spec.user.get_or_insert_with(|| "0".to_owned());
        self.exec(record, spec)
    }
}

/// A busybox that runs anywhere.
fn single_tool() -> Option<Vec<Tool>> {
    let (source, links) = static_busybox()?;
    Some(vec![Tool { source, name: "busybox".to_owned(), links, ..Tool::default() }])
}

/// Programs of this host with their libraries and their dynamic linker. Programs name their linker by its path, and it
/// has the folders of libraries built in: in the copies both are what is brought along, so that the container's own
/// programs, which may be of another system, go on to use their own.
fn tools_with_libraries() -> Option<Vec<Tool>> {
    let found = host_tools(PROGRAMS)?;
    let arch = |text: &str| text.replace("ARCH", std::env::consts::ARCH);
    let linker = found.linker.to_str()?.to_owned();
    let own = format!("{LIBRARIES}{LINKER}");
    if linker.len() < own.len() {
        return None;
    }
    let mut tools: Vec<Tool> = Vec::new();
    for (name, source) in found.programs {
        // One file may have several names.
        match tools.iter_mut().find(|tool| tool.source == source) {
            Some(tool) => tool.links.push(name),
            None => tools.push(Tool {
                source,
                name,
                changes: vec![(linker.clone(), own.clone())],
                ..Tool::default()
            }),
        }
    }
    let mut changes: Vec<(String, String)> =
        LINKERS_FOLDERS.iter().map(|folder| (arch(folder), LIBRARIES.to_owned())).collect();
    changes.extend(LINKERS_FILES.iter().map(|file| (arch(file), "/.teu/none".to_owned())));
    changes.push((LINKERS_PATH.to_owned(), LIBRARIES.trim_end_matches('/').to_owned()));
    let library = |source: &Path, name: &str, changes| Tool {
        source: source.to_owned(),
        name: name.to_owned(),
        library: true,
        changes,
        ..Tool::default()
    };
    tools.push(library(&found.linker, LINKER, changes));
    tools.extend(found.libraries.iter().map(|(name, source)| library(source, name, Vec::new())));
    Some(tools)
}
