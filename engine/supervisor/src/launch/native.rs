//! Our own runtime: the container's processes are direct children of the supervisor.

use super::{Launcher, Preparation, Process, Streams, bundle};
use crate::config::SupervisorConfig;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use teu_api::Failure;
use teu_api::session::{ExecSpec, TerminalSize};
use teu_runtime::tools::Tool;
use teu_runtime::{Cgroup, Console, CreateRequest, ExecRequest, RootSource, Running};

/// Processes made by [`teu_runtime`].
#[derive(Debug, Default)]
pub struct Native {
    main: Option<(i32, Cgroup)>,
}

/// What a runtime wants to know of a process's streams.
struct Arranged {
    console: Console,
    size: Option<(u16, u16)>,
    stdio: [Option<OwnedFd>; 3],
}

fn arrange(streams: Streams) -> Arranged {
    match streams {
        Streams::Terminal(size) => Arranged {
            console: Console::Pty,
            size: size.map(|TerminalSize { columns, rows }| (columns, rows)),
            stdio: [None, None, None],
        },
        Streams::Pipes(stdio) => Arranged { console: Console::None, size: None, stdio },
    }
}

fn process_of(running: Running) -> (Process, Cgroup) {
    let Running { pid, pidfd, console, cgroup } = running;
    (Process { pid, pidfd, terminal: console }, cgroup)
}

impl Launcher for Native {
    fn start(
        &mut self,
        config: &SupervisorConfig,
        streams: Streams,
        while_it_prepares: &mut Preparation<'_>,
    ) -> Result<Process, Failure> {
        let mut spec = bundle::load(config)?;
        let _sources = bundle::open_subpaths(&mut spec, config)?;
        let mount = bundle::overlay(config)?;
        let rootfs = PathBuf::from("rootfs");
        let root = match mount {
            Some(mount) => {
                bundle::settle_process(&mut spec, config, &mount)?;
                RootSource::Mount(mount)
            }
            None => {
                let folder = bundle::open_folder(&config.bundle.join(&rootfs))?;
                bundle::settle_process(&mut spec, config, &folder)?;
                RootSource::Path(rootfs)
            }
        };
        let arranged = arrange(streams);
        let mut request = CreateRequest::new(config.id.as_str(), &config.bundle, &spec, root);
        request.console = arranged.console;
        request.console_size = arranged.size;
        request.stdio = arranged.stdio;
        // Nobody could answer for a container whose supervisor was killed: it goes with it.
        request.die_with_parent = true;
        request.init = config.init;
        let created = teu_runtime::create(request)?;
        if let Err(failure) = while_it_prepares(created.pid()) {
            created.abort();
            return Err(failure);
        }
        let (process, cgroup) = process_of(created.start()?);
        self.main = Some((process.pid, cgroup));
        Ok(process)
    }

    fn exec(
        &mut self,
        config: &SupervisorConfig,
        asked: &ExecSpec,
        streams: Streams,
    ) -> Result<Process, Failure> {
        let Some((pid, cgroup)) = &self.main else {
            return Err(Failure::conflict(format!("container {} is not running", config.name)));
        };
        let root = bundle::root_of(*pid)?;
        let (spec, process) = bundle::exec_process(config, asked, &root)?;
        let arranged = arrange(streams);
        let mut request = ExecRequest::new(*pid, process, Cgroup::open(cgroup.path())?);
        request.seccomp = spec.linux().as_ref().and_then(|linux| linux.seccomp().clone());
        if asked.privileged {
            request.seccomp = None;
        }
        request.console = arranged.console;
        request.console_size = arranged.size;
        request.stdio = arranged.stdio;
        request.die_with_parent = true;
        if !asked.tools.is_empty() {
            let tool = |tool: &teu_api::session::Tool| Tool {
                source: tool.source.clone(),
                name: tool.name.clone(),
                links: tool.links.clone(),
                library: tool.library,
                changes: tool.changes.clone(),
            };
            request.tools =
                Some(teu_runtime::tools::gather(&asked.tools.iter().map(tool).collect::<Vec<_>>())?);
        }
        let running = teu_runtime::exec(request)?;
        Ok(process_of(running).0)
    }

    fn signal_all(&mut self, signal: i32) -> Result<(), Failure> {
        match &self.main {
            Some((_, cgroup)) => Ok(cgroup.signal_all(signal)?),
            None => Ok(()),
        }
    }

    fn freeze(&mut self, frozen: bool) -> Result<(), Failure> {
        if let Some((_, cgroup)) = &self.main {
            if frozen { cgroup.freeze()? } else { cgroup.thaw()? }
        }
        Ok(())
    }

    fn out_of_memory(&mut self) -> bool {
        self.main.as_ref().is_some_and(|(_, cgroup)| cgroup.oom_kills() > 0)
    }

    fn clean_up(&mut self) -> Vec<Failure> {
        let Some((_, cgroup)) = self.main.take() else { return Vec::new() };
        [cgroup.kill_all(), cgroup.delete()]
            .into_iter()
            .filter_map(|result| result.err().map(Failure::from))
            .collect()
    }
}
