//! Another OCI runtime's program, such as runc or crun, driven by its command line. It makes the container's processes
//! and leaves; they become children of the supervisor, which adopts orphans.

use super::bundle;
use super::console_socket::ConsoleSocket;
use super::{Launcher, Preparation, Process, Streams};
use crate::config::SupervisorConfig;
use nix::sched::{CloneFlags, unshare};
use rustix::fs::CWD;
use rustix::mount::{MountPropagationFlags, MoveMountFlags, UnmountFlags, mount_change, move_mount, unmount};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, io};
use teu_api::session::ExecSpec;
use teu_api::{Failure, FailureKind};
use teu_runtime::Cgroup;

/// Processes made by another program.
#[derive(Debug)]
pub struct External {
    program: PathBuf,
    id: String,
    /// Our files for it: its bundle, its log, its state.
    folder: PathBuf,
    rootfs: PathBuf,
    cgroup: PathBuf,
    /// Whether the supervisor has a mount namespace of its own, so that the root's mount ends with it.
    alone: bool,
    main: i32,
    execs: u32,
}

impl External {
    /// Drives a program for one container.
    pub fn new(program: &Path, config: &SupervisorConfig) -> Self {
        Self {
            program: program.to_owned(),
            id: config.id.as_str().to_owned(),
            folder: config.run_dir.join("runtime"),
            rootfs: config.bundle.join("rootfs"),
            cgroup: PathBuf::from(&config.cgroup),
            alone: false,
            main: 0,
            execs: 0,
        }
    }

    /// Mounts the container's root where the program looks for it, seen by nobody but us and what we start.
    fn mount_root(&mut self, config: &SupervisorConfig) -> Result<(), Failure> {
        if !self.alone {
            unshare(CloneFlags::CLONE_NEWNS)
                .map_err(|errno| failed("leave the mount namespace", errno.into()))?;
            let flags = MountPropagationFlags::DOWNSTREAM | MountPropagationFlags::REC;
            mount_change("/", flags).map_err(|errno| failed("keep mounts to ourselves", errno.into()))?;
            self.alone = true;
        }
        self.unmount_root()?;
        if let Some(mount) = bundle::overlay(config)? {
            move_mount(&mount, "", CWD, &self.rootfs, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)
                .map_err(|errno| failed("mount the container's root", errno.into()))?;
        }
        Ok(())
    }

    fn unmount_root(&self) -> Result<(), Failure> {
        match unmount(&self.rootfs, UnmountFlags::DETACH) {
            Ok(()) | Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOENT) => Ok(()),
            Err(errno) => Err(failed("unmount the container's root", errno.into())),
        }
    }

    /// Writes the bundle as the program is to see it: the root's path absolute, the user looked up.
    fn write_bundle(&self, config: &SupervisorConfig) -> Result<Vec<OwnedFd>, Failure> {
        let mut spec = bundle::load(config)?;
        let sources = bundle::open_subpaths(&mut spec, config)?;
        let root = rustix::fs::open(
            &self.rootfs,
            rustix::fs::OFlags::PATH | rustix::fs::OFlags::DIRECTORY | rustix::fs::OFlags::CLOEXEC,
            rustix::fs::Mode::empty(),
        )
        .map_err(|errno| failed("open the container's root", errno.into()))?;
        bundle::settle_process(&mut spec, config, &root)?;
        let read_only = spec.root().as_ref().and_then(oci_spec::runtime::Root::readonly);
        let mut place = oci_spec::runtime::Root::default();
        place.set_path(self.rootfs.clone()).set_readonly(read_only);
        spec.set_root(Some(place));
        let path = self.folder.join("config.json");
        let text = serde_json::to_vec(&spec).map_err(|error| Failure::internal(error.to_string()))?;
        fs::write(&path, text).map_err(|error| failed("write the bundle", error))?;
        Ok(sources)
    }

    fn command(&self, verb: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--root").arg(self.folder.join("state"));
        command.arg("--log").arg(self.folder.join("log")).args(["--log-format", "json"]).arg(verb);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).current_dir("/");
        teu_sys::supervision::unblock_signals_in(&mut command);
        command
    }

    /// Runs the program to its end. What it complains about is in its log.
    fn run(&self, mut command: Command) -> Result<(), Failure> {
        let log = self.folder.join("log");
        let _ = fs::remove_file(&log);
        let status = command.status().map_err(|error| {
            Failure::new(
                FailureKind::Usage,
                format!("cannot execute the runtime {}: {error}", self.program.display()),
            )
            .hint("give --runtime the path of an installed OCI runtime")
        })?;
        if status.success() {
            return Ok(());
        }
        let said = fs::read_to_string(log).ok().and_then(|text| last_message(&text));
        let said = said.unwrap_or_else(|| format!("{status}"));
        let kind = match said.as_str() {
            text if text.contains("executable file not found")
                || text.contains("no such file or directory") =>
            {
                FailureKind::CommandNotFound
            }
            text if text.contains("permission denied") || text.contains("exec format error") => {
                FailureKind::NotExecutable
            }
            _ => FailureKind::Internal,
        };
        Err(Failure::new(kind, format!("{}: {said}", self.program.display())))
    }

    fn launch(&mut self, verb: &str, extra: &[OsString], streams: Streams) -> Result<Process, Failure> {
        let pid_file = self.folder.join("pid");
        let mut command = self.command(verb);
        command.arg("--pid-file").arg(&pid_file);
        let mut console = None;
        match streams {
            Streams::Terminal(_) => {
                let socket = ConsoleSocket::listen(&self.folder)
                    .map_err(|error| failed("receive a terminal", error))?;
                command.arg("--console-socket").arg(socket.path());
                console = Some(socket);
            }
            Streams::Pipes(ends) => {
                let [stdin, stdout, stderr] = ends.map(|end| end.map_or_else(Stdio::null, Stdio::from));
                command.stdin(stdin).stdout(stdout).stderr(stderr);
            }
        }
        command.args(extra).arg(&self.id);
        if verb == "exec" {
            // The program wants an argument list even where a process file says it all; that one wins.
            command.arg("true");
        }
        self.run(command)?;
        let terminal = console
            .map(ConsoleSocket::receive)
            .transpose()
            .map_err(|error| failed("receive a terminal", error))?;
        let pid = fs::read_to_string(&pid_file).ok().and_then(|text| text.trim().parse::<i32>().ok());
        let process = pid
            .and_then(Pid::from_raw)
            .and_then(|pid| Some((pid, pidfd_open(pid, PidfdFlags::empty()).ok()?)));
        let (pid, pidfd) = process.ok_or_else(|| Failure::internal("the runtime told no process id"))?;
        Ok(Process { pid: pid.as_raw_nonzero().get(), pidfd, terminal })
    }

    fn simple(&self, verb: &str, arguments: &[&str]) -> Result<(), Failure> {
        let mut command = self.command(verb);
        command.args(arguments);
        self.run(command)
    }
}

impl Launcher for External {
    fn start(
        &mut self,
        config: &SupervisorConfig,
        streams: Streams,
        while_it_prepares: &mut Preparation<'_>,
    ) -> Result<Process, Failure> {
        fs::create_dir_all(self.folder.join("state"))
            .map_err(|error| failed("make a runtime folder", error))?;
        self.mount_root(config)?;
        let started = self.write_bundle(config).and_then(|_sources| {
            let bundle = [OsString::from("--bundle"), self.folder.clone().into_os_string()];
            let process = self.launch("create", &bundle, streams)?;
            while_it_prepares(process.pid)?;
            self.simple("start", &[&self.id])?;
            self.main = process.pid;
            Ok(process)
        });
        if started.is_err() {
            // What matters is why it failed; what is left of it is ended by deleting it.
            let _ = self.clean_up();
        }
        started
    }

    fn exec(
        &mut self,
        config: &SupervisorConfig,
        spec: &ExecSpec,
        streams: Streams,
    ) -> Result<Process, Failure> {
        if !spec.tools.is_empty() {
            return Err(Failure::unsupported(format!(
                "container {} runs under {}, which brings no tools along",
                config.name,
                self.program.display()
            ))
            .hint("debug shells need a container of teu's own runtime"));
        }
        let root = bundle::root_of(self.main)?;
        let (_, process) = bundle::exec_process(config, spec, &root)?;
        self.execs += 1;
        let path = self.folder.join(format!("exec-{}.json", self.execs));
        let text = serde_json::to_vec(&process).map_err(|error| Failure::internal(error.to_string()))?;
        fs::write(&path, text).map_err(|error| failed("write a process", error))?;
        let extra = [OsString::from("--detach"), OsString::from("--process"), path.clone().into_os_string()];
        let launched = self.launch("exec", &extra, streams);
        let _ = fs::remove_file(path);
        launched
    }

    fn signal_all(&mut self, signal: i32) -> Result<(), Failure> {
        self.simple("kill", &["--all", &self.id, &signal.to_string()])
    }

    fn freeze(&mut self, frozen: bool) -> Result<(), Failure> {
        self.simple(if frozen { "pause" } else { "resume" }, &[&self.id])
    }

    fn out_of_memory(&mut self) -> bool {
        Cgroup::open(&self.cgroup).is_ok_and(|cgroup| cgroup.oom_kills() > 0)
    }

    fn clean_up(&mut self) -> Vec<Failure> {
        let mut failures = Vec::new();
        failures.extend(self.simple("delete", &["--force", &self.id]).err());
        failures.extend(self.unmount_root().err());
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                failures.push(failed("remove runtime files", error));
            }
            _ => {}
        }
        failures
    }
}

/// The last message of a log of JSON lines.
fn last_message(text: &str) -> Option<String> {
    let lines = text.lines().rev();
    let mut messages = lines.filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    messages.find_map(|line| line["msg"].as_str().map(str::to_owned))
}

fn failed(what: &str, error: io::Error) -> Failure {
    Failure::internal(format!("cannot {what}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_message_of_a_log_is_the_reason() {
        let log =
            "{\"level\":\"warning\",\"msg\":\"first\"}\n{\"level\":\"error\",\"msg\":\"second\"}\nnoise\n";
        assert_eq!(last_message(log), Some("second".to_owned()));
        assert_eq!(last_message(""), None);
    }
}
